"""A paper as a reviewer reads it: its sections, what they refer to, which words occur where."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Literal

from msgspec import Struct

from novum.evidence.catalogue import Statistic
from novum.manuscript.references import Reference, citations, find_references
from novum.manuscript.text import FENCE, FRONT, mask
from novum.records import Contrast
from novum.state import State
from novum.steps.lookup import StudyLookup

HEADING = re.compile(r"^(#{1,3})[ \t]+(?P<title>[^\n{]+?)[ \t]*(?:\{[^}\n]*\})?[ \t]*$", re.M)
BOASTS = re.compile(
    r"\b(?:we are the first|for the first time|first to show|novel (?:finding|result|method|insight)s?"
    r"|state[- ]of[- ]the[- ]art|unprecedented|never been (?:shown|reported))\b",
    re.I,
)
FRONT_PAGE = "the first page"


class Answer(Struct, frozen=True):
    """One answer with where it was found and why."""

    word: Literal["yes", "no", "not applicable"]
    why: str


def yes(why: str) -> Answer:
    return Answer("yes", why)


def no(why: str) -> Answer:
    return Answer("no", why)


def not_applicable(why: str) -> Answer:
    return Answer("not applicable", why)


class Section(Struct, frozen=True):
    """A stretch of the source from one heading to the next; `start` is its offset."""

    title: str
    start: int
    text: str

    @property
    def words(self) -> int:
        return len(re.findall(r"\b\w[\w'-]+\b", self.text))


class Manuscript:
    """The source of a study's paper together with the record that its references lead to."""

    def __init__(self, state: State, entries: Mapping[str, Mapping[str, str]]):
        assert state.paper is not None
        self.state = state
        self.source = state.paper.source
        self.entries = entries
        self._lookup = StudyLookup(state, entries)

    @property
    def contrasts(self) -> tuple[Contrast, ...]:
        return self.state.protocol.contrasts if self.state.protocol else ()

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The first page (front matter) and then every section, in order."""
        front = FRONT.match(self.source)
        end = front.end() if front else 0
        heads = [h for h in HEADING.finditer(mask(self.source, FENCE)) if h.start() >= end]
        starts = [h.start() for h in heads] + [len(self.source)]
        found = [Section(FRONT_PAGE, 0, self.source[:end])]
        for head, stop in zip(heads, starts[1:], strict=True):
            title = self.source[head.start("title") : head.end("title")].strip()
            found.append(Section(title, head.end(), self.source[head.end() : stop]))
        return tuple(found)

    @cached_property
    def all_references(self) -> list[Reference]:
        return find_references(self.source)

    @property
    def citations(self) -> tuple[str, ...]:
        return citations(self.source)

    def section(self, *words: str) -> Section | None:
        """The first section whose heading holds one of the words, with its subsections' text."""
        for i, section in enumerate(self.sections):
            if section.title != FRONT_PAGE and any(w in section.title.lower() for w in words):
                return self._with_subsections(i)
        return None

    def _with_subsections(self, index: int) -> Section:
        """A section joined with what stands under deeper headings."""
        first = self.sections[index]
        depth = self._depth(first)
        end = first.start + len(first.text)
        for later in self.sections[index + 1 :]:
            if self._depth(later) <= depth:
                break
            end = later.start + len(later.text)
        return Section(first.title, first.start, self.source[first.start : end])

    def _depth(self, section: Section) -> int:
        line = self.source[: section.start].rsplit("\n", 1)[-1]
        return len(line) - len(line.lstrip("#")) or 1

    def references(self, section: Section) -> list[Reference]:
        end = section.start + len(section.text)
        return [r for r in self.all_references if section.start <= r.start < end]

    def statistics(self, section: Section | None = None) -> Iterator[Statistic]:
        """Every statistic that the paper, or one section of it, refers to."""
        for reference in self.all_references if section is None else self.references(section):
            found = self._lookup.statistic(reference.id) if reference.kind == "m" else None
            if found is not None:
                yield found

    def cites(self, *kinds: str) -> bool:
        """Whether a statistic of one of these kinds is referred to."""
        return any(s.kind in kinds for s in self.statistics())

    def where_cited(self, *kinds: str) -> str:
        ids = {s.id for s in self.statistics() if s.kind in kinds}
        return self.where(lambda r: r.id in ids)

    def where(self, wanted: Callable[[Reference], bool], besides: str = "\x00") -> str:
        """The heading of the first section with such a reference, or ""."""
        for section in self.sections:
            if besides not in section.title.lower() and any(wanted(r) for r in self.references(section)):
                return section.title
        return ""

    def mentions(self, *words: str) -> bool:
        return bool(self.first_with(*words))

    def first_with(self, *words: str) -> str:
        """The heading of the first section whose text or heading holds one of the words, or ""."""
        for section in self.sections:
            text = f"{section.title}\n{section.text}".lower()
            spaced = " ".join(text.split())
            if any(w.lower() in text or w.lower() in spaced for w in words if w):
                return section.title
        return ""

    def boasts(self) -> list[str]:
        """Phrases that claim novelty, as they stand."""
        return [m[0] for m in BOASTS.finditer(mask(self.source, FENCE))]
