"""The program: a method asks for points of each function and is told their values; nothing may be edited.

Writes `points` (checks, functions, d): the best point so far of each function after every `EVERY`
generations.
"""

import numpy as np
from functions import NAMES, values
from learned import EvolutionTransformer

from kit import strategies
from kit.stage import randomness, run_seeds

EVERY = 5


def run(inputs: dict[str, np.ndarray], config: dict, seed: int) -> dict[str, np.ndarray]:
    """Artefacts of one seed."""
    methods = all_of(config, randomness(inputs, config))
    best = np.zeros((len(NAMES), int(config["dimensions"])))
    lowest, kept = values(best, inputs), [best.copy()]
    for generation in range(1, int(config["generations"]) + 1):
        points = methods.ask()
        found = values(points, inputs)
        top = found.argmin(1)
        for k, i in enumerate(top):
            if found[k, i] < lowest[k]:
                lowest[k], best[k] = found[k, i], points[k, i]
        methods.tell(found)
        if generation % EVERY == 0:
            kept.append(best.copy())
    return {"points": np.array(kept)}


class Each:
    """One strategy a function; they minimise, and the kit's climb."""

    def __init__(self, make):
        self.parts = [make() for _ in NAMES]

    def ask(self) -> np.ndarray:
        return np.stack([part.ask() for part in self.parts])

    def tell(self, found: np.ndarray) -> None:
        for part, values_of in zip(self.parts, found, strict=True):
            part.tell(-values_of)


def all_of(config: dict, rng: np.random.Generator):
    """The method for all functions at once."""
    count, sigma = int(config["population"]), config["sigma"]
    start = np.zeros(int(config["dimensions"]), np.float32)
    if config["method"] == "evolution_transformer":
        return EvolutionTransformer(len(NAMES), len(start), count, sigma, int(config["generations"]), rng)
    given = (start, count, sigma, rng)
    makers = {
        "cmaes": lambda: strategies.CMAES(*given),
        "sep_cmaes": lambda: strategies.CMAES(*given, full=False),
        "snes": lambda: strategies.SNES(*given),
        "es": lambda: strategies.OpenES(*given, rate=0.3),
        "ga": lambda: strategies.SeedGA(*given),
        "hill_climbing": lambda: strategies.HillClimber(*given),
        "random_search": lambda: strategies.RandomSearch(*given),
    }
    return Each(makers[config["method"]])


if __name__ == "__main__":
    run_seeds(run)
