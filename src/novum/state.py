"""The state of a study: a pure fold over its events.

`fold(events)` is the only way a state comes to be. Nothing here reads a clock, a file or a random
number, so the same events give the same state on any machine, and independent trials may arrive in any
order: everything is kept by id, and tables are ordered by the index a proposal was given.
"""

import contextlib
import gc
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct, field

from novum import events as ev
from novum.canonical import digest
from novum.errors import JournalDamaged
from novum.records import (
    Check,
    Choice,
    Commission,
    Cost,
    Decision,
    Domain,
    Figure,
    Idea,
    JobResult,
    Measurement,
    Near,
    Node,
    Original,
    Phase,
    Protocol,
    Settings,
    Several,
    Topic,
    TrialRequest,
)

LAG = 6
"""Proposals per worker that a deterministic study makes ahead of the oldest result it waits for: enough that
trials of unequal length keep the workers busy."""


class Trial(Struct, kw_only=True):
    """What is known of one trial. `index` is the place of its proposal."""

    id: str
    index: int
    node: str
    phase: Phase
    seeds: tuple[int, ...]
    status: str = "proposed"  # proposed | running | done | failed
    attempt: int = -1
    request: TrialRequest | None = None
    result: JobResult | None = None
    reason: str = ""
    interrupted: int = 0
    notes: tuple[str, ...] = ()
    series: dict[str, dict[str, str]] = field(default_factory=dict)


class Attempt(Struct, frozen=True, kw_only=True):
    """One attempt of a call: whom it asked, by the name in the settings, and its money (None: unpriced)."""

    model: str
    usd: float | None


class ModelCall(Struct, kw_only=True):
    """What is known of one call of a model, over all its attempts. `answer` is a blob, empty if none.

    `tried` has each attempt by its number.
    """

    key: str
    role: str
    step: str
    node: str
    model: str
    attempts: int = 0
    answer: str = ""
    failed: str = ""
    doubtful: tuple[int, ...] = ()
    cost: Cost = Cost()
    tried: dict[int, Attempt] = field(default_factory=dict)

    @property
    def answered(self) -> bool:
        return bool(self.answer)


class Judgement(Struct, frozen=True, kw_only=True):
    """What an idea was scored, from its first so many explored trials; none: before data."""

    trials: int
    scores: dict[str, float]
    reason: str = ""


def attempt_id(key: str, attempt: int) -> str:
    """The name of one attempt of a model call."""
    return f"{key}/{attempt}"


class Comparison(Struct, frozen=True, kw_only=True):
    """What a listed reference says of a claim."""

    reference: str
    relation: str
    statement: str


class Paper(Struct, frozen=True, kw_only=True):
    source: str
    values: dict[str, str]
    files: dict[str, str]
    head: str
    head_seq: int
    protocol_hash: str
    pages: int
    notes: tuple[str, ...]


class State(Struct, kw_only=True):
    """Everything the journal says, in the shape that readers ask for. Treat it as read-only."""

    study: str = ""
    domain: Domain | None = None
    settings: Settings | None = None
    seed: int = 0
    lag: int = 0
    """A proposal sees no result of its last `lag` - 1 predecessors; 0: it sees all that there is. Fixed at
    the start, whatever the number of workers becomes later."""
    created: float = 0.0
    novum_version: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    archive: str = ""
    replicates: Original | None = None
    several: Several | None = None
    given: Idea | None = None
    seed_ideas: tuple[str, ...] = ()
    topic: Topic | None = None
    tryouts: dict[str, ev.DomainTried] = field(default_factory=dict)  # by the digest of their files
    frozen_seq: int = 0  # of the event that brought the domain of a topic
    refusals: tuple[ev.ProposalRefused, ...] = ()
    finished: str = ""
    finish_reason: str = ""
    stop_reason: str = ""
    running: bool = False
    session_began: float = 0.0
    last_time: float = 0.0
    sandbox: str = ""
    active_seconds: float = 0.0
    sessions: int = 0
    steps: dict[str, int] = field(default_factory=dict)  # step -> view_seq
    steps_done: dict[str, bool] = field(default_factory=dict)
    ideas: dict[str, Idea] = field(default_factory=dict)
    judgements: dict[str, tuple[Judgement, ...]] = field(default_factory=dict)
    nearest: dict[str, tuple[Near, ...]] = field(default_factory=dict)  # idea -> what its novelty rests on
    chosen: str = ""
    chosen_reason: str = ""
    protocol: Protocol | None = None
    protocol_hash: str = ""
    registered_seq: int = 0
    amendments: tuple[tuple[str, str], ...] = ()  # (replaced hash, reason)
    nonce: str = ""
    nodes: dict[str, Node] = field(default_factory=dict)
    commissions: dict[str, Commission] = field(default_factory=dict)
    commission_views: dict[str, int] = field(default_factory=dict)  # commission -> view_seq
    choices: dict[str, Choice] = field(default_factory=dict)  # commission -> whom it asks first
    made: dict[str, str] = field(default_factory=dict)  # commission -> the node that came of it
    abandoned: dict[str, str] = field(default_factory=dict)  # commission -> why no node came of it
    assessments: dict[str, ev.NodeAssessed] = field(default_factory=dict)  # by node
    fresh: dict[str, float] = field(default_factory=dict)  # edited node -> share of newly written lines
    rejected: dict[str, str] = field(default_factory=dict)
    trials: dict[str, Trial] = field(default_factory=dict)
    measurements: dict[str, Measurement] = field(default_factory=dict)
    model_calls: dict[str, ModelCall] = field(default_factory=dict)
    reserved: dict[str, Cost] = field(default_factory=dict)  # attempts without an outcome, by `attempt_id`
    asked: int = 0  # attempts of all model calls
    unpriced: int = 0  # those of them that nobody knows the price of
    spent: Cost = field(default_factory=Cost)
    decisions: dict[str, Decision] = field(default_factory=dict)
    comparisons: dict[str, tuple[Comparison, ...]] = field(default_factory=dict)
    figures: dict[str, Figure] = field(default_factory=dict)
    examined: dict[str, tuple[str, ...]] = field(default_factory=dict)  # figure -> what a vision model found
    mended: dict[str, tuple[str, ...]] = field(default_factory=dict)  # figure -> what was done about it
    paper: Paper | None = None
    audit_passed: bool | None = None
    audit: tuple[Check, ...] = ()
    review: tuple[Check, ...] = ()
    review_summary: str = ""
    approved: bool = False
    stopped_by: str = ""
    actions: tuple[tuple[str, str], ...] = ()

    @property
    def stage(self) -> str:
        """The step under way, or the last one done."""
        under_way = [s for s in self.steps if s not in self.steps_done]
        return next(reversed(under_way or list(self.steps)), "created")

    def trials_in(self, phase: Phase) -> list[Trial]:
        """The trials of a phase in the order of their proposals."""
        return sorted((t for t in self.trials.values() if t.phase == phase), key=lambda t: (t.index, t.id))

    def measurements_of(self, metric: str, phase: Phase) -> list[Measurement]:
        """Measurements of one metric in one phase, ordered by proposal and then seed position."""
        place = {(t.id, s): (t.index, i) for t in self.trials_in(phase) for i, s in enumerate(t.seeds)}
        found = [m for m in self.measurements.values() if m.metric == metric and m.phase == phase]
        return sorted(found, key=lambda m: (*place.get((m.trial, m.seed), (1 << 30, 0)), m.id))

    @property
    def in_doubt(self) -> list[Trial]:
        """Trials whose last attempt began and has no outcome."""
        return [t for t in self.trials.values() if t.status == "running"]

    @property
    def calls_in_doubt(self) -> list[tuple[str, int]]:
        """Attempts of model calls (key, attempt) that may have been charged for and brought no answer."""
        failed = [(call.key, attempt) for call in self.model_calls.values() for attempt in call.doubtful]
        open_ones = [(name.partition("/")[0], int(name.partition("/")[2])) for name in self.reserved]
        return sorted([*open_ones, *failed])

    @property
    def charged(self) -> Cost:
        """What was spent, with whatever has no outcome at its worst case."""
        return sum(self.reserved.values(), self.spent)

    @property
    def open_commissions(self) -> list[Commission]:
        """Commissions that no node came of yet, in their order."""
        ended = {*self.made, *self.abandoned}
        return sorted((c for c in self.commissions.values() if c.id not in ended), key=lambda c: c.index)

    @property
    def tried(self) -> int:
        """What exploration has used of its trials: those proposed, those to come, and failed commissions."""
        return len(self.trials_in("explore")) + len(self.open_commissions) + len(self.abandoned)

    @property
    def next_index(self) -> int:
        return 1 + max((t.index for t in self.trials.values()), default=-1)


def fold(events: Iterable[ev.Event], start: State | None = None) -> State:
    """The state after `events`, from nothing or from a state folded earlier (which is left untouched)."""
    state = copy_state(start) if start is not None else State()
    with uncollected():
        for event in events:
            apply(state, event)
    return state


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Many objects are made here and none of them is garbage: looking for it would take most of the time."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def copy_state(state: State) -> State:
    """A copy whose containers and trials may change without touching the original."""
    fresh = {}
    for name in state.__struct_fields__:
        value = getattr(state, name)
        fresh[name] = dict(value) if isinstance(value, dict) else value
    for name in ("trials", "model_calls"):  # what they hold changes in place
        fresh[name] = {k: msgspec.structs.replace(v) for k, v in getattr(state, name).items()}
    return State(**fresh)


def apply(state: State, event: ev.Event) -> None:
    """Take one event into a state that the caller owns (see `fold` for the pure form)."""
    handler = _HANDLERS.get(type(event.body))
    if handler is not None:
        try:
            handler(state, event.body, event)
        except (KeyError, msgspec.ValidationError) as error:
            raise JournalDamaged(f"event {event.seq} does not follow from the others: {error}") from error
    state.last_time = event.time
    if event.cost is not None:
        state.spent = state.spent + event.cost


Handler = Callable[[State, Any, ev.Event], None]
_HANDLERS: dict[type, Handler] = {}


def _on(body: type) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        _HANDLERS[body] = handler
        return handler

    return register


@_on(ev.StudyCreated)
def _(state: State, body: ev.StudyCreated, event: ev.Event) -> None:
    state.study, state.domain, state.settings, state.seed = body.study, body.domain, body.settings, body.seed
    state.novum_version, state.environment, state.archive = body.novum_version, body.environment, body.archive
    state.created, state.replicates, state.several = event.time, body.replicates, body.several
    state.given, state.seed_ideas, state.topic = body.given, body.seed_ideas, body.topic
    state.lag = LAG * body.settings.workers if body.settings.deterministic else 0


@_on(ev.StudyFinished)
def _(state: State, body: ev.StudyFinished, event: ev.Event) -> None:
    state.finished, state.finish_reason = body.status, body.reason


@_on(ev.DomainTried)
def _(state: State, body: ev.DomainTried, event: ev.Event) -> None:
    state.tryouts[digest(body.files)] = body


@_on(ev.DomainFrozen)
def _(state: State, body: ev.DomainFrozen, event: ev.Event) -> None:
    if state.domain is None:  # a second one changes nothing, and the audit finds it
        state.domain, state.frozen_seq = body.domain, event.seq


@_on(ev.ConfigObserved)
def _(state: State, body: ev.ConfigObserved, event: ev.Event) -> None:
    # not strict: a level is a float, so that whole numbers come back from the journal as 2.0
    changed = msgspec.to_builtins(state.settings) | body.changes
    state.settings = msgspec.convert(changed, Settings, strict=False)


@_on(ev.CoordinatorStarted)
def _(state: State, body: ev.CoordinatorStarted, event: ev.Event) -> None:
    if state.running:  # the session before was killed: it was active until its last event
        state.active_seconds += max(0.0, state.last_time - state.session_began)
    state.running, state.session_began, state.sessions = True, event.time, state.sessions + 1
    state.stop_reason = ""
    state.sandbox = body.sandbox or state.sandbox


@_on(ev.CoordinatorStopped)
def _(state: State, body: ev.CoordinatorStopped, event: ev.Event) -> None:
    state.running, state.active_seconds = False, state.active_seconds + body.active_seconds
    state.stop_reason = body.reason


@_on(ev.StepStarted)
def _(state: State, body: ev.StepStarted, event: ev.Event) -> None:
    state.steps.setdefault(body.step, body.view_seq)


@_on(ev.StepFinished)
def _(state: State, body: ev.StepFinished, event: ev.Event) -> None:
    state.steps_done[body.step] = True


@_on(ev.IdeaProposed)
def _(state: State, body: ev.IdeaProposed, event: ev.Event) -> None:
    state.ideas[body.idea.id] = body.idea


@_on(ev.IdeaJudged)
def _(state: State, body: ev.IdeaJudged, event: ev.Event) -> None:
    earlier = state.judgements.get(body.idea, ())
    found = Judgement(trials=body.trials, scores=body.scores, reason=body.reason)
    state.judgements[body.idea] = (*earlier, found)
    if not body.trials:  # the scores that the choice rests on stay as they were
        judged = msgspec.structs.replace(state.ideas[body.idea], scores=body.scores, novelty=body.novelty)
        state.ideas[body.idea] = judged
        state.nearest[body.idea] = body.nearest


@_on(ev.IdeaChosen)
def _(state: State, body: ev.IdeaChosen, event: ev.Event) -> None:
    state.chosen, state.chosen_reason = body.idea, body.reason


@_on(ev.ProtocolRegistered)
def _(state: State, body: ev.ProtocolRegistered, event: ev.Event) -> None:
    state.protocol, state.protocol_hash, state.registered_seq = body.protocol, body.hash, event.seq


@_on(ev.ProtocolAmended)
def _(state: State, body: ev.ProtocolAmended, event: ev.Event) -> None:
    state.protocol, state.protocol_hash, state.registered_seq = body.protocol, body.hash, event.seq
    state.amendments = (*state.amendments, (body.replaces, body.reason))


@_on(ev.NonceRevealed)
def _(state: State, body: ev.NonceRevealed, event: ev.Event) -> None:
    state.nonce = body.nonce


@_on(ev.ProposalRefused)
def _(state: State, body: ev.ProposalRefused, event: ev.Event) -> None:
    state.refusals = (*state.refusals, body)


@_on(ev.NodeProposed)
def _(state: State, body: ev.NodeProposed, event: ev.Event) -> None:
    state.nodes.setdefault(body.node.id, body.node)
    if body.commission:
        state.made[body.commission] = body.node.id
    state.trials.setdefault(
        body.trial,
        Trial(id=body.trial, index=body.index, node=body.node.id, phase=body.phase, seeds=body.seeds),
    )


@_on(ev.NodeBuilt)
def _(state: State, body: ev.NodeBuilt, event: ev.Event) -> None:
    if body.fresh is not None:
        state.fresh[body.node] = body.fresh


@_on(ev.NodeCommissioned)
def _(state: State, body: ev.NodeCommissioned, event: ev.Event) -> None:
    state.commissions[body.commission.id] = body.commission
    state.commission_views[body.commission.id] = body.view_seq
    if body.choice is not None:
        state.choices[body.commission.id] = body.choice


@_on(ev.CommissionAbandoned)
def _(state: State, body: ev.CommissionAbandoned, event: ev.Event) -> None:
    state.abandoned[body.commission] = body.reason


@_on(ev.NodeAssessed)
def _(state: State, body: ev.NodeAssessed, event: ev.Event) -> None:
    state.assessments[body.node] = body


@_on(ev.NodeRejected)
def _(state: State, body: ev.NodeRejected, event: ev.Event) -> None:
    state.rejected[digest(body.node)] = body.reason


@_on(ev.TrialStarted)
def _(state: State, body: ev.TrialStarted, event: ev.Event) -> None:
    trial = state.trials[body.trial]
    trial.status, trial.attempt, trial.request = "running", body.attempt, body.request


@_on(ev.TrialFinished)
def _(state: State, body: ev.TrialFinished, event: ev.Event) -> None:
    trial = state.trials[body.trial]
    trial.status, trial.result = "done", body.result


@_on(ev.TrialFailed)
def _(state: State, body: ev.TrialFailed, event: ev.Event) -> None:
    trial = state.trials[body.trial]
    trial.status, trial.result, trial.reason = "failed", body.result, body.reason


@_on(ev.TrialInterrupted)
def _(state: State, body: ev.TrialInterrupted, event: ev.Event) -> None:
    trial = state.trials[body.trial]
    trial.status, trial.interrupted = "proposed", trial.interrupted + 1


@_on(ev.MeasurementsRecorded)
def _(state: State, body: ev.MeasurementsRecorded, event: ev.Event) -> None:
    state.measurements.update({m.id: m for m in body.measurements})
    state.trials[body.trial].notes = body.notes


@_on(ev.SeriesRecorded)
def _(state: State, body: ev.SeriesRecorded, event: ev.Event) -> None:
    state.trials[body.trial].series = body.series


@_on(ev.ModelAsked)
def _(state: State, body: ev.ModelAsked, event: ev.Event) -> None:
    call = state.model_calls.setdefault(
        body.key, ModelCall(key=body.key, role=body.role, step=body.step, node=body.node, model=body.model)
    )
    call.model, call.attempts = body.model, max(call.attempts, body.attempt + 1)
    asked = Attempt(model=body.known_as or body.model, usd=0.0 if body.priced else None)
    call.tried = {**call.tried, body.attempt: asked}  # a new one: copies of the state share the old
    state.reserved[attempt_id(body.key, body.attempt)] = body.worst_case
    state.asked += 1
    state.unpriced += not body.priced


@_on(ev.ModelAnswered)
def _(state: State, body: ev.ModelAnswered, event: ev.Event) -> None:
    call = state.model_calls[body.key]
    call.answer, call.failed = call.answer or body.answer, body.failed
    cost, asked = event.cost or Cost(), call.tried.get(body.attempt)
    call.cost = call.cost + cost
    if asked is not None and asked.usd is not None:
        call.tried = {**call.tried, body.attempt: Attempt(model=asked.model, usd=cost.usd)}
    if body.in_doubt:
        call.doubtful = (*call.doubtful, body.attempt)
    state.reserved.pop(attempt_id(body.key, body.attempt), None)


@_on(ev.ClaimDecided)
def _(state: State, body: ev.ClaimDecided, event: ev.Event) -> None:
    state.decisions[body.decision.claim] = body.decision


@_on(ev.LiteratureCompared)
def _(state: State, body: ev.LiteratureCompared, event: ev.Event) -> None:
    found = Comparison(reference=body.reference, relation=body.relation, statement=body.statement)
    state.comparisons[body.claim] = (*state.comparisons.get(body.claim, ()), found)


@_on(ev.FigureMade)
def _(state: State, body: ev.FigureMade, event: ev.Event) -> None:
    state.figures[body.figure.id] = body.figure


@_on(ev.FigureExamined)
def _(state: State, body: ev.FigureExamined, event: ev.Event) -> None:
    state.examined[body.figure] = body.faults
    state.mended[body.figure] = body.mended


@_on(ev.PaperRendered)
def _(state: State, body: ev.PaperRendered, event: ev.Event) -> None:
    state.paper = Paper(**{name: getattr(body, name) for name in Paper.__struct_fields__})


@_on(ev.AuditDone)
def _(state: State, body: ev.AuditDone, event: ev.Event) -> None:
    state.audit_passed, state.audit = body.passed, body.checks


@_on(ev.ReviewDone)
def _(state: State, body: ev.ReviewDone, event: ev.Event) -> None:
    state.review, state.review_summary = body.items, body.summary


@_on(ev.PersonActed)
def _(state: State, body: ev.PersonActed, event: ev.Event) -> None:
    state.actions = (*state.actions, (body.person, body.action))
    if body.action == "approve":
        state.approved = True
    elif body.action == "stop":
        state.stopped_by = body.person
