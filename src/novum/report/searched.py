"""The search of a study as data: every node with its lineage, operator, scores, time, models and cost.

What `novum show --tree --json` prints and a page can draw. Exploration alone is told, with what the hidden
phase made of its candidates; confirmation has its own place. Times are those of the journal.
"""

import statistics
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from novum.events import Event, NodeProposed, TrialFailed, TrialFinished
from novum.records import Measurement
from novum.search.programs.history import Candidate, History, history_of
from novum.state import State, Trial
from novum.steps.select import champion


def searched(state: State, events: Iterable[Event] = ()) -> dict[str, Any]:
    """The search of a study; times are null without its events. Empty before there is a domain."""
    if state.domain is None:
        return {}
    history = history_of(state, state.domain, state.domain.budgets[state.settings.budget].explore_trials
                         if state.settings else 0)  # fmt: skip
    told = _Told(state, history, _times(events))
    metric = state.domain.primary
    return {
        "searches": list(dict.fromkeys(c.policy for c in history.commissions if c.policy))
        or _of_factors(state),
        "metric": metric.name,
        "unit": metric.unit,
        "goal": metric.goal,
        "noise": history.noise,
        "tried": state.tried,
        "planned": history.total,
        "champion": told.champion,
        "record": told.record(),
        "nodes": [told.node(candidate) for candidate in sorted(history.candidates, key=told.place)],
        "abandoned": [told.gone(c.id, why) for c in history.commissions
                      if (why := state.abandoned.get(c.id)) is not None],
    }  # fmt: skip


def _of_factors(state: State) -> list[str]:
    return [state.settings.policy] if state.settings else []


def _times(events: Iterable[Event]) -> dict[str, list[float]]:
    """Trial -> when it was proposed, and when it last ended."""
    found: dict[str, list[float]] = {}
    for event in events:
        if isinstance(event.body, NodeProposed):
            found.setdefault(event.body.trial, [event.time])
        elif isinstance(event.body, TrialFinished | TrialFailed):
            found[event.body.trial] = [*found.get(event.body.trial, [event.time])[:1], event.time]
    return found


class _Told:
    """What is asked of a study for each of its nodes."""

    def __init__(self, state: State, history: History, times: dict[str, list[float]]):
        self._state, self._history, self._times = state, history, times
        self._trials: dict[str, list[Trial]] = {}
        for trial in state.trials_in("explore"):
            self._trials.setdefault(trial.node, []).append(trial)
        self._measured: dict[tuple[str, str], list[Measurement]] = {}
        for m in state.measurements.values():
            self._measured.setdefault((m.node, m.phase), []).append(m)
        self._asked = {node: commission for commission, node in state.made.items()}
        best = champion(state)
        self.champion = best.id if best else None

    def place(self, candidate: Candidate) -> int:
        return self._trials[candidate.id][0].index

    def record(self) -> list[str]:
        """Nodes that were the best so far when they ended, in that order."""

        def ended(candidate: Candidate) -> float:
            times = [self._times.get(t.id, ()) for t in self._trials[candidate.id]]
            return max((t[-1] for t in times if len(t) > 1), default=0.0)

        found: list[Candidate] = []
        for candidate in sorted(self._history.good, key=lambda c: (ended(c), self.place(c))):
            if not found or candidate.score > found[-1].score:
                found.append(candidate)
        return [candidate.id for candidate in found]

    def node(self, candidate: Candidate) -> dict[str, Any]:
        state, trials = self._state, self._trials[candidate.id]
        node, asked = state.nodes[candidate.id], self._asked.get(candidate.id, "")
        times = [self._times[t.id] for t in trials if t.id in self._times]
        ended = [t[1] for t in times if len(t) > 1]
        judged = state.assessments.get(candidate.id)
        return {
            "id": candidate.id,
            "place": self.place(candidate),
            "parents": list(node.parents),
            "line": self._history.line_of.get(candidate.id, candidate.id),
            "depth": self._history.depth.get(candidate.id, 0),
            "operator": node.operator,
            "search": state.commissions[asked].policy if asked else "",
            "plan": node.plan,
            "finding": judged.finding if judged else "",
            "status": candidate.status,
            "reason": next((t.reason for t in trials if t.reason), ""),
            "score": self._means(candidate.id, "explore", primary=True),
            "seeds": candidate.seeds,
            "behaviour": self._means(candidate.id, "explore"),
            "hidden": self._means(candidate.id, "select", primary=True),
            "proposed": times[0][0] if times else None,
            "ended": max(ended, default=None),
            "choice": self._choice(asked),
            "cost": self._cost(trials, {candidate.id, asked} - {""}),
        }  # fmt: skip

    def gone(self, commission: str, why: str) -> dict[str, Any]:
        """A commission that no node came of."""
        asked = self._state.commissions[commission]
        return {"commission": commission, "place": asked.index, "parents": list(asked.parents),
                "operator": asked.operator, "search": asked.policy, "reason": why,
                "choice": self._choice(commission), "cost": self._cost((), {commission})}  # fmt: skip

    def _choice(self, commission: str) -> dict[str, Any] | None:
        """Which models were to be asked, in their order, and with what odds; null where none were chosen."""
        chosen = self._state.choices.get(commission)
        return None if chosen is None else msgspec.to_builtins(chosen)

    def _means(self, node: str, phase: str, *, primary: bool = False) -> Any:
        """Mean of the primary metric, or of every other by name; null where no seed has a value."""
        assert self._state.domain is not None
        found: dict[str, list[float]] = {}
        for m in self._measured.get((node, phase), ()):
            if m.value is not None:
                found.setdefault(m.metric, []).append(m.value)
        means = {name: statistics.fmean(values) for name, values in found.items()}
        if primary:
            return means.get(self._state.domain.primary.name)
        return {m.name: means.get(m.name) for m in self._state.domain.metrics if not m.primary}

    def _cost(self, trials: Sequence[Trial], names: set[str]) -> dict[str, Any]:
        """What making, running and judging it took, and which models answered."""
        calls = [call for call in self._state.model_calls.values() if call.node in names]
        stages = [stage for t in trials if t.result for stage in t.result.stages]
        return {
            "models": sorted({call.model for call in calls if call.answered}),
            "calls": len(calls),
            "usd": sum(call.cost.usd for call in calls),
            "tokens": sum(call.cost.tokens for call in calls),
            "cpu_seconds": round(sum(stage.cpu_seconds for stage in stages), 4),
        }
