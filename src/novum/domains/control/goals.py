"""What a population is rewarded for: doing well, or doing what none did before."""

import numpy as np
from episodes import Episodes

NEIGHBOURS, ADDED = 10, 0.1


class Goal:
    """`reward` passes on the task's fitness; `novelty` is the mean distance of a behaviour from its nearest.

    Neighbours are sought in the population and in an archive to which a tenth of each is added (Lehman &
    Stanley 2011).
    """

    def __init__(self, config: dict, rng: np.random.Generator):
        self.novel, self.rng = config["objective"] == "novelty", rng
        self.archive: list[np.ndarray] = []

    def worth(self, fitness: np.ndarray, behaviour: np.ndarray) -> np.ndarray:
        """Fitness (n,) as the solver is to see it."""
        if not self.novel:
            return fitness
        known = np.concatenate([behaviour, *self.archive])
        distances = np.sqrt(((behaviour[:, None] - known) ** 2).sum(2))
        self.archive.append(behaviour[self.rng.random(len(behaviour)) < ADDED])
        return np.sort(distances, 1)[:, 1 : NEIGHBOURS + 1].mean(1)

    def returns(self, episodes: Episodes) -> np.ndarray:
        """What each step and those after it were worth, (steps, n), nan after an episode's end.

        The rewards from there on, or the novelty of where the episode ended.
        """
        there = np.isfinite(episodes.rewards)
        if self.novel:
            return np.where(there, self.worth(episodes.fitness, episodes.behaviour), np.nan)
        return np.where(there, np.where(there, episodes.rewards, 0)[::-1].cumsum(0)[::-1], np.nan)
