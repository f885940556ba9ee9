"""Ideas that have been had: the same question, or nearly the same words."""

from collections.abc import Mapping, Sequence
from typing import Any

from novum.records import Idea
from novum.scientists.language.proposals import words_of
from novum.scientists.systematic.asked import SETTLED, question

ALIKE = 0.6  # shared words over all words (Jaccard), from which two texts count as one idea


def duplicate_of(idea: Idea, others: Sequence[Idea], archive: Mapping[str, Any]) -> str:
    """Why an idea is none of its own, in a sentence for the model; empty if it is."""
    for other in others:
        if idea.id == other.id or (idea.kind == other.kind == "program" and alike(idea, other)):
            return f"it asks what “{other.title}” asks, which was proposed already; ask something else"
    if idea.kind == "program":
        return _earlier_program(idea, archive)
    asked = question(idea.kind, idea.factors)
    for claim in archive.get("claims", ()):
        factors = claim["question"].rsplit(":", 1)[-1].split(",")
        if claim["verdict"] in SETTLED and question(claim.get("kind", ""), factors) == asked:
            return f"study {claim['study']} of this lab has decided it: {claim['text']} ({claim['verdict']})"
    return ""


def alike(one: Idea, other: Idea) -> bool:
    """Whether two ideas are told in nearly the same words."""
    return likeness(f"{one.title} {one.hypothesis}", f"{other.title} {other.hypothesis}") >= ALIKE


def likeness(one: str, other: str) -> float:
    """Shared words over all words, in [0, 1]."""
    mine, theirs = set(words_of(one)), set(words_of(other))
    return len(mine & theirs) / max(1, len(mine | theirs))


def _earlier_program(idea: Idea, archive: Mapping[str, Any]) -> str:
    """Earlier ideas are known by their titles alone."""
    for row in archive.get("ideas", ()):
        if row["chosen"] and row["kind"] == "program" and likeness(idea.title, row["title"]) >= ALIKE:
            return f"study {row['study']} of this lab was about “{row['title']}”; ask something else"
    return ""
