"""Points in a triangle of which no three span a small area: hops around a minimax local search.

Leaves `points.npy` (n, 2) for each seed, in the triangle with corners (0, 0), (1, 0) and (0, 1). Ratios of
areas are the same in every triangle, so that this one stands for all.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from kit.minimax import Minimax, bests, hops, solver
from kit.points import moved, start
from kit.search import Arrays, Best, serve


def mirror(n: int, symmetric: bool) -> np.ndarray:
    """The matrix from unknowns (u..., v...) to those of n points: each its own, or half of them mirrored.

    The mirror exchanges u and v. Of an odd number one point lies on its axis, at the mean of its unknowns.
    """
    if not symmetric:
        return np.eye(2 * n)
    m, alone = (n + 1) // 2, n % 2
    found = np.zeros((2, n, 2, m))
    points, pairs = np.arange(m), np.arange(alone, m)
    found[[0, 1], points[:, None], [0, 1], points[:, None]] = 1
    found[[0, 1], pairs[:, None] + n // 2, [1, 0], pairs[:, None]] = 1
    found[:, :alone, :, :alone] = 0.5
    return found.reshape(2 * n, 2 * m)


def triples(n: int, symmetric: bool) -> np.ndarray:
    """Places (3, K) of three points each; of two triples that mirror each other, one."""
    m, alone = (n + 1) // 2, n % 2
    image = np.r_[np.arange(alone), np.arange(m, n), np.arange(alone, m)] if symmetric else np.arange(n)
    chosen = np.array(list(combinations(range(n), 3))).reshape(-1, 3)
    return np.array([t for t in chosen.tolist() if t <= sorted(image[t])]).reshape(-1, 3).T


def areas(n: int, symmetric: bool) -> Minimax:
    """Minus the area of each triple of points over that of the triangle, as functions of the unknowns."""
    expand, (i, j, k) = mirror(n, symmetric), triples(n, symmetric)
    rows, m = np.arange(len(i)), expand.shape[1] // 2

    def signed(z: np.ndarray) -> np.ndarray:
        u, v = (expand @ z).reshape(2, n)
        return (u[j] - u[i]) * (v[k] - v[i]) - (u[k] - u[i]) * (v[j] - v[i])

    def slopes(z: np.ndarray) -> np.ndarray:
        (u, v), found = (expand @ z).reshape(2, n), np.zeros((len(i), 2 * n))
        for a, b, c in ((i, j, k), (j, k, i), (k, i, j)):
            found[rows, a], found[rows, n + a] = v[b] - v[c], u[c] - u[b]
        return -np.sign(signed(z))[:, None] * found @ expand

    return Minimax(np.zeros(2 * m), np.ones(2 * m), lambda z: -np.abs(signed(z)), slopes,
                   np.zeros(len(i), dtype=int), below=(np.c_[np.eye(m), np.eye(m)], np.ones(m)))  # fmt: skip


def folded(points: np.ndarray) -> np.ndarray:
    """Points (2, n) of the unit square brought into the triangle by turning its other half onto it."""
    return np.where(points.sum(0) > 1, 1 - points, points)


def search(problem: dict, config: dict, rng: np.random.Generator) -> Iterator[Best]:
    """The points of largest smallest area so far, after each local search."""
    n, symmetric = problem["n"], config["symmetry"] == "mirrored"
    expand = mirror(n, symmetric)
    m = expand.shape[1] // 2

    def begin() -> np.ndarray:
        points = folded(start(m, 2, config["start"], rng))
        points = points[:, rng.permutation(m)] if config["labels"] == "shuffled" else points
        return (np.array([points[1], 1 - points.sum(0)]) if config["corner"] == "turned" else points).ravel()

    def move(z: np.ndarray) -> np.ndarray:
        return folded(moved(z.reshape(2, m), config["move"], int(config["most_relocated"]), rng)).ravel()

    solve = solver(areas(n, symmetric), config["local_search"], 0.2)
    return bests(hops(begin, move, solve, config["patience"]), lambda z: finish(expand @ z), sign=-1.0)


def finish(z: np.ndarray) -> tuple[float, Arrays]:
    """The smallest area, and the points, none of them outside by a rounding."""
    u, v = z.reshape(2, -1).clip(0, 1)
    v = np.minimum(v, np.nextafter(1 - u, 0).clip(0))  # 1 - u may have been rounded upward
    return float(-areas(len(u), False).value(np.r_[u, v])), {"points": np.c_[u, v]}


if __name__ == "__main__":
    serve(search)
