"""`islands`: evolution on islands, with weighted parents; what repeats itself loses weight.

ShinkaEvolve (Lange et al. 2025, arXiv 2509.19349): a parent is drawn within one island with weight s · h,
where s = sigmoid(`STEEP` (F - median) / scale) favours high scores and h = 1 / (1 + n) those with few
offspring. An island is lineage, not storage: the k-th line that was founded belongs to island k mod
`ISLANDS`. Offspring that came to nothing (a duplicate of something there is, say) counts in n, so what
only repeats itself is left. Now and then the best of another island takes part in a crossing.
"""

import random
import statistics
from math import exp

from novum.search.programs.history import Candidate, History
from novum.search.programs.moves import Move, improve, mend_or_draft

ISLANDS = 2
STEEP = 3.0
MIGRATION = 0.1
DEBUG = 0.3


class Islands:
    def choose(self, history: History, rng: random.Random) -> Move | None:
        """A founder for an island without one, else a weighted parent of the island least worked on."""
        if len(history.founding) < ISLANDS:
            return Move("draft", (history.root,))
        if history.mendable and rng.random() < DEBUG:
            return Move("debug", (rng.choice(history.mendable).id,))
        peopled = {i: found for i in range(ISLANDS) if (found := members(history, i))}
        if not peopled:
            return mend_or_draft(history, rng)
        island = min(peopled, key=lambda i: (_worked_on(peopled[i], history), i))
        parent = weighted(peopled[island], history, rng)
        elsewhere = [found[0] for i, found in sorted(peopled.items()) if i != island]
        if elsewhere and rng.random() < MIGRATION:
            return Move("cross", (parent.id, rng.choice(elsewhere).id))
        return improve(parent)


def members(history: History, island: int) -> list[Candidate]:
    """Candidates of an island that work, from the best to the worst; the root is on none."""
    return [c for c in history.good if c.id != history.root and island_of(c, history) == island]


def island_of(candidate: Candidate, history: History) -> int:
    """The island of a candidate's line, by the place of the line among all that were founded."""
    founder = history.by_id[history.line_of[candidate.id]]
    return history.founding.get(founder.index, 0) % ISLANDS


def weighted(found: list[Candidate], history: History, rng: random.Random) -> Candidate:
    """One of several, by score and against those that had many offspring already."""
    middle = statistics.median(c.score for c in found)
    scale = statistics.fmean(abs(c.score - middle) for c in found) or 1.0
    weights = [
        1 / (1 + exp(-STEEP * _clipped((c.score - middle) / scale))) / (1 + history.visits.get(c.id, 0))
        for c in found
    ]
    return rng.choices(found, weights)[0]


def _clipped(x: float) -> float:
    return max(-10.0, min(10.0, x))


def _worked_on(found: list[Candidate], history: History) -> int:
    return sum(history.visits.get(c.id, 0) for c in found)
