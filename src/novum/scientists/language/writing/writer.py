# ruff: noqa: E501 (prompts stand on long lines)
"""Asks a model for the sections of a paper: three questions, and a bounded number of repairs for each.

What is wrong with a sentence goes back with the exact reason, together with the other faults of the same
answer; a sentence that still fails after the last repair is dropped, and that is an event. Nothing here
decides what the paper says of numbers or verdicts: those are references, which the machine fills in.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

from novum import tokens
from novum.protocols import Models, Services
from novum.records import ModelAnswer, ModelRequest, Part, PlannedCalls, Role
from novum.scientists.language import brief
from novum.scientists.language.told import Told
from novum.scientists.language.writing import captions
from novum.scientists.language.writing.prose import Judge, sentences_of
from novum.scientists.language.writing.sections import (
    OWN,
    Interpreted,
    Introduced,
    Mended,
    Section,
    Summed,
    fault_of_abstract,
)
from novum.state import State
from novum.steps.typed import Answer, Check, Failed, propose

REPAIRS = 2  # times that faulty sentences go back
ANSWER_TOKENS = 3500
QUOTED = 320  # characters of a sentence in the account of why it was dropped

TASK = """You write parts of the paper on a study that is over. The machine writes method, protocol, tables, verdicts and \
appendix. You interpret. The rules of the paper:
1. You state no measured number, in digits or in words ("twice", "half", "three"). You point to it by a reference in double \
braces with a name from the sheet, such as {{m:C1.estimate}}; the machine puts the value in its place, with no unit. You may \
give a format after a bar, such as {{m:A1.mean|.2f}}.
2. Whatever asserts that something is higher, better, faster, equal, a cause, an influence, needs in the same sentence the \
verdict {{c:NAME}} of a claim that is supported. About a claim that is inconclusive or refuted, write "the claim that … is \
{{c:NAME}}", ask, or suppose ("may", "whether"). The machine's clauses {{say:NAME.found}} and {{say:NAME.predicted}} are always \
safe; {{say:NAME.found}} wants {{c:NAME}} in its sentence, for example: In confirmation {{say:C1.found}}, and the claim is {{c:C1}}.
3. Another work is cited as [@key], with a key from the works at hand, and never by author and year. A value that a work \
records is written {{lit:key|VALUE}}.
4. Inconclusive is no evidence of sameness. Censored runs have no time. Explanations are conjectures and are called so.
5. Plain sentences in paragraphs: no headings, lists, tables, links, footnotes, code. No praise, no priority ("first", "novel"), \
no certainty ("clearly", "proves").
A sentence that breaks a rule comes back to you; if it cannot be mended it is left out of the paper. Write soberly and to the \
point, for a reader who knows the field. Answer with one JSON value and nothing else."""

INTERPRET = """Write three sections. `interpretation`: what the verdicts mean, claim by claim, with the values that bear on it (one \
paragraph to a claim or to claims that belong together). `discussion`: how this fits the works at hand, which explanations it \
would fit and which it speaks against, always as conjecture, and what would tell them apart. `limitations`: what this design \
cannot say, beyond what the domain states itself. One to three paragraphs each."""

INTRODUCE = """Write the `introduction`: the subject and why it is worth the reader's time, what the works at hand report, what they \
leave open, and what is asked here. Two to four paragraphs. Say nothing of the results."""

SUM_UP = """Write the `abstract` in one paragraph of five to nine sentences: the question, how it was tested ({{m:planned_n}} fresh \
seeds in each of {{m:arms}} arms under a protocol frozen beforehand), what was found with the verdict {{c:NAME}} on each claim, \
what it may mean, and how far it reaches. These are the sections as they stand:

"""

MEND = """These sentences of your answer cannot stand in the paper. For each give a sentence in its place that keeps its point and \
breaks no rule, or an empty text to drop it. The names of references are those of the sheet.

"""

T = TypeVar("T", bound=Answer)
Place = tuple[str, int, int]
"""Section, paragraph and sentence, counted from 0."""


class Heard:
    """`Models` that remembers who answered."""

    def __init__(self, models: Models):
        self._models = models
        self.names_heard: list[str] = []

    def names(self, role: Role) -> tuple[str, ...]:
        return self._models.names(role)

    async def ask(self, request: ModelRequest, *, node: str = "") -> ModelAnswer:
        answer = await self._models.ask(request, node=node)
        if answer.model not in self.names_heard:
            self.names_heard.append(answer.model)
        return answer

    async def ask_all(self, requests: Sequence[ModelRequest], *, node: str = "") -> list[ModelAnswer]:
        return [await self.ask(request, node=node) for request in requests]

    async def close(self) -> None:
        await self._models.close()


class Writer:
    """One paper's prose under way: sections that stand, by name, and what was refused."""

    def __init__(self, view: State, services: Services, judge: Judge):
        assert view.domain is not None
        self.judge = judge
        self.models = Heard(services.models)
        self.told = Told("text")
        self.sections: dict[str, Section] = {}
        self.dropped = 0
        entries = {k: dict(v) for k, v in services.literature.entries().items()}
        self._stable = (
            brief.system(TASK), brief.domain_part(view.domain, services.blobs),
            brief.works_part(entries, abstracts=True), _idea_part(view),
            Part(text=f"# What may be pointed to\n\n{judge.sheet.text()}", stable=True),
        )  # fmt: skip

    async def write(self) -> None:
        """Ask for everything; what cannot be used is not in `sections`."""
        await self._answer(INTERPRET, Interpreted)
        await self._answer(INTRODUCE, Introduced)
        told = "\n\n".join(f"## {name}\n{_text(section)}" for name, section in self.sections.items())
        await self._answer(
            SUM_UP + (told or "(none)"), Summed, lambda value: fault_of_abstract(self.judge.sheet, value)
        )

    def mentioning(self, reference: str) -> list[Place]:
        """Where the sentences are that hold a reference, by its name on the sheet."""
        mark = re.compile(r"\{\{\s*" + re.escape(reference) + r"\s*[|}]")
        return [(name, p, s) for name, section in self.sections.items() for p, paragraph in enumerate(section)
                for s, sentence in enumerate(paragraph) if mark.search(sentence)]  # fmt: skip

    def at(self, place: Place) -> str:
        name, p, s = place
        return self.sections[name][p][s]

    async def once_more(
        self, faulty: Mapping[Place, str], captioned: Mapping[str, Sequence[str]]
    ) -> dict[str, list[str]]:
        """One repair of sentences that a reader objected to; those that then break a rule are dropped.

        `captioned` are sentences by section, in which places may lie as well; given back as they then are. One
        that may not be changed so stays as it was. A place past the last sentence asks for a further one.
        """
        if not faulty:
            return {}
        parts = {name: [list(p) for p in section] for name, section in self.sections.items()}
        before = {name: [*told, ""] for name, told in captioned.items()}
        parts |= {name: [list(told)] for name, told in before.items()}
        ask = Part(text="The sections are written, and a reader looked at the figures.")
        request = ModelRequest(role="write", parts=(*self._stable, ask), max_output_tokens=ANSWER_TOKENS)
        for place, reason in faulty.items():
            self.told.about = place[0]
            self.told.note(f"{reason}: “{_short(_at(parts, place))}”")
        await self._replaced(request, parts, faulty, REPAIRS)
        mended = {name: self._allowed(name, before[name], parts.pop(name)[0]) for name in captioned}
        self._drop(parts)
        self.sections = {name: kept for name, section in parts.items() if (kept := tuple(p for p in section if p))}
        return mended

    def _allowed(self, name: str, before: Sequence[str], now: Sequence[str]) -> list[str]:
        """The sentences of a caption with those changes that may be made."""
        found = []
        for old, new in zip(before, now, strict=True):
            if new != old and (wrong := captions.fault_of(old, new, self.judge)):
                self.told.about = name
                self.told.note(f"left as it was, since {wrong}: “{_short(new)}”")
                new = old
            found += [new] if new else []
        return found

    async def _answer(self, ask: str, kind: type[T], check: Check = lambda value: "") -> None:
        request = ModelRequest(
            role="write", parts=(*self._stable, Part(text=ask)), max_output_tokens=ANSWER_TOKENS
        )
        self.told.about = kind.__name__.lower()
        found = await propose(self.models, request, kind, check=self.told.noting(check), repairs=1)
        if isinstance(found, Failed):
            self.told.gave_up(f"no text: {found.reason}")
            return
        parts = {
            name: [sentences_of(p) for p in _paragraphs(getattr(found, name))]
            for name in found.__struct_fields__
        }
        await self._mended(request, parts)
        for name, section in parts.items():
            if kept := tuple(p for p in section if p):
                self.sections[name] = kept

    async def _mended(self, request: ModelRequest, parts: dict[str, list[list[str]]]) -> None:
        """Have faulty sentences replaced, in place; those that still fail at the end are dropped."""
        for turn in range(REPAIRS):
            faulty = self._faulty(parts)
            if not faulty:
                return
            for place, reason in faulty.items():
                self.told.about = place[0]
                self.told.note(f"{reason}: “{_short(_at(parts, place))}”")
            if not await self._replaced(request, parts, faulty, turn):
                break
        self._drop(parts)

    def _faulty(self, parts: Mapping[str, list[list[str]]]) -> dict[tuple[str, int, int], str]:
        """Place of each faulty sentence (section, paragraph, sentence) -> what is wrong with it."""
        return {(name, p, s): reason
                for name, section in parts.items() for p, paragraph in enumerate(section)
                for s, sentence in enumerate(paragraph)
                if sentence and (reason := self.judge.fault(sentence, own=name in OWN))}  # fmt: skip

    async def _replaced(
        self, request: ModelRequest, parts: dict[str, list[list[str]]],
        faulty: Mapping[tuple[str, int, int], str], turn: int,
    ) -> bool:  # fmt: skip
        """Ask for other sentences; False if no usable answer came."""
        places = list(faulty)
        lines = [
            f"{i}. ({place[0]}) “{_at(parts, place)}”\n   {faulty[place]}"
            for i, place in enumerate(places, 1)
        ]
        last = "" if turn + 1 < REPAIRS else "\n\nThis is the last time; what fails again is left out."
        asked = Part(text=MEND + "\n".join(lines) + last)
        question = msgspec.structs.replace(request, parts=(*request.parts, asked))
        found = await propose(self.models, question, Mended, repairs=0)
        if isinstance(found, Failed):
            return False
        for new in found.sentences:
            if 1 <= new.number <= len(places):
                name, p, s = places[new.number - 1]
                parts[name][p][s] = " ".join(new.text.split())
        return True

    def _drop(self, parts: dict[str, list[list[str]]]) -> None:
        for place, reason in self._faulty(parts).items():
            self.told.about = place[0]
            self.told.note(f"left out, since {reason}: “{_short(_at(parts, place))}”", final=True)
            self.dropped += 1
            parts[place[0]][place[1]][place[2]] = ""
        for section in parts.values():
            once: set[str] = set()  # one answer may mend several sentences in the same words
            section[:] = [[s for s in paragraph if s and not (s in once or once.add(s))]  # type: ignore[func-returns-value]
                          for paragraph in section]  # fmt: skip


def planned() -> PlannedCalls:
    """The calls that a paper is likely to take: three sections' questions and a repair or so to each."""
    return PlannedCalls(step="write", role="write", calls=6, input_tokens=9000, output_tokens=1200)


def _paragraphs(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _text(section: Section) -> str:
    return "\n\n".join(" ".join(s for s in paragraph if s) for paragraph in section)


def _at(parts: Mapping[str, list[list[str]]], place: tuple[str, int, int]) -> str:
    name, p, s = place
    return parts[name][p][s]


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= QUOTED else sentence[:QUOTED] + "…"


def _idea_part(view: State) -> Part:
    idea = view.ideas.get(view.chosen)
    if idea is None:
        return Part(text="# The idea\n(none on record)", stable=True)
    told = f"{idea.title}\nHypothesis: {idea.hypothesis}\nMotivation: {idea.motivation}"
    return Part(
        text=f"# The idea of the study\n<material>\n{brief.quoted(tokens.clip(told, 800))}\n</material>",
        stable=True,
    )
