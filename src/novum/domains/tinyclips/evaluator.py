"""Compares the clips that a model drew with held-out clips of the same motion, and with its training clips.

Distances are in standard deviations of positions, which `prepare` has set to one.
"""

from pathlib import Path
from typing import Any

import numpy as np
import settings

from kit.samples import COPIES, OUT, around, at_random, copied, distance_out, sliced_wasserstein
from kit.stage import Invalid, evaluate_seeds, load, load_all

METRICS = ("distance", "opening", "ending", "growth", "jolts", "copied")
DIRECTIONS, WINDOW = 64, 3


def windows(clips: np.ndarray, held_out: np.ndarray) -> np.ndarray:
    """The distance (frames - 2,) of every three frames in succession."""
    directions = at_random(2 * WINDOW, DIRECTIONS)

    def apart(at: int) -> float:
        parts = [part[:, at : at + WINDOW].reshape(len(part), -1) for part in (clips, held_out)]
        return sliced_wasserstein(*parts, directions)

    return np.array([apart(at) for at in range(clips.shape[1] - WINDOW + 1)])


def jolts(clips: np.ndarray) -> np.ndarray:
    """How position changes beyond constant velocity, (n, 2) for all frames of all clips."""
    return np.diff(clips, n=2, axis=1).reshape(-1, 2)


def compare(drawn: np.ndarray, held_out: np.ndarray, trained_on: np.ndarray) -> dict[str, Any]:
    """Values by metric, and the distance along the clip."""
    flat = [part.reshape(len(part), -1) for part in (drawn, held_out, trained_on)]
    along = windows(drawn, held_out)
    return {
        "distance": sliced_wasserstein(flat[0], flat[1], at_random(flat[0].shape[1], DIRECTIONS)),
        "opening": along[0],
        "ending": along[-1],
        "growth": along[-1] - along[0],
        "jolts": sliced_wasserstein(jolts(drawn), jolts(held_out), around(32)),
        "copied": copied(flat[0], flat[1][: len(drawn)], flat[2]),
        "series/distance_along_the_clip": np.stack([np.arange(len(along)) + WINDOW, along], axis=1),
    }


def measure(artefacts: Path, held_out: dict, asked: dict) -> dict[str, Any]:
    """Values of one seed.

    Raises:
        Invalid: the clips are not what was asked for, lie far out, or are copies of training clips.
    """
    frames = held_out["clips"].shape[1]
    drawn = load(artefacts / "clips.npy", (settings.DRAWN, frames, 2))
    if (out := distance_out(drawn)) > OUT:
        raise Invalid(f"the clips lie {out:.3g} standard deviations out on average: the run diverged")
    trained_on = load_all(Path(asked["in"]) / artefacts.name)["clips"]
    found = compare(drawn.astype(np.float32), held_out["clips"], trained_on)
    if found["copied"] > COPIES:
        raise Invalid(f"{found['copied']:.0%} of the clips are copies of training clips")
    return found


if __name__ == "__main__":
    evaluate_seeds(METRICS, measure)
