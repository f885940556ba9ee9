"""Statistics of every registered claim."""

from collections.abc import Iterator

from msgspec.structs import replace

from novum.evidence import survival
from novum.evidence.contrasts import arms
from novum.evidence.samples import Arm
from novum.evidence.sides import averages, mean_of, sides
from novum.evidence.statistic import Statistic, Value, statistic_id
from novum.evidence.tried import arm_of, arms_confirmed, confirmation_complete
from novum.records import Contrast, Decision, Metric
from novum.state import State

IN_UNIT = ("estimate", "claim_low", "claim_high", "margin", "estimate_size", "size_low", "size_high",
           "mean_before", "mean_after")  # fmt: skip
"""Kinds of a claim's statistics that carry the metric's unit."""


def of_claims(state: State) -> Iterator[Statistic]:
    if state.protocol is None or state.domain is None:
        return
    for contrast in state.protocol.contrasts:
        metric = state.domain.metric(contrast.metric)
        yield _claim(contrast, metric, "margin", "smallest effect of interest", contrast.margin)
        decision = state.decisions.get(contrast.id)
        if decision is None:
            continue
        for kind, label, value in (*_decided(decision), *_sizes(decision)):
            yield _claim(contrast, metric, kind, label, value, decision)
        relative = _relative_percent(state, contrast, metric, decision)
        yield _claim(contrast, metric, "relative_percent",
                     "size of the estimate in percent of the first arm's mean", relative,
                     decision)  # fmt: skip
        for name, count in sorted(decision.n.items()):
            yield _claim(contrast, metric, "claim_count", f"seeds {name}", count, decision, name)
        if metric.kind == "time_to_event" and confirmation_complete(state):
            p = _log_rank_p(state, contrast, metric)
            yield _claim(contrast, metric, "log_rank_p", "p-value of the log-rank test", p, decision)
    yield from _of_sides(state)


def _decided(d: Decision) -> list[tuple[str, str, Value]]:
    return [
        ("verdict", "verdict", d.verdict),
        ("estimate", "estimate", d.estimate),
        ("claim_low", "lower end of the adjusted interval", d.low),
        ("claim_high", "upper end of the adjusted interval", d.high),
        ("level", "level of the adjusted interval in percent", 100 * d.level),
        ("p_value", "p-value at the margin", d.p_value),
        ("p_adjusted", "p-value adjusted over the family", d.p_adjusted),
        ("cross_check_p", "p-value of the permutation cross-check", d.cross_check_p),
        ("claim_n", "seeds compared", d.n.get("used", 0)),
    ]


def _sizes(d: Decision) -> list[tuple[str, str, Value]]:
    """Estimate and interval without their sign, for prose that says the direction in words.

    The ends are None unless the whole interval lies on one side of zero.
    """
    low, high = d.low, d.high
    one_sided = low is not None and high is not None and low * high > 0
    ends = sorted((abs(low), abs(high))) if one_sided else (None, None)  # type: ignore[arg-type]
    return [
        ("estimate_size", "size of the estimate", None if d.estimate is None else abs(d.estimate)),
        ("size_low", "lower end of the adjusted interval of the size", ends[0]),
        ("size_high", "upper end of the adjusted interval of the size", ends[1]),
    ]


def _relative_percent(state: State, contrast: Contrast, metric: Metric, d: Decision) -> float | None:
    """The size of a difference relative to the mean of its first arm; None for other estimands."""
    if d.estimate is None or contrast.estimand not in ("mean_diff", "rmst_diff") or contrast.points:
        return None
    mean = _first_mean(state, contrast, metric)
    return 100 * abs(d.estimate) / abs(mean) if mean else None


def _first_mean(state: State, contrast: Contrast, metric: Metric) -> float | None:
    """The mean of a contrast's first arm that has the levels of a; None if it has no value."""
    assert state.protocol is not None
    arm = next(arm for arm in arms(contrast, state.protocol.base) if contrast.a.items() <= arm.items())
    values = list(arm_of(state, metric, "confirm", arm).values.values())
    return sum(values) / len(values) if values else None


def _of_sides(state: State) -> Iterator[Statistic]:
    """In every metric the means of averaged effects: over the points with a's levels, and with b's."""
    assert state.protocol is not None and state.domain is not None
    if not averages(state.protocol) or not confirmation_complete(state):
        return
    for metric in state.domain.metrics:
        arms_ = arms_confirmed(state, metric)
        for contrast in state.protocol.contrasts:
            decision = state.decisions.get(contrast.id)
            for kind, label, side in zip(("mean_before", "mean_after"), ("without", "with"),
                                         sides(arms_, state, contrast), strict=True):  # fmt: skip
                words = f"mean over the points of the design {label} the change"
                found = _claim(contrast, metric, kind, words, mean_of(side, contrast), decision)
                yield replace(found, n=len(side.values), counts={}, sources=side.ids)


def _claim(
    contrast: Contrast, metric: Metric, kind: str, label: str, value: Value,
    decision: Decision | None = None, name: str = "",
) -> Statistic:  # fmt: skip
    in_unit = kind in IN_UNIT and contrast.estimand != "ratio"
    unit = metric.unit if in_unit else "%" if kind in ("level", "relative_percent") else ""
    return Statistic(
        id=statistic_id(kind, name, metric.name, "confirm", claim=contrast.id), kind=kind, name=name,
        label=label, value=value, metric=metric.name, unit=unit, phase="confirm", claim=contrast.id,
        n=decision.n.get("used", 0) if decision else 0, counts=decision.n if decision else {},
        sources=decision.measurements if decision else (),
    )  # fmt: skip


def _log_rank_p(state: State, contrast: Contrast, metric: Metric) -> float | None:
    """Of the two arms of a contrast; None for contrasts of more than two."""
    assert state.protocol is not None
    configs = arms(contrast, state.protocol.base)
    if len(configs) != 2:
        return None
    found = [arm_of(state, metric, "confirm", c) for c in configs]
    if not all(a.values for a in found):
        return None
    (times_a, events_a), (times_b, events_b) = (_times(a) for a in found)
    return survival.log_rank(times_a, events_a, times_b, events_b).p_value


def _times(arm: Arm) -> tuple[list[float], list[bool]]:
    places = sorted(arm.values)
    return [arm.values[i] for i in places], [arm.events[i] for i in places]
