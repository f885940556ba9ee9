"""Functions that are constant on equal pieces: starts, moves, and the matrices of their correlations."""

from collections.abc import Callable

import numpy as np

from kit.minimax import Minimax, linear

FINE = 80  # linear programs after a doubling


def start(n: int, kind: str, rng: np.random.Generator) -> np.ndarray:
    """Values (n,) in [0, 1]: `uniform` ones, a shaken `bump` over the middle, or a shaken `wave`."""
    if kind == "uniform":
        return rng.random(n)
    x = (np.arange(n) + 0.5) / n
    shape = np.sin(np.pi * x) if kind == "bump" else 0.5 + 0.5 * np.cos(2 * np.pi * rng.integers(2, 6) * x)
    return np.clip(0.8 * shape + 0.2 * rng.random(n), 0, 1)


def moved(z: np.ndarray, kind: str, scale: float, rng: np.random.Generator) -> np.ndarray:
    """`shake` all values by normal noise, `rewrite` a stretch of them, or `either` at evens.

    `scale` is that of the values; noise is between 0.003 and 0.5 of it, a stretch up to a fifth of pieces.
    """
    kind = kind if kind != "either" else rng.choice(["shake", "rewrite"])
    if kind == "shake":
        return z + scale * rng.normal(0, 10 ** rng.uniform(-2.5, -0.3), len(z))
    changed = z.copy()
    first, length = rng.integers(len(z)), rng.integers(1, max(2, len(z) // 5) + 1)
    stretch = changed[first : first + length]
    stretch[:] = rng.uniform(z.min(), max(z.max(), z.min() + 1e-9), len(stretch))
    return changed


def mirror(n: int, symmetric: bool) -> np.ndarray:
    """The matrix from unknowns to the n values: each its own, or the first half mirrored."""
    if not symmetric:
        return np.eye(n)
    unknown = np.minimum(np.arange(n), n - 1 - np.arange(n))
    return np.eye((n + 1) // 2)[unknown]


def windows(n: int) -> Callable[[np.ndarray], np.ndarray]:
    """Maps values (n,) to the matrix (2n - 1, n) whose row s and column j hold value s + j - (n - 1).

    What lies outside is zero, so that its product with values is their correlation at every shift.
    """
    place = np.arange(2 * n - 1)[:, None] + np.arange(n)[None]

    def of(values: np.ndarray) -> np.ndarray:
        padded = np.zeros(3 * n - 2)
        padded[n - 1 : 2 * n - 1] = values
        return padded[place]

    return of


def settled(z: np.ndarray, weights: np.ndarray, total: float, low: float, high: float) -> np.ndarray:
    """Values within [low, high] with weights @ z = total: clipped, and what is missing spread evenly."""
    z = np.clip(z, low, high)
    for _ in range(100):
        missing = total - float(weights @ z)
        free = (z < high) if missing > 0 else (z > low)
        if abs(missing) < 1e-14 * abs(total) or not free.any():
            break
        z = np.clip(z + missing / (weights @ free) * free, low, high)
    return z


def doubled(values: np.ndarray, times: int, problem: Callable[[np.ndarray], Minimax],
            settle: Callable[[np.ndarray, np.ndarray], np.ndarray], reach: float,
            symmetric: bool = False) -> np.ndarray:  # fmt: skip
    """Values on twice as many pieces, and so on: each cut in two, shaken off its bounds, and searched from.

    `problem(expand)` is in unknowns z with values `expand @ z` (see `mirror`), and `settle(z, weights)` makes
    them keep its constraints. The search is by linear programs, since with many unknowns SLSQP takes long. A
    doubling that gains nothing leaves each half as its whole was. The noise is the same at every call.
    """
    rng = np.random.default_rng(len(values))
    for _ in range(times):
        finer = np.repeat(values, 2)
        expand = mirror(len(finer), symmetric)
        built, z = problem(expand), finer[: expand.shape[1]]
        inside = (z > built.low) & (z < built.high)
        noise = 0.05 * reach * rng.normal(size=len(z))
        found = linear(built, settle(z + inside * noise, expand.sum(0)), FINE, reach / 4)
        values = expand @ found.z if found.value < built.value(z) else finer
    return values
