"""Tables: which columns wrap, how large the type is, and what becomes of long ones."""

from novum.manuscript.render.latex.tables import TALLEST, Grid, table, visible

LONG = "a cell with so many words that it cannot stand in one line of a column"


def grid(*rows: list[str], caption: str = "") -> Grid:
    columns = len(rows[0])
    aligns = ["AlignLeft", "AlignRight", "AlignDefault"] * columns
    return Grid(head=[["head"] * columns], rows=list(rows), aligns=aligns[:columns], caption=caption,
                label="tbl-x" if caption else "", wide=False)  # fmt: skip


def test_a_narrow_table_stands_in_its_column():
    written = table(grid(["a", "1"], caption="Small."), appendix=False)
    assert "\\begin{table}[!htbp]" in written and "\\begin{tabular}{@{}lr@{}}" in written
    assert "\\caption{Small.}\\label{tbl-x}" in written and "\\novumfit{" in written


def test_long_cells_share_what_short_ones_leave():
    written = table(grid(["0123456789ab", LONG, "x"]), appendix=False)
    assert "\\begin{table*}" in written
    assert "{@{}l>{\\raggedleft\\arraybackslash}p{1.000\\novumrest}l@{}}" in written
    assert "\\novumroom{4}" in written and written.count("\\novumtake{") == 2
    assert "\\novumtry{0123456789ab}" in written


def test_shares_follow_length_and_add_up():
    written = table(grid([LONG, LONG[:30], "x"]), appendix=False)
    shares = [float(part.split("\\novumrest")[0]) for part in written.split("p{")[1:]]
    assert len(shares) == 2 and shares[0] > shares[1] and abs(sum(shares) - 1) < 0.002


def test_many_columns_make_the_type_smaller():
    assert "\\footnotesize" in table(grid(["x" * 10] * 4), appendix=False)
    assert "\\tiny" in table(grid(["x" * 10] * 14), appendix=False)


def test_a_tall_table_is_continued():
    written = table(grid(*[["a", str(i)] for i in range(TALLEST + 1)], caption="Tall."), appendix=False)
    assert written.count("\\begin{table}") == 2 and written.count("\\label{") == 1
    assert "\\ContinuedFloat\\caption{Tall. (continued)}" in written


def test_in_the_appendix_it_breaks_over_pages():
    written = table(grid(["a", "1"], caption="Long."), appendix=True)
    assert (
        "\\begin{longtable}" in written
        and "\\endhead" in written
        and "\\caption{Long.}\\label{tbl-x}\\\\" in written
    )
    uncounted = table(grid(["a", "1"]), appendix=True)
    assert "\\begin{longtable*}" in uncounted and "\\caption" not in uncounted


def test_short_rows_are_filled_and_long_ones_cut():
    written = table(grid(["a", "b"], ["only"], ["a", "b", "c"]), appendix=False)
    assert "only &  \\\\" in written and "c" not in written.split("\\midrule")[1].split("\\bottomrule")[
        0
    ].replace("\\", "")


def test_a_table_of_nothing_is_nothing():
    assert table(Grid(head=[], rows=[], aligns=[], caption="", label="", wide=False), appendix=False) == ""


def test_only_what_is_seen_counts():
    assert visible("\\texttt{ab\\allowbreak{}cd}") == "abcd"
    assert visible("\\ensuremath{-}3\\%") == "-3%"
