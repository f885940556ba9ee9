"""The configuration whose measurement would teach most about the contrasts that matter.

The response model's draws give the joint posterior of the response at candidate configurations and of the
contrasts. Measuring a configuration on so many seeds shrinks the variance of a contrast by what the two
share, cov^2 / (variance of the response + variance of the noise); the best candidate is the one for which
that shrinkage, weighted over the contrasts, is largest. A contrast weighs by how open it is whether it
belongs among the strongest (p (1 - p) of that event): what is clearly strong or clearly nothing needs no
more points. This is the one-step rule of Bayesian experimental design for ranking and selection, in the
linear-normal form (Chaloner & Verdinelli 1995; Frazier, Powell & Dayanik 2009).

A trial that is still running is treated as measured: its value is not known, but how much it will shrink
the variances is, so that workers do not crowd on one point.
"""

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from novum.evidence.design import levels_of
from novum.evidence.effects import Explored, ResponseModel
from novum.evidence.screening import effect_draws
from novum.records import Config, Contrast, Domain

if TYPE_CHECKING:
    import numpy as np

FEWEST = 3  # configurations with values that a response model needs
STRONGEST = 4  # contrasts among which it matters to be
LEAD = 0.25  # weight of the idea's own contrasts, the most that p (1 - p) can be
RANDOM = 120  # candidates drawn at random beside those that move one factor


def most_informative(
    domain: Domain,
    data: Explored,
    pending: Sequence[Config],
    ranked: Sequence[Contrast],
    lead: Sequence[Contrast],
    rng: random.Random,
) -> Config | None:
    """The candidate that teaches most about `ranked` contrasts and those of the idea; None if none does.

    None too while fewer than three configurations have values, and where nothing varies.
    """
    import numpy as np

    if len(data.configs) < FEWEST or not (ranked or lead):
        return None
    model = ResponseModel(domain, data, rng.getrandbits(32))
    pool = candidates(domain, rng)
    targets = effect_draws(model, [*ranked, *lead])
    joint = np.hstack([model.predict([*pool, *pending]), targets])
    spread = np.cov(joint, rowvar=False)
    noise = _noise(data, spread, len(pool))
    if not noise > 0:
        return None
    weights = np.concatenate([_openness(targets[:, : len(ranked)]), np.full(len(lead), LEAD)])
    for place in range(len(pool), len(pool) + len(pending)):
        spread = spread - np.outer(spread[:, place], spread[place]) / (spread[place, place] + noise)
    shared = spread[: len(pool), -targets.shape[1] :] ** 2
    gains = shared @ weights / (np.diag(spread)[: len(pool)] + noise)
    best = int(np.argmax(gains))
    return pool[best] if gains[best] > 0 else None


def candidates(domain: Domain, rng: random.Random) -> list[Config]:
    """The baseline, every move of one factor from it, and random configurations over a design's levels."""
    grid = {f.name: levels_of(f) for f in domain.factors}
    base = domain.baseline
    found = [base, *(base | {name: level} for name, levels in grid.items() for level in levels)]
    found += [{name: rng.choice(levels) for name, levels in grid.items()} for _ in range(RANDOM)]
    unique: list[Config] = []
    for config in found:
        if config not in unique:
            unique.append(config)
    return unique


def _noise(data: Explored, spread: "np.ndarray", size: int) -> float:
    """Variance of a configuration's mean: from replicates, else a small share of what is left open."""
    import numpy as np

    rows = [v for v in data.values if len(v) > 1]
    degrees = sum(len(v) - 1 for v in rows)
    squares = sum((x - sum(v) / len(v)) ** 2 for v in rows for x in v)
    seeds = sum(len(v) for v in data.values) / len(data.values)
    floor = 1e-3 * float(np.diag(spread)[:size].max())
    return max(squares / degrees / seeds if degrees else 0.0, floor)


def _openness(draws: "np.ndarray") -> "np.ndarray":
    """p (1 - p) of each contrast's being among the strongest, by size, over the draws."""
    import numpy as np

    if draws.shape[1] <= STRONGEST:
        return np.full(draws.shape[1], LEAD)
    sizes = np.abs(draws)
    edge = np.partition(sizes, -STRONGEST, axis=1)[:, [-STRONGEST]]
    share = (sizes >= edge).mean(axis=0)
    return share * (1 - share)
