"""What is wrong with a sentence that a model wrote: the checks of a manuscript, and what goes beyond them.

A model's prose is held to more than a template's, whose sentences were read by people. Whatever asserts a
comparison, an influence or a sameness of this study needs a claim that is *supported*; about a claim that is
inconclusive or refuted a model may report, ask or suppose, or use the machine's own clause. A work is cited
by its key alone, so that no author or year can be made up. Words are data (`data/prose.toml`).

What these rules cannot find: a supported claim told the wrong way round in the writer's own words, and a
statement in words that are on no list.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct, structs

from novum.manuscript.checks import Vocabulary, check
from novum.manuscript.checks.comparatives import comparisons
from novum.manuscript.checks.reading import Reading
from novum.manuscript.checks.words import Words, whole_words, words
from novum.manuscript.references import Lookup
from novum.manuscript.text import CITATION, REFERENCE, Sentence, mask, paragraphs, sentences
from novum.scientists.language.writing.sheet import Sheet

LONGEST = 600  # characters of a sentence, without its references
MARKUP = re.compile(r"^[ \t]*(?:#|\||>|```|~~~|[-+*] |\d+[.)] |\+\+\+)|!\[|\]\(|<[A-Za-z!/]|[{}\\]", re.M)
IN_WORDS = re.compile(r"\bet al\b|\bibid\b|\b[A-Z][a-z]+ (?:and [A-Z][a-z]+ )?\((?:19|20)\d\d[a-z]?\)")
PREDICTED = re.compile(r"\{\{\s*say:(\w+)\.predicted")
EXPECTED = re.compile(r"\b(?:idea|hypothes[ei]s|expect(?:s|ed|ations?)?)\b", re.I)
ADDRESS = re.compile(r"https?:|www\.|\bdoi\b|\barxiv\b", re.I)
PLACED = ("figure-not-placed", "figure-not-mentioned")  # the paper places them, and a sentence does not


class Stricter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The lists of `data/prose.toml`."""

    causal: tuple[str, ...]
    alike: tuple[str, ...]
    overreach: tuple[str, ...]


@cache
def stricter() -> Stricter:
    """The shipped lists."""
    data = (files("novum.scientists.language.writing") / "data" / "prose.toml").read_bytes()
    return msgspec.toml.decode(data, type=Stricter)


@cache
def _widened() -> Words:
    lists = words()
    return structs.replace(lists, causal=(*lists.causal, *stricter().causal, *stricter().alike))


class Judge:
    """Says of a sentence, as a model wrote it, what is wrong with it."""

    def __init__(self, sheet: Sheet, lookup: Lookup, vocabulary: Vocabulary):
        self.sheet, self.lookup, self.vocabulary = sheet, lookup, vocabulary

    def fault(self, sentence: str, *, own: bool = True) -> str:
        """The first fault in words that are sent back; empty if the sentence may stand.

        `own`: the sentence is one on this study's results, for which no citation can stand.
        """
        faults = self._faults(sentence, own)
        return next(faults, "")

    def _faults(self, sentence: str, own: bool) -> Iterator[str]:
        if unknown := self.sheet.unknown(sentence):
            yield unknown
            return
        filled = self.sheet.filled(sentence)
        yield from form_faults(filled)
        for fault in check(f"# A\n\n{filled}\n", self.lookup, self.vocabulary):
            if fault.rule not in PLACED:
                yield f"{fault.what}; {fault.mend}"
        yield from self.assertions(self.sheet.unphrased(sentence), own)
        if wrong := self._anothers(sentence):
            yield wrong

    def _anothers(self, sentence: str) -> str:
        """Why a sentence tells the prediction of another claim as the idea's; empty if it does not."""
        own, told = self.sheet.own, PREDICTED.findall(sentence)
        if not own or not told or own in told or not EXPECTED.search(sentence):
            return ""
        return (f"tells what {told[0]} predicts as what the idea expects; that is "
                f"{{{{say:{own}.predicted}}}}, and {told[0]} was asked besides")  # fmt: skip

    def assertions(self, sentence: str, own: bool) -> Iterator[str]:
        """What a sentence asserts and nothing on record carries; names are filled in."""
        reading = Reading(sentence, self.lookup, self.vocabulary)
        reading.words = _widened()
        for part in reading.sentences:
            for _, word, manner in comparisons(reading, part):
                if manner != "open" and (wrong := self._carried(reading, part, manner, own)):
                    yield f"'{word}' {wrong}"
        hidden = mask(sentence, REFERENCE, CITATION)
        for found in whole_words(stricter().overreach).finditer(hidden):
            yield f"'{found[0]}' outruns any verdict; say what was registered and found"

    def _carried(self, reading: Reading, part: Sentence, manner: str, own: bool) -> str:
        """Why what a sentence compares or asserts is not carried; empty if it is."""
        claims = [c for r in reading.within(part, "c") if (c := self.lookup.claim(r.id)) is not None]
        if not claims:
            cited = bool(reading.within(part, "lit")) or CITATION.search(part.text) is not None
            if cited and not own:
                return ""
            return ("asserts something that no claim of its sentence carries; add the verdict {{c:NAME}}, "
                    "state it as a question, or drop it")  # fmt: skip
        open_ = [c for c in claims if c.verdict != "supported"]
        if manner != "asserted" or not open_:
            return ""
        return (f"is asserted, and a claim of the sentence is {open_[0].verdict}; write 'the claim that … is "
                "{{c:NAME}}', use its clause {{say:NAME.found}} if there is one, or drop it")  # fmt: skip


def form_faults(sentence: str) -> Iterator[str]:
    """What is wrong with the form of a sentence: markup, addresses, works that are named and not cited."""
    bare = mask(sentence, REFERENCE, CITATION)
    if found := MARKUP.search(bare):
        yield f"'{found[0].strip()}' is markup; write plain sentences with references"
    if found := (IN_WORDS.search(bare) or ADDRESS.search(bare)):
        yield f"'{found[0]}' names a work in words; cite it by its key, [@key], from the works at hand"
    if len(bare.replace("\x00", "")) > LONGEST:
        yield "it is too long for one sentence"


def sentences_of(paragraph: str) -> list[str]:
    """The sentences of one paragraph, on one line each."""
    text = " ".join(paragraph.split())
    return [" ".join(s.text.split()) for block in paragraphs(text) for s in sentences(block)]
