"""A recurrent network that reads bits one after the other and says at the end whether their parity is even.

Elman's network: tanh layers, each of which sees the layer below (the first one the bit) and its own last
state, and a linear output. Rows (members, d) hold one network each. Bits are -1 and 1, and the parity of a
sequence is the product of its bits.
"""

from itertools import pairwise

import numpy as np


def shapes(width: int, depth: int) -> list[tuple[int, int]]:
    """Weights (inputs and own state, units) of every layer, then those of the output."""
    return [(1 + width, width), *[(2 * width, width)] * (depth - 1), (width, 1)]


def size(width: int, depth: int) -> int:
    """Parameters d of a network of that many units in each layer."""
    return sum((n + 1) * m for n, m in shapes(width, depth))


def unpack(rows: np.ndarray, width: int, depth: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights (members, n, m) and biases (members, 1, m) of every layer, as views of rows (members, d)."""
    ends = np.cumsum([0, *[(n + 1) * m for n, m in shapes(width, depth)]])
    found = []
    for (n, m), (begin, end) in zip(shapes(width, depth), pairwise(ends), strict=True):
        found.append((rows[:, begin : end - m].reshape(-1, n, m), rows[:, None, end - m : end]))
    return found


def initialise(rng: np.random.Generator, width: int, depth: int) -> np.ndarray:
    """One row (d,): weights normal with standard deviation 1 / sqrt(inputs), biases zero."""
    row = np.zeros((1, size(width, depth)), np.float32)
    for weights, _ in unpack(row, width, depth):
        weights[:] = rng.standard_normal(weights.shape) / np.sqrt(weights.shape[1])
    return row[0]


def outputs(rows: np.ndarray, bits: np.ndarray, width: int, depth: int) -> np.ndarray:
    """What networks (members, d) say after each of the sequences (n, length): (members, n)."""
    *layers, (last, shift) = unpack(rows, width, depth)
    states = [np.zeros((len(rows), len(bits), width), np.float32) for _ in layers]
    for step in bits.T:
        below = np.broadcast_to(step[:, None], (len(rows), len(bits), 1))
        for at, (weights, biases) in enumerate(layers):
            n = weights.shape[1] - width
            driven = below * weights[:, :1] if n == 1 else np.matmul(below, weights[:, :n])
            states[at] = below = np.tanh(np.matmul(states[at], weights[:, n:]) + driven + biases)
    return (np.matmul(states[-1], last) + shift)[..., 0]
