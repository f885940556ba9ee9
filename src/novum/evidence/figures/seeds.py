"""Every seed of every arm, with the mean and its interval. Rows are arms, so that long names fit.

Where claims are averages over a design, rows are their two sides in place of its arms.
"""

from collections.abc import Iterator
from typing import Any

from novum.evidence import statistics
from novum.evidence.catalogue import arm_of
from novum.evidence.figures.labels import arm_labels, axis_label, side_labels, wrapped
from novum.evidence.figures.style import (
    COLUMN,
    FAINT,
    GREY,
    INK,
    PAGE,
    colour,
    marker,
    no_data,
    plain_decades,
    render,
    spans_decades,
    spread_out,
)
from novum.evidence.samples import Arm, bounds_of
from novum.evidence.sides import averages, sides
from novum.evidence.tried import arms_confirmed
from novum.records import Metric
from novum.state import State


def seeds_data(state: State, metric: str = "", phase: str = "confirm") -> dict[str, Any]:
    """The registered arms in one metric (default: the primary one), or the sides of claims over a design.

    Intervals of rows are at the level of Holm's first step, 1 - alpha / family.
    """
    assert state.domain is not None and state.protocol is not None
    kind = state.domain.metric(metric or state.protocol.primary_metric)
    level, over = 1 - state.protocol.strictest, phase == "confirm" and averages(state.protocol)
    rows = [arm_row(arm, kind, label, level)
            for label, arm in (_of_sides(state, kind) if over else _of_arms(state, kind, phase))]  # fmt: skip
    return {"kind": "seeds", "axis": axis_label(kind), "level": level, "arms": rows, "averaged": over,
            "horizon": kind.horizon if kind.kind == "time_to_event" else None,
            "paired": state.protocol.pairing == "paired"}  # fmt: skip


def _of_arms(state: State, metric: Metric, phase: str) -> Iterator[tuple[str, Arm]]:
    assert state.domain is not None and state.protocol is not None
    configs = state.protocol.arms
    labels = arm_labels(configs, state.domain, state.protocol.base)
    for config, label in zip(configs, labels, strict=True):
        yield label, arm_of(state, metric, phase, config)


def _of_sides(state: State, metric: Metric) -> Iterator[tuple[str, Arm]]:
    """Either side of every claim: of each seed the mean over its points there."""
    assert state.domain is not None and state.protocol is not None
    arms = arms_confirmed(state, metric)
    for contrast in state.protocol.contrasts:
        yield from zip(side_labels(contrast, state.domain), sides(arms, state, contrast), strict=True)


def arm_row(arm: Arm, metric: Metric, label: str, level: float) -> dict[str, Any]:
    """One arm as plain data: its seeds, mean and interval at `level` (None where there is none)."""
    places = sorted(arm.values)
    values = [arm.values[p] for p in places]
    low = high = None
    try:
        found = statistics.mean(values, level, bounds_of(metric))
        low, high = found.low, found.high
    except statistics.Unanswerable:
        pass
    return {"label": label, "places": places, "values": values,
            "censored": [not arm.events.get(p, True) for p in places],
            "mean": sum(values) / len(values) if values else None, "low": low, "high": high,
            "missing": arm.lost}  # fmt: skip


def draw_seeds(data: dict[str, Any]) -> dict[str, bytes]:
    """Dots are seeds (open triangles: no event by the horizon), diamonds means with intervals."""
    rows = len(data["arms"])
    longest = max((len(a["label"]) for a in data["arms"]), default=0)
    width = PAGE if rows > 4 or longest > 40 else COLUMN
    height = 0.31 if data.get("averaged") else 0.42  # of a row; sides have short names
    return render(_paint, data, width, 0.75 + height * max(rows, 2))


def _paint(figure: Any, data: dict[str, Any]) -> None:
    arms = data["arms"]
    values = [v for arm in arms for v in arm["values"]]
    if not values:
        return no_data(figure)
    axes = figure.subplots()
    if spans_decades(values):
        axes.set_xscale("log")
        plain_decades(axes.xaxis, min(values), max(values))
    if data["paired"] and len(arms) <= 3:
        _join_seeds(axes, arms)
    if data.get("averaged"):
        _part_pairs(axes, len(arms))
    for row, arm in enumerate(arms):
        _strip(axes, row, arm)
    if data["horizon"] is not None:
        axes.axvline(data["horizon"], color=GREY, lw=0.7, ls=(0, (1, 2)), zorder=0)
        axes.text(data["horizon"], -0.62, "horizon", ha="right", va="bottom", color=GREY, fontsize=6)
    wide = figure.get_figwidth() > COLUMN
    axes.set_yticks(range(len(arms)), [wrapped(a["label"], 34 if wide else 19) for a in arms])
    axes.set_ylim(len(arms) - 0.45, -0.65)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.margins(x=0.04)
    axes.set_xlabel(wrapped(data["axis"], 80 if wide else 36))


def _join_seeds(axes: Any, arms: list[dict[str, Any]]) -> None:
    """A thin line through the values of one seed in neighbouring rows."""
    for upper in range(len(arms) - 1):
        below = _spots(arms[upper + 1], upper + 1)
        for place, (x, y) in _spots(arms[upper], upper).items():
            if place in below:
                axes.plot([x, below[place][0]], [y, below[place][1]], color=FAINT, lw=0.5, zorder=1)


def _part_pairs(axes: Any, rows: int) -> None:
    """A faint line after both sides of a claim."""
    for row in range(2, rows, 2):
        axes.axhline(row - 0.45, color=FAINT, lw=0.5, zorder=0)


def _spots(arm: dict[str, Any], row: int) -> dict[int, tuple[float, float]]:
    """Where the dot of each seed stands: spread a little across the row, lest equal values hide."""
    offsets = spread_out(len(arm["values"]), 0.1)
    return {p: (v, row + o) for p, v, o in zip(arm["places"], arm["values"], offsets, strict=True)}


def _strip(axes: Any, row: int, arm: dict[str, Any]) -> None:
    spots = list(_spots(arm, row).values())
    for reached, shape, face in ((True, marker(row), colour(row)), (False, ">", "white")):
        chosen = [i for i, c in enumerate(arm["censored"]) if c != reached]
        axes.plot([spots[i][0] for i in chosen], [spots[i][1] for i in chosen], shape, ms=3.2, mfc=face,
                  mec=colour(row), mew=0.6, alpha=0.75, ls="none", zorder=2)  # fmt: skip
    if arm["mean"] is None:
        axes.text(0.5, row, "no values", color=GREY, ha="center", va="center",
                  transform=axes.get_yaxis_transform())  # fmt: skip
        return
    if arm["low"] is not None:
        axes.plot([arm["low"], arm["high"]], [row + 0.26] * 2, color=INK, lw=1.2, zorder=3,
                  solid_capstyle="butt")  # fmt: skip
    axes.plot([arm["mean"]], [row + 0.26], "D", ms=3.6, mfc=INK, mec="white", mew=0.5, zorder=4)
