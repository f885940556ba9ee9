"""What we write compiles with a plain TeX Live, fits its columns, and prints the numbers of the PDF."""

import re
import string
from collections import Counter
from pathlib import Path

import pytest

from novum.manuscript.marks import mark
from novum.manuscript.provenance import complete
from novum.manuscript.references import resolve
from novum.manuscript.render.inspect import pdf_text
from novum.manuscript.render.latex import commands as known
from novum.manuscript.render.latex.escape import escape, escape_code, escape_line
from novum.manuscript.render.latex.mathematics import Refused, formula
from novum.manuscript.render.latex.parts import labels_of
from novum.manuscript.render.latex.renderer import BibRenderer, LatexRenderer, numbered
from novum.manuscript.render.latex.symbols import AS_IS
from novum.manuscript.render.latex.writer import Writer
from novum.manuscript.render.pdf import PdfRenderer
from tests.manuscript import sample
from tests.manuscript.latex.test_bibliography import BIB
from tests.manuscript.latex.tex import HOSTILE, compile_tex, needs_tex, written

pytestmark = [needs_tex, pytest.mark.slow]
TOO_WIDE = 10.0  # points
HASH = re.compile(r"(?:[0-9a-f]\s?){40,64}")
NUMBER = re.compile(r"(?<![\w.])[−-]?\d[\d,]*(?:\.\d+)?(?!\w)")
CITED = re.compile(r"\[(?:see )?-?@[^\]]*\]|(?<![\w@])@\w+")


def blank(suffix: str) -> bytes:
    """A picture with nothing on it."""
    import io

    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    out, figure = io.BytesIO(), plt.figure(figsize=(3.4, 2))
    figure.savefig(out, format=suffix)
    plt.close(figure)
    return out.getvalue()


def numbers(pdf: bytes) -> Counter[str]:
    """Every number that a PDF prints, but for page numbers, pieces of hashes and labels of sections."""
    pages = pdf_text(pdf).replace("\r", "").split("\f")
    text = "\n".join(re.sub(r"^\s*\d+(?: / \d+)?\s*\n|\n\s*\d+(?: / \d+)?\s*$", "\n", page) for page in pages)
    found = NUMBER.findall(HASH.sub(" ", text))
    return Counter(number.rstrip(",").replace("-", "−") for number in found)


def document(*lines: str) -> dict[str, bytes]:
    """The files of a paper whose body is these lines of LaTeX."""
    head = LatexRenderer().render("", {}).decode().split("\\begin{document}")[0]
    return {"paper.tex": f"{head}\\begin{{document}}\n{chr(10).join(lines)}\n\\end{{document}}\n".encode()}


def test_the_sample_compiles_and_fits(tmp_path: Path):
    markdown = complete(resolve(sample.SOURCE, sample.lookup()), sample.lookup())
    assets = {"references.bib": sample.BIBTEX.encode()}
    drawn = {f"figures/{figure.id}.pdf": blank("pdf") for figure in sample.FIGURES}
    tex, bib = LatexRenderer().render(markdown, assets), BibRenderer().render(markdown, assets)
    done = compile_tex(written(tmp_path, {"paper.tex": tex, "paper.bib": bib, **drawn}))
    assert done.errors == () and done.undefined == ()
    assert [width for width in done.overfull if width > TOO_WIDE] == []
    assert "Power et al. [1]" in " ".join(pdf_text(done.pdf).split())
    again = compile_tex(written(tmp_path / "again", {"paper.tex": tex, "paper.bib": bib, **drawn}))
    assert again.pdf == done.pdf


def test_numbers_are_those_of_the_pdf(tmp_path: Path):
    """Without pictures and bibliography, whose labels and years the styles set each in its own way."""
    source = CITED.sub("", re.sub(r"\{\{lit:[^{}]*\}\}", "", sample.SOURCE))
    markdown = complete(resolve(source, sample.lookup()), sample.lookup())
    drawn = {f"figures/{figure.id}.pdf": blank("pdf") for figure in sample.FIGURES}
    pictures = {path: blank(path[-3:]) for path in sample.assets() if path.startswith("figures/")}
    tex = compile_tex(written(tmp_path, {"paper.tex": LatexRenderer().render(markdown, {}), **drawn}))
    mine, theirs = numbers(tex.pdf), numbers(PdfRenderer().render(markdown, pictures))
    assert sum(mine.values()) > 100
    assert (mine - theirs, theirs - mine) == (Counter(), Counter())


@pytest.mark.parametrize("engine", ["pdflatex", "xelatex", "lualatex"])
def test_hostile_text_compiles_with_every_engine(tmp_path: Path, engine: str):
    import shutil

    if not shutil.which(engine) or (engine != "pdflatex" and not _has_fonts(engine)):
        pytest.skip(f"needs {engine}")
    assets = {
        "references.bib": BIB.replace("@misc{three", "@misc{odd:key.x").replace("one,", "known,", 1).encode()
    }
    files = {
        "paper.tex": LatexRenderer().render(HOSTILE, assets),
        "paper.bib": BibRenderer().render(HOSTILE, assets),
    }
    done = compile_tex(written(tmp_path, {**files, "figures/f1.pdf": blank("pdf")}), engine=engine)
    assert done.errors == () and done.pdf
    if engine == "pdflatex":
        assert [width for width in done.overfull if width > TOO_WIDE] == []
        text = " ".join(pdf_text(done.pdf).split())
        for part in (
            "100 % of \\input{x} & $5 #1 _a_ ~ ^ {braces}",
            "\\input{/etc/passwd}",
            "[U+4E2D]",
            "5 < 6 > 4",
        ):
            assert part.replace(" ", "") in text.replace(" ", ""), part


def _has_fonts(engine: str) -> bool:
    """Whether an engine for Unicode is more than its program (in Debian: texlive-luatex, texlive-xetex)."""
    import subprocess

    asked = ("luaotfload-main.lua" if engine == "lualatex" else "xelatex.ini",)
    return subprocess.run(["kpsewhich", *asked], capture_output=True, check=False).returncode == 0


def test_every_printable_character_compiles(tmp_path: Path):
    blocks = [range(32, 0x3100), range(0xFB00, 0xFDD0), range(0xFDF0, 0xFFFE), range(0x1D400, 0x1D800)]
    chars = [chr(c) for block in blocks for c in block]
    lines = []
    for i in range(0, len(chars), 50):
        text = "".join(chars[i : i + 50])
        lines += [escape(text), f"\\texttt{{{escape_code(text)}}}", f"\\emph{{\\textbf{{{escape(text)}}}}}",
                  f"\\novumline{{{escape_line(text)}}}", ""]  # fmt: skip
    done = compile_tex(written(tmp_path, document(*lines)))
    assert done.errors == () and done.undefined == ()
    printed = pdf_text(done.pdf)
    expected = (AS_IS | set(string.printable)) - set(string.whitespace) - set("´¨¯¸")
    assert {char for char in expected if char not in printed} <= set(
        "ĐÐđ…'`ĄąĘę"
    )  # alike, or of several glyphs
    assert b"/Type3" not in done.pdf  # no font was made from bitmaps


def test_every_formula_that_is_let_through_compiles(tmp_path: Path):
    import random

    from tests.manuscript.latex.test_mathematics import PIECES

    random_formulas = (random.Random(seed).choices(PIECES, k=1 + seed % 12) for seed in range(20_000))
    made = [
        *(f"x \\{name} y" for name in sorted(known.PLAIN)),
        *(f"\\{name}{{xy}}" for name in sorted(known.ONE)),
        *(f"\\{name}{{x}}{{y}}" for name in sorted(known.TWO)),
        *(f"\\{name}[n]{{x}}" for name in sorted(known.OPTIONAL)),
        *(f"\\{name}( x" for name in sorted(known.SIZES)),
        *(f"\\left\\{name} x \\right." for name in sorted(known.DELIMITERS)),
        *(f"\\{name}{{a b}}" for name in sorted(known.TEXTUAL)),
        *(f"\\{name} x" for name in sorted(known.SPELLED)),
        *(f"\\begin{{{name}}}a\\\\b\\end{{{name}}}" for name in sorted({*known.ENVIRONMENTS, *known.OUTER})),
        *map("".join, random_formulas),
    ]
    lines = [f"\\({text}\\)" for text in map(_let_through, made) if text]
    assert len(lines) > 2000
    done = compile_tex(written(tmp_path, document("\n\n".join(lines))))
    assert done.errors == ()


MARKDOWN = [
    "{{", "}}", "- a\n", "1. b\n", "a) c\n", "    - d\n", "> q\n", "| a | b |\n|---|--:|\n| 1 | x |\n",
    "\n\nTable: cap\n", "[^1]", "\n\n[^1]: note\n\n", "^[x]", "$x_1$", "$$y$$", "$$ a &= b $$", "$$ $$",
    "**b**", "*e*", "**", "*", "_", "~~s~~", "^2^", "~2~", "`c`", "`", "```\ncode\n```\n",
    "![c](figures/f1.svg){#fig-a}", "![](x.svg)", "[l](#fig-a)", "<https://a.b/c_d>", "\\", "\\\\ ",
    "# H\n", "## H $x$ ^[n]\n", "###### H6\n", "Term\n:   def\n", "| line\n", "***\n", "---\n", "@k",
    "[@k; @l, p. 3]", "[see @k]", "[x]{.smallcaps}", "+---+---+\n| a | b |\n+---+---+\n", "(@)", "\t",
    "中", "🙂", "−", "²", "&", "%", "#", "^", "~", "{", "}", "$", "[", "]", "](", "|", "'", '"', "<b>",
    "\n", "\n\n", " ", "word ", mark("m", "a_1", "3.5"), mark("row", "a_1", "`a_1`"),
    mark("cfg", "k", "x *y* | z"),
]  # fmt: skip


def test_markup_put_together_at_random_compiles(tmp_path: Path):
    import random

    from novum.manuscript.render.pandoc import to_tree

    rngs = [random.Random(seed) for seed in range(1200)]
    trees = to_tree(["".join(rng.choices(MARKDOWN, k=rng.randint(1, 25))) for rng in rngs])
    parts = [Writer(labels=labels_of(tree)).blocks(tree) for tree in trees]
    parts = [re.sub(r"\\label\{[^}]*\}", "", part) for part in parts]  # each of them has its own
    pages = ["\n\n".join(parts[i : i + 20]) for i in range(0, len(parts), 20)]
    pictures = {f"figures/{name}.pdf": blank("pdf") for name in ("f1", "x")}
    source = numbered(document("\n\n\\clearpage\n".join(pages))["paper.tex"].decode())
    done = compile_tex(written(tmp_path, {"paper.tex": source.encode(), **pictures}))
    assert done.errors == () and done.pdf


def _let_through(tex: str) -> str:
    from novum.manuscript.marks import unmarked

    try:
        return unmarked(formula(tex))
    except Refused:
        return ""
