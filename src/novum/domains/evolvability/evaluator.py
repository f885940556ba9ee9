"""Mutates the point that the program gave, and measures how differently the mutants behave."""

from pathlib import Path

import numpy as np
from landscape import AXES, behaviour

from kit.stage import evaluate_seeds, generator, load, load_all

METRICS = ("distance_to_goal", "variance", "distance_of_the_point")
MUTANTS, TRIES = 2000, 16


def measure(artefacts: Path, heldout: dict, asked: dict) -> dict:
    landscape = load_all(Path(asked["in"]) / artefacts.name)
    point = load(artefacts / "point.npy", landscape["start"].shape)
    rng = generator(asked.get("salt", ""), *heldout["goals"][0], "mutants")
    noise = asked["config"]["sigma"] * rng.standard_normal((MUTANTS, len(point)))
    found = behaviour(point + noise, landscape)
    return {
        "distance_to_goal": reached(found, heldout["goals"]),
        "variance": float(found.var(0).mean()),
        "distance_of_the_point": float(
            np.linalg.norm(behaviour(point, landscape) - heldout["goals"], axis=1).mean()
        ),
        "series/behaviour_of_mutants": found[:200] if AXES == 2 else (),
    }


def reached(found: np.ndarray, goals: np.ndarray) -> float:
    """The distance of each goal from the nearest of TRIES mutants, averaged over goals and trials."""
    tries = found[: len(found) // TRIES * TRIES].reshape(-1, TRIES, found.shape[1])
    distances = np.linalg.norm(tries[:, :, None] - goals, axis=3)
    return float(distances.min(1).mean())


if __name__ == "__main__":
    evaluate_seeds(METRICS, measure)
