"""Step functions whose convolution with themselves has a low peak: hops around a minimax local search.

Leaves `f.npy`, the values (n,) of a function on n equal pieces of [-1/4, 1/4], for each seed.
"""

from collections.abc import Iterator

import numpy as np

from kit.minimax import Minimax, bests, hops, solver
from kit.pieces import doubled, moved, settled, start, windows
from kit.search import Arrays, Best, serve


def peaks(n: int, signed: bool, scale: float) -> Minimax:
    """The autoconvolution of n values of mean `scale`, at the ends of pieces, over the squared integral.

    Between these points it is linear. With signs, its negative counts as well, since the peak is of its size.
    """
    of, both = windows(n), np.array([1.0, -1.0] if signed else [1.0])
    unit = 2 / (n * scale**2)

    def values(f: np.ndarray) -> np.ndarray:
        return np.outer(both, of(f[::-1]) @ f * unit).ravel()

    def slopes(f: np.ndarray) -> np.ndarray:
        return np.kron(both[:, None], of(f[::-1]) * (2 * unit))

    high = np.full(n, n * scale)
    return Minimax(-high if signed else np.zeros(n), high, values, slopes,
                   np.zeros(len(both) * (2 * n - 1), dtype=int),
                   equal=(np.ones((1, n)), np.array([n * scale])))  # fmt: skip


def search(problem: dict, config: dict, rng: np.random.Generator) -> Iterator[Best]:
    """The function of lowest peak so far, after each local search."""
    n = min(int(config["pieces"]), problem["most_pieces"])
    signed, scale = config["signs"] == "any", config["scale"]
    doublings = int(config["doublings"])
    doublings = doublings if n * 2**doublings <= problem["most_pieces"] else 0

    def settle(f: np.ndarray, weights: np.ndarray) -> np.ndarray:
        high = len(f) * scale
        return settled(f, weights, high, -high if signed else 0, high)

    def near(f: np.ndarray) -> np.ndarray:
        return settle(f, np.ones(len(f)))

    def begin() -> np.ndarray:
        f = 2 * scale * start(n, config["start"], rng)
        return near(f[::-1] if config["orientation"] == "reversed" else f)

    def finish(f: np.ndarray) -> tuple[float, Arrays]:
        f = doubled(f, doublings, lambda expand: peaks(len(expand), signed, scale), settle, 0.3 * scale)
        return float(np.abs(np.convolve(f, f)).max() * 2 * len(f) / f.sum() ** 2), {"f": f}

    solve = solver(peaks(n, signed, scale), config["local_search"], 0.3 * scale)
    shaken = hops(begin, lambda f: near(moved(f, config["move"], scale, rng)), solve, config["patience"])
    return bests(shaken, finish)


if __name__ == "__main__":
    serve(search)
