"""How a point is found whose mutations behave differently: the part of the program that may be edited.

Every method but `drift` looks at `population` behaviours in each of its generations. Mutations add normal
noise of standard deviation `sigma`.
"""

import numpy as np
from landscape import behaviour

from kit import strategies
from kit.descent import Adam

NESTED = 20  # mutations by which nested methods judge one candidate
KERNEL = 1.0  # width of the kernel of max_entropy, in units of behaviour


def evolve(start: np.ndarray, landscape: dict, config: dict, rng: np.random.Generator) -> np.ndarray:
    """A point (d,)."""
    return METHODS[config["method"]](start, landscape, config, rng)


def drift(start, landscape, config, rng) -> np.ndarray:
    """Mutation without selection: the start, mutated once."""
    return start + config["sigma"] * rng.standard_normal(len(start))


def single(worth):
    """One level, as in Evolvability ES: mutations of one point, each weighed by what it adds to diversity."""

    def method(start, landscape, config, rng) -> np.ndarray:
        point, rule, sigma = start, Adam(config["rate"]), config["sigma"]
        for _ in range(int(config["generations"])):
            half = rng.standard_normal((int(config["population"]) // 2, len(point)))
            noise = np.concatenate([half, -half])
            value = worth(behaviour(point + sigma * noise, landscape))
            value = (value - value.mean()) / (value.std() + 1e-9)
            point = point + rule.step(value @ noise / len(noise))
        return point

    return method


def spread(found: np.ndarray) -> np.ndarray:
    """Squared distance (n,) of each behaviour (n, k) from their mean; its mean is the variance."""
    return ((found - found.mean(0)) ** 2).sum(1)


def rarity(found: np.ndarray) -> np.ndarray:
    """Minus the logarithm of a kernel estimate of density at each behaviour; its mean estimates entropy."""
    distances = ((found[:, None] - found) ** 2).sum(2)
    return -np.log(np.exp(-distances / (2 * KERNEL**2)).mean(1))


def height(found: np.ndarray) -> np.ndarray:
    """The sum of the behaviour's coordinates: a reward, which says nothing of diversity."""
    return found.sum(1)


def nested(make):
    """Two levels: a strategy whose candidates are judged by the variance among their own mutations."""

    def method(start, landscape, config, rng) -> np.ndarray:
        count = max(4, int(config["population"]) // NESTED)
        strategy = make(np.asarray(start, np.float32), count, rng)
        for _ in range(int(config["generations"])):
            noise = config["sigma"] * rng.standard_normal((count, NESTED, len(start)))
            found = behaviour(strategy.ask()[:, None] + noise, landscape)
            strategy.tell(found.var(1).sum(1))
        return strategy.centre

    return method


METHODS = {
    "drift": drift,
    "max_variance": single(spread),
    "max_entropy": single(rarity),
    "reward": single(height),
    "snes": nested(lambda start, count, rng: strategies.SNES(start, count, 1.0, rng)),
    "cmaes": nested(lambda start, count, rng: strategies.CMAES(start, count, 1.0, rng)),
    "hill_climbing": nested(lambda start, count, rng: strategies.HillClimber(start, count, 1.0, rng)),
    "random_search": nested(lambda start, count, rng: strategies.RandomSearch(start, count, 5.0, rng)),
}
