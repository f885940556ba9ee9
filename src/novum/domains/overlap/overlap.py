"""Step functions of small overlap, for Erdős' minimum overlap problem: hops around a minimax local search.

Leaves `h.npy`, the values (n,) of a function on n equal pieces of [0, 2], for each seed.
"""

from collections.abc import Iterator

import numpy as np

from kit.minimax import Minimax, bests, hops, solver
from kit.pieces import doubled, mirror, moved, settled, start, windows
from kit.search import Arrays, Best, serve

GRID = 1 << 50  # values are made whole multiples of 1 / GRID: floats that add up without rounding


def overlaps(n: int, expand: np.ndarray) -> Minimax:
    """The overlap at each shift by whole pieces, as functions of the unknowns z with values `expand @ z`.

    Overlap is linear between such shifts, so that no shift in between has a larger one.
    """
    of, m = windows(n), expand.shape[1]

    def values(z: np.ndarray) -> np.ndarray:
        h = expand @ z
        return of(1 - h) @ h * (2 / n)

    def slopes(z: np.ndarray) -> np.ndarray:
        h = expand @ z
        return (of(1 - h) - of(h)[::-1]) @ expand * (2 / n)

    return Minimax(np.zeros(m), np.ones(m), values, slopes, np.zeros(2 * n - 1, dtype=int),
                   equal=(expand.sum(0)[None], np.array([n / 2])))  # fmt: skip


def search(problem: dict, config: dict, rng: np.random.Generator) -> Iterator[Best]:
    """The function of least overlap so far, after each local search."""
    n = min(int(config["pieces"]), problem["most_pieces"])
    expand = mirror(n, config["symmetry"] == "mirrored")
    weights, m = expand.sum(0), expand.shape[1]

    def begin() -> np.ndarray:
        h = start(n, config["start"], rng)
        h = h[::-1] if config["orientation"] == "reversed" else h
        return settled((1 - h if config["complement"] == "yes" else h)[:m], weights, n / 2, 0, 1)

    def move(z: np.ndarray) -> np.ndarray:
        return settled(moved(z, config["move"], 1.0, rng), weights, n / 2, 0, 1)

    doublings = config["doublings"] if n * 2 ** config["doublings"] <= problem["most_pieces"] else 0
    solve = solver(overlaps(n, expand), config["local_search"], 0.2)
    return bests(hops(begin, move, solve, config["patience"]),
                 lambda z: finish(expand @ z, doublings, config["symmetry"] == "mirrored"))  # fmt: skip


def finish(h: np.ndarray, doublings: float, symmetric: bool) -> tuple[float, Arrays]:
    """The overlap and the values, on more pieces if so asked, that integrate to 1 exactly."""

    def settle(z: np.ndarray, weights: np.ndarray) -> np.ndarray:
        return settled(z, weights, weights.sum() / 2, 0, 1)

    def problem(expand: np.ndarray) -> Minimax:
        return overlaps(len(expand), expand)

    h = gridded(doubled(h, int(doublings), problem, settle, 0.2, symmetric))
    return float((windows(len(h))(1 - h) @ h).max() * 2 / len(h)), {"h": h}


def gridded(h: np.ndarray) -> np.ndarray:
    """Values near h, whole multiples of 1 / GRID in [0, 1], whose mean is one half exactly."""
    whole = [round(min(max(value, 0.0), 1.0) * GRID) for value in h.tolist()]
    missing = len(whole) * (GRID // 2) - sum(whole)
    while missing:
        share = max(1, abs(missing) // len(whole))
        for i, value in enumerate(whole):
            step = min(share, missing, GRID - value) if missing > 0 else -min(share, -missing, value)
            whole[i], missing = value + step, missing - step
    return np.array([value / GRID for value in whole])


if __name__ == "__main__":
    serve(search)
