"""Checks of a manuscript's source: every rule a small function, all faults at once.

A manuscript passes when `check` answers an empty list. Word lists are data (`data/words.toml`) and part of
the published contract. What the checks cannot find: a comparison in words that are on no list, a wrong noun
that the domain does not name, and a figure whose drawing contradicts its caption.
"""

from collections.abc import Callable, Iterator

import msgspec

from novum.manuscript.checks import comparatives, intervals, nouns, numbers, structure
from novum.manuscript.checks.reading import Reading
from novum.manuscript.checks.words import Vocabulary, vocabulary
from novum.manuscript.faults import ManuscriptFault, in_order, position
from novum.manuscript.references import Lookup, resolve

__all__ = ["RULES", "TEXT_RULES", "Vocabulary", "check", "vocabulary"]

Rule = Callable[[Reading], Iterator[ManuscriptFault]]

TEXT_RULES: tuple[Rule, ...] = (
    numbers.bare_numbers,
    numbers.number_words,
    numbers.results_in_mathematics,
    numbers.numbers_in_code,
    comparatives.unsupported_comparisons,
    comparatives.overstated_comparisons,
    intervals.wrong_zero,
    nouns.wrong_phase,
    nouns.wrong_kind,
    nouns.wrong_metric,
    nouns.wrong_claim,
    nouns.wrong_arm,
    nouns.wrong_n,
    structure.unknown_citations,
    structure.unfilled,
)
"""Rules for any stretch of text; captions obey them too."""

RULES: tuple[Rule, ...] = (
    *TEXT_RULES,
    structure.unmentioned_figures,
    structure.repeated_headings,
    structure.repeated_paragraphs,
    structure.stray_code_marks,
    structure.front_matter,
)


def check(source: str, lookup: Lookup, words: Vocabulary | None = None) -> list[ManuscriptFault]:
    """Every fault of a manuscript's source, in order of place; empty if it may be rendered.

    `words` are the study's own terms (`vocabulary(domain)`); without them metrics and levels that are
    words are not recognised. Never raises on any text.
    """
    source = source.replace("\r\n", "\n")
    reading = Reading(source, lookup, words)
    faults = [*resolve(source, lookup).faults, *(f for rule in RULES for f in rule(reading))]
    return in_order([*faults, *_caption_faults(reading)])


def _caption_faults(reading: Reading) -> Iterator[ManuscriptFault]:
    """Faults of captions, at the place where the figure stands."""
    for offset, caption in reading.placed_captions():
        line, column = position(reading.source, offset)
        inner = Reading(caption, reading.lookup, reading.vocabulary)
        for fault in (f for rule in TEXT_RULES for f in rule(inner)):
            what = f"in the caption, {fault.what}"
            yield msgspec.structs.replace(fault, line=line, column=column, what=what)
