"""The HTML renderer. Needs pandoc, which is part of the extra `pdf`, and nothing else that the core lacks."""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any

import msgspec

from novum.errors import MissingExtra
from novum.manuscript.document import parse_document
from novum.manuscript.marks import unmarked
from novum.manuscript.render.html.page import Parts, Section, page
from novum.manuscript.render.html.pieces import Pieces, spell, split, to_html
from novum.manuscript.render.html.tree import Element, read
from novum.manuscript.render.html.typeset import Typesetter
from novum.manuscript.render.narrative import authors, name_authors
from novum.manuscript.render.pdf import BIBLIOGRAPHY, styled

TRAILS = "trails.json"
"""The asset beside figures and bibliography that says where numbers lead (`novum.steps.trails`)."""

LONG_TABLE = 80  # rows above which a section of the appendix is folded at first


class HtmlRenderer:
    """Renders a resolved manuscript as one file without a network.

    Assets are those of the PDF, and `TRAILS`; without it the page is the paper alone, and no number leads
    anywhere.
    """

    suffix = "html"

    def __init__(self) -> None:
        """Raises MissingExtra without the extra `pdf`, which holds pandoc."""
        if not find_spec("pypandoc"):
            raise MissingExtra("pdf", "an HTML paper")

    def render(self, markdown: str, assets: Mapping[str, bytes], style: str = "novum") -> bytes:
        """The page in UTF-8.

        Raises UserError for an unknown style, MissingExtra or MachineError where pandoc does not run.
        """
        _, numbered = styled(style)
        trails = msgspec.json.decode(assets[TRAILS]) if TRAILS in assets else {}
        bibliography = assets.get(BIBLIOGRAPHY, b"").decode(errors="replace")
        if numbered:
            markdown = name_authors(markdown, authors(bibliography))
        spelt, marks = spell(markdown if trails else unmarked(markdown))
        pieces = to_html(spelt, marks, bibliography, numbered)
        setter = Typesetter(marks, assets, addresses(trails))
        return page(_parts(spelt, pieces, setter, trails, assets)).encode(errors="replace")


def addresses(trails: Mapping[str, Any]) -> dict[str, str]:
    """What may stand in code and leads somewhere: id -> fragment."""
    kinds = (("trials", "t-"), ("claims", "c-"), ("measurements", "n-"), ("numbers", "n-"))
    return {id: prefix + id for kind, prefix in kinds for id in trails.get(kind, ())}


def _parts(
    spelt: str, pieces: Pieces, setter: Typesetter, trails: Mapping[str, Any], assets: Mapping[str, bytes]
) -> Parts:
    """Everything set, in the order in which a reader meets it, since numbers are given in that order."""
    front = parse_document(spelt)[0].front
    title = setter.words(front.title)
    abstract = setter.set(read(pieces.abstract))
    disclosure = [(label, setter.set(_inline(read(value))))
                  for label, value in zip(front.disclosure, pieces.disclosure, strict=True)]  # fmt: skip
    body = setter.set(read(pieces.body))
    end = read(pieces.end)
    works = next((setter.set(e) for e in end if e.attributes.get("id") == "refs"), None)
    notes = next((setter.set(e) for e in end if e.has("footnotes")), None)
    setter.begin_appendix()
    appendix = list(_sections(setter.set(read(pieces.appendix))))
    plain = {name: _without_marks(getattr(front, name)) for name in ("subtitle", "authors", "date", "study")}
    return Parts(
        front=msgspec.structs.replace(front, **plain), title=title, abstract=abstract, disclosure=disclosure,
        body=body, works=works, notes=notes, appendix=appendix, headings=setter.headings,
        claims=sorted(trails.get("claims", {}).items(), key=lambda item: item[1]["place"]),
        trails=assets[TRAILS].decode() if trails else "",
    )  # fmt: skip


def _without_marks(text: str) -> str:
    return "".join(part for _, part in split(text))


def _inline(root: Element) -> Element:
    """A line of the box on page one without the paragraph around it."""
    held = [c for c in root.children if isinstance(c, Element)]
    return Element("", {}, *held[0].children) if len(held) == 1 and held[0].tag == "p" else root


def _sections(root: Element) -> Iterator[Section]:
    """The sections of the first level; what stands before the first of them is a section as well."""
    heading, held = Element("h2", {}, "Appendix"), Element("")
    for child in root.children:
        if isinstance(child, Element) and child.tag == "h2":
            yield from _section(heading, held)
            heading, held = child, Element("")
        else:
            held.children.append(child)
    yield from _section(heading, held)


def _section(heading: Element, held: Element) -> Iterator[Section]:
    """Folded where it is long, and where it lists the numbers: on this page they lead further themselves."""
    if held.text.strip() or any(e.tag == "svg" for e in held) or "id" in heading.attributes:
        long = sum(e.tag == "tr" for e in held) > LONG_TABLE
        numbers = any(e.has("id") and e.attributes["href"].startswith("#n-") for e in held)
        yield Section(heading, held, long or numbers)
