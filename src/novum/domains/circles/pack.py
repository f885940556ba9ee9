"""Packs discs into the unit square: starts, hops from the best packing so far, and a strict finish.

Leaves `discs.npy`, centres and radii (n, 3), for each seed.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np
from local import METHODS, Packing, best_radii, polished, strict

from kit.search import Arrays, Best, serve

BETTER = 1e-7  # a hop must gain more than that


def start(n: int, kind: str, rng: np.random.Generator) -> np.ndarray:
    """Centres to begin from, (n, 2): uniform ones, or a shaken triangular lattice less its surplus."""
    if kind == "uniform":
        return rng.random((n, 2))
    across = max(1, round(np.sqrt(n * np.sqrt(3) / 2)))
    down = -(-n // across)
    row, column = np.divmod(np.arange(across * down), across)
    lattice = np.c_[(column + 0.25 + 0.5 * (row % 2)) / across, (row + 0.5) / down]
    chosen = rng.choice(len(lattice), n, replace=False)
    return (lattice[chosen] + rng.normal(0, 0.2 / across, (n, 2))).clip(0, 1)


def moved(packing: Packing, config: dict, rng: np.random.Generator) -> np.ndarray:
    """Centres to hop to: some discs put elsewhere at random, or all shifted a little, or either at evens."""
    centres, n = packing.centres.copy(), len(packing.centres)
    kind = config["move"] if config["move"] != "either" else rng.choice(["relocate", "shift"])
    if kind == "shift":
        spread = rng.uniform(0, 0.3) / np.sqrt(n)
        return (centres + rng.normal(0, spread, (n, 2))).clip(0, 1)
    chance = np.ones(n) if config["relocated"] == "any" else 1 / np.maximum(packing.radii, 1e-3)
    count = rng.integers(1, min(n, int(config["most_relocated"])) + 1)
    chosen = rng.choice(n, count, replace=False, p=chance / chance.sum())
    centres[chosen] = rng.random((count, 2))
    return centres


def searches(n: int, config: dict, rng: np.random.Generator) -> Iterator[Packing]:
    """Every packing that a local search ends in, for as long as one asks.

    From a start, hops go from the best packing since, until `patience` of them in a row have gained nothing.
    """
    search = METHODS[config["local_search"]]
    limit = 100
    while True:
        current = search(start(n, config["start"], rng), limit)
        yield current
        idle = 0
        while idle < config["patience"]:
            found = search(moved(current, config, rng), limit, beat=current.total)
            yield found
            better = found.total > current.total + BETTER
            current, idle = (found, 0) if better else (current, idle + 1)


def search(problem: dict, config: dict, rng: np.random.Generator) -> Iterator[Best]:
    """The best packing so far, after each local search."""
    best, taken = None, 0
    for found in searches(problem["n"], config, rng):
        best = found if best is None or found.total > best.total else best
        taken += found.steps
        yield Best(best.total, taken, partial(finished, best, config["polish"]))


def finished(packing: Packing, polish: str) -> tuple[float, Arrays]:
    """The packing brought to convergence or with its radii renewed, and then made strict."""
    if polish == "full":
        centres, radii = polished(packing)[:2]
    else:
        centres, radii = packing.centres, best_radii(packing.centres)
    radii = strict(centres, radii)
    return float(radii.sum()), {"discs": np.c_[centres, radii]}


if __name__ == "__main__":
    serve(search)
