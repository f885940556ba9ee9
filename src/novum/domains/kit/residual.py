"""A small residual network for regression and its gradient: parameters are one flat row (d,), float32.

`h = x @ A + a`, then `h = h + relu(h) @ B + b` for every block, and `relu(h) @ C + c` at the end. A block's
sum keeps the way of the gradient short (He et al. 2016, "Identity mappings"), so that depth costs no tuning.
"""

from typing import NamedTuple

import numpy as np


class Residual(NamedTuple):
    """Sizes of a network; it holds no parameters itself."""

    inputs: int
    width: int
    blocks: int
    outputs: int

    def shapes(self) -> list[tuple[int, int]]:
        """The shape of each layer's weights, from input to output."""
        return [
            (self.inputs, self.width),
            *[(self.width, self.width)] * self.blocks,
            (self.width, self.outputs),
        ]

    def unpack(self, flat: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Weights (n, m) and biases (m,) of each layer, as views of a row (d,)."""
        found, at = [], 0
        for n, m in self.shapes():
            found.append((flat[at : at + n * m].reshape(n, m), flat[at + n * m : at + (n + 1) * m]))
            at += (n + 1) * m
        return found

    def initialise(self, rng: np.random.Generator, distribution: str = "normal") -> np.ndarray:
        """A row (d,): weights `normal` or `uniform` of mean zero and variance 1 / (3 inputs), biases zero."""
        flat = np.zeros(sum((n + 1) * m for n, m in self.shapes()), np.float32)
        for weights, _ in self.unpack(flat):
            reach = 1 / np.sqrt(len(weights))
            if distribution == "uniform":
                weights[:] = rng.uniform(-reach, reach, weights.shape)
            else:
                weights[:] = rng.normal(0, reach / np.sqrt(3), weights.shape)
        return flat

    def forward(self, flat: np.ndarray, inputs: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        """Outputs (n, outputs) for inputs (n, inputs), and what entered each layer, for `gradient`."""
        (weights, biases), *rest = self.unpack(flat)
        entered = [inputs]
        hidden = inputs @ weights
        hidden += biases
        for weights, biases in rest[:-1]:
            entered.append(np.maximum(hidden, 0))
            hidden += entered[-1] @ weights
            hidden += biases
        entered.append(np.maximum(hidden, 0, out=hidden))
        weights, biases = rest[-1]
        return entered[-1] @ weights + biases, entered

    def gradient(self, flat: np.ndarray, entered: list[np.ndarray], error: np.ndarray) -> np.ndarray:
        """The gradient (d,) of what has the derivative `error` (n, outputs) by the outputs."""
        found = np.empty_like(flat)
        layers, slots = self.unpack(flat), self.unpack(found)
        back = error
        for index in range(len(layers) - 1, -1, -1):
            np.matmul(entered[index].T, back, out=slots[index][0])
            np.add.reduce(back, 0, out=slots[index][1])
            if index:
                through = back @ layers[index][0].T
                through *= entered[index] > 0
                back = through if index == len(layers) - 1 else np.add(back, through, out=through)
        return found
