"""What every rule reads: the source, its prose, its sentences, its references."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property

from novum.manuscript.checks.words import Vocabulary, words
from novum.manuscript.faults import ManuscriptFault, fault_at
from novum.manuscript.references import Lookup, Reference, blocks_of, find_references
from novum.manuscript.text import CITATION, FRONT, REFERENCE, Sentence, mask, paragraphs, prose, sentences

CHECKED_FRONT = re.compile(r"^(?:title|subtitle|keywords)\s*=.*$", re.M)


class Reading:
    """One manuscript under check. Offsets are those of the source throughout."""

    def __init__(self, source: str, lookup: Lookup, vocabulary: Vocabulary | None = None):
        self.source = source
        self.lookup = lookup
        self.vocabulary = vocabulary or Vocabulary()
        self.words = words()

    @cached_property
    def prose(self) -> str:
        """The source with everything blanked out that is no prose; references and citations stand.

        Of the front matter, titles and keywords are prose; the rest is filled in from the journal.
        """
        text = prose(self.source)
        front = FRONT.match(self.source)
        return _front_prose(text, front.end()) + text[front.end() :] if front else text

    @cached_property
    def words_only(self) -> str:
        """The prose without references and citations."""
        return mask(self.prose, REFERENCE, CITATION)

    @cached_property
    def sentences(self) -> list[Sentence]:
        """Sentences of the prose, a table's row or list's item being one."""
        return [s for block in paragraphs(self.prose) for s in sentences(block)]

    @cached_property
    def references(self) -> list[Reference]:
        return find_references(self.source)

    def within(self, sentence: Sentence, *kinds: str) -> list[Reference]:
        """References of the given kinds in a sentence."""
        first = bisect_left(self._starts, sentence.start)
        last = bisect_left(self._starts, sentence.start + len(sentence.text))
        return [r for r in self.references[first:last] if r.kind in kinds]

    @cached_property
    def _starts(self) -> list[int]:
        return [r.start for r in self.references]

    def fault(self, offset: int, rule: str, what: str, mend: str) -> ManuscriptFault:
        return fault_at(self.source, offset, rule, what, mend)

    def placed_captions(self) -> Iterator[tuple[int, str]]:
        """(offset of the figure's reference, its caption) for each placed figure."""
        for start, reference in blocks_of(self.source).items():
            figure = self.lookup.figure(reference.id)
            if figure is not None:
                yield start, figure.caption


def _front_prose(text: str, end: int) -> str:
    """The front matter with everything but its checked lines blanked out."""
    kept = [False] * end
    for found in CHECKED_FRONT.finditer(text, 0, end):
        kept[found.start() : found.end()] = [True] * (found.end() - found.start())
    return "".join(c if keep or c == "\n" else "\x00" for c, keep in zip(text[:end], kept, strict=True))
