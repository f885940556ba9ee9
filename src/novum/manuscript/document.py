"""The document model: front matter, abstract, body, appendix.

A manuscript opens with TOML front matter between lines of `+++`:

    +++
    title = "…"
    authors = "Novum 0.1.0 (systematic scientist, no language model)"
    study = "3f9c0a…"              # running header
    date = "20 November 2026"
    keywords = ["grokking"]

    [disclosure]                   # the box on page one, in this order; values are Markdown
    "Written by" = "…"
    "Protocol" = "`64 hex digits`"
    +++

A level-one heading `# Abstract` holds the abstract. The first level-one heading with the class
`{.appendix}` opens the appendix; every level-one heading from there on is lettered.
"""

import re

import msgspec
from msgspec import field

from novum.manuscript.faults import ManuscriptFault
from novum.manuscript.text import FENCE, FRONT, mask
from novum.records import Record

HEADING = re.compile(r"^#[ \t]+(?P<title>[^\n]*?)[ \t]*(?P<attributes>\{[^{}\n]*\})?[ \t]*$", re.M)


class FrontMatter(Record, kw_only=True):
    """What a renderer is told of a paper besides its text."""

    title: str = "Untitled"
    subtitle: str = ""
    authors: str = ""
    study: str = ""
    date: str = ""
    keywords: tuple[str, ...] = ()
    disclosure: dict[str, str] = field(default_factory=dict)


class Document(Record, kw_only=True):
    """A resolved manuscript in its parts, each Markdown."""

    front: FrontMatter
    abstract: str
    body: str
    appendix: str


def parse_document(text: str) -> tuple[Document, tuple[ManuscriptFault, ...]]:
    """Part a (resolved) manuscript; broken front matter is a fault and counts as absent."""
    found = FRONT.match(text)
    front, faults = _front(found[1]) if found else (FrontMatter(), ())
    abstract, body, appendix = _parts(text[found.end() :] if found else text)
    return Document(front=front, abstract=abstract, body=body, appendix=appendix), faults


def _front(toml: str) -> tuple[FrontMatter, tuple[ManuscriptFault, ...]]:
    try:
        return msgspec.toml.decode(toml, type=FrontMatter), ()
    except msgspec.DecodeError as bad:
        what, mend = f"the front matter is invalid: {bad}", "see novum.manuscript.document for its keys"
        return FrontMatter(), (ManuscriptFault(rule="front-matter", line=1, column=1, what=what, mend=mend),)


def _parts(text: str) -> tuple[str, str, str]:
    """(abstract, body, appendix), each without the heading that names it where that heading is ours."""
    headings = list(HEADING.finditer(mask(text, FENCE)))
    cut = next((h.start() for h in headings if ".appendix" in (h["attributes"] or "")), len(text))
    main, appendix = text[:cut], text[cut:]
    starts = [h.start() for h in headings if h.start() < cut] + [cut]
    for heading, end in zip(headings, starts[1:], strict=False):
        if heading["title"].strip().lower() == "abstract":
            return (
                main[heading.end() : end].strip(),
                (main[: heading.start()] + main[end:]).strip(),
                appendix.strip(),
            )
    return "", main.strip(), appendix.strip()
