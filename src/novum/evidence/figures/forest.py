"""Claims as intervals against their margins. The shaded part of a row is where its claim is supported."""

import math
from typing import Any

from novum.evidence.claims import boundaries
from novum.evidence.figures.labels import axis_label, wrapped
from novum.evidence.figures.style import BAND, COLUMN, GREY, INK, PAGE, no_data, render
from novum.records import Contrast, Decision
from novum.state import State

LOOK = {"supported": ("#0072B2", "o", True), "refuted": ("#D55E00", "s", True),
        "inconclusive": (GREY, "D", False)}  # fmt: skip


def forest_data(state: State) -> dict[str, Any]:
    """All registered claims with their decisions.

    In the metric's unit when they share one; otherwise each is divided by its margin (a ratio: its logarithm
    by that of its margin), so that 1 is the smallest effect of interest for all.
    """
    assert state.domain is not None and state.protocol is not None
    contrasts = state.protocol.contrasts
    shared = len({(c.metric, c.estimand == "ratio") for c in contrasts}) == 1
    natural = shared and contrasts[0].estimand != "ratio"
    metric = state.domain.metric(contrasts[0].metric)
    axis = f"Difference: {axis_label(metric)}" if natural else "Effect in units of the claim's margin"
    if shared and not natural:
        axis = f"Ratio: {metric.title or metric.name}"
    rows = [forest_row(c, state.decisions.get(c.id), shared) for c in contrasts]
    return {"kind": "forest", "axis": axis, "ratio": shared and not natural, "rows": rows}


def forest_row(contrast: Contrast, decision: Decision | None, natural: bool) -> dict[str, Any]:
    """One claim; unless `natural`, in units of its margin."""

    def place(value: float | None) -> float | None:
        if value is None or natural or contrast.margin == 0:
            return value
        if contrast.estimand == "ratio":
            return math.log(value) / math.log(contrast.margin) if value > 0 else None
        return value / contrast.margin

    found = {k: place(getattr(decision, k)) if decision else None for k in ("estimate", "low", "high")}
    return {"label": contrast.text, "direction": contrast.direction,
            "edges": [place(e) for e in boundaries(contrast)],
            "verdict": decision.verdict if decision else "inconclusive", **found}  # fmt: skip


def draw_forest(data: dict[str, Any]) -> dict[str, bytes]:
    """One row per claim: estimate and adjusted interval, shaped and coloured by verdict."""
    longest = max((len(r["label"]) for r in data["rows"]), default=0)
    width = PAGE if longest > 45 or len(data["rows"]) > 5 else COLUMN
    lines = sum(_label(r, width).count("\n") + 1 for r in data["rows"])
    return render(_paint, data, width, 0.9 + 0.3 * len(data["rows"]) + 0.05 * lines)


def _label(row: dict[str, Any], width: float) -> str:
    return wrapped(row["label"], 52 if width > COLUMN else 24)


def _paint(figure: Any, data: dict[str, Any]) -> None:
    rows = data["rows"]
    if not rows:
        return no_data(figure, "no claim was registered")
    axes = figure.subplots()
    low, high = _extent(rows, 1.0 if data["ratio"] else 0.0)
    axes.axvline(1.0 if data["ratio"] else 0.0, color=INK, lw=0.6, zorder=1)
    for y, row in enumerate(rows):
        _support(axes, y, row, low, high)
        _interval(axes, y, row, (low + high) / 2)
    axes.set_xlim(low, high)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_yticks(range(len(rows)), [_label(r, figure.get_figwidth()) for r in rows])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(wrapped(data["axis"], 80 if figure.get_figwidth() > COLUMN else 40))
    _legend(figure)


def _extent(rows: list[dict[str, Any]], zero: float) -> tuple[float, float]:
    seen = [v for r in rows for v in (r["estimate"], r["low"], r["high"], *r["edges"])]
    every = [zero, *(v for v in seen if v is not None)]
    pad = 0.08 * ((max(every) - min(every)) or 1.0)
    return min(every) - pad, max(every) + pad


def _support(axes: Any, y: int, row: dict[str, Any], low: float, high: float) -> None:
    start, end = row["edges"][0], row["edges"][-1]
    if row["direction"] == "greater":
        end = high
    elif row["direction"] == "less":
        start = low
    axes.fill_betweenx([y - 0.34, y + 0.34], start, end, color=BAND, lw=0, zorder=0)
    for edge in row["edges"]:
        axes.plot([edge, edge], [y - 0.34, y + 0.34], color=GREY, lw=0.7, ls=(0, (2, 1.5)), zorder=1)


def _interval(axes: Any, y: int, row: dict[str, Any], middle: float) -> None:
    shade, shape, filled = LOOK[row["verdict"]]
    if row["estimate"] is None:
        axes.text(middle, y, "not estimated", color=GREY, ha="center", va="center", fontsize=6.5)
        return
    start, end = axes.get_xlim() if row["low"] is None or row["high"] is None else (row["low"], row["high"])
    axes.plot([start, end], [y, y], color=shade, lw=1.4, zorder=2, solid_capstyle="butt")
    axes.plot([row["estimate"]], [y], shape, ms=4.8, mfc=shade if filled else "white", mec=shade, mew=1.0,
              zorder=3)  # fmt: skip


def _legend(figure: Any) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [
        Line2D([], [], color=shade, marker=shape, ms=4.2, lw=1.2, mfc=shade if filled else "white",
               label=verdict)
        for verdict, (shade, shape, filled) in LOOK.items()
    ]  # fmt: skip
    handles.append(Patch(color=BAND, label="supported if wholly here"))
    columns = 4 if figure.get_figwidth() > COLUMN else 2
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, columnspacing=1.2)
