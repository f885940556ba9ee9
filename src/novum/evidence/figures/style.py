"""One look for all figures: sizes in inches, Okabe and Ito's colours, shapes beside colours, fixed bytes."""

import io
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

COLUMN, PAGE = 3.3, 6.9  # widths of one and of two columns
# seven colours and five dashes have no common factor: pairs repeat only after 35 arms
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DASHES = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (5, 1.2, 1.2, 1.2)), (0, (2.5, 1)))
INK, GREY, FAINT, BAND = "#222222", "#7A7A7A", "#C8C8C8", "#E4EEF5"
RC: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 7.0,
    "axes.labelsize": 7.0,
    "axes.titlesize": 7.0,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "legend.fontsize": 6.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "lines.linewidth": 1.1,
    "legend.frameon": False,
    "legend.handlelength": 1.8,
    "axes.formatter.use_mathtext": True,
    "axes.formatter.limits": (-3, 5),
    "axes.unicode_minus": True,
    "pdf.fonttype": 42,
    "pdf.use14corefonts": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "novum",
    "path.simplify": True,
}
LOG_SPAN = 50.0

Paint = Callable[[Any, dict[str, Any]], None]


def render(paint: Paint, data: dict[str, Any], width: float, height: float) -> dict[str, bytes]:
    """Draw `data` with `paint(figure, data)` and save it as SVG, PDF and PNG.

    No dates, versions or random ids are written, so equal data give equal bytes under one matplotlib.
    """
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # a reader's own settings must not change the bytes
        matplotlib.rcParams.update(RC)  # type: ignore[call-overload, arg-type]
        figure = Figure(figsize=(width, height), layout="constrained")
        figure.get_layout_engine().set(w_pad=0.03, h_pad=0.03)  # type: ignore[union-attr]
        paint(figure, data)
        if look := data.get("look"):
            reshape(figure, look)
        figure.draw_without_rendering()  # lay out once, not once more for each of the three files
        figure.set_layout_engine(None)
        return {suffix: _saved(figure, suffix) for suffix in ("svg", "pdf", "png")}


def _saved(figure: Any, suffix: str) -> bytes:
    metadata = {
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "ModDate": None, "Creator": None, "Producer": None},
        "png": {"Software": None},
    }[suffix]
    out = io.BytesIO()
    figure.savefig(out, format=suffix, dpi=220, metadata=metadata)
    return out.getvalue()


def reshape(figure: Any, look: Mapping[str, Any]) -> None:
    """Give the axes of a painted figure another look (`novum.records.Look`).

    Raises:
        ValueError: the data do not allow it.
    """
    for axes in figure.axes:
        for way in "xy":
            low, high = sorted(axes.dataLim.intervalx if way == "x" else axes.dataLim.intervaly)
            if (log := look.get(f"log_{way}")) is not None:
                if log and low <= 0:
                    raise ValueError(f"a logarithmic {way} axis has no place for {low:g}")
                getattr(axes, f"set_{way}scale")("log" if log else "linear")
            if limits := look.get(f"{way}_limits"):
                _limit(axes, way, tuple(limits), low, high)
            if label := look.get(f"{way}_label"):
                getattr(axes, f"set_{way}label")(label)


def _limit(axes: Any, way: str, limits: tuple[float, float], low: float, high: float) -> None:
    if not limits[0] < limits[1]:
        raise ValueError(f"limits of {way} from {limits[0]:g} to {limits[1]:g} hold nothing")
    if limits[0] > low or limits[1] < high:
        raise ValueError(f"limits of {way} would leave data out, which lie from {low:g} to {high:g}")
    if getattr(axes, f"get_{way}scale")() == "log" and limits[0] <= 0:
        raise ValueError(f"a logarithmic {way} axis cannot begin at {limits[0]:g}")
    getattr(axes, f"set_{way}lim")(*limits)


def colour(index: int) -> str:
    return COLOURS[index % len(COLOURS)]


def marker(index: int) -> str:
    return MARKERS[index % len(MARKERS)]


def dash(index: int) -> Any:
    return DASHES[index % len(DASHES)]


def spans_decades(values: Sequence[float]) -> bool:
    """Whether a logarithmic axis reads better: all positive, over more than a factor of 50."""
    found = [v for v in values if v is not None]
    return bool(found) and min(found) > 0 and max(found) / min(found) > LOG_SPAN


def plain_decades(axis: Any, low: float, high: float) -> None:
    """Label the decades of a logarithmic axis 0.01, 0.1, 1 where that is short; else as powers of ten."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    axis.set_minor_formatter(NullFormatter())
    if low >= 1e-4 and high < 1e6:
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def legend_wrap(columns: int) -> int:
    """Characters of a legend's line: in one column of text, or in two over the page."""
    return 48 if columns == 1 else 58


def legend_height(labels: Sequence[str], columns: int) -> float:
    """Inches that a legend below the axes takes."""
    lines = [max(1, math.ceil(len(label) / (legend_wrap(columns) - 4))) for label in labels]
    rows = math.ceil(len(lines) / columns)
    columns_of_rows = [sum(lines[i * rows : (i + 1) * rows]) for i in range(columns)]
    return 0.135 * max(columns_of_rows, default=0) + 0.05 * rows + 0.1


def no_data(figure: Any, text: str = "no values were recorded") -> None:
    """A figure that says in words that there is nothing to draw."""
    axes = figure.subplots()
    axes.set_axis_off()
    axes.text(0.5, 0.5, text, ha="center", va="center", color=GREY, transform=axes.transAxes)


def spread_out(count: int, width: float) -> list[float]:
    """Offsets for `count` dots in a strip of half-width `width`, the same on every machine."""
    golden = (math.sqrt(5) - 1) / 2
    return [width * (2 * math.modf((i + 1) * golden)[0] - 1) for i in range(count)]
