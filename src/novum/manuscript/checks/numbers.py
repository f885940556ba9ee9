"""Numbers that are no references: digits, number words, results hidden in mathematics, table cells."""

import re
from collections.abc import Iterator

from novum.manuscript.checks.reading import Reading
from novum.manuscript.checks.words import whole_words
from novum.manuscript.faults import ManuscriptFault
from novum.manuscript.text import CODE, FENCE, MATH, REFERENCE, VERBATIM, mask, paragraphs

NUMBER = re.compile(r"[-+−±]?(?:\d[\d.,]*\d|\d|[¼-¾⅐-↉①-⓿❶-➓㉈-㉟])(?:\s?%|\s?×)?")
ENTITY = re.compile(r"&(?:frac\w+|#\w+|half);")
ITEM = re.compile(r"^[ \t]*\d{1,2}[.)](?=[ \t])", re.M)
MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
YEAR = r"(?:19|20)\d\d"
FOLLOWS_YEAR = r"(?=\s*(?:[.,;:)\]]|$|\n\n|\s(?:and|the|a|an|by|to|in|for|with|that|of|when|they|we)\b))"
NUMBERED = (
    r"(?:\b(?:Sections?|Secs?\.|Equations?|Eqs?\.|Tables?|Appendi(?:x|ces)|Algorithms?|Steps?|Items?)|§+)"
)
PLACE = r"\(?\d{1,2}(?:\.\d{1,2})*\)?(?![\d%])"
ALLOWED = (
    re.compile(rf"\b\d{{1,2}} {MONTH}(?: {YEAR})?\b|\b{MONTH} (?:\d{{1,2}}, )?{YEAR}\b"),
    re.compile(rf"\b{YEAR}-\d\d-\d\d(?:T[\d:.]+Z?)?\b"),
    re.compile(rf"\b(?:in|since|until|year|during) {YEAR}{FOLLOWS_YEAR}", re.I),
    re.compile(rf"(?<=al\. )\({YEAR}[a-z]?\)|(?<=[a-z] )\((?:[A-Z][a-z][^()\d]*,? ){YEAR}[a-z]?\)"),
    re.compile(rf"\b[A-Z][a-z]+ \({YEAR}[a-z]?\)"),
    re.compile(rf"{NUMBERED}[ \xa0]?{PLACE}(?:(?:, | and |–|-){PLACE})*"),
    re.compile(r"^#{1,6}[ \t]+\d{1,2}(?:\.\d{1,2})*\.?(?=[ \t]+[A-Z])", re.M),
    re.compile(r"\[\^[\w-]+\]:?"),
    re.compile(r"\bv?\d+\.\d+\.\d+(?:[.\w+-]*\w)?"),
    re.compile(r"\b[A-Za-z][\w-]*-[0-9a-f]{8}(?![\w.])"),  # a study's id, which may be digits only
    re.compile(r"\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{7,64}\b"),
    re.compile(r"\b[A-Z][A-Za-z]*-?\d+\b|\b[A-Za-z]+_?\d+[A-Za-z_]*\b|\b[A-Za-z]+_\w+\b"),
)
RELATION = r"(?:=|<|>|≤|≥|≈|\\(?:leq?|geq?|approx|simeq|sim|ll|gg|pm)\b)"
LITERAL = r"\s*\{?[-+−]?\s*(?![01](?![\d.]))\d"
MATH_RESULT = re.compile(rf"{RELATION}{LITERAL}|\d\.?\d|\d\s*\\%")
MEND = "point to the record: {{m:ID|FORMAT}}, {{cfg:KEY}} or {{lit:KEY|VALUE}}"


def bare_numbers(reading: Reading) -> Iterator[ManuscriptFault]:
    """Digits in prose that are no date, number of a section, identifier or fixed term."""
    numbers = NUMBER.finditer(_without_allowed(reading))
    for found in (*numbers, *ENTITY.finditer(reading.words_only)):
        yield reading.fault(found.start(), "bare-number", f"'{found[0].strip()}' is a bare number", MEND)


def _without_allowed(reading: Reading) -> str:
    fixed, versioned = whole_words(reading.words.fixed), "|".join(reading.words.versioned)
    version = re.compile(rf"\b(?:{versioned}) \d+(?:\.\d+)*\b", re.I)
    terms = [re.compile(rf"(?<!\w){re.escape(term)}(?!\w)", re.I) for term in reading.vocabulary.terms]
    return mask(_without_item_numbers(reading.words_only), *terms, fixed, version, *ALLOWED)


def _without_item_numbers(text: str) -> str:
    """Numbers of list items blanked out; they count where a paragraph opens with one."""
    for block in paragraphs(text):
        if ITEM.match(block.text):
            text = text[: block.start] + mask(block.text, ITEM) + text[block.start + len(block.text) :]
    return text


def number_words(reading: Reading) -> Iterator[ManuscriptFault]:
    """Number words from two up, fractions and multiples, outside the published fixed terms."""
    terms = [re.compile(rf"(?<!\w){re.escape(term)}(?!\w)", re.I) for term in reading.vocabulary.terms]
    text = mask(reading.words_only, *terms, whole_words(reading.words.fixed))
    for found in whole_words(reading.words.numbers).finditer(text):
        yield reading.fault(found.start(), "number-word", f"'{found[0]}' states a number in words", MEND)


SCRIPT = re.compile(r"[_^](?:\{[^{}]*\}|.)")


def results_in_mathematics(reading: Reading) -> Iterator[ManuscriptFault]:
    """Mathematics that states a result: a relation to a literal beyond zero and one, a decimal or longer
    number outside of scripts, or a number alone."""
    text = mask(reading.source, *VERBATIM)
    for found in MATH.finditer(mask(text, REFERENCE, by=" ")):
        inner = SCRIPT.sub(" ", found[0].strip("$"))
        alone = re.search(r"\d", inner) and not re.search(r"[A-Za-z]", inner)
        stated = MATH_RESULT.search(inner)
        if alone or stated:
            yield reading.fault(found.start(), "number-in-mathematics",
                                f"'{' '.join(found[0].split())[:40]}' states a number", MEND)  # fmt: skip


NUMBER_IN_CODE = re.compile(r"[-+−]?(?:\d{1,6}|\d[\d,]*\.\d+|\d{1,3}(?:,\d{3})+)\s*%?")


def numbers_in_code(reading: Reading) -> Iterator[ManuscriptFault]:
    """Code that is nothing but a number; longer runs of digits are ids."""
    for found in CODE.finditer(mask(reading.source, FENCE)):
        if NUMBER_IN_CODE.fullmatch(found[2].strip()):
            yield reading.fault(found.start(), "number-in-code", f"the code {found[0]} is a number", MEND)
