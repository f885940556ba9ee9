"""`go-explore`: go back to where few have been, and explore from there.

Ecoffet et al. (2021, arXiv 2004.12919): candidates fall into cells by what they do (`cells`); a cell is
drawn with weight 1 / sqrt(1 + visits), and work goes on from its best candidate. Going back costs nothing
here, since a node is a program.
"""

import random
from math import sqrt

from novum.search.programs.cells import Cell, cells
from novum.search.programs.history import Candidate, History
from novum.search.programs.moves import Move, improve, mend_or_draft

DRAFTS = 2


class GoExplore:
    def choose(self, history: History, rng: random.Random) -> Move | None:
        """Some drafts, then the best of a cell that was seldom chosen."""
        if history.drafts < min(DRAFTS, max(1, history.total // 4)):
            return Move("draft", (history.root,))
        archive = cells(history)
        return improve(by_counts(archive, history, rng)) if archive else mend_or_draft(history, rng)


def by_counts(archive: dict[Cell, list[Candidate]], history: History, rng: random.Random) -> Candidate:
    """The best of a cell, drawn against how often the cell's candidates were worked on."""
    weights = [1 / sqrt(1 + visits(found, history)) for found in archive.values()]
    return rng.choices(list(archive.values()), weights)[0][0]


def visits(found: list[Candidate], history: History) -> int:
    return sum(history.visits.get(c.id, 0) for c in found)
