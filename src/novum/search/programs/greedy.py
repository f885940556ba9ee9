"""`greedy`: drafts first, then always the best.

AIDE (Jiang et al. 2025, arXiv 2502.13138): `DRAFTS` beginnings; with probability `DEBUG` a failure is
mended; else the best candidate is improved, whoever else is improving it.
"""

import random

from novum.search.programs.history import History
from novum.search.programs.moves import Move, improve, mend_or_draft

DRAFTS = 5
DEBUG = 0.5


class Greedy:
    def choose(self, history: History, rng: random.Random) -> Move | None:
        """A draft, a repair, or the best."""
        if history.drafts < min(DRAFTS, max(1, history.total // 4)):
            return Move("draft", (history.root,))
        if history.mendable and rng.random() < DEBUG:
            return Move("debug", (rng.choice(history.mendable).id,))
        return improve(history.best) if history.best else mend_or_draft(history, rng)
