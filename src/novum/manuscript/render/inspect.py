"""Reading a PDF back: pages, text, and whether anything lies outside its column."""

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from msgspec import Struct

from novum.errors import MissingExtra

INVISIBLE = re.compile("[\u200b\u00ad\ufffe\u2060\ufeff]")
TOLERANCE = 2.0  # points; glyph boxes reach a little over the edge of their line
MARGIN = 49.6  # points; the side margins of our template


class Box(Struct, frozen=True):
    """A run of text on a page: its extent in points from the lower left corner."""

    left: float
    bottom: float
    right: float
    top: float
    text: str


def _open(pdf: bytes) -> Any:
    try:
        import pypdfium2
    except ImportError:
        raise MissingExtra("pdf", "reading a PDF") from None
    return pypdfium2.PdfDocument(pdf)


def page_count(pdf: bytes) -> int:
    """Number of pages. Raises MissingExtra without the extra `pdf`."""
    document = _open(pdf)
    try:
        return len(document)
    finally:
        document.close()


def pdf_text(pdf: bytes) -> str:
    """The text of all pages, parted by form feeds, without the invisible marks of line breaking.

    A word broken over two lines by hyphenation keeps its hyphen and line break; hashes, which break
    without a hyphen, are best searched after removing white space.
    """
    document = _open(pdf)
    try:
        return "\f".join(_page_text(page) for page in document)
    finally:
        document.close()


def _page_text(page: Any) -> str:
    text = page.get_textpage()
    try:
        return INVISIBLE.sub("", text.get_text_range())
    finally:
        text.close()


def layout_notes(pdf: bytes, margin: float = MARGIN) -> tuple[str, ...]:
    """What overruns: text outside the page's margins (points), and text printed over other text.

    An equation or table too wide for its column is set over the next one without an error; the overlap
    is what shows.
    """
    document = _open(pdf)
    try:
        return tuple(note for i, page in enumerate(document, 1) for note in _page_notes(page, i, margin))
    finally:
        document.close()


def _page_notes(page: Any, number: int, margin: float) -> Iterator[str]:
    width, _ = page.get_size()
    boxes = list(_boxes(page))
    outside = [b for b in boxes if b.left < margin - TOLERANCE or b.right > width - margin + TOLERANCE]
    for line in _lines(outside):
        yield f"page {number}: '{line[:60]}' runs over the margin"
    for line in _lines(_overprinted(boxes)):
        yield f"page {number}: '{line[:60]}' is printed over other text"


def _lines(boxes: list[Box]) -> list[str]:
    """The text of boxes, those of one line together."""
    lines: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: -b.top):
        if lines and lines[-1][0].bottom < (box.top + box.bottom) / 2:
            lines[-1].append(box)
        else:
            lines.append([box])
    return [" ".join(b.text for b in sorted(line, key=lambda b: b.left)) for line in lines]


def _overprinted(boxes: list[Box]) -> list[Box]:
    """Boxes that cover one another by more than an accent or a script does, the upper one of each pair."""
    ordered = sorted(boxes, key=lambda b: (-b.top, b.left))
    below = (list(_below(first, ordered[i + 1 :])) for i, first in enumerate(ordered))
    return [
        first for first, rest in zip(ordered, below, strict=True) if any(_covered(first, b) for b in rest)
    ]


def _below(first: Box, rest: list[Box]) -> Iterator[Box]:
    return takewhile(lambda b: b.top >= first.bottom, rest)


def _covered(a: Box, b: Box) -> bool:
    across = min(a.right, b.right) - max(a.left, b.left)
    down = min(a.top, b.top) - max(a.bottom, b.bottom)
    return across > 2 * TOLERANCE and down > 0.6 * min(a.top - a.bottom, b.top - b.bottom)


def _boxes(page: Any) -> Iterator[Box]:
    """Every run of text on a line with its extent."""
    text = page.get_textpage()
    try:
        for index in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(index)
            content = INVISIBLE.sub("", " ".join(text.get_text_bounded(left, bottom, right, top).split()))
            if content:
                yield Box(left, bottom, right, top, content)
    finally:
        text.close()
