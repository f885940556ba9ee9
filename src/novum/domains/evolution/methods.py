"""How weights are found: the part of the program that may be edited.

Every method sees the same batches of digits and makes the same number of updates. Fitness is the mean
log-probability of the right label on the batch.
"""

import numpy as np

from kit import networks, strategies
from kit.descent import Adam

COPIES = 4  # disturbed copies whose gradients noisy_sgd averages


def train(start, inputs, labels, layers, config: dict, rng: np.random.Generator) -> np.ndarray:
    """Weights (d,) from `start` (d,), for inputs (n, in) with labels (n,)."""
    learner = GRADIENT.get(config["method"]) or SEARCH[config["method"]]
    return learner(start, batches(inputs, labels, config, rng), layers, config, rng)


def batches(inputs, labels, config: dict, rng: np.random.Generator):
    """A batch for every update, drawn with replacement."""
    for _ in range(int(config["updates"])):
        chosen = rng.integers(len(inputs), size=int(config["batch"]))
        yield inputs[chosen], labels[chosen]


def sgd(start, given, layers, config: dict, rng) -> np.ndarray:
    """Steps by Adam along the gradient from backpropagation."""
    weights, rule = start, Adam(config["rate"])
    for inputs, labels in given:
        weights = weights + rule.step(networks.gradient(weights, inputs, labels, layers))
    return weights


def noisy_sgd(start, given, layers, config: dict, rng) -> np.ndarray:
    """As `sgd`, but the gradient is that of copies disturbed by noise of `sigma`: what es estimates."""
    weights, rule = start, Adam(config["rate"])
    for inputs, labels in given:
        noise = rng.standard_normal((COPIES, len(weights)), np.float32)
        copies = weights + np.float32(config["sigma"]) * noise
        weights = weights + rule.step(networks.gradient(copies, inputs, labels, layers).mean(0))
    return weights


def search(make):
    """A learner that lets a strategy of the kit climb; the answer is the strategy's centre."""

    def learner(start, given, layers, config: dict, rng) -> np.ndarray:
        strategy = make(start, int(config["population"]), config, rng)
        for inputs, labels in given:
            scores = networks.forward(strategy.ask(), inputs, layers)
            strategy.tell(networks.log_likelihood(scores, labels))
        return strategy.centre

    return learner


def _es(start, count, config, rng):
    return strategies.OpenES(start, count, config["sigma"], rng, rate=config["rate"])


def _cmaes(start, count, config, rng):
    return strategies.CMAES(start, count, config["sigma"], rng, full=False)


def _plain(kind):
    return lambda start, count, config, rng: kind(start, count, config["sigma"], rng)


GRADIENT = {"sgd": sgd, "noisy_sgd": noisy_sgd}
SEARCH = {
    "es": search(_es),
    "snes": search(_plain(strategies.SNES)),
    "cmaes": search(_cmaes),
    "ga": search(_plain(strategies.SeedGA)),
    "hill_climbing": search(_plain(strategies.HillClimber)),
    "random_search": search(_plain(strategies.RandomSearch)),
}
