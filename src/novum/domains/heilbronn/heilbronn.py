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


def areas(n: int) -> Minimax:
    """Minus the area of each triple of points over that of the triangle, as a function of (u..., v...)."""
    i, j, k = np.array(list(combinations(range(n), 3))).reshape(-1, 3).T
    rows = np.arange(len(i))

    def signed(z: np.ndarray) -> np.ndarray:
        u, v = z[:n], z[n:]
        return (u[j] - u[i]) * (v[k] - v[i]) - (u[k] - u[i]) * (v[j] - v[i])

    def slopes(z: np.ndarray) -> np.ndarray:
        u, v, found = z[:n], z[n:], np.zeros((len(i), 2 * n))
        for a, b, c in ((i, j, k), (j, k, i), (k, i, j)):
            found[rows, a], found[rows, n + a] = v[b] - v[c], u[c] - u[b]
        return -np.sign(signed(z))[:, None] * found

    return Minimax(np.zeros(2 * n), np.ones(2 * n), lambda z: -np.abs(signed(z)), slopes,
                   np.zeros(len(i), dtype=int), below=(np.c_[np.eye(n), np.eye(n)], np.ones(n)))  # fmt: skip


def folded(points: np.ndarray) -> np.ndarray:
    """Points (2, n) of the unit square brought into the triangle by turning its other half onto it."""
    return np.where(points.sum(0) > 1, 1 - points, points)


def search(problem: dict, config: dict, rng: np.random.Generator) -> Iterator[Best]:
    """The points of largest smallest area so far, after each local search."""
    n = problem["n"]

    def begin() -> np.ndarray:
        points = folded(start(n, 2, config["start"], rng))
        points = points[:, rng.permutation(n)] if config["labels"] == "shuffled" else points
        return (np.array([points[1], 1 - points.sum(0)]) if config["corner"] == "turned" else points).ravel()

    def move(z: np.ndarray) -> np.ndarray:
        return folded(moved(z.reshape(2, n), config["move"], int(config["most_relocated"]), rng)).ravel()

    solve = solver(areas(n), config["local_search"], 0.2)
    return bests(hops(begin, move, solve, config["patience"]), lambda z: finish(z.reshape(2, n)), sign=-1.0)


def finish(points: np.ndarray) -> tuple[float, Arrays]:
    """The smallest area, and the points, none of them outside by a rounding."""
    u = points[0].clip(0, 1)
    v = np.minimum(points[1].clip(0, 1), np.nextafter(1 - u, 0).clip(0))  # 1 - u may have been rounded upward
    return float(-areas(len(u)).value(np.r_[u, v])), {"points": np.c_[u, v]}


if __name__ == "__main__":
    serve(search)
