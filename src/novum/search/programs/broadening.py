"""`broadening`: the default. Best so far, now and then any other; broader once nothing is gained.

After `DRAFTS` beginnings the parent is the best so far, and now and then any candidate of the whole history
that works or can be mended: in 3.1 million rollouts such a rule led every other fixed one, if not
significantly after correction (arXiv 2607.18235). How often follows the gains, since dense ones favour greed
and sparse ones breadth (arXiv 2605.17373): the chance rises from nothing right after a gain to `EPSILON` when
the last `patience` candidates gained nothing beyond the noise of replicate seeds. From then on `BROAD` of
what follows is broad (a draft, another line, a crossing of lines) and a share tunes the numbers of the best,
as late gains are often those of plain tuning (arXiv 2605.20086). A failure is mended at evens. Beginnings,
shares and patience were set on the tuning half of `novum bench search --part a`.
"""

import random

from novum.search.programs.history import Candidate, History
from novum.search.programs.moves import Move, improve, mend_or_draft

DRAFTS = 5
DEBUG = 0.5
EPSILON = 0.2
BROAD = 0.3
TUNING = 0.4
"""Share of what is not broad, in stagnation, that tunes the best."""
LEAST, MOST = 20, 50


class Broadening:
    def choose(self, history: History, rng: random.Random) -> Move | None:
        """The best, any, or something broad; nothing works yet: mend or draft."""
        if history.drafts < min(DRAFTS, max(1, history.total // 4)):
            return Move("draft", (history.root,))
        best = history.best
        if best is None or (history.mendable and rng.random() < DEBUG):
            return mend_or_draft(history, rng)
        waited = history.stagnation / patience(history.total)
        if waited >= 1.0:
            return self._stagnating(best, history, rng)
        return improve(best) if rng.random() >= EPSILON * waited else self._any(history, rng)

    def _any(self, history: History, rng: random.Random) -> Move:
        found = rng.choice([*history.good, *history.mendable])
        return improve(found) if found.good else Move("debug", (found.id,))

    def _stagnating(self, best: Candidate, history: History, rng: random.Random) -> Move:
        if rng.random() >= BROAD:
            return Move("tune", (best.id,)) if rng.random() < TUNING else improve(best)
        line = history.line_of[best.id]
        others = [c for c in history.good if history.line_of[c.id] != line and c.id != history.root]
        if not others or rng.random() < 1 / 3:
            return Move("draft", (history.root,))
        other = rng.choice(others)
        return improve(other) if rng.random() < 0.5 else Move("cross", (best.id, other.id))


def patience(total: int) -> int:
    """Candidates without a gain after which the search broadens: a quarter of the budget, within bounds."""
    return min(MOST, max(LEAST, total // 4))
