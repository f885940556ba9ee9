"""`first-explore`: a part of the budget to look around, the rest to make the most of it.

Norman and Clune (2023, arXiv 2307.02276) learn two policies, one that explores and one that exploits,
since looking around well may cost what is gained meanwhile. Here the first share of the trials begins
anew or works on whatever was worked on least, whatever it scores; the rest improves the best that was
found.
"""

import random

from novum.search.programs.history import History
from novum.search.programs.moves import Move, improve, mend_or_draft

SHARE = 0.4
ANEW = 0.5


class FirstExplore:
    def choose(self, history: History, rng: random.Random) -> Move | None:
        """Look around, then the best."""
        if history.tried < SHARE * history.total:
            return self._look_around(history, rng)
        return improve(history.best) if history.best else mend_or_draft(history, rng)

    def _look_around(self, history: History, rng: random.Random) -> Move:
        known = [c for c in (*history.good, *history.mendable) if c.id != history.root]
        if not known or rng.random() < ANEW:
            return Move("draft", (history.root,))
        fewest = min(history.visits.get(c.id, 0) for c in known)
        found = rng.choice([c for c in known if history.visits.get(c.id, 0) == fewest])
        return improve(found) if found.good else Move("debug", (found.id,))
