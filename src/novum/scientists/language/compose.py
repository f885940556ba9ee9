"""The slot *compose*: today the systematic scientist's paper, with page one and the model's own words.

A model's motivation is quoted and labelled. The checks of a manuscript hold for it like for any prose: a
sentence with a number of its own, or a comparison that no claim carries, is left out, and that is said.
"""

import json
import re
from collections.abc import Iterator

from novum.manuscript.checks import check, vocabulary
from novum.protocols import Services
from novum.scientists.language.authors import author_line, models_in, written_by
from novum.state import State
from novum.steps.lookup import StudyLookup

SENTENCE = re.compile(r"(?<=[.!?])\s+")
MARKUP = re.compile(r"[`*_#\[\]{}<>|\\$@]")
QUOTED = 1200  # characters of a motivation that are quoted


def compose(source: str, view: State, services: Services) -> str:
    """The source of the machine's paper, told whose work it is, with the motivation quoted."""
    source = _with(source, "authors", author_line(view))
    source = _with(source, '"Written by"', written_by(view))
    return source.replace("\n# Method\n", f"\n{_motivation(view, services)}# Method\n", 1)


def _with(source: str, key: str, value: str) -> str:
    """The front matter with another value of a key that it holds."""
    line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
    return re.sub(rf"^{re.escape(key)} = .*$", lambda _: line, source, count=1, flags=re.M)


def _motivation(view: State, services: Services) -> str:
    idea, models = view.ideas.get(view.chosen), models_in(view, "ideate")
    if idea is None or not models or not idea.motivation:
        return ""
    told = list(sentences(idea.motivation))
    kept = quotable(told, view, services)
    named = ", ".join(f"`{name}`" for name in models)
    if not kept:
        return (f"The motivation in the words of {named} is in the journal; it is not quoted, since every "
                "sentence of it states something that nothing on record carries.\n\n")  # fmt: skip
    short = " Sentences that state what nothing on record carries are left out." if kept != told else ""
    return (f"The question was put by {named}, in whose words, which are no evidence, the motivation is as "
            f"follows.{short}\n\n> {' '.join(kept)}\n\n")  # fmt: skip


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text as plain prose, without marks that a manuscript would read."""
    plain = " ".join(MARKUP.sub(" ", text[:QUOTED]).split())
    return (part for part in SENTENCE.split(plain) if part)


def quotable(told: list[str], view: State, services: Services) -> list[str]:
    """Those sentences that pass the checks of a manuscript, each for itself."""
    assert view.domain is not None
    lookup, words = StudyLookup(view, services.literature.entries()), vocabulary(view.domain)
    return [sentence for sentence in told if not check(f"# A\n\n{sentence}\n", lookup, words)]
