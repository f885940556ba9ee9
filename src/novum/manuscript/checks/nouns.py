"""The right number by the right noun: what a statistic is of, against what its sentence names."""

import re
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from novum.manuscript.checks.reading import Reading
from novum.manuscript.checks.words import whole_words
from novum.manuscript.faults import ManuscriptFault
from novum.manuscript.references import Reference, StatisticLike
from novum.manuscript.text import REFERENCE, Sentence, mask
from novum.records import Level

Cited = tuple[Reference, StatisticLike]
SIZES = ("n", "planned_n", "claim_n", "claim_count")
"""Kinds of statistics that are sample sizes."""
MEND = "use the statistic that the sentence names, or name what the statistic is of"


def wrong_phase(reading: Reading) -> Iterator[ManuscriptFault]:
    """A sentence that names phases with a statistic of another."""
    for sentence, cited in _cited(reading):
        bound = [c for c in cited if c[1].phase and c[1].kind not in reading.words.timeless]
        named = _mentions(reading, sentence, reading.words.phases)
        yield from _misplaced(reading, "wrong-phase", "of the phase", named, bound, lambda s: s.phase)


def wrong_kind(reading: Reading) -> Iterator[ManuscriptFault]:
    """A sentence that speaks of a mean, median or deviation with a statistic that is another of these."""
    noun_of = {kind: noun for noun, named in reading.words.kinds.items() for kind in named.kinds}
    nouns = {noun: named.words for noun, named in reading.words.kinds.items()}
    for sentence, cited in _cited(reading):
        bound = [c for c in cited if c[1].kind in noun_of]
        named = _mentions(reading, sentence, nouns)
        yield from _misplaced(reading, "wrong-kind", "a", named, bound, lambda s: noun_of[s.kind])


def wrong_metric(reading: Reading) -> Iterator[ManuscriptFault]:
    """A sentence that names metrics with a statistic of another."""
    for sentence, cited in _cited(reading):
        bound = [c for c in cited if c[1].metric in reading.vocabulary.metrics]
        named = named_metrics(reading, sentence)
        yield from _misplaced(reading, "wrong-metric", "of the metric", named, bound, lambda s: s.metric)


def named_metrics(reading: Reading, sentence: Sentence) -> list[str]:
    """Metrics in the order of a sentence; a longer title hides the shorter ones within it."""
    text = mask(sentence.text, REFERENCE)
    titles = [
        (title, name) for name, all_titles in reading.vocabulary.metrics.items() for title in all_titles
    ]
    named: list[tuple[int, str]] = []
    for title, name in sorted(titles, key=lambda t: (-len(t[0]), t)):
        pattern = re.compile(rf"(?<!\w){re.escape(title)}(?!\w)", re.I)
        named += [(found.start(), name) for found in pattern.finditer(text)]
        text = mask(text, pattern)
    return [name for _, name in sorted(named)]


def wrong_claim(reading: Reading) -> Iterator[ManuscriptFault]:
    """A sentence that gives the verdict of claims with a statistic of another claim."""
    for sentence, cited in _cited(reading):
        claims = {r.id for r in reading.within(sentence, "c")}
        for reference, found in cited:
            if claims and found.claim and found.claim not in claims:
                what = f"belongs to claim {found.claim}, whose verdict the sentence does not give"
                yield _fault(reading, reference, "wrong-claim", found, what)


def wrong_arm(reading: Reading) -> Iterator[ManuscriptFault]:
    """A sentence whose levels of a factor do not fit the arms of its statistics."""
    for sentence, cited in _cited(reading):
        for factor in sorted({f for _, found in cited for f in found.config or {}}):
            bound = [c for c in cited if factor in (c[1].config or {}) and c[1].kind != "config"]
            named = named_levels(reading, sentence, factor)
            yield from _misplaced(reading, "wrong-arm", f"at {factor} =", named, bound,
                                  lambda found, factor=factor: (found.config or {})[factor])  # fmt: skip


def _misplaced(reading: Reading, rule: str, relation: str, named: list[Any], cited: list[Cited],
               attribute: Callable[[StatisticLike], Any]) -> Iterator[ManuscriptFault]:  # fmt: skip
    """Statistics whose attribute does not fit what a sentence names.

    Names and statistics are paired in order of mention where there are as many different ones of both in
    turn ("A at a and B at b", "at a and b, A and B"); else each must be among those named.
    """
    runs = [list(group) for _, group in groupby(cited, key=lambda c: attribute(c[1]))]
    in_turn = [name for name, _ in groupby(named)]
    for i, run in enumerate(runs if in_turn else []):
        allowed = [in_turn[i]] if len(runs) == len(in_turn) else in_turn
        reference, found = run[0]
        if attribute(found) not in allowed:
            named_here = ", ".join(dict.fromkeys(map(str, allowed)))
            what = f"is {relation} {attribute(found)}, and the sentence names {named_here} there"
            yield _fault(reading, reference, rule, found, what)


def named_levels(reading: Reading, sentence: Sentence, factor: str) -> list[Level]:
    """Levels of a factor that a sentence names, in order: by reference, or as a word beside the factor's."""
    references = reading.within(sentence, "cfg", "m")
    values = [(r.start - sentence.start, _referenced_level(reading, r, factor)) for r in references]
    found: list[tuple[int, Level]] = [(at, value) for at, value in values if value is not None]
    titles = reading.vocabulary.factors.get(factor, ())
    spoken_of = any(re.search(rf"(?<!\w){re.escape(t)}(?!\w)", sentence.text, re.I) for t in titles)
    for level in reading.vocabulary.levels.get(factor, ()) if spoken_of else ():
        pattern = re.compile(rf"(?<![\w{{:|.-]){re.escape(level)}(?![\w-])", re.I)
        found += [(m.start(), level) for m in pattern.finditer(sentence.text)]
    return [level for _, level in sorted(found, key=lambda f: f[0])]


def _referenced_level(reading: Reading, reference: Reference, factor: str) -> Level | None:
    """The level that a reference to a configuration value names, if it is of this factor."""
    if reference.kind == "cfg":
        named = re.split(r"[./:]", reference.id)[-1]
        return reading.lookup.config(reference.id) if named == factor else None
    found = reading.lookup.statistic(reference.id)
    return found.value if found is not None and found.kind == "config" and found.name == factor else None


def wrong_n(reading: Reading) -> Iterator[ManuscriptFault]:
    """A sentence that gives a sample size which is not that of its statistics.

    A size given per arm may stand by a statistic over several arms.
    """
    for sentence, cited in _cited(reading):
        sizes = [c for c in cited if is_size(sentence, c)]
        values = [int(found.value) for _, found in sizes if isinstance(found.value, int | float)]
        per_arm = re.search(r"\b(?:per|each|every|either|both)\b", sentence.text) is not None
        for reference, found in (c for c in cited if c not in sizes):
            if values and found.n and not any(_fits(found.n, v, per_arm) for v in values):
                what = f"rests on n = {found.n}, and the sentence says {', '.join(map(str, values))}"
                yield _fault(reading, reference, "wrong-n", found, what)


def is_size(sentence: Sentence, cited: Cited) -> bool:
    """Whether a reference states a sample size: it is one by kind, or it is written after "n ="."""
    reference, found = cited
    before = sentence.text[: reference.start - sentence.start]
    return found.kind in SIZES or re.search(r"\bn\s*=\s*\$?$", before) is not None


def _fits(n: int, said: int, per_arm: bool) -> bool:
    return n == said or (per_arm and said > 0 and n % said == 0)


def _cited(reading: Reading) -> Iterator[tuple[Sentence, list[Cited]]]:
    """Sentences with the statistics they cite, those that exist."""
    for sentence in reading.sentences:
        found = [(r, reading.lookup.statistic(r.id)) for r in reading.within(sentence, "m")]
        cited = [(reference, statistic) for reference, statistic in found if statistic is not None]
        if cited:
            yield sentence, cited


def _mentions(reading: Reading, sentence: Sentence, lists: dict[str, tuple[str, ...]]) -> list[str]:
    """Names in the order in which words of their lists stand in a sentence.

    What a factor is called says nothing of statistics, whatever words it has ("decay of the parameter
    average"); only where it is a single such word does that stay one.
    """
    called = {title for titles in reading.vocabulary.factors.values() for title in titles if " " in title}
    longest = sorted(called, key=lambda title: (-len(title), title))
    phrases = (re.compile(rf"(?<!\w){re.escape(title)}(?!\w)", re.I) for title in longest)
    text = mask(sentence.text, REFERENCE, *phrases)
    found = [
        (m.start(), name) for name, entries in lists.items() for m in whole_words(entries).finditer(text)
    ]
    return [name for _, name in sorted(found)]


def _fault(
    reading: Reading, reference: Reference, rule: str, found: StatisticLike, what: str
) -> ManuscriptFault:
    return reading.fault(reference.start, rule, f"'{found.label or found.id}' {what}", MEND)
