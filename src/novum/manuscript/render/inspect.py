"""Reading a PDF back: pages, text, and whether anything lies outside its column."""

import re
from collections.abc import Iterator
from typing import Any

from novum.errors import MissingExtra

INVISIBLE = re.compile("[\u200b\u00ad\ufffe\u2060\ufeff]")
TOLERANCE = 2.0  # points; glyph boxes reach a little over the edge of their line


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


def layout_notes(pdf: bytes, margin: float = 49.6) -> tuple[str, ...]:
    """What overruns: text outside the page's margins (points), or across the gutter of two columns.

    A page counts as two columns where most of its lines end before its middle or begin after it.
    """
    document = _open(pdf)
    try:
        return tuple(
            note for number, page in enumerate(document, 1) for note in _page_notes(page, number, margin)
        )
    finally:
        document.close()


def _page_notes(page: Any, number: int, margin: float) -> Iterator[str]:
    width, _ = page.get_size()
    boxes = list(_boxes(page))
    for left, right, text in boxes:
        if left < margin - TOLERANCE or right > width - margin + TOLERANCE:
            yield f"page {number}: '{text[:60]}' runs over the margin"
    yield from _crossings(boxes, width, number)


def _crossings(boxes: list[tuple[float, float, str]], width: float, number: int) -> Iterator[str]:
    """Lines that start in the left column and end a little way into the right one."""
    middle = width / 2
    in_columns = [b for b in boxes if b[1] <= middle or b[0] >= middle]
    if len(in_columns) < 0.6 * len(boxes):
        return
    for left, right, text in boxes:
        if (
            left < middle - 20
            and middle < right < middle + 0.25 * width
            and not _centred(left, right, middle)
        ):
            yield f"page {number}: '{text[:60]}' runs over its column"


def _centred(left: float, right: float, middle: float) -> bool:
    return abs((left + right) / 2 - middle) < 12


def _boxes(page: Any) -> Iterator[tuple[float, float, str]]:
    """(left, right, text) of every run of text on a line, in points."""
    text = page.get_textpage()
    try:
        for index in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(index)
            content = " ".join(text.get_text_bounded(left, bottom, right, top).split())
            if content:
                yield left, right, INVISIBLE.sub("", content)
    finally:
        text.close()
