"""`portfolio`: several policies side by side, the worst stopped by successive halving.

Each member works on candidates of its own and the root. At a quarter, a half and three quarters of the
budget the better half goes on: in arXiv 2607.18235 a portfolio cut so beat one policy run several times,
and progress at half time told the order at the end; halving itself is Jamieson and Talwalkar (2016, arXiv
1502.07943). A member is as good as the best of what it had asked for before the cut. A late result may
turn a cut round.
"""

import random
from collections.abc import Mapping

from msgspec import structs

from novum.search.programs.history import History, label_of
from novum.search.programs.moves import Chooser, Move

CUTS = (0.25, 0.5, 0.75)


class Portfolio:
    """`members` by name; names must hold no "/"."""

    def __init__(self, members: Mapping[str, Chooser]):
        if not members or any("/" in name for name in members):
            raise ValueError("a portfolio needs members, whose names hold no '/'")
        self._members = dict(members)

    def choose(self, history: History, rng: random.Random) -> Move | None:
        """What the member among those left says that asked for least so far."""
        given = [label_of(c) for c in history.commissions]
        left = remaining(list(self._members), history)
        name = min(left, key=lambda member: (given.count(member), left.index(member)))
        move = self._members[name].choose(history.only(name), rng)
        return structs.replace(move, label=name) if move else None


def remaining(members: list[str], history: History) -> list[str]:
    """The members that were not stopped, in their order."""
    left = members
    for cut in CUTS:
        if history.tried < cut * history.total or len(left) == 1:
            break
        until = round(cut * history.total)
        best = {name: _best(name, history, until) for name in left}
        order = sorted(left, key=lambda name: (-best[name], left.index(name)))
        left = [name for name in left if name in order[: (len(left) + 1) // 2]]
    return left


def _best(name: str, history: History, until: int) -> float:
    """The best score among the first `until` candidates that a member asked for; none: as low as can be."""
    mine = (c.score for c in history.good if c.label == name and c.index < until)
    return max(mine, default=float("-inf"))
