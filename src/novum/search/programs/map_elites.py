"""`map-elites`: the best of every kind is kept, and each is as likely a parent.

Mouret and Clune (2015, arXiv 1504.04909): the archive holds the best candidate of each cell of behaviours
(`cells`); a parent is drawn evenly among them, and with probability `CROSS` crossed with another.
"""

import random

from novum.search.programs.cells import cells
from novum.search.programs.history import History
from novum.search.programs.moves import Move, improve, mend_or_draft

DRAFTS = 3
CROSS = 0.2


class MapElites:
    def choose(self, history: History, rng: random.Random) -> Move | None:
        """Some drafts, then an elite."""
        if history.drafts < min(DRAFTS, max(1, history.total // 4)):
            return Move("draft", (history.root,))
        elites = [found[0] for found in cells(history).values()]
        if not elites:
            return mend_or_draft(history, rng)
        parent = rng.choice(elites)
        others = [c for c in elites if c.id != parent.id]
        if others and rng.random() < CROSS:
            return Move("cross", (parent.id, rng.choice(others).id))
        return improve(parent)
