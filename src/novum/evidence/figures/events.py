"""The share of runs that have reached their event, over time, for each arm."""

from collections.abc import Iterator, Sequence
from typing import Any

from novum.evidence.catalogue import arm_of
from novum.evidence.figures.labels import arm_labels, axis_label, side_labels, wrapped
from novum.evidence.figures.style import (
    COLUMN,
    GREY,
    PAGE,
    colour,
    dash,
    legend_height,
    legend_wrap,
    no_data,
    plain_decades,
    render,
    spans_decades,
)
from novum.evidence.samples import Arm
from novum.evidence.sides import averages, farthest
from novum.evidence.survival import survival_curve
from novum.evidence.tried import arms_confirmed
from novum.records import Metric
from novum.state import State


def events_data(state: State, metric: str = "", phase: str = "confirm") -> dict[str, Any]:
    """Cumulative shares of the registered arms (one minus Kaplan and Meier's curve), or of all runs on either
    side of one claim over a design.

    Raises:
        ValueError: if the metric is no time to an event.
    """
    assert state.domain is not None and state.protocol is not None
    kind = state.domain.metric(metric or state.protocol.primary_metric)
    if kind.kind != "time_to_event":
        raise ValueError(f"{kind.name} is no time to an event")
    over = phase == "confirm" and averages(state.protocol)
    curves = [_curve(label, arms) for label, arms in (_sides if over else _arms)(state, kind, phase)]
    return {"kind": "events", "axis": axis_label(kind), "horizon": kind.horizon, "arms": curves}


def _curve(label: str, arms: Sequence[Arm]) -> dict[str, Any]:
    runs = [(arm.values[p], arm.events[p]) for arm in arms for p in sorted(arm.values)]
    times, shares = survival_curve([t for t, _ in runs], [reached for _, reached in runs])
    return {"label": label, "n": len(runs), "times": times, "shares": [1 - s for s in shares]}


def _arms(state: State, metric: Metric, phase: str) -> Iterator[tuple[str, list[Arm]]]:
    assert state.domain is not None and state.protocol is not None
    configs = state.protocol.arms
    for config, label in zip(configs, arm_labels(configs, state.domain, state.protocol.base), strict=True):
        yield label, [arm_of(state, metric, phase, config)]


def _sides(state: State, metric: Metric, phase: str) -> Iterator[tuple[str, list[Arm]]]:
    """All runs on either side of the claim whose estimate lies farthest from zero."""
    assert state.domain is not None
    found, told = arms_confirmed(state, metric), farthest(state)
    for label, side in zip(side_labels(told, state.domain), (told.a, told.b), strict=True):
        yield label, [arm for arm in found.values() if side.items() <= arm.config.items()]


def draw_events(data: dict[str, Any]) -> dict[str, bytes]:
    """Step curves that end at the horizon, told apart by colour and dash."""
    labels = [a["label"] for a in data["arms"]]
    many = len(labels) > 4
    below = legend_height(labels, 2 if many else 1)
    return render(_paint, data, PAGE if many else COLUMN, 2.0 + below)


def _paint(figure: Any, data: dict[str, Any]) -> None:
    if not any(arm["n"] for arm in data["arms"]):
        return no_data(figure)
    axes = figure.subplots()
    columns = 2 if figure.get_figwidth() > COLUMN else 1
    times = [t for arm in data["arms"] for t in arm["times"][1:]]
    start = 0.0
    if spans_decades([*times, data["horizon"]]):
        axes.set_xscale("log")
        start = min(times) / 1.5
        plain_decades(axes.xaxis, start, data["horizon"])
    for i, arm in enumerate(data["arms"]):
        x = [start, *arm["times"][1:], data["horizon"]]
        y = [0.0, *arm["shares"][1:], arm["shares"][-1]]
        axes.step(x, y, where="post", color=colour(i), ls=dash(i), lw=1.2, clip_on=False,
                  label=wrapped(arm["label"], legend_wrap(columns)))  # fmt: skip
    axes.axvline(data["horizon"], color=GREY, lw=0.7, ls=(0, (1, 2)), zorder=0)
    axes.set_ylim(0, 1)
    axes.set_xlim(start, data["horizon"])
    axes.set_ylabel("Share of runs that reached it")
    axes.set_xlabel(wrapped(data["axis"], 80 if figure.get_figwidth() > COLUMN else 44))
    figure.legend(loc="outside lower center", ncols=columns)
