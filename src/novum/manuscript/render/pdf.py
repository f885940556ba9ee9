"""The PDF renderer: Markdown, through pandoc, to our own Typst template. No TeX, no network, same bytes.

Fonts are those inside the Typst wheel, the timestamp is fixed and nothing of the machine enters, so the
same manuscript gives the same bytes on any machine with the same versions.
"""

import re
import tempfile
from collections.abc import Mapping
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from novum.errors import MissingExtra, StudyError, UserError
from novum.manuscript.document import Document, FrontMatter, parse_document
from novum.manuscript.marks import unmarked
from novum.manuscript.references import citations
from novum.manuscript.render.inspect import layout_notes
from novum.manuscript.render.narrative import authors, name_authors
from novum.manuscript.render.pandoc import to_typst

STYLES = {"novum": ("ieee", True), "author-year": ("apa", False)}
"""Style name -> citation style of the Typst wheel, and whether it numbers works."""

BIBLIOGRAPHY = "references.bib"
TIMESTAMP = 0
SHORT_TITLE = 90


class PdfRenderer:
    """Renders a resolved manuscript with front matter (`novum.manuscript.document`).

    Assets are the figures by the path the manuscript names (`figures/ID.svg`), and `references.bib`.
    """

    suffix = "pdf"

    def __init__(self) -> None:
        """Raises MissingExtra without the extra `pdf`, so that wiring finds out before a study begins."""
        if not all(find_spec(name) for name in ("typst", "pypandoc", "pypdfium2")):
            raise MissingExtra("pdf", "a PDF")

    def render(self, markdown: str, assets: Mapping[str, bytes], style: str = "novum") -> bytes:
        """The PDF; errors are those of `typeset`."""
        return _typeset(markdown, assets, style)[0]

    def typeset(
        self, markdown: str, assets: Mapping[str, bytes], style: str = "novum"
    ) -> tuple[bytes, tuple[str, ...]]:
        """(The PDF, notes on what a reader would stumble over: formulas not understood, overprinted text.)

        Raises UserError for an unknown style, StudyError where the typesetter refuses (a cited work or
        figure is not among the assets), MachineError where pandoc does not run.
        """
        pdf, unread = _typeset(markdown, assets, style)
        return pdf, (*unread, *layout_notes(pdf))


def _typeset(markdown: str, assets: Mapping[str, bytes], style: str) -> tuple[bytes, tuple[str, ...]]:
    """(The PDF, notes on formulas not understood)."""
    markdown = unmarked(markdown)
    citation_style, numbered = styled(style)
    bibliography = assets.get(BIBLIOGRAPHY, b"").decode(errors="replace")
    if numbered:
        markdown = name_authors(markdown, authors(bibliography))
    document, _ = parse_document(markdown)
    cites = bool(bibliography.strip() and citations(markdown))
    main, unread = main_typ(document, citation_style, cites)
    template = (files("novum.manuscript.render") / "templates" / "novum.typ").read_bytes()
    drawn = {path: data for path, data in assets.items() if not path.endswith(".json")}
    return _compile({**drawn, "main.typ": main.encode(), "novum.typ": template}), unread


def styled(style: str) -> tuple[str, bool]:
    """(Citation style of the Typst wheel, whether works are numbered). Raises UserError for another name."""
    if style not in STYLES:
        raise UserError(f"unknown style '{style}'", fix=f"use one of: {', '.join(STYLES)}")
    return STYLES[style]


def main_typ(document: Document, citation_style: str, bibliography: bool) -> tuple[str, tuple[str, ...]]:
    """(The Typst source that hands a document's parts to the template, notes on formulas not understood)."""
    disclosure = document.front.disclosure
    pieces = [document.abstract, document.body, document.appendix, *disclosure.values()]
    typeset, notes = to_typst([_appendix_headings(piece) for piece in pieces])
    abstract, body, appendix, *values = typeset
    rows = "".join(f"({_text(k)}, [{v}])," for k, v in zip(disclosure, values, strict=True))
    source = "\n".join([
        '#import "novum.typ": *',
        _meta(document.front, citation_style),
        "#show: novum-paper.with(meta,",
        f"abstract: {_block(abstract)},",
        f"disclosure: ({rows}),",
        f"appendix: {_block(INLINE + appendix) if appendix else 'none'},",
        f"bibliography: {_text(BIBLIOGRAPHY) if bibliography else 'none'})",
        body,
    ])  # fmt: skip
    return source, notes


def _meta(front: FrontMatter, citation_style: str) -> str:
    values = {name: getattr(front, name) for name in ("title", "subtitle", "authors", "date", "study")}
    values |= {"citations": citation_style, "short-title": _short(front.title)}
    keywords = "".join(f"{_text(word)}," for word in front.keywords)
    named = "".join(f"{k}: {_text(v)}, " for k, v in values.items())
    return f"#let meta = ({named}keywords: ({keywords}))"


INLINE = """#let novum-figure = novum-figure.with(inline: true)
#let novum-table = novum-table.with(inline: true)

"""


def _appendix_headings(piece: str) -> str:
    return re.sub(r"[ \t]*\{\.appendix\}[ \t]*$", "", piece, flags=re.M)


def _block(markup: str) -> str:
    return f"[\n{markup}\n]" if markup else "none"


def _text(value: str) -> str:
    """A Typst string literal."""
    escaped = re.sub(r"[\x00-\x1f\x7f]", " ", value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _short(title: str) -> str:
    return title if len(title) <= SHORT_TITLE else title[:SHORT_TITLE].rsplit(" ", 1)[0] + " …"


def _compile(sources: Mapping[str, bytes]) -> bytes:
    """Typeset `main.typ` among the sources, in a folder of its own."""
    try:
        import typst
    except ImportError:
        raise MissingExtra("pdf", "a PDF") from None
    with tempfile.TemporaryDirectory(prefix="novum-paper-") as name:
        root = Path(name)
        for path, data in sources.items():
            _write(root, path, data)
        try:
            return typst.compile(name + "/main.typ", root=name, ignore_system_fonts=True, font_paths=[],
                                 package_path=name + "/none", package_cache_path=name + "/none",
                                 timestamp=TIMESTAMP)  # fmt: skip
        except typst.TypstError as refused:
            raise StudyError(f"the paper does not typeset: {_first_line(str(refused))}",
                             fix="mend the manuscript's source and run `novum write`") from None  # fmt: skip


def _write(root: Path, path: str, data: bytes) -> None:
    parts = PurePosixPath(path).parts
    if ".." in parts or PurePosixPath(path).is_absolute():
        raise UserError(f"asset path '{path}' leaves the manuscript's folder", fix="use a relative path")
    target = root.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def _first_line(message: str) -> str:
    return " ".join(message.split())[:300]
