"""Points whose largest distance is not much more than their smallest: hops around a minimax local search.

Leaves `points.npy` (n, dimension) for each seed.
"""

from collections.abc import Iterator

import numpy as np

from kit.minimax import Minimax, bests, hops, solver
from kit.points import moved, start
from kit.search import Arrays, Best, serve

CLOSEST = 1e-12  # squared distances below this count as this, so that logarithms are finite


def logarithms(n: int, dimension: int) -> Minimax:
    """The logarithm of each squared distance, and minus it; the maxima of either add up to the ratio's."""
    i, j = np.triu_indices(n, 1)
    rows = np.arange(len(i))

    def across(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        points = z.reshape(dimension, n)
        apart = points[:, i] - points[:, j]
        return apart, np.maximum((apart**2).sum(0), CLOSEST)

    def values(z: np.ndarray) -> np.ndarray:
        logs = np.log(across(z)[1])
        return np.r_[logs, -logs]

    def slopes(z: np.ndarray) -> np.ndarray:
        apart, squared = across(z)
        found = np.zeros((len(i), dimension * n))
        for axis in range(dimension):
            found[rows, axis * n + i] = 2 * apart[axis] / squared
            found[rows, axis * n + j] = -2 * apart[axis] / squared
        return np.r_[found, -found]

    m = dimension * n
    return Minimax(np.zeros(m), np.ones(m), values, slopes, np.repeat([0, 1], len(i)))


def search(problem: dict, config: dict, rng: np.random.Generator) -> Iterator[Best]:
    """The points of least ratio so far, after each local search; its logarithm is what is searched by."""
    n, dimension = problem["n"], problem["dimension"]

    def begin() -> np.ndarray:
        points = start(n, dimension, config["start"], rng)
        points = points[:, rng.permutation(n)] if config["labels"] == "shuffled" else points
        return (points[::-1] if config["axes"] == "swapped" else points).ravel()

    def move(z: np.ndarray) -> np.ndarray:
        points = z.reshape(dimension, n)
        return moved(points, config["move"], int(config["most_relocated"]), rng).ravel()

    solve = solver(logarithms(n, dimension), config["local_search"], 0.1)
    return bests(hops(begin, move, solve, config["patience"]), lambda z: finish(z.reshape(dimension, n)))


def finish(points: np.ndarray) -> tuple[float, Arrays]:
    """The squared ratio of distances, and the points."""
    dimension, n = points.shape
    return float(np.exp(logarithms(n, dimension).value(points.ravel()))), {"points": points.T.copy()}


if __name__ == "__main__":
    serve(search)
