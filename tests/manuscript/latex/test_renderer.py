"""The source of a paper in LaTeX: what becomes of numbers, references, figures and formulas."""

import importlib.util
import re

import pytest

from novum.errors import UserError
from novum.manuscript.marks import mark
from novum.manuscript.provenance import complete
from novum.manuscript.references import resolve
from novum.manuscript.render import pdf
from novum.manuscript.render.latex.renderer import STYLES, BibRenderer, LatexRenderer
from tests.manuscript import sample
from tests.manuscript.latex.tex import HOSTILE

pytestmark = pytest.mark.skipif(not importlib.util.find_spec("pypandoc"), reason="needs novum[pdf]")
ASSETS = {"references.bib": sample.BIBTEX.encode()}
VALUE = re.compile(r"\\novum(num|val|set|verdict)\{([^{}]*)\}\{((?:[^{}]|\{[^{}]*\})*)\}")


@pytest.fixture(scope="module")
def resolved():
    return resolve(sample.SOURCE, sample.lookup())


@pytest.fixture(scope="module")
def paper(resolved) -> str:
    return LatexRenderer().render(complete(resolved, sample.lookup()), ASSETS).decode()


def tex(markdown: str, assets=ASSETS, style: str = "novum") -> str:
    """What stands between title and end of a paper of this body."""
    source = LatexRenderer().render(markdown, assets, style).decode()
    return source.split("\\twocolumn[", 1)[1].split("\n}]", 1)[1].removesuffix("\\end{document}\n").strip()


def values(paper: str) -> list[tuple[str, str, str]]:
    """(kind, id, text) of every value in the body of a paper."""
    return VALUE.findall(paper.split("\\begin{document}")[1])


def test_every_value_keeps_its_id(resolved, paper):
    kinds = {"m": ("num", "val"), "c": ("verdict",), "cfg": ("set",)}
    expected = [(u.kind, u.id) for u in resolved.used if u.kind in kinds]
    found = [(kind, id) for kind, id, _ in values(paper)]
    for kind, id in expected:
        assert any(k in kinds[kind] and i == re.sub(r"[^\w.:-]", "", id) for k, i in found), (kind, id)
    assert len(found) == len(expected)


def test_numbers_lead_to_their_rows(resolved, paper):
    rows = re.findall(r"\\novumrow\{([^{}]*)\}", paper)
    linked = {id for kind, id, _ in values(paper) if kind == "num"}
    assert linked == set(rows) == {u.id for u in resolved.used if u.kind == "m"}
    assert len(rows) == len(set(rows))


def test_a_value_without_a_row_is_no_link():
    assert tex(f"We saw {mark('m', 'abc', '3')}.") == "We saw \\novumval{abc}{3}."


def test_values_stand_in_mathematics_and_captions():
    body = tex(f"$n = {mark('m', 'abc', '−3')}$\n\n![At {mark('m', 'abc', '4')}](figures/f1.svg){{#fig-f1}}")
    assert "\\(n=\\novumval{abc}{- 3}\\)" in body
    assert "\\caption{At \\novumval{abc}{4}}\\label{fig-f1}" in body


def test_a_mark_torn_by_markup_leaves_its_text():
    body = tex(f"| a | b |\n|-|-|\n| {mark('m', 'abc', '3 | 4')} |\n")
    assert "\\novum" not in body.split("\\midrule")[1].split("\\bottomrule")[0] and "3" in body


def test_figures_are_placed_without_suffix_and_referred_to_by_count():
    body = tex("[Figure 1](#fig-f1)\n\n![Cap](figures/f1.svg){#fig-f1 .wide}")
    assert "\\hyperref[fig-f1]{Figure~\\ref*{fig-f1}}" in body
    assert "\\begin{figure*}" in body and "\\includegraphics[width=\\linewidth]{f1}" in body


def test_a_reference_that_leads_nowhere_is_text():
    assert tex("[there](#nowhere)") == "there"


def test_only_the_schemes_of_the_web_are_links():
    assert tex("[x](https://a.b/c_d)") == "\\href{https://a.b/c\\_d}{x}"
    assert tex("[x](file:///etc/passwd) [y](javascript:1)") == "x y"


def test_what_is_not_understood_is_printed_as_it_was_written():
    source, notes = LatexRenderer().typeset("$\\input{x}$ and $$\\input{y}$$", {})
    assert b"% the formula '\\textbackslash{}input\\{x\\}' is not understood" in source
    body = source.split(b"\\begin{document}")[1]
    assert b"\\input{x}" not in source and b"\\input{y}" not in source
    assert body.count(b"\\textbackslash{}input") == 2
    assert len(notes) == 2 and "'\\input' is not known" in notes[0]


def test_what_latex_cannot_nest_is_set_flat():
    assert tex("> # In a quotation") == "\\begin{quote}\n\\textbf{In a quotation}\n\\end{quote}"
    assert "\\begin{equation}" not in tex("*in emphasis $$x$$*") and "\\displaystyle x" in tex(
        "*in emphasis $$x$$*"
    )
    assert tex("a $$ $$ b").split() == ["a", "b"]
    deep = tex("\n".join("    " * i + "- x" for i in range(6)))
    assert deep.count("\\begin{itemize}") == deep.count("\\end{itemize}") == 4 and deep.count("x") == 6
    assert "\\footnote" not in tex("# Heading^[note]") and "(note)" in tex("# Heading^[note]")


def test_headings_have_words_for_the_outline():
    heading = tex("# Of $x_1$ and `a_b`").split("\\label")[0]
    assert heading == ("\\section{\\texorpdfstring{Of \\(x_{1}\\) and \\texttt{a\\_b}}{Of x\\_1 and a\\_b}}")


def test_raw_markup_is_text():
    body = tex("\\input{x} `\\input{y}`{=latex} \\(z\\)\n\n```{=latex}\n\\input{w}\n```\n")
    assert not re.search(r"\\input\b", body.replace("\\textbackslash{}input", ""))


def test_citations():
    cited = "[@holm1979; @liu2022] @power2022 says [see @holm1979, p. 3]"
    assert tex(cited).startswith(
        "\\citep{holm1979,liu2022} \\citet{power2022} says \\citep[{see}][{p.~3}]{holm1979}"
    )
    bib = BibRenderer().render(cited, ASSETS).decode()
    assert re.findall(r"@\w+\{(\w+)", bib) == ["holm1979", "liu2022", "power2022"]
    assert "\\bibliography{paper}" in tex(cited) and "\\bibliography" not in tex("No citation.")
    assert "\\bibliography" not in tex(cited, assets={})


def test_styles_are_those_of_the_pdf():
    assert set(STYLES) == set(pdf.STYLES)
    assert "plainnat" in tex("[@holm1979]", style="author-year")
    with pytest.raises(UserError, match="unknown style"):
        LatexRenderer().render("x", {}, "glossy")


def test_the_appendix_is_set_in_one_column():
    body = tex("# One\n\n# Two {.appendix}\n\n# Three")
    before, after = body.split("\\onecolumn")
    assert "\\section{One}" in before and "\\appendix" in after and "\\section{Three}" in after


def test_same_text_same_bytes(resolved, paper):
    assert LatexRenderer().render(complete(resolved, sample.lookup()), ASSETS).decode() == paper


def test_title_and_disclosure(paper):
    assert "Weight decay and delayed generalisation" in paper and "pdftitle={Weight decay" in paper
    assert paper.count("\\item[{Written by}]") == 1
    assert sample.HASH in paper.replace("\\allowbreak{}", "")


def test_hostile_text_is_written_without_a_stray_sign():
    source, notes = LatexRenderer().typeset(HOSTILE, {})
    body = source.decode().split("\\begin{document}")[1]
    assert len(notes) == 6
    bare = re.sub(r"\\[{}]", "", body)
    assert bare.count("{") == bare.count("}")
    assert not re.search(r"\\(?:input|write|catcode|undefinedcommand|def|csname)\b", body)
    begun, ended = (re.findall(rf"\\{word}\{{(\w+\*?)\}}", body) for word in ("begin", "end"))
    assert sorted(begun) == sorted(e for e in ended if e != "document")
