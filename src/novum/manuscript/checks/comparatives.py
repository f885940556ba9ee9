"""Comparisons and causes: each needs a claim's verdict or a citation, and none may outrun its verdict."""

import re
from collections.abc import Iterator

from novum.manuscript.checks.reading import Reading
from novum.manuscript.checks.words import parts, whole_words
from novum.manuscript.faults import ManuscriptFault
from novum.manuscript.text import CITATION, REFERENCE, Sentence, mask


def unsupported_comparisons(reading: Reading) -> Iterator[ManuscriptFault]:
    """A comparing or causal word in a sentence without a claim or citation."""
    for sentence in reading.sentences:
        if _supported(reading, sentence):
            continue
        for at, word, manner in comparisons(reading, sentence):
            if manner != "open":
                yield reading.fault(sentence.start + at, "comparison-without-claim",
                                    f"'{word}' compares without a claim or citation in its sentence",
                                    "add {{c:ID}} or [@key], or state it as a question")  # fmt: skip


def overstated_comparisons(reading: Reading) -> Iterator[ManuscriptFault]:
    """A comparison asserted in a sentence all of whose claims are inconclusive."""
    for sentence in reading.sentences:
        if sentence.text.lstrip().startswith("|") or not _all_inconclusive(reading, sentence):
            continue
        for at, word, manner in comparisons(reading, sentence):
            if manner == "asserted":
                what = f"'{word}' is asserted while the claim is inconclusive"
                mend = "write 'the claim that … is {{c:ID}}', or drop the comparison"
                yield reading.fault(sentence.start + at, "comparison-overstated", what, mend)


def comparisons(reading: Reading, sentence: Sentence) -> Iterator[tuple[int, str, str]]:
    """(offset in the sentence, word, manner) of each comparison; manner is asserted, reported or open.

    A comparison is open where its clause questions, plans or supposes it before it is made, and reported
    where it is named as the content of a claim.
    """
    lists = reading.words
    text = mask(sentence.text, REFERENCE, CITATION, whole_words(lists.neutral), by="\x00")
    question = sentence.text.rstrip().endswith("?")
    for found in whole_words((*lists.comparatives, *lists.causal)).finditer(text):
        before = parts(lists.clause).split(text[: found.start()])[-1]
        yield found.start(), found[0], "open" if question else _manner(reading, before)


def _manner(reading: Reading, before: str) -> str:
    if whole_words(reading.words.open).search(before):
        return "open"
    return "reported" if whole_words(reading.words.reported).search(before) else "asserted"


def _supported(reading: Reading, sentence: Sentence) -> bool:
    return (
        bool(reading.within(sentence, "c", "lit")) or re.search(r"(?<![\w@.])@\w", sentence.text) is not None
    )


def _all_inconclusive(reading: Reading, sentence: Sentence) -> bool:
    found = [reading.lookup.claim(r.id) for r in reading.within(sentence, "c")]
    verdicts = [claim.verdict for claim in found if claim is not None]
    return bool(verdicts) and all(v == "inconclusive" for v in verdicts)
