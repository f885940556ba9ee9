"""Compares the points that a model drew with held-out points of the same shape, and with its training points.

Distances are in standard deviations of the data, which `prepare` has set to one.
"""

from pathlib import Path
from typing import Any

import numpy as np
import settings
from scipy.spatial import cKDTree

from kit.stage import Invalid, evaluate_seeds, load, load_all

METRICS = ("distance", "stray", "missed", "copied")
DIRECTIONS = 32
NEAR, FAR = 0.05, 0.99  # shares of held-out points that are as near, and as far, by definition
COPIES = 0.5  # a larger share of drawn points that are near training points is no generalising


def sliced_wasserstein(a: np.ndarray, b: np.ndarray) -> float:
    """The 1-Wasserstein distance of projections of (n, 2) and (k * n, 2), averaged over directions.

    Directions are evenly spaced, which in the plane integrates better than random ones (Bonneel et al. 2015
    draw them).
    """
    angles = np.pi * np.arange(DIRECTIONS) / DIRECTIONS
    onto = np.stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    first, second = np.sort(a @ onto, axis=0), np.sort(b @ onto, axis=0)
    return float(np.abs(np.repeat(first, len(b) // len(a), axis=0) - second).mean())


def nearest(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The distance (n,) of each point to the nearest of the others."""
    return cKDTree(others).query(points)[0]


def compare(drawn: np.ndarray, held_out: np.ndarray, trained_on: np.ndarray) -> dict[str, Any]:
    """Values by metric. What counts as near or far is read off the held-out points themselves."""
    reference, fresh = np.split(held_out, 2)
    far = np.quantile(nearest(fresh, reference), FAR)
    near = np.quantile(nearest(fresh, trained_on), NEAR)
    return {
        "distance": sliced_wasserstein(drawn, held_out),
        "stray": np.mean(nearest(drawn, reference) > far),
        "missed": np.mean(nearest(fresh, drawn) > far),
        "copied": np.mean(nearest(drawn, trained_on) < near),
    }


def measure(artefacts: Path, held_out: dict, asked: dict) -> dict[str, Any]:
    """Values of one seed.

    Raises:
        Invalid: the points are not what was asked for, or most of them are copies of training points.
    """
    drawn = load(artefacts / "points.npy", (settings.DRAWN, 2))
    trained_on = load_all(Path(asked["in"]) / artefacts.name)["points"]
    found = compare(drawn.astype(np.float32), held_out["points"], trained_on)
    if found["copied"] > COPIES:
        raise Invalid(f"{found['copied']:.0%} of the points are copies of training points")
    return found


if __name__ == "__main__":
    evaluate_seeds(METRICS, measure)
