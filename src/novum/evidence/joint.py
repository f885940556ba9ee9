"""What pairs of factors of a design do jointly: looked at once the verdicts stand, and registered by nobody.

A main effect over a design is an average, which hides an effect that one setting turns round. Over all its
fractions a two-level design keeps joint effects of pairs apart from each other and from main effects
(resolution V), so the runs of a confirmation also tell how the effect of each factor differs between the
levels of every other. With k claims those are k (k - 1) / 2 looks, and intervals are at a level that is
shared among them (Bonferroni). They are exploratory all the same: nobody predicted them.
"""

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING

from novum.evidence import estimators, factorial
from novum.evidence.analysis import is_within
from novum.evidence.contrasts import averaged, fractions, has
from novum.evidence.samples import Arm, config_hash
from novum.evidence.sides import averages
from novum.evidence.tried import arms_confirmed, confirmation_complete
from novum.records import Contrast, Protocol, Record
from novum.state import State

if TYPE_CHECKING:
    import numpy as np

    Runs = tuple[np.ndarray, np.ndarray, np.ndarray]

TOLD = 6  # pairs that a paper shows


class Effect(Record):
    """An effect in the metric's unit, with its interval at the level of its pair."""

    value: float
    low: float
    high: float


class Pair(Record, kw_only=True):
    """How the effect of one claim's change depends on another's.

    `before` and `after` are the effects of `moved` where `context` is not changed and where it is;
    `difference` is what the second has over the first.
    """

    moved: Contrast
    context: Contrast
    before: Effect
    after: Effect
    difference: Effect
    level: float
    n: int

    @property
    def factors(self) -> tuple[str, ...]:
        return *self.moved.factors, *self.context.factors

    @property
    def name(self) -> str:
        return " ".join(self.factors)

    @property
    def distinct(self) -> bool:
        """Whether the difference is one of interest, and its interval leaves out zero."""
        apart = self.difference
        return (apart.low > 0 or apart.high < 0) and abs(apart.value) > self.moved.margin


def pairs(state: State) -> tuple[Pair, ...]:
    """All pairs of claims of a finished confirmation over one design that tells them apart, in the order of
    the size of their difference; none of any other confirmation."""
    protocol, domain = state.protocol, state.domain
    if protocol is None or domain is None or not _clear(protocol) or not confirmation_complete(state):
        return ()
    runs = _runs(arms_confirmed(state, domain.metric(protocol.primary_metric)), protocol)
    looks = list(itertools.combinations(range(len(protocol.contrasts)), 2))
    level = 1 - protocol.alpha / len(looks)
    found = [pair for i, j in looks if (pair := _pair(i, j, runs, protocol, level)) is not None]
    return tuple(sorted(found, key=lambda pair: -abs(pair.difference.value)))


def told(state: State) -> tuple[Pair, ...]:
    """The pairs that a paper shows."""
    return tuple([pair for pair in pairs(state) if pair.distinct][:TOLD])


def _clear(protocol: Protocol) -> bool:
    """Whether claims are averages over one design that keeps pairs apart, each of a single factor."""
    if not averages(protocol) or len(protocol.contrasts) < 2:
        return False
    first = protocol.contrasts[0]
    one = all((c.points, c.turned) == (first.points, first.turned) and len(c.b) == 1
              and c.estimand in ("mean_diff", "rmst_diff") for c in protocol.contrasts)  # fmt: skip
    whole = factorial.fractions(len(averaged(first)) + 1) == ((),)
    return one and (whole or all(is_within(c.test) for c in protocol.contrasts))


def _runs(found: Mapping[str, Arm], protocol: Protocol) -> "Runs":
    """Of every seed with all its runs: values (seeds, points), levels as -1 and 1 (seeds, points, claims),
    and its fraction (seeds)."""
    import numpy as np

    parts, claims = fractions(protocol.contrasts[0]), protocol.contrasts
    levels = [[[1 if has(point, claim.b) else -1 for claim in claims] for point in part] for part in parts]
    arms = [[found[config_hash(point)].values for point in part] for part in parts]
    values, signs, ran = [], [], []
    for place in range(protocol.seeds_per_arm):
        k, own = place % len(parts), place // len(parts)
        if all(own in arm for arm in arms[k]):
            values.append([arm[own] for arm in arms[k]])
            signs.append(levels[k])
            ran.append(k)
    return np.array(values), np.array(signs), np.array(ran)


def _pair(i: int, j: int, runs: "Runs", protocol: Protocol, level: float) -> Pair | None:
    """The pair of two claims, that with the smaller effect as the moved one; none without spread."""
    import numpy as np

    values, signs, ran = runs
    if not len(values):
        return None
    half = values.shape[1] / 2  # points at either level of a factor
    effects = {k: (values * signs[:, :, k]).sum(axis=1) / half for k in (i, j)}
    moved, context = sorted((i, j), key=lambda k: abs(float(effects[k].mean())))
    apart = 2 * (values * signs[:, :, i] * signs[:, :, j]).sum(axis=1) / half
    groups = ran if is_within(protocol.contrasts[0].test) else np.zeros_like(ran)
    scale = float(np.abs(values).max())
    try:
        before, after, difference = (
            _effect(of, groups, scale, level)
            for of in (effects[moved] - apart / 2, effects[moved] + apart / 2, apart)
        )
    except estimators.Unanswerable:
        return None
    return Pair(moved=protocol.contrasts[moved], context=protocol.contrasts[context], before=before,
                after=after, difference=difference, level=level, n=len(values))  # fmt: skip


def _effect(of_seeds: "np.ndarray", groups: "np.ndarray", scale: float, level: float) -> Effect:
    found = estimators.infer_grouped(of_seeds, groups, scale, None)
    return Effect(found.value, *found.interval(level))
