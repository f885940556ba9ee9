"""Everything that can happen to a study: one tagged, versioned union.

An `Event` is an envelope (sequence number, time, actor, cost, cause, hash link) around one body. Bodies
are told apart by their tag, written as `type`. Version 1 is implied; a changed body gets a new version
number and an upcast in `journal.migrations`, and no row is ever rewritten.
"""

from typing import Literal

from msgspec import Struct

from novum.records import (
    Check,
    Choice,
    Commission,
    Config,
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
    Slot,
    Topic,
    TrialRequest,
)


class Body(Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """Base of all event bodies."""


# study and coordinator
class StudyCreated(Body, tag="study.created", kw_only=True):
    """The study's fixed inputs. `environment` names interpreter and library versions.

    A study that begins with a topic page has no domain yet: `domain.frozen` brings it.
    """

    study: str
    domain: Domain | None = None
    settings: Settings
    seed: int
    novum_version: str
    environment: dict[str, str]
    archive: str = ""
    """Blob with the lab's archive as this study sees it: earlier ideas and claims."""
    replicates: Original | None = None
    """The study whose frozen protocol this one carries out again; none for a study of its own."""
    several: Several | None = None
    """The run of several studies that this one belongs to; none for a study that was begun alone."""
    given: Idea | None = None
    """The idea that the person who began the study named, as it lay in the lab."""
    seed_ideas: tuple[str, ...] = ()
    """Ideas in a person's own words, which the scientist is to propose first."""
    topic: Topic | None = None
    """The page that the study began with, where a model is to write the domain."""


class StudyFinished(Body, tag="study.finished", kw_only=True):
    status: Literal["done", "failed", "stopped"]
    reason: str = ""


class CoordinatorStarted(Body, tag="coordinator.started", kw_only=True):
    host: str
    pid: int
    sandbox: str = ""


class CoordinatorStopped(Body, tag="coordinator.stopped", kw_only=True):
    reason: str
    active_seconds: float


class StepStarted(Body, tag="step.started", kw_only=True):
    """A step sees `fold(events with seq <= view_seq)`, also when it runs again after a crash."""

    step: str
    view_seq: int


class StepFinished(Body, tag="step.finished", kw_only=True):
    step: str


# a domain that a model writes
class DomainTried(Body, tag="domain.tried", kw_only=True):
    """What a model wrote of a topic was put through the conformance suite of domains.

    `files` maps each path to its blob; `log` is what failing commands said, head and tail.
    """

    files: dict[str, str]
    checks: tuple[Check, ...]
    log: str = ""


class DomainFrozen(Body, tag="domain.frozen", kw_only=True):
    """The domain of a study that began with a topic page; nothing of it changes any more."""

    domain: Domain
    hash: str


# ideas and protocol
class IdeaProposed(Body, tag="idea.proposed", kw_only=True):
    idea: Idea


class IdeaJudged(Body, tag="idea.judged", kw_only=True):
    """Scores of an idea: before data when it is proposed, and what exploration makes of them later.

    `trials` counts the explored ones that the scores rest on, the first so many proposed; a judgement after
    data holds the scores that data change and no others.
    """

    idea: str
    scores: dict[str, float]
    novelty: Literal["known", "not assessed", "novel"]
    reason: str = ""
    trials: int = 0
    nearest: tuple[Near, ...] = ()
    """Works and studies that the judgement of novelty rests on."""


class IdeaChosen(Body, tag="idea.chosen", kw_only=True):
    idea: str
    reason: str = ""


class ProtocolRegistered(Body, tag="protocol.registered", kw_only=True):
    protocol: Protocol
    hash: str


class ProtocolAmended(Body, tag="protocol.amended", kw_only=True):
    """A change after registration; disclosed in the paper. Invalid once confirmation has begun."""

    protocol: Protocol
    hash: str
    replaces: str
    reason: str


class NonceRevealed(Body, tag="protocol.revealed", kw_only=True):
    """Opens the commitment in the protocol; from here confirmation seeds are known."""

    nonce: str


class ProposalRefused(Body, tag="proposal.refused", kw_only=True):
    """A scientist's proposal that the machine did not accept, and why; `about` names what it was for.

    `final`: no other could be used instead, and the machine's default fills the slot.
    """

    slot: Slot
    about: str = ""
    reason: str
    final: bool = False


# nodes, trials, measurements
class NodeProposed(Body, tag="node.proposed", kw_only=True):
    """`index` counts proposals of the study; rows of tables are ordered by it."""

    node: Node
    index: int
    phase: Phase
    seeds: tuple[int, ...]
    trial: str
    policy: str = ""
    commission: str = ""


class NodeRejected(Body, tag="node.rejected", kw_only=True):
    node: Node
    reason: str


class NodeBuilt(Body, tag="node.built", kw_only=True):
    """The workspace of a node exists as blobs; for edited programs only."""

    node: str
    edited: tuple[str, ...] = ()
    fresh: float | None = None
    """The share of its lines that stand nowhere in the domain's own files; None in older journals."""


class NodeCommissioned(Body, tag="node.commissioned", kw_only=True):
    """The intent to have a node made. Whoever makes it sees the state up to event `view_seq`, also when it
    is made again after a crash. `choice`: whom it asks first, where the settings leave that to a bandit."""

    commission: Commission
    view_seq: int
    choice: Choice | None = None


class CommissionAbandoned(Body, tag="node.abandoned", kw_only=True):
    """No node came of a commission: a failed candidate, which counts as tried."""

    commission: str
    reason: str


class NodeAssessed(Body, tag="node.assessed", kw_only=True):
    """What a judge makes of a node's trial: whether it did what was planned, and whether it is broken.

    It steers the search alone; no verdict rests on it.
    """

    node: str
    trial: str
    as_planned: bool
    broken: bool
    finding: str = ""


class TrialStarted(Body, tag="trial.started", kw_only=True):
    """The intent, committed before anything runs. `attempt` counts from 0."""

    trial: str
    key: str
    attempt: int
    request: TrialRequest
    executor: str = ""


class TrialFinished(Body, tag="trial.finished", kw_only=True):
    """The job ended and gave at least one valid seed. Its measurements follow in the same commit."""

    trial: str
    attempt: int
    result: JobResult
    seeds_ok: int


class TrialFailed(Body, tag="trial.failed", kw_only=True):
    """The candidate failed: no seed gave a valid measurement. Data, not an error."""

    trial: str
    attempt: int
    result: JobResult
    reason: str


class TrialInterrupted(Body, tag="trial.interrupted", kw_only=True):
    """An attempt cut short by our own death or the machine's; it is repeated and is no trial."""

    trial: str
    attempt: int
    reason: str


class MeasurementsRecorded(Body, tag="measurement.recorded", kw_only=True):
    """All measurements of one trial, in one event so that they stand or fall together."""

    trial: str
    measurements: tuple[Measurement, ...]
    notes: tuple[str, ...] = ()


class SeriesRecorded(Body, tag="series.recorded", kw_only=True):
    """Curves of one trial: name -> seed (as text) -> blob of CSV text `x,y`."""

    trial: str
    series: dict[str, dict[str, str]]


# models
class ModelAsked(Body, tag="model.asked", kw_only=True):
    """The intent of one attempt, committed before it. It reserves the worst case until it is answered.

    `request` is the blob of the `ModelRequest`; `step` and `node` say for what it is asked. `priced` is
    false where no price is known, and the money in `worst_case` is then 0. `known_as` is the model's name in
    the settings where it has another of its own.
    """

    key: str
    attempt: int
    role: str
    model: str
    request: str
    worst_case: Cost = Cost()
    priced: bool = True
    step: str = ""
    node: str = ""
    known_as: str = ""


class ModelAnswered(Body, tag="model.answered", kw_only=True):
    """How an attempt ended; the envelope's cost is what it is charged at, and its reservation is over.

    `answer` is the blob of the `ModelAnswer`, empty if there is none and `failed` says why. A failed
    attempt for which the provider may still charge is `in_doubt` and stays charged at its worst case.
    """

    key: str
    attempt: int
    answer: str
    model: str = ""
    failed: str = ""
    in_doubt: bool = False


# evidence and paper
class ClaimDecided(Body, tag="claim.decided", kw_only=True):
    decision: Decision


class LiteratureCompared(Body, tag="claim.compared", kw_only=True):
    """After the verdict: what a listed reference states about the same contrast."""

    claim: str
    reference: str
    relation: Literal["agrees", "contradicts", "silent"]
    statement: str = ""


class FigureMade(Body, tag="figure.made", kw_only=True):
    figure: Figure


class FigureExamined(Body, tag="figure.examined", kw_only=True):
    """A vision model looked at a figure, its caption and what the text says of it; a fault says of which."""

    figure: str
    faults: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()
    """What was done about them: sentences that were replaced, the figure drawn anew and how."""


class PaperRendered(Body, tag="paper.rendered", kw_only=True):
    """`source` is the manuscript with references; `values` maps each reference to what it resolved to.

    `head` is the chain's hash at `head_seq`, printed in the paper; `files` maps suffix to blob.
    """

    source: str
    values: dict[str, str]
    files: dict[str, str]
    head: str
    head_seq: int
    protocol_hash: str
    pages: int = 0
    notes: tuple[str, ...] = ()


class AuditDone(Body, tag="audit.done", kw_only=True):
    passed: bool
    checks: tuple[Check, ...]


class ReviewDone(Body, tag="review.done", kw_only=True):
    items: tuple[Check, ...]
    summary: str


class PersonActed(Body, tag="person.acted", kw_only=True):
    """What a person decided, taken from the inbox: approve, edit or stop."""

    person: str
    action: Literal["approve", "edit", "stop"]
    detail: dict[str, str] = {}


class ConfigObserved(Body, tag="study.configured", kw_only=True):
    """Settings that changed on resume (workers, sandbox, budgets); never what a protocol fixes."""

    changes: Config
    reason: str = ""


EventBody = (
    StudyCreated
    | StudyFinished
    | CoordinatorStarted
    | CoordinatorStopped
    | StepStarted
    | StepFinished
    | DomainTried
    | DomainFrozen
    | IdeaProposed
    | IdeaJudged
    | IdeaChosen
    | ProtocolRegistered
    | ProtocolAmended
    | NonceRevealed
    | ProposalRefused
    | NodeProposed
    | NodeRejected
    | NodeBuilt
    | NodeCommissioned
    | CommissionAbandoned
    | NodeAssessed
    | TrialStarted
    | TrialFinished
    | TrialFailed
    | TrialInterrupted
    | MeasurementsRecorded
    | SeriesRecorded
    | ModelAsked
    | ModelAnswered
    | ClaimDecided
    | LiteratureCompared
    | FigureMade
    | FigureExamined
    | PaperRendered
    | AuditDone
    | ReviewDone
    | PersonActed
    | ConfigObserved
)


class Event(Struct, frozen=True, kw_only=True):
    """The envelope of one event.

    `time` is seconds since the epoch, taken when the event was appended. `cause` is the sequence number
    of the event this one answers, or 0. `hash` is sha256(prev + stored canonical text); see `journal`.
    """

    seq: int
    time: float
    actor: str
    body: EventBody
    cost: Cost | None = None
    cause: int = 0
    prev: str = ""
    hash: str = ""


class Draft(Struct, frozen=True, kw_only=True):
    """An event not yet appended: what a step returns and the loop commits."""

    body: EventBody
    actor: str = "novum"
    cost: Cost | None = None
    cause: int = 0
