"""Curves over a run (learning curves): every seed thin, the median of each arm on top."""

from collections.abc import Callable, Sequence
from typing import Any

from novum.evidence.figures.labels import arm_labels, side_labels, wrapped
from novum.evidence.figures.style import (
    COLUMN,
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
from novum.evidence.samples import config_hash
from novum.evidence.sides import averages, farthest
from novum.evidence.tried import confirmation_complete
from novum.records import Config, Domain, Protocol
from novum.state import State

POINTS = 100  # kept per curve; more cannot be seen at this size
PANELS = 3
RUNS = 24  # of one side of a claim over a design
ARMS = 4  # more cannot be told apart with all their seeds

Loader = Callable[[str], bytes]
"""Blob id -> bytes."""


def curves_data(
    state: State, load: Loader, names: Sequence[str] = (), phase: str = "confirm",
    configs: Sequence[Config] | None = None, x_axis: str = "Step",
) -> dict[str, Any]:  # fmt: skip
    """Recorded series of arms (default: the registered ones): at most three series and four arms.

    Of claims over a design both sides of the one whose estimate is farthest from zero stand in place of arms,
    some runs of each (`averaged`). `omitted` counts the arms left out.
    """
    assert state.domain is not None
    groups, omitted = _groups(state, phase, configs)
    found: dict[str, dict[str, dict[int, str]]] = {}
    hidden = phase == "confirm" and not confirmation_complete(state)
    for trial in () if hidden else state.trials_in(phase):  # type: ignore[arg-type]
        key = config_hash(state.nodes[trial.node].config)
        for name, blobs in trial.series.items():
            seeds = found.setdefault(name, {}).setdefault(key, {})
            seeds.update({int(seed): blob for seed, blob in blobs.items()})
    panels = []
    for name in [n for n in (names or sorted(found)) if n in found][:PANELS]:
        arms = [{"label": label, "curves": _of_group(found[name], group, load)} for label, group in groups]
        panels.append({"name": name.replace("_", " "), "arms": arms, **_specified(state.domain, name)})
    averaged = bool(groups) and len(groups[0][1]) > 1
    return {"kind": "curves", "x_axis": x_axis, "panels": panels, "omitted": omitted, "averaged": averaged}


Group = tuple[str, list[Config]]
"""A label, and the arms whose curves go under it."""


def _groups(state: State, phase: str, configs: Sequence[Config] | None) -> tuple[list[Group], int]:
    """What is told apart in a panel, and how many arms are left out."""
    assert state.domain is not None
    p = state.protocol
    if p is not None and configs is None and phase == "confirm" and averages(p):
        return _sides(state, p), 0
    every = list(configs if configs is not None else p.arms if p else ())
    shown = every[:ARMS]
    labels = arm_labels(shown, state.domain, p.base if p else None)
    return [(label, [c]) for label, c in zip(labels, shown, strict=True)], len(every) - len(shown)


def _sides(state: State, protocol: Protocol) -> list[Group]:
    """The arms on either side of the claim whose estimate lies farthest from zero."""
    assert state.domain is not None
    told = farthest(state)
    arms = [[arm for arm in protocol.arms if side.items() <= arm.items()] for side in (told.a, told.b)]
    return list(zip(side_labels(told, state.domain), arms, strict=True))


def _of_group(
    found: dict[str, dict[int, str]], group: Sequence[Config], load: Loader
) -> list[dict[str, Any]]:
    """The curves of an arm; of several, at most `RUNS`, taken evenly from all of their runs."""
    runs = [{seed: blob} for c in group for seed, blob in sorted(found.get(config_hash(c), {}).items())]
    if len(group) > 1 and len(runs) > RUNS:
        runs = [runs[k * len(runs) // RUNS] for k in range(RUNS)]
    return [curve for run in runs for curve in _curves(run, load)]


def _specified(domain: Domain, name: str) -> dict[str, str]:
    """How the domain wants a series shown, if it says so."""
    for series in domain.series:
        if series.name == name:
            found = {
                "name": series.title,
                "x": series.x[:1].upper() + series.x[1:],
                "told": series.description,
            }
            return {key: text for key, text in found.items() if text}
    return {}


def _curves(blobs: dict[int, str], load: Loader) -> list[dict[str, Any]]:
    return [{"seed": seed, **dict(zip("xy", thinned(*parse_series(load(blobs[seed]))), strict=True))}
            for seed in sorted(blobs)]  # fmt: skip


def parse_series(text: bytes) -> tuple[list[float], list[float]]:
    """The two columns of a recorded series (CSV with header `x,y`), without rows that are not numbers."""
    x, y = [], []
    for line in text.decode("utf-8", "replace").splitlines()[1:]:
        cells = line.split(",")
        try:
            point = float(cells[0]), float(cells[1])
        except (ValueError, IndexError):
            continue
        if all(abs(v) < float("inf") for v in point):
            x.append(point[0])
            y.append(point[1])
    return x, y


def thinned(x: list[float], y: list[float], limit: int = POINTS) -> tuple[list[float], list[float]]:
    """At most `limit` points: evenly over rank or, for an axis read in decades, over log x; ends are kept."""
    if len(x) <= limit:
        return x, y
    positive = [v for v in x if v > 0]
    if spans_decades(positive):
        kept = _log_places(x, positive, limit)
    else:
        kept = sorted({round(i * (len(x) - 1) / (limit - 1)) for i in range(limit)})
    return [x[i] for i in kept], [y[i] for i in kept]


def _log_places(x: list[float], positive: list[float], limit: int) -> list[int]:
    from bisect import bisect_left

    low, high = min(positive), max(positive)
    wanted = [low * (high / low) ** (i / (limit - 1)) for i in range(limit)]
    return sorted({0, len(x) - 1, *(min(bisect_left(x, w), len(x) - 1) for w in wanted)})


def draw_curves(data: dict[str, Any]) -> dict[str, bytes]:
    """One panel per series, one colour and dash per arm."""
    panels = max(1, len(data["panels"]))
    labels = [a["label"] for a in data["panels"][0]["arms"]] if data["panels"] else []
    below = legend_height(labels, 2 if panels > 1 else 1)
    return render(_paint, data, PAGE if panels > 1 else COLUMN, 1.9 + below)


def _paint(figure: Any, data: dict[str, Any]) -> None:
    panels = [p for p in data["panels"] if any(a["curves"] for a in p["arms"])]
    if not panels:
        return no_data(figure, "no series were recorded")
    every = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, panel in zip(every, panels, strict=True):
        _panel(axes, panel)
        axes.set_xlabel(wrapped(panel.get("x", data["x_axis"]), 44))
    columns = 2 if figure.get_figwidth() > COLUMN else 1
    handles, labels = every[0].get_legend_handles_labels()
    labels = [wrapped(text, legend_wrap(columns)) for text in labels]
    figure.legend(handles, labels, loc="outside lower center", ncols=columns)


def _panel(axes: Any, panel: dict[str, Any]) -> None:
    xs = [v for arm in panel["arms"] for c in arm["curves"] for v in c["x"] if v > 0]
    ys = [v for arm in panel["arms"] for c in arm["curves"] for v in c["y"]]
    if spans_decades(xs):
        axes.set_xscale("log")
        plain_decades(axes.xaxis, min(xs), max(xs))
    if spans_decades(ys) and max(ys) > 1:  # shares stay on a linear axis
        axes.set_yscale("log")
        plain_decades(axes.yaxis, min(ys), max(ys))
    for i, arm in enumerate(panel["arms"]):
        for curve in arm["curves"]:
            axes.plot(curve["x"], curve["y"], color=colour(i), lw=0.4, alpha=0.22, zorder=1)
        grid, middle = _median(arm["curves"])
        axes.plot(grid, middle, color=colour(i), ls=dash(i), lw=1.4, zorder=3, label=arm["label"])
    axes.set_ylabel(panel["name"][:1].upper() + panel["name"][1:])


def _median(curves: list[dict[str, Any]]) -> tuple[list[float], list[float]]:
    """Median over seeds on the union of their x, between them by straight lines; where half have values."""
    import numpy as np

    grid = np.array(sorted({v for c in curves for v in c["x"]}))
    if len(grid) == 0:
        return [], []
    rows = np.array([np.interp(grid, c["x"], c["y"], left=np.nan, right=np.nan) for c in curves if c["x"]])
    enough = np.isfinite(rows).sum(axis=0) * 2 >= len(rows)
    return grid[enough].tolist(), np.nanmedian(rows[:, enough], axis=0).tolist()
