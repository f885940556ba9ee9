"""What a sentence says of zero and an interval, against the interval."""

from collections.abc import Iterator

from novum.manuscript.checks.reading import Reading
from novum.manuscript.checks.words import parts, whole_words
from novum.manuscript.faults import ManuscriptFault
from novum.manuscript.text import CITATION, REFERENCE, Sentence, mask

Interval = tuple[float, float]


def wrong_zero(reading: Reading) -> Iterator[ManuscriptFault]:
    """A sentence by which zero lies outside its intervals, or inside them, and it lies so in none of them."""
    for sentence in reading.sentences:
        said = list(_said(reading, sentence))
        if len({inside for _, _, inside in said}) != 1:  # with both it is open which interval is meant
            continue
        at, words, inside = said[0]
        intervals = _intervals(reading, sentence)
        if intervals and all((low <= 0 <= high) is not inside for low, high in intervals):
            named = ", ".join(f"({low:.4g}, {high:.4g})" for low, high in intervals)
            yield reading.fault(sentence.start + at, "wrong-zero", f"'{words}' is not so of {named}",
                                "say it of an interval of which it is true, or leave it out")  # fmt: skip


def _said(reading: Reading, sentence: Sentence) -> Iterator[tuple[int, str, bool]]:
    """(offset, words, whether zero is said to lie inside) of each assertion about zero."""
    lists = reading.words
    text = mask(sentence.text, REFERENCE, CITATION, by="\x00")
    for inside, entries in ((False, lists.zero_outside), (True, lists.zero_inside)):
        for found in whole_words(entries).finditer(text):
            before = parts(lists.clause).split(text[: found.start()])[-1]
            if not whole_words(lists.open).search(before) and not sentence.text.rstrip().endswith("?"):
                negated = whole_words(lists.negations).search(before + found[0]) is not None
                yield found.start(), found[0], inside is not negated


def _intervals(reading: Reading, sentence: Sentence) -> list[Interval]:
    """The intervals whose ends a sentence cites, else those of the claims whose verdicts it gives."""
    cited = [found for r in reading.within(sentence, "m") if (found := reading.lookup.statistic(r.id))]
    lows, highs = ([s for s in cited if s.kind == end] for end in ("low", "high"))
    if lows or highs:
        pairs = zip(lows, highs, strict=False)
        return [(low.value, high.value) for low, high in pairs
                if (low.claim, low.metric) == (high.claim, high.metric)
                and isinstance(low.value, int | float) and isinstance(high.value, int | float)]  # fmt: skip
    claims = [found for r in reading.within(sentence, "c") if (found := reading.lookup.claim(r.id))]
    return [claim.interval for claim in claims if claim.interval is not None]
