"""Citations that exist, figures placed once and mentioned, nothing said twice, nothing left unfilled."""

import re
from collections.abc import Iterator

from novum.manuscript.checks.reading import Reading
from novum.manuscript.document import parse_document
from novum.manuscript.faults import ManuscriptFault
from novum.manuscript.references import blocks_of
from novum.manuscript.text import CITE_KEY, FENCE, FRONT, VERBATIM, mask, paragraphs

NONE = r"(?<=[\w,;:] )None|None(?! [a-z])"  # as a value, not as the first word of a sentence
UNFILLED = re.compile(rf"(?<![\w-])(?:{NONE}|nan|NaN|inf|TODO|TBD|FIXME|XXX|lorem ipsum)(?![\w-])")
HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*(?:\{[^{}\n]*\})?[ \t]*$", re.M)
STRAY_MEND = "close the code, or write it between fences of ``` at the start of a line"
REPEATED_FROM = 40  # characters; shorter paragraphs may recur


def unknown_citations(reading: Reading) -> Iterator[ManuscriptFault]:
    """Citation keys without an entry."""
    front = FRONT.match(reading.source)
    for found in CITE_KEY.finditer(mask(reading.source, *VERBATIM), front.end() if front else 0):
        if reading.lookup.entry(found[1]) is None:
            yield reading.fault(found.start(), "unknown-citation", f"'{found[1]}' is not in references.bib",
                                "cite an entry that exists, or add it")  # fmt: skip


def unmentioned_figures(reading: Reading) -> Iterator[ManuscriptFault]:
    """Figures that are placed and that no sentence refers to."""
    blocks = blocks_of(reading.source)
    mentioned = {r.id for r in reading.references if r.kind == "fig" and r.start not in blocks}
    for start, reference in blocks.items():
        if reference.id not in mentioned:
            what = f"figure {reference.id} is placed and never mentioned"
            yield reading.fault(start, "figure-not-mentioned", what, "say in the text what {{fig:ID}} shows")


def repeated_headings(reading: Reading) -> Iterator[ManuscriptFault]:
    """Headings that read the same."""
    seen: set[str] = set()
    for found in HEADING.finditer(mask(reading.source, FENCE)):
        title = " ".join(found[1].lower().split())
        if title in seen:
            yield reading.fault(found.start(), "repeated-heading", f"the heading '{found[1]}' stands twice",
                                "name the section for what it holds")  # fmt: skip
        seen.add(title)


def repeated_paragraphs(reading: Reading) -> Iterator[ManuscriptFault]:
    """Paragraphs that read the same."""
    seen: set[str] = set()
    for block in paragraphs(mask(reading.source, FENCE)):
        text = " ".join(block.text.split())
        if text in seen and len(text) >= REPEATED_FROM:
            what = f"the paragraph '{text[:40]}…' stands twice"
            yield reading.fault(block.start, "repeated-paragraph", what, "remove one")
        seen.add(text)


def unfilled(reading: Reading) -> Iterator[ManuscriptFault]:
    """Words that a template or a computation leaves behind where a value is missing."""
    for found in UNFILLED.finditer(reading.words_only):
        yield reading.fault(found.start(), "unfilled", f"'{found[0]}' stands where a value or text should",
                            "say in words what is not there")  # fmt: skip


def stray_code_marks(reading: Reading) -> Iterator[ManuscriptFault]:
    """Backticks that open or close nothing, or stand in an indented block: readers differ about such code,
    and what one takes for code another prints as text."""
    text = mask(reading.source, *VERBATIM)
    for found in re.finditer(r"(?<!\\)`+", text):
        yield reading.fault(
            found.start(), "stray-code-mark", "a backtick opens or closes no code", STRAY_MEND
        )
    for block in paragraphs(mask(reading.source, FENCE)):
        if re.match(r"(?: {4}|\t)", block.text) and re.search(r"[`$]", block.text):
            what = "an indented block holds marks of code or mathematics"
            yield reading.fault(block.start, "stray-code-mark", what, STRAY_MEND)


def front_matter(reading: Reading) -> Iterator[ManuscriptFault]:
    """Front matter that does not read."""
    blanked = re.sub(r"\{\{[^{}\n]*\}\}", "x", reading.source)
    yield from parse_document(blanked)[1]
