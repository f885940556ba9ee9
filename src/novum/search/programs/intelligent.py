"""`intelligent-go-explore`: Go-Explore whose next place a model chooses.

Lu et al. (2024, arXiv 2405.15143): the archive is laid before a model, which says what is most promising.
The policy stays pure: it puts a `Question` and chooses once it knows what came of it; the recorded answer to
a question is the same whenever it is put again. No answer, or one that names none or several of the choices,
is a bad answer: then the counts of Go-Explore decide.
"""

import random
import re

from novum.search.programs.cells import cells
from novum.search.programs.go_explore import GoExplore, by_counts, visits
from novum.search.programs.history import Candidate, History, Question
from novum.search.programs.moves import Move, improve

MOST = 12
"""Choices laid before a model: the best of the cells."""


class IntelligentGoExplore:
    def choose(self, history: History, rng: random.Random) -> Move | None:
        """What the model says; without a usable answer, what Go-Explore does."""
        archive = cells(history)
        if len(archive) < 2:
            return GoExplore().choose(history, rng)
        question = asked([found[0] for found in archive.values()], history)
        named = read(history.ask(question), question)
        return improve(history.by_id[named] if named else by_counts(archive, history, rng))


def asked(elites: list[Candidate], history: History) -> Question:
    """The question about the best of each cell."""
    shown = sorted(elites, key=lambda c: (-c.score, c.index))[:MOST]
    lines = [
        f"{c.id}: score {c.score:.6g}, {history.depth[c.id]} steps from the start,"
        f" worked on {visits([c], history)} times"
        for c in shown
    ]
    return Question(choices=tuple(c.id for c in shown), text="\n".join(lines))


def read(answer: str, question: Question) -> str:
    """The one choice that an answer names; empty if it names none or several."""
    words = re.findall(r"[0-9a-f]{6,}", answer.lower())
    named = [choice for choice in question.choices if choice in words]
    return named[0] if len(named) == 1 else ""
