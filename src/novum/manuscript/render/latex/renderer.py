"""`paper.tex` and `paper.bib` from a resolved manuscript."""

import re
from collections.abc import Mapping
from importlib.resources import files
from importlib.util import find_spec

from novum.errors import MissingExtra, UserError
from novum.manuscript.document import Document, FrontMatter, parse_document
from novum.manuscript.marks import clean, replace_marks, unmarked
from novum.manuscript.references import citations
from novum.manuscript.render.latex.bibliography import cleaned
from novum.manuscript.render.latex.escape import escape
from novum.manuscript.render.latex.parts import labels_of
from novum.manuscript.render.latex.writer import Writer
from novum.manuscript.render.pandoc import to_tree

STYLES = {"novum": ("\\usepackage[numbers,sort]{natbib}", "unsrtnat"),
          "author-year": ("\\usepackage[round]{natbib}", "plainnat")}  # fmt: skip
"""Style name -> how natbib is loaded, and BibTeX's style."""

BIBLIOGRAPHY = "references.bib"
COMMANDS = {"c": "novumverdict", "cfg": "novumset", "row": "novumrow"}
SHORT_TITLE = 80
ROW = re.compile(r"\\novumrow\{([^{}]*)\}")


class BibRenderer:
    """Renders `paper.bib`: the cited works of `references.bib`, cleaned for BibTeX."""

    suffix = "bib"

    def render(self, markdown: str, assets: Mapping[str, bytes], style: str = "novum") -> bytes:
        bibtex = assets.get(BIBLIOGRAPHY, b"").decode(errors="replace")
        return cleaned(bibtex, citations(unmarked(markdown))).encode()


class LatexRenderer:
    """Renders `paper.tex`, which compiles beside `paper.bib` and the figures as PDF in `figures/`.

    Figures may also lie in `../figures/`, as they do in a study's folder.
    """

    suffix = "tex"

    def __init__(self) -> None:
        """Raises MissingExtra without pandoc, so that wiring finds out before a study begins."""
        if not find_spec("pypandoc"):
            raise MissingExtra("pdf", "LaTeX")

    def render(self, markdown: str, assets: Mapping[str, bytes], style: str = "novum") -> bytes:
        """The LaTeX source, UTF-8; errors are those of `typeset`."""
        return self.typeset(markdown, assets, style)[0]

    def typeset(
        self, markdown: str, assets: Mapping[str, bytes], style: str = "novum"
    ) -> tuple[bytes, tuple[str, ...]]:
        """(The source, notes on formulas that are printed as they were written).

        Raises UserError for an unknown style, MachineError where pandoc does not run.
        """
        natbib, order = _styled(style)
        document, _ = parse_document(markdown)
        cites = bool(citations(unmarked(markdown)) and assets.get(BIBLIOGRAPHY, b"").strip())
        parts, notes = _parts(document)
        source = "\n\n".join(part for part in (
            _preamble(natbib, document.front) + "".join(f"\n% {escape(note)}" for note in notes),
            "\\begin{document}",
            _title(document.front, parts),
            parts["body"],
            f"\\bibliographystyle{{{order}}}\n\\bibliography{{paper}}" if cites else "",
            _appendix(parts["appendix"]),
            "\\end{document}\n",
        ) if part)  # fmt: skip
        return numbered(source).encode(), notes


def _styled(style: str) -> tuple[str, str]:
    if style not in STYLES:
        raise UserError(f"unknown style '{style}'", fix=f"use one of: {', '.join(STYLES)}")
    return STYLES[style]


def _parts(document: Document) -> tuple[dict[str, str], tuple[str, ...]]:
    """(LaTeX of abstract, body, appendix and each line of the disclosure, notes)."""
    lines = document.front.disclosure
    appendix = re.sub(r"[ \t]*\{\.appendix\}[ \t]*$", "", document.appendix, flags=re.M)
    trees = to_tree([document.abstract, document.body, appendix, *lines.values()])
    labels = labels_of([block for tree in trees for block in tree])
    main, after = Writer(labels=labels), Writer(appendix=True, labels=labels)
    abstract, body, last, *told = (
        [main.blocks(trees[0]), main.blocks(trees[1]), after.blocks(trees[2])]
        + [main.cell(tree) for tree in trees[3:]]
    )  # fmt: skip
    items = "\n".join(f"\\item[{{{escape(k)}}}] {v}" for k, v in zip(lines, told, strict=True))
    parts = {"abstract": abstract, "body": body, "appendix": last, "disclosure": items}
    return parts, (*main.notes, *after.notes)


def _preamble(natbib: str, front: FrontMatter) -> str:
    template = (files("novum.manuscript.render") / "templates" / "novum.tex").read_text("utf-8")
    plain = {"pdftitle": front.title, "pdfauthor": front.authors, "pdfkeywords": ", ".join(front.keywords)}
    meta = ",".join(f"{key}={{{escape(unmarked(value))}}}" for key, value in plain.items() if value)
    short = unmarked(front.title)
    short = short if len(short) <= SHORT_TITLE else short[:SHORT_TITLE].rsplit(" ", 1)[0] + " …"
    header = (
        "\\pagestyle{fancy}\\fancyhf{}\n"
        f"\\fancyhead[L]{{\\footnotesize\\color{{novumfaint}}{escape(short)}}}\n"
        "\\fancyhead[R]{\\footnotesize\\color{novumfaint}Novum study "
        f"\\texttt{{{escape(front.study)}}}}}\n"
        "\\fancyfoot[C]{\\footnotesize\\color{novumfaint}\\thepage}\n"
        "\\fancypagestyle{plain}{\\fancyhf{}\\renewcommand{\\headrulewidth}{0pt}"
        "\\fancyfoot[C]{\\footnotesize\\color{novumfaint}\\thepage}}"
    )
    return f"{template.replace('@NATBIB@', natbib)}\\hypersetup{{{meta}}}\n{header}"


def _title(front: FrontMatter, parts: Mapping[str, str]) -> str:
    """The title block over both columns: title, authors, abstract, keywords, disclosure."""
    lines = [
        f"\\parbox{{0.86\\textwidth}}{{\\centering\\LARGE\\bfseries {escape(front.title)}}}\\par",
        f"\\bigskip{{\\large\\itshape {escape(front.subtitle)}\\par}}" if front.subtitle else "",
        f"\\bigskip{{{escape(front.authors)}\\par}}" if front.authors else "",
        f"\\smallskip{{\\small\\color{{novumfaint}}{escape(front.date)}\\par}}" if front.date else "",
        _abstract(parts["abstract"], front.keywords),
        f"\\medskip\\novumdisclosure{{\n{parts['disclosure']}\n}}" if parts["disclosure"] else "",
        "\\bigskip",
    ]
    inside = "\n".join(line for line in lines if line)
    return f"\\thispagestyle{{plain}}\n\\twocolumn[{{\\centering\n{inside}\n}}]"


def _abstract(abstract: str, keywords: tuple[str, ...]) -> str:
    words = (
        f"\n\n\\smallskip\\noindent\\textbf{{Keywords:}} {escape(', '.join(keywords))}" if keywords else ""
    )
    if not abstract and not words:
        return ""
    return (
        "\\bigskip{\\small\\textbf{Abstract}\\par\\medskip\n"
        f"\\parbox{{0.88\\textwidth}}{{\\setlength{{\\parskip}}{{2pt}}\\noindent {abstract}{words}}}\\par}}"
    )


def _appendix(appendix: str) -> str:
    return f"\\clearpage\n\\onecolumn\n\\appendix\n\\small\n\n{appendix}" if appendix else ""


# --- numbers ------------------------------------------------------------------------------------------


def numbered(source: str) -> str:
    """Marks as commands; a value whose mark came apart on the way is left as its text."""
    rows = {id for kind, id in _marked(source) if kind == "row"}

    def written(kind: str, id: str, text: str) -> str:
        if not _whole(text):
            return text
        command = COMMANDS.get(kind) or ("novumnum" if id in rows else "novumval")
        return f"\\{command}{{{re.sub(r'[^A-Za-z0-9._:-]', '', id)}}}{{{text}}}"

    return clean(replace_marks(source, written))


def _marked(source: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    replace_marks(source, lambda kind, id, text: found.append((kind, id)) or "")
    return found


def _whole(text: str) -> bool:
    """Whether a piece of LaTeX may stand as one argument."""
    depth = 0
    for token in re.findall(r"\\.|[{}]|(?<!\\)&|\n\s*\n", text, re.S):
        depth += (token == "{") - (token == "}")
        if depth < 0 or token == "&" or token.isspace():
            return False
    return depth == 0
