"""Mutates the point that the program gave, and measures how differently the mutants behave."""

from pathlib import Path

import numpy as np
from landscape import behaviour

from kit.stage import evaluate_seeds, generator, load, load_all

METRICS = ("distance_to_goal", "variance", "distance_of_the_point")
MUTANTS, TRIES = 2000, 16
NUMBERS = (1, 2, 4, 8, 16, 32, 64)  # of mutants, on the curve


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
        "series/distance_by_mutants": [(n, reached(found, heldout["goals"], n)) for n in NUMBERS],
    }


def reached(found: np.ndarray, goals: np.ndarray, tries: int = TRIES) -> float:
    """The distance of each goal from the nearest of so many mutants, averaged over goals and trials."""
    grouped = found[: len(found) // tries * tries].reshape(-1, tries, found.shape[1])
    distances = np.linalg.norm(grouped[:, :, None] - goals, axis=3)
    return float(distances.min(1).mean())


if __name__ == "__main__":
    evaluate_seeds(METRICS, measure)
