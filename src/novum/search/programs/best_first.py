"""`best-first`: drafts, then the best of the lines that nobody works on, repairs in between.

The search of AI Scientist v2 (Yamada et al. 2025, arXiv 2504.08066) as it is when it need not wait for a
batch: `DRAFTS` beginnings; with probability `DEBUG` one of the failures that are not too deep is mended;
else the best candidate is improved, on a line of its own for every worker as long as there are lines.
"""

import random

from novum.search.programs.history import History
from novum.search.programs.moves import Move, improve, mend_or_draft

DRAFTS = 3
DEBUG = 0.5


class BestFirst:
    def choose(self, history: History, rng: random.Random) -> Move | None:
        """A draft, a repair, or the best of an idle line."""
        if history.drafts < min(DRAFTS, max(1, history.total // 4)):
            return Move("draft", (history.root,))
        if history.mendable and rng.random() < DEBUG:
            return Move("debug", (rng.choice(history.mendable).id,))
        if history.best is None:
            return mend_or_draft(history, rng)
        idle = (c for c in history.good if not history.busy.get(history.line_of[c.id]))
        return improve(next(idle, history.best))
