"""What a program tells of itself, drawn by Novum: it gives data and a specification, and no image of its own.

A program may leave `out/<seed>/figures.json`, a list of at most `MOST` specifications:

    [{"title": "norm of the weights", "x": "update", "y": "norm", "kind": "line",
      "series": [{"name": "first layer", "x": [1, 2, 3], "y": [0.9, 0.8, 0.7]}]}]

`kind` is line or scatter. One that does not fit, or holds what is no finite number, is passed over. Labels
lose their digits: a number in a paper stands on an axis or has its reference. What is drawn is self-reported
and no evidence, and its caption says so.
"""

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from novum.evidence.figures.style import COLUMN, PAGE, colour, dash, legend_height, no_data, render

FILE = "figures.json"
MOST, LARGEST = 3, 400_000  # specifications of a program, bytes of its file
ARMS = 3  # that stand side by side
Label = Annotated[str, Meta(max_length=60)]
Points = Annotated[tuple[float, ...], Meta(min_length=1, max_length=600)]


class Series(Struct, frozen=True, kw_only=True):
    """Points that belong together, as many `x` as `y`."""

    name: Label = ""
    x: Points
    y: Points


class Specification(Struct, frozen=True, kw_only=True):
    """One figure, as a program wants it drawn."""

    title: Label
    x: Label = ""
    y: Label = ""
    kind: Literal["line", "scatter"] = "line"
    series: Annotated[tuple[Series, ...], Meta(min_length=1, max_length=6)]


def specifications(data: bytes) -> list[Specification]:
    """Those of a program's file that can be drawn, each title once."""
    try:
        listed = msgspec.json.decode(data[:LARGEST], type=list[Any])
    except (msgspec.DecodeError, RecursionError):
        return []
    found: dict[str, Specification] = {}
    for one in listed[:MOST]:
        try:
            made = msgspec.convert(one, Specification, strict=False)
        except (msgspec.ValidationError, RecursionError):
            continue
        if all(_finite(series) for series in made.series):
            found.setdefault(title_of(made), made)
    return list(found.values())


def title_of(spec: Specification) -> str:
    """A figure's title as a paper has it."""
    return plain_label(spec.title) or "untitled"


def _finite(series: Series) -> bool:
    return len(series.x) == len(series.y) and all(map(math.isfinite, (*series.x, *series.y)))


def plain_label(label: str) -> str:
    """A label without digits and without what could be read as markup or mathematics."""
    return " ".join("".join(c for c in label if c.isalpha() or c in " -,()/").split())


def reported_data(title: str, by_arm: Mapping[str, Specification]) -> dict[str, Any]:
    """One figure for the first arms that gave such a specification: a panel for each, to one scale."""
    panels = [{"arm": arm, **_panel(spec)} for arm, spec in list(by_arm.items())[:ARMS]]
    return {"kind": "reported", "title": title, "panels": panels}


def _panel(spec: Specification) -> dict[str, Any]:
    series = [{"name": plain_label(s.name), "x": list(s.x), "y": list(s.y)} for s in spec.series]
    return {"x": plain_label(spec.x), "y": plain_label(spec.y), "line": spec.kind == "line", "series": series}


def draw_reported(data: dict[str, Any]) -> dict[str, bytes]:
    """A panel beside the other for each arm."""
    names = [s["name"] for s in data["panels"][0]["series"]] if data["panels"] else []
    return render(_paint, data, PAGE if len(data["panels"]) > 1 else COLUMN, 2.0 + legend_height(names, 1))


def _paint(figure: Any, data: dict[str, Any]) -> None:
    if not data["panels"]:
        return no_data(figure)
    places = figure.subplots(1, len(data["panels"]), squeeze=False, sharex=True, sharey=True)[0]
    for axes, panel in zip(places, data["panels"], strict=True):
        for i, series in enumerate(panel["series"]):
            style = {"ls": dash(i), "lw": 1.2} if panel["line"] else {"ls": "", "marker": ".", "ms": 4}
            axes.plot(series["x"], series["y"], color=colour(i), label=series["name"] or None, **style)
        axes.set_xlabel(panel["x"])
        axes.set_ylabel(panel["y"])
        axes.set_title(panel["arm"], fontsize="small")
    handles, labels = axes.get_legend_handles_labels()
    if labels:
        figure.legend(handles, labels, loc="outside lower center", ncols=2)
