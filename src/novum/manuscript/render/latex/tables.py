"""Tables that fit: columns of short cells are as wide as their text, columns of long cells share the rest.

The widths are measured by TeX itself (the preamble's `\\novumtake`), so they hold for any font; from the
characters of the cells we only choose which columns wrap, the size of the type and whether one column of
the page is enough. A table of the appendix, which is set in one column, may run over pages.
"""

import re
from collections.abc import Sequence

from msgspec import Struct

from novum.manuscript.marks import unmarked

SHORT = 18  # characters up to which a column is set without wrapping
HEAVIEST = 60  # characters beyond which a column gets no larger share
COLUMN_CHARS = 58  # what fits one column of the page; wider tables span both
ROOM = {False: 62, True: 132}  # characters a line takes at the first size, in one column and across the page
SIZES = (("footnotesize", 1.0), ("scriptsize", 1.13), ("tiny", 1.4))
CANDIDATES = 3  # cells of a column that are measured: the widest by their count of characters
TALLEST = 36  # rows of a float; a longer table is continued in another
COMMAND = re.compile(
    r"\\(?:allowbreak|ensuremath|textsc|textbf|texttt|emph|novumchar)\b(?:\{\})?|\\text\w+\{\}"
)
ALIGNED = {"AlignRight": "r", "AlignCenter": "c"}
RAGGED = {"AlignRight": "\\raggedleft", "AlignCenter": "\\centering"}


class Grid(Struct, frozen=True, kw_only=True):
    """A table whose cells are LaTeX; `head` is one row or none."""

    head: list[list[str]]
    rows: list[list[str]]
    aligns: list[str]
    caption: str
    label: str
    wide: bool


class Column(Struct, frozen=True, kw_only=True):
    """How a column is set: as wide as the widest of `cells`, or with a share of what is left."""

    align: str
    share: float
    cells: tuple[str, ...]


def table(grid: Grid, *, appendix: bool) -> str:
    """The table as LaTeX: a float, or in the appendix a table that breaks over pages."""
    if not grid.aligns:
        return ""
    if appendix:
        return _long(grid)
    rows = [grid.rows[i : i + TALLEST] for i in range(0, len(grid.rows), TALLEST)] or [[]]
    return "\n\n".join(_float(grid, part, continued=i > 0) for i, part in enumerate(rows))


def visible(cell: str) -> str:
    """What of a cell is seen, roughly: for counting its characters."""
    return re.sub(r"[{}\\]", "", COMMAND.sub("", unmarked(cell).replace("\\ensuremath", "")))


def _sizes(grid: Grid) -> list[int]:
    """Characters of the widest cell of each column."""
    every = [*grid.head, *grid.rows]
    return [max([3, *(len(visible(r[i])) for r in every if i < len(r))]) for i in range(len(grid.aligns))]


def _words(grid: Grid, column: int) -> int:
    """Characters of the longest word of a column."""
    cells = (visible(r[column]) for r in [*grid.head, *grid.rows] if column < len(r))
    return max((len(word) for cell in cells for word in cell.split()), default=1)


def _layout(grid: Grid, room: int) -> tuple[str, list[Column]]:
    """(Size of type, columns): the largest size at which every word has room."""
    sizes = _sizes(grid)
    wrapped = [n > SHORT for n in sizes]
    for size, smaller in SIZES:
        needed = sum(min(_words(grid, i), n) + 2 if wrapped[i] else n + 2 for i, n in enumerate(sizes))
        if needed <= room * smaller:
            return size, _columns(grid, sizes, wrapped)
    return SIZES[-1][0], _columns(grid, sizes, [n > 6 for n in sizes])


def _columns(grid: Grid, sizes: Sequence[int], wrapped: Sequence[bool]) -> list[Column]:
    weights = [min(n, HEAVIEST) if w else 0 for n, w in zip(sizes, wrapped, strict=True)]
    total = sum(weights) or 1
    return [
        Column(align=align, share=weight / total, cells=() if weight else _widest(grid, i))
        for i, (align, weight) in enumerate(zip(grid.aligns, weights, strict=True))
    ]


def _widest(grid: Grid, column: int) -> tuple[str, ...]:
    head = [f"\\textbf{{{unmarked(r[column])}}}" for r in grid.head if column < len(r) and r[column]]
    cells = {unmarked(r[column]): None for r in grid.rows if column < len(r)}
    return (*head, *sorted(cells, key=lambda cell: -len(visible(cell)))[:CANDIDATES])


# --- LaTeX --------------------------------------------------------------------------------------------


def _measured(columns: Sequence[Column]) -> str:
    """The commands that leave in `\\novumrest` what the columns that wrap may share."""
    if not any(c.share for c in columns):
        return ""
    tried = ("".join(f"\\novumtry{{{cell}}}" for cell in column.cells) for column in columns)
    taken = "".join(f"\\novumtake{{{cells}}}%\n" for cells in tried if cells)
    return f"\\novumroom{{{2 * (len(columns) - 1)}}}%\n{taken}"


def _spec(columns: Sequence[Column]) -> str:
    return "@{}" + "".join(_column(column) for column in columns) + "@{}"


def _column(column: Column) -> str:
    if not column.share:
        return ALIGNED.get(column.align, "l")
    ragged = RAGGED.get(column.align, "\\raggedright")
    return f">{{{ragged}\\arraybackslash}}p{{{column.share:.3f}\\novumrest}}"


def _line(row: Sequence[str], columns: int, *, bold: bool = False) -> str:
    cells = [*row, *[""] * (columns - len(row))][:columns]
    return " & ".join(f"\\textbf{{{c}}}" if bold and c else c for c in cells) + " \\\\"


def _head(grid: Grid) -> str:
    lines = [_line(row, len(grid.aligns), bold=True) for row in grid.head if any(row)]
    return "\n".join(["\\toprule", *lines, *(["\\midrule"] if lines else [])])


def _body(rows: Sequence[Sequence[str]], columns: int) -> str:
    return "\n".join(_line(row, columns) for row in rows)


def _float(grid: Grid, rows: list[list[str]], *, continued: bool) -> str:
    sizes = _sizes(grid)
    wide = grid.wide or sum(sizes) + 3 * len(sizes) > COLUMN_CHARS
    size, columns = _layout(grid, ROOM[wide])
    kind = "table*" if wide else "table"
    inside = "\n".join([
        f"\\begin{{tabular}}{{{_spec(columns)}}}",
        _head(grid),
        _body(rows, len(columns)),
        "\\bottomrule",
        "\\end{tabular}",
    ])  # fmt: skip
    if not any(c.share for c in columns):
        inside = f"\\novumfit{{{inside}}}"
    return "\n".join(line for line in (
        f"\\begin{{{kind}}}[{'!tbp' if wide else '!htbp'}]",
        "\\centering",
        _caption(grid, continued),
        f"\\{size}",
        f"{_measured(columns)}{inside}",
        f"\\end{{{kind}}}",
    ) if line)  # fmt: skip


def _caption(grid: Grid, continued: bool) -> str:
    if not grid.caption:
        return ""
    if continued:
        return f"\\ContinuedFloat\\caption{{{grid.caption} (continued)}}"
    return f"\\caption{{{grid.caption}}}" + (f"\\label{{{grid.label}}}" if grid.label else "")


def _long(grid: Grid) -> str:
    size, columns = _layout(grid, ROOM[True])
    head = _head(grid)
    caption = f"{_caption(grid, False)}\\\\" if grid.caption else ""
    first = [caption, head, "\\endfirsthead", head, "\\endhead", "\\bottomrule", "\\endlastfoot"]
    kind = "longtable" if grid.caption else "longtable*"  # the starred one counts as no table
    return "\n".join(line for line in (
        "\\begingroup",
        f"\\{size}",
        f"{_measured(columns)}\\begin{{{kind}}}{{{_spec(columns)}}}",
        *first,
        _body(grid.rows, len(columns)),
        f"\\end{{{kind}}}",
        "\\endgroup",
    ) if line)  # fmt: skip
