"""What a study leaves to later ones in its lab: which candidates failed and why, what was found of others.

Lessons are read off the journal, explored trials alone, by one rule for every scientist; nothing is asked of
a model for them. They are in the words of whoever wrote a plan or a judgement, so that later prompts show
them as material, and they are no evidence: what was decided stands among the lab's claims.
"""

from collections.abc import Iterator
from typing import Literal

from novum.canonical import short_id
from novum.records import Record
from novum.state import State, Trial

MOST = 12  # lessons of one study, the latest
LONGEST = 300  # characters of one


class Lesson(Record, kw_only=True):
    """One lesson: from which node of which study, of what kind, in words."""

    id: str
    study: str
    node: str
    kind: Literal["failure", "broken", "finding"]
    text: str


def lessons_of(state: State) -> tuple[Lesson, ...]:
    """The lessons of a study, in the order of its trials; of candidates that failed alike the first."""
    found: dict[str, Lesson] = {}
    for trial in state.trials_in("explore"):
        for lesson in _of_trial(state, trial):
            found.setdefault(lesson.text.partition(": ")[2], lesson)
    return tuple(found.values())[-MOST:]


def _of_trial(state: State, trial: Trial) -> Iterator[Lesson]:
    node = state.nodes[trial.node]
    if trial.node not in state.made.values():
        return
    judged = state.assessments.get(trial.node)
    if trial.status == "failed":
        yield _lesson(state, trial, "failure", f"{node.plan}: failed, {trial.reason}")
    elif judged is not None and judged.finding:
        kind: Literal["broken", "finding"] = "broken" if judged.broken else "finding"
        yield _lesson(state, trial, kind, f"{node.plan}: {judged.finding}")


def _lesson(state: State, trial: Trial, kind: Literal["failure", "broken", "finding"], text: str) -> Lesson:
    told = " ".join(text.split())[:LONGEST]
    name = short_id("lesson", state.study, trial.node)
    return Lesson(id=name, study=state.study, node=trial.node, kind=kind, text=told)
