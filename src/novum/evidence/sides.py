"""The two sides of a claim that is averaged over a design, seed by seed.

Of arms that differ in many factors at once, each with few seeds of its own, little can be seen. What the
claim compares is this: on every seed the mean over the points that have the first level, and the mean over
those that have the other. Its estimate is the mean of their difference over seeds, or where its test says so
over fractions of the design and the seeds within them.
"""

from collections.abc import Mapping, Sequence

from novum.evidence.analysis import is_within
from novum.evidence.contrasts import rows_of
from novum.evidence.samples import Arm, config_hash, merged
from novum.records import Config, Contrast, Protocol
from novum.state import State


def averages(protocol: Protocol) -> bool:
    """Whether all claims are averages over a design."""
    return bool(protocol.contrasts) and all(c.points for c in protocol.contrasts)


def farthest(state: State) -> Contrast:
    """The claim whose estimate lies farthest from zero, for figures that have room for one."""
    assert state.protocol is not None

    def size(contrast: Contrast) -> float:
        decision = state.decisions.get(contrast.id)
        return abs(decision.estimate or 0.0) if decision else 0.0

    return max(state.protocol.contrasts, key=size)


def sides(found: Mapping[str, Arm], state: State, contrast: Contrast) -> tuple[Arm, Arm]:
    """Both sides of a contrast, one value a seed, from the arms of a metric (`tried.arms_confirmed`).

    A seed counts where all its points on either side have a value, so that both sides have the same seeds.
    """
    assert state.protocol is not None and state.domain is not None
    weights, rows = rows_of(contrast, state.domain, state.protocol.base)
    n = state.protocol.seeds_per_arm
    table = [merged([found[config_hash(arm)] for arm in row], n) for row in rows]
    kept = sorted(set.intersection(*(set(row.values) for row in table)))
    before = [row for row, weight in zip(table, weights, strict=True) if weight < 0]
    after = [row for row, weight in zip(table, weights, strict=True) if weight > 0]
    return _mean(before, contrast.a, kept), _mean(after, contrast.b, kept)


def mean_of(side: Arm, contrast: Contrast) -> float | None:
    """The mean of a side, as the estimate takes it, so that the two sides differ by the estimate."""
    step = contrast.fractions if is_within(contrast.test) else 1
    parts = [[v for place, v in side.values.items() if place % step == k] for k in range(step)]
    means = [sum(part) / len(part) for part in parts if part]
    return sum(means) / len(means) if means else None


def _mean(rows: Sequence[Arm], side: Config, places: Sequence[int]) -> Arm:
    """One value a seed: the mean over rows. An event counts as reached where all of them reached theirs."""
    values = {place: sum(row.values[place] for row in rows) / len(rows) for place in places}
    events = {place: all(row.events[place] for row in rows) for place in places if rows[0].events}
    planned = rows[0].planned
    lost = tuple(place for place in range(planned) if place not in values)
    return Arm(config=side, planned=planned, values=values, events=events, failed=(), undefined=lost,
               duplicate=(), absent=(), early=(), ids=tuple(i for row in rows for i in row.ids))  # fmt: skip
