"""The verb *select*: the hidden phase.

The best explored configurations are run again on seeds that no proposer has seen, and the champion is the
best of them there. Exploration's own best score is biased upwards by having been picked; this one is used
only to choose, and never reported as evidence. The number of queries is fixed beforehand by the budget.

Of programs, which are many and close to each other, the better half goes on after each round, on further
seeds (successive halving: Karnin, Koren and Somekh 2013; Jamieson and Talwalkar 2016, arXiv 1502.07943). All
that are left have run on the same seeds, so that they are compared pair by pair.
"""

import statistics
from collections.abc import Collection, Sequence

from novum.events import Draft
from novum.program import ORIGINAL, PROGRAM
from novum.records import Config, Domain, Measurement, Metric, Node
from novum.state import State
from novum.steps.planned import Planned
from novum.steps.seeds import phase_seed

CANDIDATES = 3
"""Configurations of factors that are compared, in one round."""
EDITS = (12, 6, 3)
"""Programs in each round; what that makes of the regret is measured by `novum bench search --part b`."""


def rounds(programs: bool, seeds_each: int) -> tuple[tuple[int, int], ...]:
    """Candidates of each round and the further seeds that each of them gets, for a budget of `seeds_each`.

    The rounds of a search over programs take about as many runs each.
    """
    if seeds_each < 1:
        return ()
    if not programs:
        return ((CANDIDATES, seeds_each),)
    return tuple(zip(EDITS, (max(1, seeds_each // 2), seeds_each, 2 * seeds_each), strict=True))


def selection_plan(state: State, seeds_each: int) -> list[Planned]:
    """The trials of the select phase as far as they are known: a round begins when the one before has ended.

    A round that would leave nobody out is passed over, but the last.
    """
    assert state.domain is not None
    left = _eligible(rank_nodes(state, state.measurements_of(state.domain.primary.name, "explore")), state)
    ended = {(t.node, t.seeds) for t in state.trials_in("select") if t.status in ("done", "failed")}
    planned: list[Planned] = []
    first, todo = 0, rounds(over_edits(state), seeds_each)
    for place, (count, more) in enumerate(todo):
        if place + 1 < len(todo) and len(left) <= todo[place + 1][0]:
            continue
        pool = tuple(phase_seed(state.seed, "select", i) for i in range(first + more))
        seeds = pool[first:]
        due = [Planned(state.nodes[n], "select", seeds) for n in left[:count]]
        planned += due
        if any((p.node.id, p.seeds) not in ended for p in due):
            break
        left, first = _ranked_hidden(state, [p.node.id for p in due], pool), first + more
    return planned


class Selection:
    """The plan of the select phase, asked again after each trial; it holds nothing but the budget."""

    def __init__(self, seeds_each: int):
        self._seeds_each = seeds_each

    def next(self, state: State) -> tuple[Planned | None, list[Draft]]:
        """A trial that the state does not hold yet; none while a round is under way, or when all are over."""
        held = {(t.node, t.seeds) for t in state.trials_in("select")}
        due = (p for p in selection_plan(state, self._seeds_each) if (p.node.id, p.seeds) not in held)
        return next(due, None), []


def over_edits(state: State) -> bool:
    """Whether programs are compared rather than settings of factors."""
    idea = state.ideas.get(state.chosen)
    return idea is not None and idea.kind == PROGRAM


def candidates(state: State) -> int:
    """How many candidates the hidden phase may compare."""
    return max(count for count, _ in rounds(over_edits(state), 1))


def _eligible(ranked: Sequence[str], state: State) -> Sequence[str]:
    """All that was ranked; for an idea about the program, the edits that work, with the baseline's settings.

    Those alone differ from the baseline in nothing but what the idea is about. Without any, all again.
    """
    assert state.domain is not None
    idea = state.ideas.get(state.chosen)
    if idea is None or idea.kind != PROGRAM:
        return ranked
    base = state.domain.baseline
    edits = [n for n in ranked if (config := state.nodes[n].config)[PROGRAM] != ORIGINAL
             and config == base | {PROGRAM: config[PROGRAM]}]  # fmt: skip
    return [n for n in edits if not ((found := state.assessments.get(n)) and found.broken)] or ranked


def champion(state: State) -> Node | None:
    """The best node of the select phase, or None when nothing was measured there.

    Only those are compared that went through all rounds: a lucky first round is what the others are for.
    """
    assert state.domain is not None
    seeds: dict[str, set[int]] = {}
    for m in state.measurements_of(state.domain.primary.name, "select"):
        seeds.setdefault(m.node, set()).add(m.seed)
    most = max(map(len, seeds.values()), default=0)
    full = [n for n, had in seeds.items() if len(had) == most]
    ranked = _ranked_hidden(state, full, set().union(*seeds.values()))
    return state.nodes[ranked[0]] if ranked else None


def _ranked_hidden(state: State, nodes: Collection[str], seeds: Collection[int]) -> list[str]:
    """Some nodes by what they scored on some hidden seeds: a cut is the same whatever is measured later."""
    assert state.domain is not None
    measured = state.measurements_of(state.domain.primary.name, "select")
    return rank_nodes(state, [m for m in measured if m.node in nodes and m.seed in seeds])


def rank_nodes(state: State, measured: Sequence[Measurement]) -> list[str]:
    """Node ids from best to worst by mean score; failures count as the worst score seen."""
    assert state.domain is not None
    metric = state.domain.primary
    values: dict[str, list[float | None]] = {}
    for m in measured:
        values.setdefault(m.node, []).append(m.value)
    known = [v for vs in values.values() for v in vs if v is not None]
    if not known:
        return []
    worst = max(known) if metric.goal == "minimize" else min(known)
    means = {n: statistics.fmean(worst if v is None else v for v in vs) for n, vs in values.items()}
    order = {t.node: t.index for t in sorted(state.trials.values(), key=lambda t: -t.index)}
    return sorted(means, key=lambda n: (_badness(means[n], metric), order[n]))


def _badness(value: float, metric: Metric) -> float:
    return value if metric.goal == "minimize" else -value


def differing(config: Config, domain: Domain) -> Config:
    """What a configuration sets differently from the baseline."""
    return {k: v for k, v in config.items() if domain.baseline[k] != v}
