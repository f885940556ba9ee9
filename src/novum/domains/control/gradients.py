"""A policy gradient behind the interface of the other solvers: a part of the program that may be edited."""

import numpy as np

from kit import networks
from kit.descent import Adam


class Reinforce:
    """REINFORCE (Williams 1992) with normal noise of deviation `sigma` on the actions, and steps by Adam.

    All `count` episodes of a generation are of one policy; the first acts without noise, to show what the
    weights do by themselves. A return is what a step and those after it were worth, less the mean of all
    episodes at that step.
    """

    shown = 1  # episodes that act as the weights say

    def __init__(self, start: np.ndarray, layers: tuple[int, ...], count: int, sigma: float,
                 rng: np.random.Generator, rate: float):  # fmt: skip
        self.centre, self.layers, self.count = start, layers, count
        self.sigma, self.rng, self.rule = np.float32(sigma), rng, Adam(rate)

    def ask(self) -> np.ndarray:
        """The policy's parameters once for each episode, (count, d)."""
        self.members = np.repeat(self.centre[None], self.count, 0)
        self.seen: list[np.ndarray] = []
        self.noise: list[np.ndarray] = []
        return self.members

    def explore(self, policy):
        """The policy with noise on what it does; what it saw and what the noise was are kept."""

        def act(seen: np.ndarray) -> np.ndarray:
            actions = policy(seen)
            noise = self.rng.standard_normal(actions.shape, np.float32)
            noise[: self.shown] = 0
            self.seen.append(seen.astype(np.float32))
            self.noise.append(noise)
            return np.clip(actions + self.sigma * noise, -1, 1)

        return act

    def tell(self, returns: np.ndarray) -> None:
        """Learn from the returns (steps, count), which are nan after an episode's end."""
        returns = returns[: len(self.seen)]
        there = np.isfinite(returns)
        better = np.where(there, returns - np.nanmean(returns, 1, keepdims=True), 0)[there]
        better /= better.std() + np.float32(1e-8)
        seen, noise = np.stack(self.seen)[there], np.stack(self.noise)[there]
        towards = (better[:, None] * noise / self.sigma).astype(np.float32)

        def slope(outputs: np.ndarray) -> np.ndarray:
            return towards * (1 - np.tanh(outputs) ** 2) / len(towards)

        gradient = networks.backward(self.centre, seen, self.layers, slope)
        self.centre = self.centre + self.rule.step(gradient)
