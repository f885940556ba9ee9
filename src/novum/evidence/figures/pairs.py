"""Effects at either level of another factor: what an average over a design hides."""

from typing import Any

from novum.evidence import joint
from novum.evidence.figures.labels import axis_label, level_text, wrapped
from novum.evidence.figures.style import BAND, COLOURS, GREY, INK, PAGE, no_data, render
from novum.records import Contrast, Domain
from novum.state import State

APART = 0.16  # of a row, from its middle to either effect


def pairs_data(state: State) -> dict[str, Any]:
    """The pairs that the paper tells, each with both effects and their intervals."""
    assert state.domain is not None and state.protocol is not None
    metric = state.domain.metric(state.protocol.primary_metric)
    rows = [{"label": _change(pair.moved, state.domain),
             "effects": [{"at": _at(pair.context, side, state.domain), "value": effect.value,
                          "low": effect.low, "high": effect.high}
                         for side, effect in zip("ab", (pair.before, pair.after), strict=True)]}
            for pair in joint.told(state)]  # fmt: skip
    return {"kind": "pairs", "axis": f"Effect on {axis_label(metric)[:1].lower()}{axis_label(metric)[1:]}",
            "margin": metric.margin or 0.0, "rows": rows}  # fmt: skip


def _change(contrast: Contrast, domain: Domain) -> str:
    """ "search noise 0.1 to 0.02"."""
    (name,) = contrast.b
    factor = domain.factor(name)
    return f"{factor.title or name} {level_text(contrast.a[name])} to {level_text(contrast.b[name])}"


def _at(contrast: Contrast, side: str, domain: Domain) -> str:
    (name,) = contrast.b
    level = (contrast.a if side == "a" else contrast.b)[name]
    return f"{domain.factor(name).title or name} {level_text(level)}"


def draw_pairs(data: dict[str, Any]) -> dict[str, bytes]:
    """A row to a pair; open dots are effects at the other factor's first level, full ones at its second."""
    return render(_paint, data, PAGE, 0.6 + 0.5 * max(1, len(data["rows"])))


def _paint(figure: Any, data: dict[str, Any]) -> None:
    rows = data["rows"]
    if not rows:
        return no_data(figure, "no pair stands out")
    axes = figure.subplots()
    axes.axvspan(-data["margin"], data["margin"], color=BAND, lw=0, zorder=0)
    axes.axvline(0.0, color=INK, lw=0.6, zorder=1)
    for y, row in enumerate(rows):
        for effect, shift, shade in zip(row["effects"], (-APART, APART), COLOURS, strict=False):
            _one(axes, y + shift, effect, shade, full=shift > 0)
    ends = [e[k] for row in rows for e in row["effects"] for k in ("low", "high")]
    pad = 0.06 * ((max(ends) - min(ends)) or 1.0)
    axes.set_xlim(min(0.0, *ends) - pad, max(0.0, *ends) + 6 * pad)  # room for the words at the right
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), [wrapped(row["label"], 44) for row in rows])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(data["axis"])


def _one(axes: Any, y: float, effect: dict[str, Any], shade: str, full: bool) -> None:
    axes.plot([effect["low"], effect["high"]], [y, y], color=shade, lw=1.3, zorder=2, solid_capstyle="butt")
    inside = shade if full else "white"
    axes.plot([effect["value"]], [y], "o", ms=4.4, mfc=inside, mec=shade, mew=1.0, zorder=3)
    axes.annotate(effect["at"], (effect["high"], y), xytext=(4, 0), textcoords="offset points", va="center",
                  fontsize=6.0, color=GREY)  # fmt: skip
