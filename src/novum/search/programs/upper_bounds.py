"""`upper-bounds`: a tree search that goes down by upper confidence bounds.

Kocsis and Szepesvári (2006), with the constants of AIRA's search over programs (arXiv 2507.02554): a
child is worth the mean of the scores below it, scaled to [0, 1] over the history, plus `C` sqrt(ln N /
n). What is under way counts as visited and not as a result, so that workers spread without a barrier (Liu
et al. 2020, arXiv 1810.11755). A failure is worth nothing; reached, it is mended as long as that is
allowed.
"""

import random
from math import log, sqrt

from novum.search.programs.history import Candidate, History
from novum.search.programs.moves import Move, improve

C = 0.25
CHILDREN = 5
"""Commissions that work on one candidate before the search goes on below it."""


class UpperBounds:
    def choose(self, history: History, rng: random.Random) -> Move | None:
        """Down from the root to a candidate that may have a further child."""
        tree, at = _Tree(history), history.by_id[history.root]
        while history.visits.get(at.id, 0) >= CHILDREN or not at.good:
            below = tree.open_below(at)
            if not below or (at in history.mendable):
                break
            at = max(below, key=lambda c: (tree.bound(c, at), -c.index))
        if at in history.mendable:
            return Move("debug", (at.id,))
        if at.good and at.id != history.root:
            return improve(at)
        return Move("draft", (history.root,))


class _Tree:
    """Sums over what lies below each candidate, itself included."""

    def __init__(self, history: History):
        self._history = history
        self._children: dict[str, list[Candidate]] = {}
        self._visits: dict[str, float] = {}
        self._worth: dict[str, float] = {}
        self._results: dict[str, float] = {}
        good = [c.score for c in history.good]
        low, high = min(good, default=0.0), max(good, default=0.0)
        self._scaled = lambda c: (c.score - low) / (high - low) if high > low else 0.5
        for found in reversed(history.candidates):  # children were asked for after their parents
            self._take(found)

    def _take(self, found: Candidate) -> None:
        ended = found.status != "pending"
        parent = found.parents[0] if found.parents else self._history.root
        own = self._scaled(found) if found.good else 0.0
        asked = sum(c.parents[:1] == (found.id,) for c in self._history.pending)
        for store, value in ((self._worth, own), (self._results, ended), (self._visits, 1 + asked)):
            store[found.id] = store.get(found.id, 0.0) + value
        if found.id == self._history.root or parent not in self._history.by_id:
            return
        self._children.setdefault(parent, []).append(found)
        for store in (self._worth, self._results, self._visits):
            store[parent] = store.get(parent, 0.0) + store[found.id]

    def open_below(self, candidate: Candidate) -> list[Candidate]:
        """Children from which something that works, or can be mended, can be reached."""
        return [c for c in self._children.get(candidate.id, []) if self._alive(c)]

    def _alive(self, candidate: Candidate) -> bool:
        if candidate.good or candidate in self._history.mendable:
            return True
        return any(self._alive(c) for c in self._children.get(candidate.id, []))

    def bound(self, child: Candidate, parent: Candidate) -> float:
        mean = self._worth[child.id] / max(1, self._results[child.id])
        return mean + C * sqrt(log(max(1, self._visits[parent.id])) / self._visits[child.id])
