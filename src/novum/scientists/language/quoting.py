"""Words of a model that a paper may quote: sentences that each pass the checks of a manuscript."""

import re
from collections.abc import Iterator

from novum.manuscript.checks import check, vocabulary
from novum.protocols import Services
from novum.state import State
from novum.steps.lookup import StudyLookup

SENTENCE = re.compile(r"(?<=[.!?])\s+")
MARKUP = re.compile(r"[`*_#\[\]{}<>|\\$@]")
QUOTED = 1200  # characters of a text that are quoted


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text as plain prose, without marks that a manuscript would read."""
    plain = " ".join(MARKUP.sub(" ", text[:QUOTED]).split())
    return (part for part in SENTENCE.split(plain) if part)


def quotable(told: list[str], view: State, services: Services) -> list[str]:
    """Those sentences that pass the checks of a manuscript, each for itself."""
    assert view.domain is not None
    lookup, words = StudyLookup(view, services.literature.entries()), vocabulary(view.domain)
    return [sentence for sentence in told if not check(f"# A\n\n{sentence}\n", lookup, words)]
