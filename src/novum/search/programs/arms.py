"""Which of several models writes the next version: more often one whose versions gained more for their cost.

Thompson sampling with costs: each model's worth is drawn from what is known of it and divided by what it
costs, and the greatest is asked (Xia et al. 2015, arXiv 1505.00146; to choose a search's models by their
gains is from ShinkaEvolve, arXiv 2509.19349). A pull is one model asked for one version. Its reward is 0
where nothing came of it or nothing better than its nearest ancestor that works, else the share of all gains
so far that are not greater: ranks, since the units of scores differ and one lucky leap must not outweigh all
else (Fialho et al. 2010). Its cost is 1 for the trial, and its money in units of the mean of answers;
where the price of any attempt is unknown, the trial alone. All is read off the record, nothing is held.
"""

import random
from bisect import bisect_right
from collections.abc import Sequence
from math import inf

from msgspec import Struct

from novum.records import Choice
from novum.search.programs.history import Candidate, History
from novum.state import ModelCall, State

DRAWS = 1000
"""Of worths, by which the odds are told; the first of them is the choice."""


class Pull(Struct, frozen=True, kw_only=True):
    """One model asked for one version: whether it answered, the gain (0: none), the money (None: unknown)."""

    model: str
    gain: float
    usd: float | None
    answered: bool = True


class Arm(Struct, frozen=True, kw_only=True):
    """What is known of a model: its pulls, the sum of their rewards, and the mean cost of one."""

    model: str
    pulls: int
    reward: float
    cost: float

    def drawn(self, rng: random.Random) -> float:
        """A worth that it may have: of a Beta distribution over rewards, for its cost."""
        return rng.betavariate(1 + self.reward, 1 + self.pulls - self.reward) / self.cost


def choose(names: Sequence[str], state: State, history: History, rng: random.Random) -> Choice:
    """Whom to ask for the next version, as the record of a study says."""
    begun = [chosen.models[0] for chosen in state.choices.values()]
    return choice_of(names, pulls_of(state, history), begun, rng)


def choice_of(
    names: Sequence[str], pulls: Sequence[Pull], begun: Sequence[str], rng: random.Random
) -> Choice:
    """Whom to ask; models of no pull, and not among those that are `begun`, come first in the order given."""
    priced = all(pull.usd is not None for pull in pulls)
    known = {*begun, *(pull.model for pull in pulls)}
    if fresh := [name for name in names if name not in known]:
        return _choice(fresh[0], names, {fresh[0]: 1.0}, priced)
    wins = odds(arms_of(names, pulls), rng)
    return _choice(next(iter(wins)), names, wins, priced)


def odds(arms: Sequence[Arm], rng: random.Random) -> dict[str, float]:
    """The share of draws in which each model's worth is the greatest; who wins the first comes first."""
    best = [max(arms, key=lambda arm: arm.drawn(rng)).model for _ in range(DRAWS)]
    return {name: best.count(name) / DRAWS for name in dict.fromkeys(best)}


def arms_of(names: Sequence[str], pulls: Sequence[Pull]) -> list[Arm]:
    """What the pulls say of each model. A mean cost is drawn to that of all as if by one more pull."""
    gains = sorted(pull.gain for pull in pulls if pull.gain > 0)
    costs = _costs(pulls)
    usual = sum(costs) / len(costs) if costs else 1.0
    found = []
    for name in names:
        mine = [i for i, pull in enumerate(pulls) if pull.model == name]
        reward = sum(bisect_right(gains, pulls[i].gain) / len(gains) for i in mine if pulls[i].gain > 0)
        cost = (usual + sum(costs[i] for i in mine)) / (1 + len(mine))
        found.append(Arm(model=name, pulls=len(mine), reward=reward, cost=cost))
    return found


def _costs(pulls: Sequence[Pull]) -> list[float]:
    """The cost of each pull, in trials. To give no answer makes nobody cheap: it costs the mean at least."""
    priced = all(pull.usd is not None for pull in pulls)
    money = [pull.usd or 0.0 for pull in pulls if pull.answered]
    mean = sum(money) / len(money) if priced and money else 0.0
    if not mean:
        return [1.0] * len(pulls)
    shares = ((pull.usd or 0.0) / mean for pull in pulls)
    return [1.0 + (share if p.answered else max(1.0, share)) for p, share in zip(pulls, shares, strict=True)]


def _choice(first: str, names: Sequence[str], chances: dict[str, float], priced: bool) -> Choice:
    told = {name: chances.get(name, 0.0) for name in names}
    return Choice(models=(first, *(n for n in names if n != first)), odds=told, priced=priced)


# --- reading the record -------------------------------------------------------------------------------


def pulls_of(state: State, history: History) -> list[Pull]:
    """Every pull with an outcome, in the order of commissions. A gain is that of whoever answered last."""
    asked: dict[str, list[ModelCall]] = {}
    for call in state.model_calls.values():
        if call.role == "code" and call.node in state.commissions:
            asked.setdefault(call.node, []).append(call)
    found: list[Pull] = []
    for commission in history.commissions:
        made = history.by_id.get(state.made.get(commission.id, ""))
        ended = commission.id in state.abandoned or (made is not None and made.status != "pending")
        if ended and commission.id in asked:
            found += _pulls(asked[commission.id], gain_of(made, history) if made else 0.0)
    return found


def _pulls(calls: Sequence[ModelCall], gain: float) -> list[Pull]:
    """Those of one commission; none in a journal that is older than the record of attempts."""
    tried = [attempt for call in calls for _, attempt in sorted(call.tried.items())]
    last = [max(call.tried.items())[1].model for call in calls if call.answered and call.tried]
    author = last[-1] if last and calls[-1].answered else ""
    found = []
    for name in dict.fromkeys(attempt.model for attempt in tried):
        paid = _sum([attempt.usd for attempt in tried if attempt.model == name])
        gained = gain if name == author else 0.0
        found.append(Pull(model=name, gain=gained, usd=paid, answered=name in last))
    return found


def _sum(paid: Sequence[float | None]) -> float | None:
    known = [usd for usd in paid if usd is not None]
    return sum(known) if len(known) == len(paid) else None


def gain_of(made: Candidate, history: History) -> float:
    """By how much a version scores better than its nearest ancestor that works, 0 if it does not; without any
    such ancestor, a version that works is the greatest gain of all."""
    if not made.good:
        return 0.0
    parent = history.by_id.get(made.parents[0] if made.parents else history.root)
    while parent is not None and not parent.good:
        parent = history.by_id.get(parent.parents[0]) if parent.parents else None
    return inf if parent is None else max(0.0, made.score - parent.score)
