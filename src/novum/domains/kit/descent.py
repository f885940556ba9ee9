"""Rules that turn gradients into steps uphill, for arrays of any shape; to descend, negate the gradient."""

import numpy as np

BLOCK = 1 << 14  # parameters updated at once


class Momentum:
    """Steps along a running mean of gradients (Polyak 1964, in the form of an average)."""

    def __init__(self, rate: float, momentum: float = 0.9):
        self.rate, self.momentum = np.float32(rate), np.float32(momentum)
        self.mean: np.ndarray | None = None

    def step(self, gradient: np.ndarray) -> np.ndarray:
        """What to add to the parameters."""
        if self.mean is None:
            self.mean = np.zeros_like(gradient)
        self.mean += (1 - self.momentum) * (gradient - self.mean)
        return self.rate * self.mean


class Adam:
    """Adam with bias correction (Kingma & Ba 2015, algorithm 1)."""

    def __init__(self, rate: float, first: float = 0.9, second: float = 0.999, epsilon: float = 1e-8):
        self.rate, self.first, self.second, self.epsilon = rate, first, second, epsilon
        self.mean: np.ndarray | None = None
        self.count = 0

    def step(self, gradient: np.ndarray) -> np.ndarray:
        """What to add to the parameters."""
        if self.mean is None:
            self.mean, self.square = np.zeros((2, *gradient.shape), gradient.dtype)
        self.count += 1
        self.pace = self.rate * np.sqrt(1 - self.second**self.count) / (1 - self.first**self.count)
        change = np.empty(gradient.shape, gradient.dtype)
        parts = [array.reshape(-1) for array in (gradient, self.mean, self.square, change)]
        spare = np.empty(min(BLOCK, gradient.size), gradient.dtype)
        for at in range(0, gradient.size, BLOCK):
            self._block(*(part[at : at + BLOCK] for part in parts), spare)
        return change

    def _block(self, gradient, mean, square, change, spare) -> None:
        """The step of some parameters, in `change`: what is worked on stays in the processor's cache."""
        number, spare = gradient.dtype.type, spare[: len(gradient)]
        np.subtract(gradient, mean, out=spare)
        spare *= number(1 - self.first)
        mean += spare
        np.multiply(gradient, gradient, out=spare)
        spare -= square
        spare *= number(1 - self.second)
        square += spare
        np.sqrt(square, out=spare)
        spare += number(self.epsilon)
        np.multiply(mean, number(self.pace), out=change)
        change /= spare


RULES = {"momentum": Momentum, "adam": Adam}
