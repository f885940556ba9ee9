"""Statistics of every arm: one metric, one configuration, one phase."""

from collections.abc import Iterator

from novum.evidence import statistics
from novum.evidence.samples import Arm, bounds_of, gather
from novum.evidence.statistic import Statistic, Value, statistic_id
from novum.evidence.tried import arms_tried
from novum.records import Measurement, Metric
from novum.state import State

DESCRIPTIVE_LEVEL = 0.95
"""Level of the descriptive interval of an arm; a claim's interval has its own, adjusted level."""


def of_arms(state: State, visible: list[str]) -> Iterator[Statistic]:
    if state.domain is None:
        return
    for phase in visible:
        groups: dict[tuple[str, str], dict[int, list[Measurement]]] = {}
        for m in state.measurements.values():
            if m.phase == phase:
                groups.setdefault((m.metric, m.config_hash), {}).setdefault(m.seed, []).append(m)
        configs, seeds = arms_tried(state, phase)
        for metric in state.domain.metrics:
            for key, config in configs.items():
                found = [m for ms in groups.get((metric.name, key), {}).values() for m in ms]
                if found:
                    yield from _of_arm(gather(config, metric, seeds[key], found), metric, phase, key)


def _of_arm(arm: Arm, metric: Metric, phase: str, key: str) -> Iterator[Statistic]:
    counts = {"planned": arm.planned, "used": len(arm.values), "censored": arm.censored,
              "failed": len(arm.failed), "undefined": len(arm.undefined),
              "duplicates": len(arm.duplicate), "absent": len(arm.absent)}  # fmt: skip
    title = metric.title or metric.name

    def make(kind: str, label: str, value: Value, unit: str = "") -> Statistic:
        return Statistic(
            id=statistic_id(kind, "", metric.name, phase, key), kind=kind, label=f"{label} of {title}",
            value=value, metric=metric.name, unit=unit, phase=phase, arm=key, config=arm.config,
            n=len(arm.values), counts=counts, sources=arm.ids,
        )  # fmt: skip

    yield make("n", "seeds with a value", len(arm.values))
    yield make("n_planned", "seeds planned", arm.planned)
    if metric.kind == "time_to_event":
        yield make("n_reached", "seeds that reached the event", sum(arm.events.values()))
    for kind, (label, value) in _summary(arm, metric).items():
        yield make(kind, label, value, metric.unit)
    for status in ("censored", "failed", "undefined", "duplicates"):
        yield make(f"n_{status}", f"seeds {status}", counts[status])
        yield make(f"share_{status}", f"share of seeds {status}", _share(counts[status], arm.planned))


def _summary(arm: Arm, metric: Metric) -> dict[str, tuple[str, Value]]:
    """Location and spread; None where the data cannot carry them."""
    values = [arm.values[place] for place in sorted(arm.values)]
    timed = metric.kind == "time_to_event"
    centre = ("restricted_mean", "mean up to the horizon") if timed else ("mean", "mean")
    low = high = se = sd = None
    try:
        found = statistics.mean(values, DESCRIPTIVE_LEVEL, bounds_of(metric))
        low, high, se = found.low, found.high, found.se
        sd = se * len(values) ** 0.5 if se is not None else 0.0
    except statistics.Unanswerable:
        sd = 0.0 if len(values) > 1 else None
    return {
        centre[0]: (centre[1], sum(values) / len(values) if values else None),
        "sd": ("standard deviation between seeds", sd),
        "se": ("standard error of the mean", se),
        "low": ("lower end of the 95 % interval of the mean", low),
        "high": ("upper end of the 95 % interval of the mean", high),
        "median": ("median", _median(values, metric.horizon if timed else None)),
        "min": ("smallest value", min(values, default=None)),
        "max": ("largest value", max(values, default=None)),
    }


def _median(values: list[float], horizon: float | None) -> float | None:
    """The median; of times None when it is not below the horizon, that is, was not observed."""
    if not values:
        return None
    ordered, half = sorted(values), len(values) // 2
    middle = ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2
    reached = horizon is None or ordered[half] < horizon
    return middle if reached else None


def _share(count: int, total: int) -> float | None:
    return count / total if total else None
