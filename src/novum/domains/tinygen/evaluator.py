"""Compares the points that a model drew with held-out points of the same shape, and with its training points.

Distances are in standard deviations of the data, which `prepare` has set to one.
"""

from pathlib import Path
from typing import Any

import numpy as np
import settings

from kit.samples import COPIES, OUT, around, copied, distance_out, nearest, sliced_wasserstein
from kit.stage import Invalid, evaluate_seeds, load, load_all

METRICS = ("distance", "stray", "missed", "copied")
FAR = 0.99  # the share of held-out points that are not far from the others, by definition
LOST = 1.0  # a distance at which nothing of a shape is left: how much farther points lie tells no more
DIVERGED = {"distance": LOST, "stray": 1.0, "missed": 1.0, "copied": 0.0}


def compare(drawn: np.ndarray, held_out: np.ndarray, trained_on: np.ndarray) -> dict[str, Any]:
    """Values by metric. What counts as far is read off the held-out points themselves."""
    reference, fresh = np.split(held_out, 2)
    far = np.quantile(nearest(fresh, reference), FAR)
    return {
        "distance": min(LOST, float(sliced_wasserstein(drawn, held_out, around(32)))),
        "stray": np.mean(nearest(drawn, reference) > far),
        "missed": np.mean(nearest(fresh, drawn) > far),
        "copied": copied(drawn, fresh, trained_on),
    }


def measure(artefacts: Path, held_out: dict, asked: dict) -> dict[str, Any]:
    """Values of one seed; those of a run that diverged are the worst, whatever its points.

    Raises:
        Invalid: the points are not what was asked for, or are copies of training points.
    """
    drawn = load(artefacts / "points.npy", (settings.DRAWN, 2))
    if distance_out(drawn) > OUT:
        return DIVERGED
    trained_on = load_all(Path(asked["in"]) / artefacts.name)["points"]
    found = compare(drawn.astype(np.float32), held_out["points"], trained_on)
    if found["copied"] > COPIES:
        raise Invalid(f"{found['copied']:.0%} of the points are copies of training points")
    return found


if __name__ == "__main__":
    evaluate_seeds(METRICS, measure)
