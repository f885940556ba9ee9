"""Reading Markdown without changing it: what is code, mathematics or address, and where sentences end.

Masking replaces a stretch by as many placeholder characters, so that offsets stay those of the source
and every fault can name its line and column.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

FENCE = re.compile(
    r"^ {0,3}(?P<fence>`{3,})[ \t]*[\w+#.-]*[ \t]*\n(?:.*?\n)?? {0,3}(?P=fence)`*[ \t]*$", re.M | re.S
)
BLOCK_STARTS = r"\n[ \t]*(?:[\n:#|>+*-]|\d+[.)])"  # code within a line may wrap, but into no other block
CODE = re.compile(rf"(?:(?<![`\\])|(?<=\\`))(`+)(?!`)((?:(?!{BLOCK_STARTS}).)+?)(?<!`)\1(?!`)", re.S)
MATH = re.compile(
    r"\$\$(?:(?!\n[ \t]*\n).)+?\$\$|(?<![\\$\w])\$(?=\S)(?:[^$\n]|\n(?!\s*\n))+?(?<=[^\s\\])\$(?!\d)", re.S
)
FRONT = re.compile(r"\A\+\+\+\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.M | re.S)
ADDRESS = re.compile(r"(?:https?://|doi:|arXiv:)[^\s)>\]]+|\b10\.\d{4,9}/[^\s)>\]]+", re.I)
KEY = r"[A-Za-z0-9_](?:[\w:.#$%&+?<>~/-]*\w)?"
LOCATOR = r"(?:,\s*(?:p|pp|chap|sec|ch|Section|Chapter|Theorem|Table|Figure)s?\.?\s*\d+(?:\s*[-–]\s*\d+)?)?"
CITATION = re.compile(
    rf"\[(?:[^\[\]@\d;]*-?@{KEY}{LOCATOR}\s*;?)+\]|(?<![\w@.])-?@(?P<key>[A-Za-z0-9_][\w:.#$%&+?<>~/-]*)"
)
CITE_KEY = re.compile(r"(?<![\w@.])@\{?([A-Za-z0-9_](?:[\w:.#$%&+?<>~/-]*\w)?)")
ATTRIBUTES = r"\{(?:[#.][A-Za-z][\w:.-]*[ \t]*)+\}"
TARGET = re.compile(rf"(?<=\])\([^()\s]*\)(?:{ATTRIBUTES})?|(?<=[ \t]){ATTRIBUTES}(?=[ \t]*$)", re.M)
REFERENCE = re.compile(r"\{\{\s*(?:m|c|fig|cfg|lit):[^{}\n]*\}\}")

VERBATIM = (FENCE, CODE)
BLANK = "\x00"


class Sentence(Struct, frozen=True):
    """A stretch of source: `start` is its offset, `text` the source text from there."""

    start: int
    text: str


def mask(source: str, *patterns: re.Pattern[str], by: str = BLANK) -> str:
    """The source with every match of the patterns, in turn, blanked out; line breaks stay."""
    for pattern in patterns:
        source = pattern.sub(lambda m: re.sub(r"[^\n]", by, m[0]), source)
    return source


def prose(source: str) -> str:
    """The source with code, mathematics, addresses and link targets blanked out; all else is printed."""
    return mask(source, *VERBATIM, MATH, ADDRESS, TARGET)


def paragraphs(source: str) -> Iterator[Sentence]:
    """Blocks parted by blank lines, with their offsets."""
    for found in re.finditer(r"(?:[^\n]*\S[^\n]*(?:\n|\Z))+", source):
        yield Sentence(found.start(), found[0])


ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|vs|al|Fig|Figs|Eq|Eqs|Sec|Tab|approx|resp|no|No|Dr|St)|\b[A-Z])\.$"
)
STOP = re.compile(r"[.!?]+[\"'”’)\]*_]*(?=\s|$)")


def sentences(paragraph: Sentence) -> Iterator[Sentence]:
    """The sentences of a paragraph; list items and table rows end one, abbreviations do not."""
    start = 0
    for end in _ends(paragraph.text):
        piece = paragraph.text[start:end]
        if piece.strip():
            yield Sentence(paragraph.start + start, piece)
        start = end


def _ends(text: str) -> list[int]:
    hidden = mask(text, REFERENCE, by="x")
    stops = [m.end() for m in STOP.finditer(hidden) if not ABBREVIATED.search(hidden[: m.start() + 1])]
    breaks = [m.start() for m in re.finditer(r"\n(?=\s*(?:[-*+]|\d+[.)])\s|\s*\|)", text)]
    return sorted({*stops, *breaks, len(text)})
