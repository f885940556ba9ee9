"""Puts a model's sections into the machine's paper: beside its tables, verdicts and method, never over them.

| section | where |
|---|---|
| abstract | in the place of the machine's |
| introduction | in the place of the domain's background and the machine's opening; what is predicted, how the question came to be chosen and what listed works state stay |
| interpretation | a last part of the results |
| discussion | a section before what the data leave open |
| limitations | after those that the machine states |

A section with which the paper would not pass its checks as a whole is left out again.
"""  # noqa: E501

import re

from novum.manuscript.checks import Vocabulary, check
from novum.manuscript.references import Lookup
from novum.scientists.language.told import Told
from novum.scientists.language.writing.sections import Section
from novum.scientists.language.writing.sheet import Sheet
from novum.scientists.systematic.compose.abstract import tally
from novum.scientists.systematic.compose.discussion import author
from novum.scientists.systematic.compose.introduction import claim_list, known, plan
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.wording import paragraph, paragraphs, sentence

ORDER = ("introduction", "interpretation", "discussion", "limitations", "abstract")
OPEN = "# What the data leave open"


class Weaver:
    """A paper that takes on sections one by one."""

    def __init__(
        self, source: str, paper: Paper, sheet: Sheet, lookup: Lookup, words: Vocabulary, told: Told
    ):
        self.source, self.paper, self.sheet = source, paper, sheet
        self._lookup, self._words, self._told = lookup, words, told
        self._usual = _faults(source, lookup, words)
        self.used: list[str] = []

    def add(self, sections: dict[str, Section], chosen: str) -> None:
        """Put in what can be put in; `chosen` says how the question came to be chosen."""
        for name in ORDER:
            if name in sections:
                self._try(name, self._put(name, self._text(sections[name]), chosen))

    def _try(self, name: str, source: str) -> None:
        new = [f for f in _faults(source, self._lookup, self._words) if f not in self._usual]
        if new:
            self._told.about = name
            self._told.gave_up(f"the section as a whole: {new[0]}")
        elif source != self.source:
            self.source = source
            self.used.append(name)

    def _put(self, name: str, text: str, chosen: str) -> str:
        if name == "abstract":
            return replaced(self.source, "Abstract", paragraphs(text, paragraph(tally(self.paper))))
        if name == "introduction":
            ours = (paragraph(claim_list(self.paper)), chosen, known(self.paper), plan(self.paper))
            return replaced(self.source, "Introduction", paragraphs(text, *ours))
        if name == "interpretation":
            return before(self.source, OPEN, f"## Interpretation\n\n{text}")
        if name == "discussion":
            silent = sentence(author(self.paper))  # says that no explanation is attempted
            return before(self.source.replace(silent, "", 1), OPEN, f"# Discussion\n\n{text}")
        held = section(self.source, "Limitations")
        return replaced(self.source, "Limitations", paragraphs(held, text)) if held else self.source

    def _text(self, section: Section) -> str:
        return paragraphs(*(self.sheet.filled(" ".join(sentences)) for sentences in section))


def _faults(source: str, lookup: Lookup, words: Vocabulary) -> list[str]:
    return [f"{fault.what}; {fault.mend}" for fault in check(source, lookup, words)]


def section(source: str, title: str) -> str:
    """The text under a heading of level one, without the heading; empty if there is none."""
    found = _section(source, title)
    return found[2].strip() if found else ""


def replaced(source: str, title: str, text: str) -> str:
    """The source with another text under a heading of level one."""
    found = _section(source, title)
    return source if found is None else f"{source[: found.start(2)]}\n\n{text}\n\n{source[found.end() :]}"


def before(source: str, heading: str, text: str) -> str:
    """The source with a text before a heading."""
    return source.replace(f"\n{heading}\n", f"\n{text}\n\n{heading}\n", 1) if text else source


def _section(source: str, title: str) -> re.Match[str] | None:
    return re.search(rf"^(# {re.escape(title)})$(.*?)(?=^# |\Z)", source, re.M | re.S)
