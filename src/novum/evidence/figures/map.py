"""The map of an exploration: the response against each factor, every configuration a point."""

import math
from typing import Any

from novum.evidence.effects import Explored, ResponseModel
from novum.evidence.figures.dose import draw_profile, factor_data, mark_horizon, scale_axis
from novum.evidence.figures.labels import axis_label, wrapped
from novum.evidence.figures.style import GREY, PAGE, no_data, render, spans_decades
from novum.program import with_levels
from novum.records import Domain

COLUMNS = 4


def map_data(domain: Domain, data: Explored, seed: int = 0) -> dict[str, Any]:
    """Configuration means against each factor that exploration varied, and the model's profiles."""
    domain = with_levels(domain, data.configs)
    metric = domain.metric(data.metric)
    model = ResponseModel(domain, data, seed) if len(data.configs) >= 3 else None
    means = [sum(v) / len(v) for v in data.values]
    panels = []
    for factor in model.factors if model else domain.factors:
        points = [[c[factor.name], m] for c, m in zip(data.configs, means, strict=True)]
        profile = [list(p) for p in model.profile(factor)] if model else []
        panels.append({"factor": factor_data(factor), "points": points, "profile": profile})
    return {"kind": "map", "axis": axis_label(metric), "horizon": metric.horizon, "panels": panels}


def draw_map(data: dict[str, Any]) -> dict[str, bytes]:
    """A panel per factor, all on one response axis."""
    rows = max(1, math.ceil(len(data["panels"]) / COLUMNS))
    return render(_paint, data, PAGE, 0.2 + 1.75 * rows)


def _paint(figure: Any, data: dict[str, Any]) -> None:
    panels = data["panels"]
    values = [p[1] for panel in panels for p in panel["points"]]
    if not values:
        return no_data(figure)
    columns = min(COLUMNS, len(panels))
    rows = math.ceil(len(panels) / columns)
    grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for axes, panel in zip(grid.flat, panels, strict=False):
        _panel(axes, panel, data["horizon"], values)
    for axes in list(grid.flat)[len(panels) :]:
        axes.set_axis_off()
    figure.supylabel(wrapped(data["axis"], 40), fontsize=7)


def _panel(axes: Any, panel: dict[str, Any], horizon: float | None, values: list[float]) -> None:
    place = scale_axis(axes, panel["factor"], [p[0] for p in panel["points"]], narrow=True)
    if spans_decades(values):
        axes.set_yscale("log")
    draw_profile(axes, panel["factor"], panel["profile"], place, None)
    axes.plot([place(p[0]) for p in panel["points"]], [p[1] for p in panel["points"]], "o", ms=2.6,
              mfc="white", mec=GREY, mew=0.7, ls="none", zorder=2)  # fmt: skip
    mark_horizon(axes, horizon, values)
    title = panel["factor"]["title"]
    axes.set_xlabel(wrapped(title[:1].upper() + title[1:], 24))
