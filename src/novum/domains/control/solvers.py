"""Which solver proposes policies: the part of the program that may be edited."""

import numpy as np
from gradients import Reinforce

from kit import strategies

PARENTS = 12  # of the genetic algorithm


def solver(start: np.ndarray, layers: tuple[int, ...], config: dict,
           rng: np.random.Generator) -> strategies.Strategy | Reinforce:  # fmt: skip
    """A strategy that begins at the policy `start` (d,), or a policy gradient that does."""
    count, sigma = int(config["population"]), config["sigma"]
    if config["solver"] == "reinforce":
        return Reinforce(start, layers, count, sigma, rng, rate=0.1)
    return SOLVERS[config["solver"]](start, count, sigma, rng)


SOLVERS = {
    "ga": lambda *given: strategies.SeedGA(*given, parents=PARENTS),
    "es": lambda *given: strategies.OpenES(*given, rate=0.1),
    "snes": strategies.SNES,
    "cmaes": lambda *given: strategies.CMAES(*given, full=False),
    "hill_climbing": strategies.HillClimber,
    "random_search": strategies.RandomSearch,
}
