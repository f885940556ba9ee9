"""The verb *select*: the hidden phase.

The best explored configurations are run again on seeds that no proposer has seen, and the champion is the
best of them there. Exploration's own best score is biased upwards by having been picked; this one is used
only to choose, and never reported as evidence. The number of queries is fixed beforehand by the budget.
"""

import statistics
from collections.abc import Sequence

from novum.program import ORIGINAL, PROGRAM
from novum.records import Config, Domain, Measurement, Metric, Node
from novum.state import State
from novum.steps.planned import Planned
from novum.steps.seeds import phase_seed

CANDIDATES = 3
EDITS = 10
"""Candidates of a search over programs, in which the best of many single looks is picked; the regret is
measured by `novum bench search --part b`."""


def selection_plan(state: State, seeds_each: int) -> list[Planned]:
    """The trials of the select phase: the top explored nodes, all on the same hidden seeds."""
    assert state.domain is not None
    ranked = _eligible(rank_nodes(state, state.measurements_of(state.domain.primary.name, "explore")), state)
    seeds = tuple(phase_seed(state.seed, "select", i) for i in range(seeds_each))
    return [Planned(state.nodes[n], "select", seeds) for n in ranked[: candidates(state)]] if seeds else []


def candidates(state: State) -> int:
    """How many candidates the hidden phase may compare."""
    idea = state.ideas.get(state.chosen)
    return EDITS if idea is not None and idea.kind == PROGRAM else CANDIDATES


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
    """The best node of the select phase, or None when nothing was measured there."""
    assert state.domain is not None
    ranked = rank_nodes(state, state.measurements_of(state.domain.primary.name, "select"))
    return state.nodes[ranked[0]] if ranked else None


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
