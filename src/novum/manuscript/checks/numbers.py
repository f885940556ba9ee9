"""Numbers that are no references: digits, number words, results hidden in mathematics, table cells."""

import re
from collections.abc import Iterator

from novum.manuscript.checks.reading import Reading
from novum.manuscript.checks.words import whole_words
from novum.manuscript.faults import ManuscriptFault
from novum.manuscript.text import COMMENT, MATH, REFERENCE, VERBATIM, is_table, mask, paragraphs, table_cells

NUMBER = re.compile(r"[-+−±]?(?:\d[\d.,]*\d|\d|[½⅓⅔¼¾⅕⅛⅜⅝⅞])(?:\s?%|\s?×)?")
MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
YEAR = r"(?:19|20)\d\d"
FOLLOWS_YEAR = r"(?=\s*(?:[.,;:)\]]|$|\n\n|\s(?:and|the|a|an|by|to|in|for|with|that|of|when|they|we)\b))"
NUMBERED = (
    r"(?:\b(?:Sections?|Secs?\.|Equations?|Eqs?\.|Tables?|Appendi(?:x|ces)|Algorithms?|Steps?|Items?)|§+)"
)
PLACE = r"\(?\d+(?:\.\d+)*\)?"
ALLOWED = (
    re.compile(rf"\b\d{{1,2}} {MONTH}(?: {YEAR})?\b|\b{MONTH} (?:\d{{1,2}}, )?{YEAR}\b"),
    re.compile(rf"\b{YEAR}-\d\d-\d\d(?:T[\d:.]+Z?)?\b"),
    re.compile(rf"\b(?:in|since|until|from|of|year|by|before|after|during) {YEAR}{FOLLOWS_YEAR}", re.I),
    re.compile(r"\((?:[A-Z][^()\d]*,? )?" + YEAR + r"[a-z]?\)"),
    re.compile(rf"{NUMBERED}[ \xa0]?{PLACE}(?:(?:, | and |–|-){PLACE})*"),
    re.compile(r"^#{1,6}[ \t]+\d+(?:\.\d+)*\.?(?=\s)", re.M),
    re.compile(r"^[ \t]*\d+[.)](?=[ \t])", re.M),
    re.compile(r"\[\^[\w-]+\]:?"),
    re.compile(r"\bv?\d+\.\d+\.\d+(?:[.\w+-]*\w)?"),
    re.compile(r"\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{7,64}\b"),
    re.compile(r"\b[A-Z][A-Za-z]*-?\d+\b|\b[A-Za-z]+_?\d+[A-Za-z_]*\b|\b[A-Za-z]+_\w+\b"),
)
RELATION = r"(?:=|<|>|≤|≥|≈|\\(?:leq?|geq?|approx|simeq|sim|ll|gg|pm)\b)"
LITERAL = r"\s*\{?[-+−]?\s*(?![01](?![\d.]))\d"
MATH_RESULT = re.compile(rf"{RELATION}{LITERAL}|\d\.\d|\d\s*\\%")
MEND = "point to the record: {{m:ID|FORMAT}}, {{cfg:KEY}} or {{lit:KEY|VALUE}}"


def bare_numbers(reading: Reading) -> Iterator[ManuscriptFault]:
    """Digits in prose that are no date, number of a section, identifier or fixed term."""
    text = _without_allowed(reading)
    for found in NUMBER.finditer(text):
        yield reading.fault(found.start(), "bare-number", f"'{found[0].strip()}' is a bare number", MEND)


def _without_allowed(reading: Reading) -> str:
    fixed, versioned = whole_words(reading.words.fixed), "|".join(reading.words.versioned)
    version = re.compile(rf"\b(?:{versioned}) \d+(?:\.\d+)*\b", re.I)
    terms = [re.compile(rf"(?<!\w){re.escape(term)}(?!\w)", re.I) for term in reading.vocabulary.terms]
    return mask(reading.words_only, *terms, fixed, version, *ALLOWED)


def number_words(reading: Reading) -> Iterator[ManuscriptFault]:
    """Number words from two up, fractions and multiples, outside the published fixed terms."""
    terms = [re.compile(rf"(?<!\w){re.escape(term)}(?!\w)", re.I) for term in reading.vocabulary.terms]
    text = mask(reading.words_only, *terms, whole_words(reading.words.fixed))
    for found in whole_words(reading.words.numbers).finditer(text):
        yield reading.fault(found.start(), "number-word", f"'{found[0]}' states a number in words", MEND)


def results_in_mathematics(reading: Reading) -> Iterator[ManuscriptFault]:
    """Mathematics that states a result: a relation to a literal beyond zero and one, or a number alone."""
    text = mask(reading.source, *VERBATIM, COMMENT)
    for found in MATH.finditer(mask(text, REFERENCE, by=" ")):
        inner = found[0].strip("$")
        alone = re.search(r"\d", inner) and not re.search(r"[A-Za-z]", inner)
        stated = MATH_RESULT.search(inner)
        if alone or stated:
            yield reading.fault(found.start(), "number-in-mathematics",
                                f"'{' '.join(found[0].split())[:40]}' states a number", MEND)  # fmt: skip


def table_numbers(reading: Reading) -> Iterator[ManuscriptFault]:
    """Cells of tables in which a number stands in code, where the rule for prose does not see it."""
    for block in paragraphs(mask(reading.source, VERBATIM[0])):
        if is_table(block.text):
            yield from _cells(reading, block.start, block.text)


def _cells(reading: Reading, start: int, table: str) -> Iterator[ManuscriptFault]:
    offset = start
    for line in table.splitlines(keepends=True):
        for at, cell in table_cells(line.rstrip("\n")):
            if re.fullmatch(r"\s*`+\s*[-+−]?(?:\d{1,6}|\d[\d,]*\.\d+|\d{1,3}(?:,\d{3})+)\s*%?\s*`+\s*", cell):
                what = f"the cell {cell.strip()} is a number in code"
                yield reading.fault(offset + at, "number-in-code", what, MEND)
        offset += len(line)
