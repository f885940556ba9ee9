"""How evaluators compare what a generative model drew with held-out data and with its training data."""

import numpy as np
from scipy.spatial import cKDTree

NEAR = 0.05  # the share of held-out rows that count as near a training row, by definition
FLAT = 3  # columns up to which a tree is quicker
COPIES = 0.5  # where more of the drawn rows than this are near training rows, a model has learnt nothing
OUT = 10.0  # standard deviations of the data: what lies farther out on average comes of a run that diverged


def around(count: int) -> np.ndarray:
    """Evenly spaced directions of the plane (2, count), which integrate better than random ones."""
    angles = np.pi * np.arange(count) / count
    return np.stack([np.cos(angles), np.sin(angles)]).astype(np.float32)


def at_random(dimensions: int, count: int) -> np.ndarray:
    """Unit vectors (dimensions, count) that are uniform on the sphere, and always the same."""
    drawn = np.random.default_rng(0).normal(size=(dimensions, count))
    return (drawn / np.linalg.norm(drawn, axis=0)).astype(np.float32)


def sliced_wasserstein(drawn: np.ndarray, held_out: np.ndarray, directions: np.ndarray) -> float:
    """The 1-Wasserstein distance of projections of rows (n, d) and (k * n, d), averaged over directions.

    Bonneel et al. (2015), "Sliced and Radon Wasserstein barycenters of measures", with the first power.
    """
    first, second = np.sort(drawn @ directions, axis=0), np.sort(held_out @ directions, axis=0)
    return float(np.abs(np.repeat(first, len(second) // len(first), axis=0) - second).mean())


def nearest(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The distance (n,) of each row to the nearest of the others.

    A tree finds it at once in the plane; with many columns all distances are taken, (n, others) at a time.
    """
    if rows.shape[1] <= FLAT:
        return cKDTree(others).query(rows)[0]
    rows, others = rows.astype(np.float64), others.astype(np.float64)
    squares = (rows**2).sum(1)[:, None] - 2 * rows @ others.T + (others**2).sum(1)
    return np.sqrt(np.maximum(squares.min(1), 0))


def distance_out(drawn: np.ndarray) -> float:
    """The distance of positions (..., 2) from zero, averaged over all; about 1.3 for the data."""
    return float(np.hypot(*drawn.astype(np.float64).reshape(-1, 2).T).mean())


def copied(drawn: np.ndarray, fresh: np.ndarray, trained_on: np.ndarray) -> float:
    """The share of drawn rows nearer to a training row than all but the nearest `NEAR` of fresh rows are."""
    return float(np.mean(nearest(drawn, trained_on) < np.quantile(nearest(fresh, trained_on), NEAR)))
