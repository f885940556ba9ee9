"""Statistics of pairs of factors in a confirmation over a design: exploratory, whatever they say."""

from collections.abc import Iterator

from novum.evidence import joint
from novum.evidence.statistic import Statistic, Value, statistic_id
from novum.state import State


def of_pairs(state: State) -> Iterator[Statistic]:
    """How many pairs there are and stand out, and of those that are told what one factor does at either level
    of the other."""
    found = joint.pairs(state)
    if not found:
        return
    yield _statistic("pairs", "pairs of factors looked at", len(found))
    yield _statistic("pairs_distinct", "pairs that act jointly", sum(pair.distinct for pair in found))
    yield _statistic("pair_level", "level of each pair's interval in percent", 100 * found[0].level, unit="%")
    for pair in joint.told(state):
        yield from _of_pair(pair, state)


def _of_pair(pair: joint.Pair, state: State) -> Iterator[Statistic]:
    assert state.domain is not None
    metric = state.domain.metric(pair.moved.metric)
    decision = state.decisions.get(pair.moved.id)
    for kind, label, value in (
        ("pair_before", "effect at the first level of the other factor", pair.before.value),
        ("pair_after", "effect at the other level of the other factor", pair.after.value),
        ("pair_difference", "difference of the two effects", pair.difference.value),
        ("pair_low", "lower end of the interval of the difference", pair.difference.low),
        ("pair_high", "upper end of the interval of the difference", pair.difference.high),
    ):
        yield _statistic(kind, f"exploratory: {label}", value, pair.name, metric.name, metric.unit, pair.n,
                         decision.measurements if decision else ())  # fmt: skip


def _statistic(
    kind: str, label: str, value: Value, name: str = "", metric: str = "", unit: str = "",
    n: int = 0, sources: tuple[str, ...] = (),
) -> Statistic:  # fmt: skip
    found = statistic_id(kind, name, metric, "confirm")
    return Statistic(id=found, kind=kind, name=name, label=label, value=value, metric=metric, unit=unit,
                     phase="confirm", n=n, sources=sources)  # fmt: skip
