"""The PDF, rendered and read back. The extra `pdf` is part of the development environment."""

import importlib.util
import io

import pytest

from novum.errors import MissingExtra, StudyError, UserError
from novum.manuscript.provenance import complete
from novum.manuscript.references import resolve
from novum.manuscript.render.inspect import layout_notes, page_count, pdf_text
from novum.manuscript.render.narrative import name_authors, short_names
from novum.manuscript.render.pdf import PdfRenderer
from tests.manuscript import sample

pytestmark = pytest.mark.skipif(
    not all(importlib.util.find_spec(name) for name in ("typst", "pypandoc", "pypdfium2")),
    reason="needs novum[pdf]",
)
FILLER = "Words that fill a column and then some more of the same kind follow here. "


@pytest.fixture(scope="module")
def paper() -> tuple[str, dict[str, bytes]]:
    lookup = sample.lookup()
    return complete(resolve(sample.SOURCE, lookup), lookup), sample.assets()


@pytest.fixture(scope="module")
def pdf(paper) -> bytes:
    return PdfRenderer().render(*paper)


def test_the_sample_renders_within_its_columns(pdf):
    assert page_count(pdf) == 5
    assert layout_notes(pdf) == ()


def test_the_page_says_what_the_source_says(pdf):
    text = pdf_text(pdf)
    pages = [" ".join(page.split()) for page in text.split("\f")]
    assert "Weight decay and delayed generalisation" in pages[0] and "Written by" in pages[0]
    assert sample.HASH in pages[0].replace(" ", "") and sample.HEAD in pages[0].replace(" ", "")
    assert "−1,622 updates" in " ".join(pages) and "p < 0.001" in " ".join(pages)
    assert "A Provenance" in pages[3] and "n00000000001" in pages[3]
    assert "Table 2." in text and "Table 3. Every trial" in text and "Table 4." not in text
    assert "2 / 5" in pages[1] and "Novum study 3f9c0ab1d2e4" in pages[1]


def test_only_cited_works_are_listed_and_authors_are_named_shortly(pdf):
    text = " ".join(pdf_text(pdf).split())
    assert "Scandinavian Journal of Statistics" in text and "A work nobody cites" not in text
    assert "of Holm [5]" in text and "described by Power et al. [1]" in text


def test_two_renderings_are_the_same_bytes(paper, pdf):
    assert PdfRenderer().render(*paper) == pdf


def test_another_style_cites_by_author_and_year(paper):
    assert "Holm (1979)" in " ".join(pdf_text(PdfRenderer().render(*paper, style="author-year")).split())
    with pytest.raises(UserError, match="unknown style"):
        PdfRenderer().render(*paper, style="glossy")


def test_no_raw_markup_reaches_the_typesetter():
    inline = 'A `#read("/etc/passwd")`{=typst} and <b>x</b>.'
    body = f'{inline}\n\n```{{=typst}}\n#panic("reached")\n```\n\n#panic("x") $#panic$'
    text = pdf_text(PdfRenderer().render(body, {}))
    assert "panic" in text and "root:" not in text


def test_a_paper_without_anything_renders():
    assert page_count(PdfRenderer().render("", {})) == 1


def test_missing_figures_and_works_are_told_in_one_line(paper):
    markdown, assets = paper
    without = {k: v for k, v in assets.items() if not k.endswith(".png")}
    with pytest.raises(StudyError, match="typeset") as failed:
        PdfRenderer().render(markdown, without)
    assert "\n" not in str(failed.value)
    with pytest.raises(StudyError):
        PdfRenderer().render("[@missing]", {"references.bib": b"@misc{a, title={A}}"})
    with pytest.raises(UserError, match="leaves"):
        PdfRenderer().render("x", {"../x.svg": b""})


def test_an_equation_that_overprints_the_next_column_is_noted():
    wide = "$$ " + " + ".join(f"a_{{{i}}} x^{{{i}}}" for i in range(14)) + " $$"
    beginning = "# A\n\n" + FILLER * 5
    fits = PdfRenderer().render(f"{beginning}\n\n$$ x_i^2 = \\sqrt{{\\hat a_i}} $$\n\n{FILLER * 150}", {})
    runs_over = PdfRenderer().render(f"{beginning}\n\n{wide}\n\n{FILLER * 150}", {})
    assert layout_notes(fits) == ()
    assert any("page 1" in note for note in layout_notes(runs_over))


@pytest.mark.parametrize(
    "long",
    [
        "`" + "ab12" * 40 + "`",
        "https://example.org/" + "a" * 120,
        "ab12" * 40,
        "| " + " | ".join(f"column {i}" for i in range(12)) + " |\n|" + "--|" * 12 + "\n|" + " 12.345 |" * 12,
        "| name | text |\n|:--|:--|\n| a | " + FILLER * 4 + " |",
        "| name | hash |\n|:--|:--|\n| a | `" + "ab12" * 16 + "` |",
    ],
    ids=["hash", "address", "word", "columns", "cell", "cell-hash"],
)
@pytest.mark.parametrize("part", ["# A", "# A {.appendix}"])
def test_long_things_stay_within_their_column(long, part):
    assert layout_notes(PdfRenderer().render(f"{part}\n\n{FILLER * 3}\n\n{long}\n\n{FILLER * 100}", {})) == ()


MATHEMATICS = r"""\odot \oplus \otimes \ominus \cap \cup \sqcap \models \bigcap \bigotimes \bigodot
\llbracket{}x\rrbracket
\triangleleft \trianglelefteq \lVert{}x\rVert \sum_{i=1}^n \int_0^\infty \binom{n}{k} \operatorname*{argmin}_x
\mathbb{E} \mathcal{L} \boldsymbol{\theta} \hat{x} \overline{xy} \underbrace{x}_{n} \sqrt[3]{x} \frac{a}{b}
\begin{cases}a&b\\c&d\end{cases} \begin{bmatrix}a\\b\end{bmatrix} \partial \nabla \leq \approx"""


def test_mathematics_of_papers_is_understood():
    body = "\n\n".join(f"$$ {m} $$" for m in MATHEMATICS.split())
    assert page_count(PdfRenderer().render(body, {})) >= 1


def test_a_formula_that_is_not_understood_is_noted():
    pdf, notes = PdfRenderer().typeset(r"Fine $x^2$, odd $\implied$.", {})
    assert notes == (r"the formula '\implied' is not understood",) and page_count(pdf) == 1


def test_a_figure_may_be_a_vector_file_or_a_picture(paper):
    from matplotlib.figure import Figure

    figure, out = Figure(figsize=(3, 2)), io.BytesIO()
    figure.subplots().plot([0, 1], [0, 1])
    figure.savefig(out, format="pdf", metadata={"CreationDate": None})
    pictures = {"figures/a.pdf": out.getvalue(), **paper[1]}
    names = ["figures/a.pdf", "figures/f1a0b2c3d4e5.svg", "figures/f3a0b2c3d4e5.png"]
    body = "\n\n".join(f"![Caption {i}.]({name}){{#fig-x{i}}}" for i, name in enumerate(names))
    text = pdf_text(PdfRenderer().render(body, pictures))
    assert all(f"Figure {i + 1}. Caption {i}." in text for i in range(3))


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("Holm, Sture", "Holm"),
        ("Patrick Royston and Mahesh Parmar", "Royston and Parmar"),
        ("A, B and C, D and E, F", "A et al."),
        ("A, B and others", "A et al."),
        ("{van der Waals}, J.", "van der Waals"),
        ("", "Some title"),
    ],
)
def test_short_names(author, names):
    assert short_names({"author": author, "title": "Some title"}) == names


def test_narrative_citations_outside_brackets_and_code_only():
    entries = {"k": {"author": "Holm, Sture"}}
    assert name_authors("As @k. says [@k] `@k` @unknown", entries) == "As Holm [@k]. says [@k] `@k` @unknown"


@pytest.mark.parametrize("absent", ["typst", "pypandoc", "pypdfium2"])
def test_without_the_extra_one_line_says_what_to_install(monkeypatch, absent):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "novum.manuscript.render.pdf.find_spec", lambda name: None if name == absent else find(name)
    )
    with pytest.raises(MissingExtra, match=r"pip install 'novum\[pdf\]'"):
        PdfRenderer()
