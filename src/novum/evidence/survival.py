"""Times to an event, all observed up to one common horizon.

A run without its event by the horizon is censored there; no run may be censored earlier (a run cut short
by the machine is repeated, never censored). Under that design the restricted mean is a plain mean of
min(T, horizon), and the survival curve a plain proportion: Kaplan-Meier reduces to both.
"""

from collections.abc import Sequence

from novum.records import Record


class LogRank(Record, kw_only=True):
    """The two-sample log-rank test; `statistic` is chi-square with one degree of freedom."""

    statistic: float
    p_value: float
    observed: tuple[int, int]
    expected: tuple[float, float]


def restricted(times: Sequence[float], events: Sequence[bool], horizon: float) -> list[float]:
    """min(T, horizon) for each run.

    Raises:
        ValueError: if a run was censored before the horizon, or a time is negative or not finite.
    """
    from math import isfinite

    for time, event in zip(times, events, strict=True):
        if not isfinite(time) or time < 0:
            raise ValueError(f"a time to event must be finite and not negative, not {time}")
        if not event and time < horizon * (1 - 1e-9):
            raise ValueError(f"a run was censored at {time:g}, before the common horizon {horizon:g}")
    return [min(float(t), horizon) for t in times]


def survival_curve(times: Sequence[float], events: Sequence[bool]) -> tuple[list[float], list[float]]:
    """Kaplan and Meier (1958): the distinct event times and the share still without event after each."""
    pairs = sorted(zip((float(t) for t in times), events, strict=True))
    steps, shares, alive = [0.0], [1.0], 1.0
    for time in sorted({t for t, e in pairs if e}):
        at_risk = sum(1 for t, _ in pairs if t >= time)
        alive *= 1 - sum(1 for t, e in pairs if e and t == time) / at_risk
        steps.append(time)
        shares.append(alive)
    return steps, shares


def log_rank(
    times_a: Sequence[float], events_a: Sequence[bool], times_b: Sequence[float], events_b: Sequence[bool]
) -> LogRank:
    """Mantel's log-rank test with the hypergeometric variance (Mantel 1966).

    Tests that both survival curves are equal, which is more than equal restricted means; it is most
    powerful when hazards are proportional. Assumes independent samples. Without any event the
    statistic is 0 and p is 1.
    """
    from scipy.special import chdtrc

    a = [(float(t), bool(e)) for t, e in zip(times_a, events_a, strict=True)]
    b = [(float(t), bool(e)) for t, e in zip(times_b, events_b, strict=True)]
    expected, variance = 0.0, 0.0
    for time in sorted({t for t, e in a + b if e}):
        risk_a, risk = sum(t >= time for t, _ in a), sum(t >= time for t, _ in a + b)
        events = sum(e and t == time for t, e in a + b)
        expected += events * risk_a / risk
        if risk > 1:
            variance += events * (risk_a / risk) * (1 - risk_a / risk) * (risk - events) / (risk - 1)
    seen_a, seen_b = sum(e for _, e in a), sum(e for _, e in b)
    statistic = (seen_a - expected) ** 2 / variance if variance > 0 else 0.0
    return LogRank(statistic=statistic, p_value=float(chdtrc(1, statistic)), observed=(seen_a, seen_b),
                   expected=(expected, seen_a + seen_b - expected))  # fmt: skip
