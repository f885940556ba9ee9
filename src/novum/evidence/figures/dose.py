"""The response over one factor: exploration's runs and model, and the confirmed levels with intervals."""

import math
from typing import Any

from novum.evidence.catalogue import arm_of, confirmation_complete
from novum.evidence.effects import Explored, ResponseModel
from novum.evidence.figures.labels import axis_label, level_text, wrapped
from novum.evidence.figures.seeds import arm_row
from novum.evidence.figures.style import (
    COLUMN,
    FAINT,
    GREY,
    colour,
    no_data,
    plain_decades,
    render,
    spans_decades,
)
from novum.records import Factor
from novum.state import State

LONGEST = 20  # characters of a level's name under an axis
WIDE, NARROW = 26, 16  # characters of names that fit beside each other: in one panel, in one of several


def dose_data(state: State, factor: str, data: Explored, seed: int = 0) -> dict[str, Any]:
    """`data` is the exploration of the metric shown (`effects.explored`)."""
    assert state.domain is not None
    kind, metric = state.domain.factor(factor), state.domain.metric(data.metric)
    runs = [[c[factor], v] for c, values in zip(data.configs, data.values, strict=True) for v in values]
    profile: list[tuple[Any, ...]] = []
    if len(data.configs) >= 3 and len({repr(c[factor]) for c in data.configs}) > 1:
        profile = ResponseModel(state.domain, data, seed).profile(kind)
    return {"kind": "dose", "factor": factor_data(kind), "axis": axis_label(metric), "runs": runs,
            "profile": [list(p) for p in profile], "horizon": metric.horizon,
            "confirmed": _confirmed(state, kind, data.metric)}  # fmt: skip


def factor_data(factor: Factor) -> dict[str, Any]:
    return {"title": factor.title or factor.name, "kind": factor.kind, "scale": factor.scale,
            "levels": list(factor.levels)}  # fmt: skip


def _confirmed(state: State, factor: Factor, metric: str) -> list[dict[str, Any]]:
    """Registered arms that differ from the base in this factor alone (and the base itself)."""
    p = state.protocol
    if p is None or state.domain is None or not confirmation_complete(state):
        return []
    level, rows = 1 - p.alpha / max(1, len(p.contrasts)), []
    for config in p.arms:
        if all(config[k] == p.base[k] for k in config if k != factor.name):
            kind = state.domain.metric(metric)
            arm = arm_of(state, kind, "confirm", config)
            rows.append({"level": config[factor.name], **arm_row(arm, kind, "", level)})
    return rows if len(rows) > 1 else []


def draw_dose(data: dict[str, Any]) -> dict[str, bytes]:
    """Grey dots: exploratory seeds; band: its model; squares: confirmed means with intervals."""
    return render(_paint, data, COLUMN, 2.5)


def _paint(figure: Any, data: dict[str, Any]) -> None:
    if not data["runs"] and not data["confirmed"]:
        return no_data(figure)
    axes = figure.subplots()
    place = scale_axis(axes, data["factor"], [r[0] for r in data["runs"]])
    values = [r[1] for r in data["runs"]] + [v for c in data["confirmed"] for v in c["values"]]
    if spans_decades(values):
        axes.set_yscale("log")
    draw_profile(axes, data["factor"], data["profile"], place, "exploration: model, 90 %")
    axes.plot([place(r[0]) for r in data["runs"]], [r[1] for r in data["runs"]], "o", ms=2.6, mfc="none",
              mec=GREY, mew=0.6, ls="none", label="exploration: one seed", zorder=2)  # fmt: skip
    for i, row in enumerate(r for r in data["confirmed"] if r["mean"] is not None):
        x = place(row["level"])
        if row["low"] is not None:
            axes.plot([x, x], [row["low"], row["high"]], color=colour(1), lw=1.4, zorder=4)
        axes.plot([x], [row["mean"]], "s", ms=4.2, color=colour(1), mec="white", mew=0.5, ls="none", zorder=5,
                  label="confirmation: mean, interval" if i == 0 else None)  # fmt: skip
    mark_horizon(axes, data["horizon"], values)
    axes.set_xlabel(wrapped(data["factor"]["title"][:1].upper() + data["factor"]["title"][1:], 44))
    axes.set_ylabel(wrapped(data["axis"], 32))
    figure.legend(loc="outside lower center", ncols=2, columnspacing=1.0, handlelength=1.4)


def scale_axis(axes: Any, factor: dict[str, Any], levels: list[Any], narrow: bool = False) -> Any:
    """Prepare the x axis for a factor (`narrow`: of one panel in several); what places a level on it."""
    if factor["kind"] == "numeric":
        if factor["scale"] == "log":
            axes.set_xscale("log")
            _log_ticks(axes, sorted({float(v) for v in levels}))
        return float
    known = factor["levels"] or sorted({level_text(v): v for v in levels}.values(), key=level_text)
    shown = [level_text(v) for v in known]
    if sum(map(len, shown)) > (NARROW if narrow else WIDE):
        short = [s if len(s) <= LONGEST else s[: LONGEST - 1].rstrip() + "…" for s in shown]
        axes.set_xticks(range(len(known)), short, rotation=35, ha="right", rotation_mode="anchor")
    else:
        axes.set_xticks(range(len(known)), shown)
    axes.set_xlim(-0.5, len(known) - 0.5)
    return lambda level: float(known.index(level))


def _log_ticks(axes: Any, levels: list[float]) -> None:
    """Decades where two or more are in sight, else the levels themselves."""
    low, high = min(levels), max(levels)
    decades = math.floor(math.log10(high) + 1e-9) - math.ceil(math.log10(low) - 1e-9) + 1
    plain_decades(axes.xaxis, low, high)
    if decades < 2:
        axes.set_xticks(levels, [level_text(v) for v in levels])
        axes.set_xticks([], minor=True)


def draw_profile(
    axes: Any, factor: dict[str, Any], profile: list[list[Any]], place: Any, label: str | None
) -> None:
    """The model's median and 90 % interval: a band where levels have an order, else a bar at each."""
    if not profile:
        return
    x = [place(row[0]) for row in profile]
    if factor["kind"] == "categorical":
        axes.vlines(x, [row[2] for row in profile], [row[3] for row in profile], color=FAINT, lw=7, alpha=0.6,
                    zorder=0, label=label)  # fmt: skip
        axes.plot(x, [row[1] for row in profile], "_", ms=9, mew=1.4, color=colour(0), zorder=1)
        return
    axes.fill_between(x, [row[2] for row in profile], [row[3] for row in profile], color=FAINT, alpha=0.5,
                      lw=0, zorder=0, label=label)  # fmt: skip
    axes.plot(x, [row[1] for row in profile], color=colour(0), lw=1.1, zorder=1)


def mark_horizon(axes: Any, horizon: float | None, values: list[float]) -> None:
    """A dotted line at the horizon, if any value comes near it."""
    if horizon is not None and values and max(values) > 0.8 * horizon:
        axes.axhline(horizon, color=GREY, lw=0.7, ls=(0, (1, 2)), zorder=0)
