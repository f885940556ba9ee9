"""The paper as LaTeX: the source beside its bibliography and its figures as PDF; the same for Overleaf."""

from collections.abc import Mapping

from novum.errors import StudyError, UserError
from novum.export.places import Files
from novum.export.source import Source, paper_of, placed_figures
from novum.literature.bibliography import Bibliography
from novum.manuscript.references import resolve
from novum.protocols import Renderer
from novum.records import Figure
from novum.steps.lookup import StudyLookup, values_of
from novum.steps.write import BIBLIOGRAPHY, finished

PICTURES = ("pdf", "png")  # what every TeX can place, the better first

README = """# {title}

The paper of the Novum study `{study}` as LaTeX.

    pdflatex {main} && bibtex {main} && pdflatex {main} && pdflatex {main}

It needs a TeX Live with `texlive-latex-recommended` and `texlive-fonts-recommended` (names as in Debian), and
compiles with XeLaTeX and LuaLaTeX too. Every number keeps the id of what it is: `\\novumnum{{ID}}{{TEXT}}`
leads to its row in the last appendix. A number that is changed by hand is no longer what the study measured.
"""

LATEXMKRC = "$pdf_mode = 1;\n$bibtex_use = 2;\n"


def files(source: Source) -> Files:
    """`paper.tex`, `paper.bib`, `figures/` and a readme."""
    return _project(source, "paper")


def bundle(source: Source) -> Files:
    """What Overleaf compiles at once: `main.tex` at the top, and what it needs."""
    return {**_project(source, "main"), "latexmkrc": LATEXMKRC.encode()}


def _project(source: Source, main: str) -> Files:
    texts = _texts(source)
    title = source.state.domain.title if source.state.domain else source.state.study
    readme = README.format(title=title, study=source.state.study, main=main)
    figures = dict(_picture(source, figure) for figure in placed_figures(source).values())
    return {f"{main}.tex": texts["tex"], "paper.bib": texts["bib"], "README.md": readme.encode(), **figures}


def _picture(source: Source, figure: Figure) -> tuple[str, bytes]:
    for suffix in PICTURES:
        if suffix in figure.files:
            return f"figures/{figure.id}.{suffix}", source.blobs.get(figure.files[suffix])
    raise UserError(f"figure {figure.id} has no file that LaTeX can place ({' or '.join(PICTURES)})",
                    fix="render the paper again with novum write")  # fmt: skip


def _texts(source: Source) -> Mapping[str, bytes]:
    """Source and bibliography as they were rendered with the paper; made now for an older study."""
    paper = paper_of(source)
    if {"tex", "bib"} <= set(paper.files):
        return {suffix: source.blobs.get(paper.files[suffix]) for suffix in ("tex", "bib")}
    markdown, bibtex = _resolved(source)
    style = source.state.settings.style if source.state.settings else "novum"
    return {r.suffix: r.render(markdown, {BIBLIOGRAPHY: bibtex}, style) for r in _renderers()}


def _renderers() -> tuple[Renderer, ...]:
    from novum.manuscript.render.latex.renderer import BibRenderer, LatexRenderer

    return LatexRenderer(), BibRenderer()


def _resolved(source: Source) -> tuple[str, bytes]:
    """(The marked manuscript, its bibliography), if every value is the one that the paper printed."""
    state, paper = source.state, paper_of(source)
    assert state.domain is not None
    sha = state.domain.files.get(BIBLIOGRAPHY)
    works = Bibliography(source.blobs.get(sha).decode("utf-8", "replace") if sha else "")
    lookup = StudyLookup(state, works.entries())
    resolved = resolve(paper.source, lookup)
    if values_of(resolved) != paper.values:
        raise StudyError(f"the record of {state.study} gives other numbers than its paper printed",
                         fix="see novum audit")  # fmt: skip
    return finished(resolved, lookup, state.domain.baseline), works.bibtex().encode()
