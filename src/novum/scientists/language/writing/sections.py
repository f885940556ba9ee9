"""What a writer is asked for, as records, and the one account of the sections that these make."""

from typing import Annotated

from msgspec import Meta, Struct

from novum.scientists.language.writing.sheet import Sheet
from novum.steps.typed import Answer

Paragraph = Annotated[str, Meta(min_length=1, max_length=3000)]
Paragraphs = Annotated[tuple[Paragraph, ...], Meta(max_length=8)]


class Interpreted(Answer, frozen=True, kw_only=True):
    """What the results mean, and where that ends. Each section is a list of paragraphs of plain sentences."""

    interpretation: Paragraphs
    discussion: Paragraphs
    limitations: Paragraphs = ()


class Introduced(Answer, frozen=True, kw_only=True):
    """Why the question is worth asking, what is known, what is asked."""

    introduction: Paragraphs


class Summed(Answer, frozen=True, kw_only=True):
    """The abstract, one paragraph."""

    abstract: Paragraph


class Replacement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another sentence in the place of one; an empty text drops it."""

    number: int
    text: Annotated[str, Meta(max_length=1200)] = ""


class Mended(Answer, frozen=True, kw_only=True):
    """Replacements for the sentences that were sent back, by their number."""

    sentences: Annotated[tuple[Replacement, ...], Meta(max_length=60)]


OWN = ("interpretation", "abstract")  # on this study's results alone, where a citation carries nothing
LONGEST = 2400  # characters of an abstract, references included

Section = tuple[list[str], ...]
"""Paragraphs, each a list of sentences."""


def fault_of_abstract(sheet: Sheet, summed: Summed) -> str:
    """What an abstract lacks: the verdict on each claim of a small family, or on the first of a large one."""
    labels = list(sheet.claims)
    wanted = labels if len(labels) <= 3 else labels[:1]
    missing = [label for label in wanted if f"c:{label}}}" not in summed.abstract.replace(" ", "")]
    if missing:
        return f"the abstract has to give the verdict on {', '.join(missing)} by {{{{c:NAME}}}}"
    if len(summed.abstract) > LONGEST:
        return "the abstract is too long; write a dozen short sentences at most"
    return ""
