"""Other ways to claim something about the same worlds, with as many runs as the study had.

    single      as many settings as there are runs, each on one seed; the best is claimed
    reseeded    the best setting and the baseline are run again on three seeds each, and their means compared,
                as The AI Scientist v2 does (Yamada et al. 2025)
    greedy      one factor of the best setting so far is changed at a time, and kept if its one run is better,
                as in AIDE (Jiang et al. 2025); the last best is claimed
    factorial   a replicated 2^(8-4) design of resolution IV (Box, Hunter & Hunter 2005, ch. 6), every factor
                at its first and last level, main effects tested with Holm's correction, and no search

The first three claim that a setting is better than the baseline by more than the margin. They are of our own
making after what is published, reduced to how they turn scores into claims.
"""

import itertools
import math
import random
from collections.abc import Sequence

from novum.bench.simulate import Apparatus, Levels
from novum.bench.worlds import World, response, true_mean
from novum.evidence.inference import t_two_sided
from novum.evidence.multiplicity import holm
from novum.records import Record

AGAIN = 3  # seeds on which v2 runs its best node again
WORST = -math.inf  # the score of a run that failed


class Claimed(Record, kw_only=True):
    """What a rival claimed of one setting: whether it claimed at all, and the true difference."""

    claimed: bool
    truth: float
    margin: float

    @property
    def false(self) -> bool:
        return self.claimed and self.truth <= self.margin


class Tested(Record, kw_only=True):
    """One main effect of the factorial: its adjusted p-value at the margin and its estimate, with the truth.

    `truth` is the effect averaged over the other settings of the design, which is what it estimates.
    """

    factor: str
    p_adjusted: float
    estimate: float
    truth: float


def single(world: World, runs: int, margin: float, seed: int) -> Claimed:
    """The best of many settings, one seed each."""
    rng, apparatus = random.Random(seed), Apparatus(world, f"single/{seed}")
    best, score = _search(apparatus, rng, runs - 1)
    return _claim(world, best, score - _score(apparatus, _baseline(), runs), margin)


def reseeded(world: World, runs: int, margin: float, seed: int) -> Claimed:
    """The best of many settings, then again on three seeds beside the baseline."""
    rng, apparatus = random.Random(seed), Apparatus(world, f"reseeded/{seed}")
    best, _ = _search(apparatus, rng, runs - 2 * AGAIN)
    again = [_score(apparatus, best, -1 - i) - _score(apparatus, _baseline(), -101 - i) for i in range(AGAIN)]
    return _claim(world, best, sum(again) / AGAIN, margin)


def greedy(world: World, runs: int, margin: float, seed: int) -> Claimed:
    """From the baseline, one change after the other, kept where one run got better."""
    rng, apparatus = random.Random(seed), Apparatus(world, f"greedy/{seed}")
    best = _baseline()
    first = score = _score(apparatus, best, 0)
    for turn in range(1, runs):
        changed = list(best)
        place = rng.randrange(len(best))
        changed[place] = rng.choice([i for i in range(response().LEVELS[place]) if i != best[place]])
        found = _score(apparatus, tuple(changed), turn)
        if found > score:
            best, score = tuple(changed), found
    return _claim(world, best, score - first, margin)


def _search(apparatus: Apparatus, rng: random.Random, runs: int) -> tuple[Levels, float]:
    """The best of `runs` random settings by one run each."""
    scored = []
    for turn in range(runs):
        levels = tuple(rng.randrange(count) for count in response().LEVELS)
        scored.append((_score(apparatus, levels, turn), levels))
    score, best = max(scored)
    return best, score


def _baseline() -> Levels:
    return (0,) * len(response().LEVELS)


def _score(apparatus: Apparatus, levels: Levels, seed: int) -> float:
    found = apparatus.run(levels, seed)
    return WORST if found is None else found


def _claim(world: World, best: Levels, gain: float, margin: float) -> Claimed:
    truth = true_mean(world, best, world.metric) - true_mean(world, _baseline(), world.metric)
    return Claimed(claimed=gain > margin, truth=truth, margin=margin)


# --- the factorial ------------------------------------------------------------------------------------


def design() -> list[tuple[int, ...]]:
    """The 16 points of the 2^(8-4) design, in -1 and 1; generators E=BCD, F=ACD, G=ABC, H=ABD."""
    full = itertools.product((-1, 1), repeat=4)
    return [(a, b, c, d, b * c * d, a * c * d, a * b * c, a * b * d) for a, b, c, d in full]


def factorial(world: World, runs: int, margin: float, seed: int) -> list[Tested]:
    """Main effects of the replicated design, tested against the margin, on seeds of their own each."""
    points, apparatus = design(), Apparatus(world, f"factorial/{seed}")
    copies = runs // len(points)
    cells = [[apparatus.run(_levels(point), len(points) * i + k) for i in range(copies)]
             for k, point in enumerate(points)]  # fmt: skip
    kept = [[value for value in cell if value is not None] for cell in cells]
    estimates = [_effect(points, _means(kept), j) for j in range(len(points[0]))]
    ps = [_p_beyond(estimate, margin, *_spread(kept)) for estimate in estimates]
    truths = [true_mean(world, _levels(point), world.metric) for point in points]
    return [
        Tested(factor=name, p_adjusted=p, estimate=estimate, truth=_effect(points, truths, j))
        for j, (name, p, estimate) in enumerate(
            zip(response().FACTORS, holm(ps, 0.05).adjusted, estimates, strict=True)
        )
    ]


def _levels(point: Sequence[int]) -> Levels:
    return tuple(count - 1 if sign > 0 else 0 for sign, count in zip(point, response().LEVELS, strict=True))


def _means(cells: Sequence[Sequence[float]]) -> list[float]:
    return [sum(cell) / len(cell) for cell in cells]


def _effect(points: Sequence[Sequence[int]], means: Sequence[float], place: int) -> float:
    return sum(point[place] * mean for point, mean in zip(points, means, strict=True)) / (len(points) / 2)


def _spread(cells: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Standard error of an effect and its degrees of freedom, from the spread within points."""
    df = sum(len(cell) - 1 for cell in cells)
    squares = sum((v - m) ** 2 for cell, m in zip(cells, _means(cells), strict=True) for v in cell)
    variance = squares / df * sum(1 / len(cell) for cell in cells) / (len(cells) / 2) ** 2
    return math.sqrt(variance), float(df)


def _p_beyond(estimate: float, margin: float, se: float, df: float) -> float:
    """Two-sided p-value of "the effect is the margin" on the side of the estimate; 1 within the margin."""
    beyond = abs(estimate) - margin
    return t_two_sided(beyond / se, df) if beyond > 0 and se > 0 else 1.0
