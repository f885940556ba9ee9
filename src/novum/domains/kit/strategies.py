"""Black-box optimisers behind one interface: `ask` gives a population, `tell` takes its fitness.

The interface is EvoJAX's (Tang et al. 2022): a solver knows neither policy nor task. Fitness is to be large.
`centre` is the strategy's own answer (d,), which need not be a member. All arrays are float32 but where said.
"""

from collections.abc import Callable

import numpy as np

from kit.descent import Adam, Momentum


def centred_ranks(fitness: np.ndarray) -> np.ndarray:
    """Ranks (n,) from -0.5 to 0.5, whatever the scale of fitness (Salimans et al. 2017)."""
    ranks = np.empty(len(fitness), np.float32)
    ranks[np.argsort(fitness, kind="stable")] = np.arange(len(fitness), dtype=np.float32)
    return ranks / max(len(fitness) - 1, 1) - np.float32(0.5)


def utilities(count: int) -> np.ndarray:
    """Weights (count,) of the ranked population, best first, that add up to zero (Wierstra et al. 2014)."""
    raw = np.maximum(0, np.log(count / 2 + 1) - np.log(np.arange(1, count + 1)))
    return (raw / raw.sum() - 1 / count).astype(np.float32)


class Strategy:
    """A strategy of `count` members a generation that begins at `start` (d,) with steps of size `sigma`."""

    def __init__(self, start: np.ndarray, count: int, sigma: float, rng: np.random.Generator):
        self.centre = start.astype(np.float32)
        self.count, self.sigma, self.rng = count, np.float32(sigma), rng
        self.best, self.best_fitness = self.centre.copy(), -np.inf

    def noise(self, count: int) -> np.ndarray:
        """Standard normal numbers (count, d)."""
        return self.rng.standard_normal((count, len(self.centre)), np.float32)

    def ask(self) -> np.ndarray:
        """The next population (count, d)."""
        self.members = self.propose()
        return self.members

    def tell(self, fitness: np.ndarray) -> None:
        """Learn from the fitness (count,) of the population last asked for."""
        top = int(np.argmax(fitness))
        if fitness[top] > self.best_fitness:
            self.best, self.best_fitness = self.members[top].copy(), float(fitness[top])
        self.learn(fitness)

    def propose(self) -> np.ndarray:
        raise NotImplementedError

    def learn(self, fitness: np.ndarray) -> None:
        raise NotImplementedError


class OpenES(Strategy):
    """The evolution strategy of Salimans et al. (2017): mirrored noise, centred ranks, a step by Adam."""

    def __init__(self, start, count, sigma, rng, rate: float = 0.01, rule: str = "adam"):
        super().__init__(start, count, sigma, rng)
        self.rule = Adam(rate) if rule == "adam" else Momentum(rate)

    def propose(self) -> np.ndarray:
        half = self.noise(self.count // 2)
        self.drawn = np.concatenate([half, -half])
        return self.centre + self.sigma * self.drawn

    def estimate(self, fitness: np.ndarray) -> np.ndarray:
        """The gradient (d,) of the expected fitness, as estimated from the population."""
        return (fitness.astype(np.float32) @ self.drawn) / np.float32(self.count * self.sigma)

    def learn(self, fitness: np.ndarray) -> None:
        self.centre = self.centre + self.rule.step(self.estimate(centred_ranks(fitness)))


class SNES(Strategy):
    """Separable natural evolution strategy: a mean and one step size a coordinate (Schaul et al. 2011)."""

    def __init__(self, start, count, sigma, rng):
        super().__init__(start, count, sigma, rng)
        d = len(start)
        self.spread = np.full(d, sigma, np.float32)
        self.rate = np.float32((3 + np.log(d)) / (5 * np.sqrt(d)))
        self.weights = utilities(count)

    def propose(self) -> np.ndarray:
        self.drawn = self.noise(self.count)
        return self.centre + self.spread * self.drawn

    def learn(self, fitness: np.ndarray) -> None:
        drawn = self.drawn[np.argsort(-fitness, kind="stable")]
        self.centre = self.centre + self.spread * (self.weights @ drawn)
        self.spread *= np.exp(self.rate / 2 * (self.weights @ (drawn * drawn - 1)))


class CMAES(Strategy):
    """Covariance matrix adaptation with default parameters (Hansen 2016, tables 1 and 2); `full` or diagonal.

    The diagonal form learns its d variances faster by the factor (d + 2) / 3 (Ros & Hansen 2008). Float64.
    """

    def __init__(self, start, count, sigma, rng, full: bool = True):
        super().__init__(start, count, sigma, rng)
        d = len(start)
        self.mean, self.scale, self.full = start.astype(np.float64), float(sigma), full
        weights = np.log((count + 1) / 2) - np.log(np.arange(1, count // 2 + 1))
        self.weights = weights / weights.sum()
        mu = self.mu = 1 / (self.weights**2).sum()
        self.path_rate = (4 + mu / d) / (d + 4 + 2 * mu / d)
        self.size_rate = (mu + 2) / (d + mu + 5)
        self.damping = 1 + 2 * max(0.0, np.sqrt((mu - 1) / (d + 1)) - 1) + self.size_rate
        one, many = 2 / ((d + 1.3) ** 2 + mu), 2 * (mu - 2 + 1 / mu) / ((d + 2) ** 2 + mu)
        faster = 1 if full else (d + 2) / 3
        self.one = min(1.0, one * faster)
        self.many = min(1 - self.one, many * faster)
        self.covariance = np.eye(d) if full else np.ones(d)
        self.axes, self.lengths = np.eye(d) if full else np.ones(d), np.ones(d)
        self.path, self.size_path = np.zeros(d), np.zeros(d)
        self.expected = np.sqrt(d) * (1 - 1 / (4 * d) + 1 / (21 * d * d))
        self.generation = 0

    def propose(self) -> np.ndarray:
        drawn = self.rng.standard_normal((self.count, len(self.mean))) * self.lengths
        self.steps = drawn @ self.axes.T if self.full else drawn
        return (self.mean + self.scale * self.steps).astype(np.float32)

    def learn(self, fitness: np.ndarray) -> None:
        self.generation += 1
        best = self.steps[np.argsort(-fitness, kind="stable")[: len(self.weights)]]
        step = self.weights @ best
        self.mean = self.mean + self.scale * step
        self.centre = self.mean.astype(np.float32)
        self._paths(step)
        self._adapt(best)
        length = np.linalg.norm(self.size_path)
        self.scale *= np.exp(min(1.0, self.size_rate / self.damping * (length / self.expected - 1)))

    def _paths(self, step: np.ndarray) -> None:
        white = self.axes @ ((self.axes.T @ step) / self.lengths) if self.full else step / self.lengths
        c = self.size_rate
        self.size_path = (1 - c) * self.size_path + np.sqrt(c * (2 - c) * self.mu) * white
        faded = np.sqrt(1 - (1 - c) ** (2 * self.generation))
        calm = np.linalg.norm(self.size_path) / faded < (1.4 + 2 / (len(step) + 1)) * self.expected
        c = self.path_rate
        self.path = (1 - c) * self.path + calm * np.sqrt(c * (2 - c) * self.mu) * step

    def _adapt(self, best: np.ndarray) -> None:
        if self.full:
            rank_one, rank_mu = np.outer(self.path, self.path), (best.T * self.weights) @ best
        else:
            rank_one, rank_mu = self.path**2, self.weights @ best**2
        kept = 1 - self.one - self.many
        self.covariance = kept * self.covariance + self.one * rank_one + self.many * rank_mu
        if self.full:
            values, self.axes = np.linalg.eigh(self.covariance)
            self.lengths = np.sqrt(np.maximum(values, 1e-20))
        else:
            self.lengths = np.sqrt(self.covariance)


class HillClimber(Strategy):
    """Keeps the best row ever seen and tries `count` Gaussian changes of it, a (1 + count) strategy."""

    def propose(self) -> np.ndarray:
        return self.best + self.sigma * self.noise(self.count)

    def learn(self, fitness: np.ndarray) -> None:
        self.centre = self.best


class RandomSearch(Strategy):
    """Independent draws from a normal distribution about the start; keeps the best."""

    def __init__(self, start, count, sigma, rng):
        super().__init__(start, count, sigma, rng)
        self.start = self.centre

    def propose(self) -> np.ndarray:
        return self.start + self.sigma * self.noise(self.count)

    def learn(self, fitness: np.ndarray) -> None:
        self.centre = self.best


class SeedGA(Strategy):
    """The Deep GA of Such et al. (2017): truncation, an elite, Gaussian mutations, lists of seeds.

    A member is the seeds of the mutations that led to it from the start; `decode` rebuilds its parameters to
    the last bit, since both ways add the same numbers in the same order. `scales`, if given, makes of a row
    the factors (d,) that multiply the noise of its mutations, as safe mutations do (Lehman et al. 2018).
    """

    def __init__(self, start, count, sigma, rng, parents: int = 20,
                 scales: Callable[[np.ndarray], np.ndarray] | None = None):  # fmt: skip
        super().__init__(start, count, sigma, rng)
        self.start, self.parents, self.scales = self.centre, min(parents, count), scales
        self.codes: list[tuple[int, ...]] = [()] * count
        self.elders: list[tuple[tuple[int, ...], np.ndarray]] = [((), self.start)]

    def propose(self) -> np.ndarray:
        chosen = self.rng.integers(len(self.elders), size=self.count)
        seeds = self.rng.integers(2**31, size=self.count)
        self.codes = [(*self.elders[c][0], int(s)) for c, s in zip(chosen, seeds, strict=True)]
        rows = np.stack([self.mutated(self.elders[c][1], int(s)) for c, s in zip(chosen, seeds, strict=True)])
        if self.best_fitness > -np.inf:  # the elite survives unchanged
            self.codes[0], rows[0] = self.elders[0]
        return rows

    def mutated(self, row: np.ndarray, seed: int) -> np.ndarray:
        """The row after the mutation that a seed stands for."""
        noise = np.random.Generator(np.random.Philox(seed)).standard_normal(len(row), np.float32)
        return row + (self.sigma * noise if self.scales is None else self.sigma * self.scales(row) * noise)

    def decode(self, code: tuple[int, ...]) -> np.ndarray:
        """The parameters (d,) that a list of seeds stands for."""
        row = self.start
        for seed in code:
            row = self.mutated(row, seed)
        return row

    def learn(self, fitness: np.ndarray) -> None:
        order = np.argsort(-fitness, kind="stable")[: self.parents]
        self.elders = [(self.codes[i], self.members[i]) for i in order]
        self.centre = self.members[order[0]]
