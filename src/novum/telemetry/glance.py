"""A study at one moment, in the few numbers that a progress line shows; pure, so it can be tested."""

import math
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from novum.records import Budget, JobResult, Phase
from novum.state import ModelCall, State, Trial, attempt_id

PHASES: tuple[Phase, ...] = ("explore", "select", "confirm")
ARMS_GUESSED = 4  # arms of a confirmation before its protocol is registered; for the time left alone
CANDIDATES_GUESSED = 3  # candidates in the hidden phase before it begins; likewise


class Asked(Struct, frozen=True, kw_only=True):
    """Calls of models, some of a study's or all: made, answered, attempts without an outcome, and charged."""

    calls: int = 0
    answered: int = 0
    open: int = 0
    usd: float = 0.0
    tokens: int = 0


class Glance(Struct, frozen=True, kw_only=True):
    """`left_seconds` is a guess from the mean pace so far, None while there is nothing to go by.

    `asked` are all calls of models, `asked_here` those of the stage under way.
    """

    stage: str
    phase: Phase
    done: int
    running: int
    failed: int
    planned: int
    cpu_seconds: float
    left_seconds: float | None
    asked: Asked = Asked()
    asked_here: Asked = Asked()

    @property
    def ended(self) -> int:
        return self.done + self.failed

    @property
    def runs_trials(self) -> bool:
        """Whether the stage under way is one of trials; the counts are of an earlier one otherwise."""
        return self.stage == self.phase


def glance(state: State) -> Glance:
    """Counts of the phase under way; CPU time of all trials so far, in seconds."""
    phase = current_phase(state)
    trials = state.trials_in(phase)
    count = {s: sum(t.status == s for t in trials) for s in ("done", "running", "failed")}
    return Glance(
        stage=state.stage,
        phase=phase,
        planned=max(planned_trials(state, phase), len(trials)),
        cpu_seconds=sum(cpu_of(t.result) for t in state.trials.values()),
        left_seconds=seconds_left(state),
        asked=asked_of(state, state.model_calls.values()),
        asked_here=asked_of(state, (c for c in state.model_calls.values() if c.step == state.stage)),
        **count,
    )


def asked_of(state: State, calls: Iterable[ModelCall]) -> Asked:
    """What some calls came to; an attempt without an outcome counts at its worst case."""
    chosen = list(calls)
    names = (attempt_id(c.key, attempt) for c in chosen for attempt in range(c.attempts))
    unsettled = [state.reserved[name] for name in names if name in state.reserved] if state.reserved else []
    return Asked(
        calls=len(chosen),
        answered=sum(c.answered for c in chosen),
        open=len(unsettled),
        usd=sum(c.cost.usd for c in chosen) + sum(cost.usd for cost in unsettled),
        tokens=sum(c.cost.tokens for c in chosen) + sum(cost.tokens for cost in unsettled),
    )


def asked_by(state: State, what: Literal["step", "role", "node", "model"]) -> dict[str, Asked]:
    """Calls by stage, role, node or model, in the order in which each first came.

    What was asked to have a node made counts as the node's, once there is one.
    """
    found: dict[str, list[ModelCall]] = {}
    for call in state.model_calls.values():
        name = getattr(call, what)
        found.setdefault(state.made.get(name, name) if what == "node" else name, []).append(call)
    return {name: asked_of(state, calls) for name, calls in found.items()}


def current_phase(state: State) -> Phase:
    """The latest phase that has trials."""
    seen = [PHASES.index(trial.phase) for trial in state.trials.values()]
    return PHASES[max(seen, default=0)]


def planned_trials(state: State, phase: Phase) -> int:
    """How many trials a phase is to have, as far as is known before they are proposed."""
    budget = _budget(state)
    if phase == "confirm":
        return _confirm_batches(state)
    if phase == "explore" and budget is not None and "explore" not in state.steps_done:
        return (state.settings and state.settings.budget_trials) or budget.explore_trials
    return 0


def _confirm_batches(state: State) -> int:
    """Trials of the registered plan, each on as many seeds as the largest one proposed so far."""
    batch = max((len(t.seeds) for t in state.trials_in("confirm")), default=0)
    if state.protocol is None or not batch:
        return 0
    arms, places = state.protocol.arms, range(state.protocol.seeds_per_arm)
    return sum(math.ceil(len(state.protocol.seeds_of(arm, places)) / batch) for arm in arms)


def seconds_left(state: State) -> float | None:
    """Seeds still to run, at the mean wall time per seed so far, shared among the workers."""
    ended = [t for t in state.trials.values() if t.result is not None]
    seeds = sum(len(t.seeds) for t in ended)
    if not seeds or state.settings is None:
        return None
    pace = sum(_wall_of(t.result) for t in ended) / seeds
    waiting = sum(_seeds_waiting(state, phase) for phase in PHASES)
    return pace * waiting / max(1, state.settings.workers)


def cpu_of(result: JobResult | None) -> float:
    """CPU seconds of all stages of a job, 0 if it has not ended."""
    return sum(s.cpu_seconds for s in result.stages) if result else 0.0


def _wall_of(result: JobResult | None) -> float:
    return sum(s.wall_seconds for s in result.stages) if result else 0.0


def _budget(state: State) -> Budget | None:
    if state.domain is None or state.settings is None:
        return None
    return state.domain.budgets.get(state.settings.budget)


def _seeds_waiting(state: State, phase: Phase) -> float:
    trials = state.trials_in(phase)
    if PHASES.index(phase) < PHASES.index(current_phase(state)):
        return _open_seeds(trials)
    return max(_planned_seeds(state, phase) - _ended_seeds(trials), _open_seeds(trials))


def _planned_seeds(state: State, phase: Phase) -> int:
    budget = _budget(state)
    if phase == "confirm" and state.protocol is not None:
        return state.protocol.runs
    if budget is None or phase in state.steps_done:
        return 0
    if phase == "explore":
        return planned_trials(state, phase) * budget.explore_seeds
    return (
        CANDIDATES_GUESSED * budget.select_seeds if phase == "select" else ARMS_GUESSED * budget.confirm_seeds
    )


def _open_seeds(trials: Iterable[Trial]) -> int:
    return sum(len(t.seeds) for t in trials if t.status in ("proposed", "running"))


def _ended_seeds(trials: Iterable[Trial]) -> int:
    return sum(len(t.seeds) for t in trials if t.status in ("done", "failed"))
