"""What loops that train by batches share: the batches, and an average of the parameters over time."""

from collections.abc import Iterator

import numpy as np

BLOCK = 1 << 14  # parameters averaged at once, so that they stay in the processor's cache


def batches(
    rows: np.ndarray, updates: int, size: int, how: str, rng: np.random.Generator
) -> Iterator[np.ndarray]:
    """`updates` batches of `size` rows, from `epochs` where each row comes once, or `drawn` one by one."""
    order = np.empty(0, int)
    for _ in range(updates):
        if how == "drawn":
            order = rng.integers(len(rows), size=size)
        while len(order) < size:
            order = np.concatenate([order, rng.permutation(len(rows))])
        yield rows[order[:size]]
        order = order[size:]


class Average:
    """An exponential moving average of parameters (d,), corrected for its start as Adam's means are."""

    def __init__(self, decay: float, parameters: np.ndarray):
        self.decay, self.weight, self.total = decay, 0.0, np.zeros_like(parameters)

    def add(self, parameters: np.ndarray) -> None:
        share = 1 - self.decay
        self.weight += share * (1 - self.weight)
        for at in range(0, len(parameters), BLOCK):
            part = self.total[at : at + BLOCK]
            part += np.float32(share) * (parameters[at : at + BLOCK] - part)

    def value(self) -> np.ndarray:
        return self.total / np.float32(self.weight)
