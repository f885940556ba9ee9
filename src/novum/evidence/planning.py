"""Sample size, detectable effect and attainable p-values, before any confirmation run.

Power is that of the first, strictest step of Holm's procedure: a single claim compared at alpha / m. The
effect planned for comes from the margin (smallest effect of interest), never from an exploratory estimate,
which is too large wherever contrasts were picked by it. Only the spread is taken from exploration, as an
upper confidence bound.
"""

import math
from collections.abc import Collection, Sequence

from novum.errors import UserError
from novum.evidence.inference import t_quantile
from novum.records import Record

DIFFERENCE = math.sqrt(2.0)
"""Norm of the weights of a difference of two arms: SD of b - a in units of the within-arm SD."""

INTERACTION = 2.0
LARGEST = 10_000


class SdBound(Record, kw_only=True):
    """An upper bound of the within-arm SD between seeds, with where it comes from."""

    value: float
    pooled: float | None
    df: int
    confidence: float
    method: str


def sd_upper_bound(
    groups: Sequence[Sequence[float]], confidence: float = 0.8, bounds: tuple[float, float] | None = None
) -> SdBound:
    """Upper confidence bound of the common within-configuration SD, from replicates per configuration.

    Pooled variance with chi-square limit: s sqrt(df / q), q the (1 - confidence) quantile (Browne 1995).
    Assumes one normal spread for all configurations; where spreads differ it bounds their average.
    A metric with `bounds` never exceeds half its range (Popoviciu 1935); that cap is also the fallback
    when there are no replicates, or none of them differ. Groups that lie wholly on one bound (all censored
    at the horizon) say nothing of the spread elsewhere and would lower the bound: they are left out.

    Raises:
        UserError: no spread to learn from and no bounds.
    """
    from scipy.special import chdtri

    at_bound = [{edge} for edge in bounds or ()]
    rows = [[float(v) for v in g] for g in groups if len(g) > 1 and set(g) not in at_bound]
    df = sum(len(g) - 1 for g in rows)
    squares = sum(_squares(g) for g in rows)
    cap = (bounds[1] - bounds[0]) / 2 if bounds else math.inf
    if squares <= 0:
        if not bounds:
            raise UserError("the exploration shows no spread between seeds to plan from",
                            fix="explore with at least two seeds per configuration")  # fmt: skip
        return SdBound(value=cap, pooled=0.0 if df else None, df=df, confidence=confidence,
                       method="half the metric's range")  # fmt: skip
    pooled = math.sqrt(squares / df)
    bound = pooled * math.sqrt(df / float(chdtri(df, confidence)))
    if bound >= cap:
        return SdBound(value=cap, pooled=pooled, df=df, confidence=confidence,
                       method="half the metric's range")  # fmt: skip
    return SdBound(value=bound, pooled=pooled, df=df, confidence=confidence, method="pooled chi-square bound")


def unremarkable(
    groups: Sequence[Sequence[float]], compared: Collection[int] = (), level: float = 0.01
) -> list[int]:
    """Which groups have a spread that goes with the others', by their places; those `compared` always stay.

    Cochran's test for an outlying variance, repeated (ISO 5725-2, 7.3.3), in the form for groups of different
    sizes: the largest variance over that of all others against F at level / groups.
    """
    from scipy.special import fdtrc

    spread = {i: _squares(g) / (len(g) - 1) for i, g in enumerate(groups) if len(g) > 1}
    left = dict(spread)
    while len(left) > 2 and (suspects := [i for i in left if i not in compared]):
        worst = max(suspects, key=lambda i: left[i])
        others = [i for i in left if i != worst]
        df = sum(len(groups[i]) - 1 for i in others)
        pooled = sum(_squares(groups[i]) for i in others) / df
        if pooled <= 0 or fdtrc(len(groups[worst]) - 1, df, left[worst] / pooled) * len(left) >= level:
            break
        del left[worst]
    return [i for i in range(len(groups)) if i in left or i not in spread]


def _squares(group: Sequence[float]) -> float:
    mean = sum(group) / len(group)
    return sum((v - mean) ** 2 for v in group)


def power(
    distance: float, n: int, sd_bound: float, alpha: float, m: int, *,
    weight: float = DIFFERENCE, paired: bool = True,
) -> float:  # fmt: skip
    """Chance that the interval at level 1 - alpha/m, n seeds per arm, clears a boundary `distance` away.

    By the noncentral t distribution. `sd_bound` is of one arm; the contrast's SD is `weight` times it,
    which for paired arms assumes no negative correlation between them.
    """
    from scipy.special import nctdtr

    df = n - 1.0 if paired else 2.0 * (n - 1)
    centre = distance * math.sqrt(n) / (weight * sd_bound)
    if centre > 37:  # beyond it the series loses accuracy and the power is 1 to double precision
        critical = t_quantile(1 - alpha / m, df)
        if critical < centre / 2:
            return 1.0
    chance = 1 - float(nctdtr(df, centre, t_quantile(1 - alpha / m, df)))
    return min(1.0, max(0.0, chance)) if math.isfinite(chance) else 1.0


def detectable_effect(
    n: int, sd_bound: float, alpha: float, m: int, target: float = 0.9, *, margin: float = 0.0,
    weight: float = DIFFERENCE, paired: bool = True,
) -> float:  # fmt: skip
    """The smallest true effect that ends "supported" with chance `target`, in the metric's unit.

    A directional claim is supported when its interval lies beyond `margin`, so the effect found is the
    margin plus the distance that n seeds can resolve. Infinite for n < 2.
    """
    if n < 2:
        return math.inf
    high = sd_bound * weight
    while power(high, n, sd_bound, alpha, m, weight=weight, paired=paired) < target:
        high *= 2
    low = 0.0
    for _ in range(60):
        middle = (low + high) / 2
        reached = power(middle, n, sd_bound, alpha, m, weight=weight, paired=paired) >= target
        low, high = (low, middle) if reached else (middle, high)
    return margin + high


def sample_size(
    margin: float, sd_bound: float, alpha: float, m: int, target: float = 0.9, *,
    weight: float = DIFFERENCE, paired: bool = True, equivalence: bool = False,
) -> int:  # fmt: skip
    """Seeds per arm so that an effect of twice the margin is supported with chance `target`.

    At the margin itself no sample suffices (the boundary is what is tested), so the plan is for an effect
    one margin beyond it. For `equivalence` the plan is for no effect at all, and both boundaries must be
    cleared: the missing chance is halved (conservative: the two misses are added).

    Raises:
        UserError: more than 10,000 seeds would be needed.
    """
    wanted = 1 - (1 - target) / 2 if equivalence else target

    def enough(n: int) -> bool:
        return power(margin, n, sd_bound, alpha, m, weight=weight, paired=paired) >= wanted

    high = 2
    while not enough(high):
        if high > LARGEST:
            raise UserError(f"more than {LARGEST} seeds would be needed for a margin of {margin:g}",
                            fix="raise the metric's margin, or choose a less noisy metric")  # fmt: skip
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return max(2, high)


def smallest_attainable_p(n: int, pairing: str = "paired", test: str = "t") -> float:
    """The smallest two-sided p-value that n seeds per arm can give.

    Rank and permutation tests are discrete: 2 / 2^n paired, 2 / C(2n, n) independent. A t test has no
    such limit but is held to that of its permutation cross-check, which could otherwise never agree.
    """
    del test  # every test here is held to the same discrete limit
    if n < 2:
        return 1.0
    return 2.0 / 2.0**n if pairing == "paired" else 2.0 / math.comb(2 * n, n)


def require_attainable(n: int, pairing: str, alpha: float, m: int, test: str = "t") -> float:
    """The smallest attainable p-value, refused if it exceeds the strictest level alpha / m.

    Raises:
        UserError: the planned sample could never support a claim.
    """
    smallest = smallest_attainable_p(n, pairing, test)
    if smallest > alpha / m:
        raise UserError(
            f"with {n} seeds per arm the smallest attainable p-value {smallest:.3g} exceeds the level "
            f"{alpha / m:.3g} of a family of {m}",
            fix=f"plan at least {fewest_seeds(pairing, alpha, m)} seeds per arm, or register fewer contrasts",
        )
    return smallest


def fewest_seeds(pairing: str, alpha: float, m: int) -> int:
    """The smallest n whose attainable p-value does not exceed alpha / m."""
    n = 2
    while smallest_attainable_p(n, pairing) > alpha / m:
        n += 1
    return n
