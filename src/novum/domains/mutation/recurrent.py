"""A recurrent network that reads bits one after the other and says at the end whether their parity is even.

Elman's network: one tanh layer that sees the bit and its own last state, and a linear output. Rows (members,
d) hold one network each. Bits are -1 and 1, and the parity of a sequence is the product of its bits.
"""

import numpy as np


def size(width: int) -> int:
    """Parameters d of a network of that many units."""
    return (1 + width) * width + width + width + 1


def initialise(rng: np.random.Generator, width: int) -> np.ndarray:
    """One row (d,): weights normal with standard deviation 1 / sqrt(inputs), biases zero."""
    row = np.zeros(size(width), np.float32)
    inner = (1 + width) * width
    row[:inner] = rng.standard_normal(inner) / np.sqrt(1 + width)
    row[inner + width : -1] = rng.standard_normal(width) / np.sqrt(width)
    return row


def outputs(rows: np.ndarray, bits: np.ndarray, width: int) -> np.ndarray:
    """What networks (members, d) say after each of the sequences (n, length): (members, n)."""
    inner = (1 + width) * width
    weights = rows[:, :inner].reshape(-1, 1 + width, width)
    biases = rows[:, None, inner : inner + width]
    state = np.zeros((len(rows), len(bits), width), np.float32)
    for step in bits.T:
        driven = step[:, None] * weights[:, None, 0]
        state = np.tanh(np.matmul(state, weights[:, 1:]) + driven + biases)
    last = rows[:, inner + width : -1, None]
    return np.matmul(state, last)[..., 0] + rows[:, -1:]
