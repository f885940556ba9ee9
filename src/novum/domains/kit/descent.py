"""Rules that turn gradients into steps uphill, for arrays of any shape; to descend, negate the gradient."""

import numpy as np


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
            self.mean, self.square = np.zeros_like(gradient), np.zeros_like(gradient)
        self.count += 1
        number = gradient.dtype.type
        self.mean += number(1 - self.first) * (gradient - self.mean)
        self.square += number(1 - self.second) * (gradient * gradient - self.square)
        rate = self.rate * np.sqrt(1 - self.second**self.count) / (1 - self.first**self.count)
        return number(rate) * self.mean / (np.sqrt(self.square) + number(self.epsilon))


RULES = {"momentum": Momentum, "adam": Adam}
