"""Points in a unit cube as one row of unknowns, coordinate after coordinate: starts and moves."""

import numpy as np


def start(n: int, dimension: int, kind: str, rng: np.random.Generator) -> np.ndarray:
    """Points (dimension, n): `uniform` ones, or `spread`, each of ten the farthest from those before."""
    if kind == "uniform":
        return rng.random((dimension, n))
    points = rng.random((dimension, 1))
    while points.shape[1] < n:
        offered = rng.random((dimension, 10))
        apart = ((offered[:, :, None] - points[:, None]) ** 2).sum(0).min(1)
        points = np.c_[points, offered[:, apart.argmax()]]
    return points


def moved(points: np.ndarray, kind: str, most: int, rng: np.random.Generator) -> np.ndarray:
    """One to `most` points put elsewhere (`relocate`), all shifted a little (`shift`), or either at evens.

    A shift is normal, with a standard deviation of up to 0.3 of the usual distance between neighbours.
    """
    dimension, n = points.shape
    kind = kind if kind != "either" else rng.choice(["relocate", "shift"])
    if kind == "shift":
        spread = rng.uniform(0, 0.3) / n ** (1 / dimension)
        return (points + rng.normal(0, spread, points.shape)).clip(0, 1)
    changed, count = points.copy(), rng.integers(1, min(n, most) + 1)
    changed[:, rng.choice(n, count, replace=False)] = rng.random((dimension, count))
    return changed
