"""A small study told as events, for tests of what reads a journal."""

from pathlib import Path

from novum import events as ev
from novum.canonical import digest, short_id
from novum.events import Draft
from novum.journal import Journal
from novum.records import (
    Budget,
    Check,
    Config,
    Contrast,
    Cost,
    Decision,
    Domain,
    Factor,
    Idea,
    JobResult,
    Limits,
    Measurement,
    Metric,
    Node,
    Phase,
    Program,
    Protocol,
    Settings,
    Several,
    StageResult,
    TrialRequest,
)

DOMAIN = Domain(
    id="toy",
    title="A toy",
    question="Does a larger step end sooner?",
    programs={"main": Program(command=("python", "main.py"))},
    evaluator=("python", "evaluate.py"),
    metrics=(
        Metric(
            name="steps", title="Steps to the end", unit="steps", goal="minimize", primary=True, margin=5.0
        ),
        Metric(name="loss", unit="nats", goal="minimize"),
    ),
    factors=(
        Factor(name="size", range=(0.1, 10.0), scale="log", baseline=1.0),
        Factor(name="kind", kind="categorical", levels=("plain", "fancy"), baseline="plain"),
    ),
    budgets={"default": Budget(explore_trials=4, confirm_seeds=8, seconds=2.0)},
)
LIMITS = Limits(cpu_seconds=4.0, wall_seconds=30.0)
IDEA = Idea(
    id="idea00000001",
    title="Larger steps end sooner",
    hypothesis="Raising size from 1 to 4 lowers the number of steps.",
    kind="main effect",
    factors=("size",),
    metric="steps",
    direction="less",
    scores={"information": 0.8, "coverage": 0.5},
)
BASE: Config = {"size": 1.0, "kind": "plain"}
ARMS: tuple[Config, ...] = (BASE, {"size": 4.0, "kind": "plain"}, {"size": 1.0, "kind": "fancy"})
CONTRASTS = (
    Contrast(
        id="claim0000001", text="Size 4 ends sooner than size 1.", metric="steps", a={"size": 1.0},
        b={"size": 4.0}, estimand="mean_diff", direction="less", margin=5.0, test="welch",
    ),
    Contrast(
        id="claim0000002", text="The kind does not matter.", metric="steps", a={"kind": "plain"},
        b={"kind": "fancy"}, estimand="mean_diff", direction="equivalent", margin=5.0, test="welch",
    ),
)  # fmt: skip
PROTOCOL = Protocol(
    idea=IDEA.id, question=DOMAIN.question, primary_metric="steps", horizon=None, contrasts=CONTRASTS,
    base=BASE, arms=ARMS, seeds_per_arm=8, alpha=0.05, sd_bound=6.0, detectable_effect=9.5, power=0.9,
    smallest_p=0.0002, program="main", workspace_hash="w", evaluator_hash="e", prepare_hash="p",
    domain_hash="d", resampled=("data", "initialisation"), limits=LIMITS, nonce_commitment="c",
    sample_rationale="Eight seeds per arm detect twice the margin.",
)  # fmt: skip
SEED = 7
UNTIL = ("ideate", "explore", "register", "confirm", "conclude", "done")


def node_of(config: Config, operator: str = "tune") -> Node:
    return Node.make(operator, "main", {}, config)  # type: ignore[arg-type]


def trial(index: int, config: Config, phase: Phase, value: float, *, seeds: int = 2, failed: bool = False):
    """The events of one trial from its proposal to its measurements."""
    node = node_of(config)
    drawn = tuple(1000 * index + i for i in range(seeds))
    request = TrialRequest(
        node=node.id, program="main", workspace_hash="w", config=config, seeds=drawn, phase=phase,
        prepare_hash="p", evaluator_hash="e", limits=LIMITS,
    )  # fmt: skip
    stage = StageResult(
        name="program", status="crashed" if failed else "ok", cpu_seconds=1.5, wall_seconds=2.0
    )
    result = JobResult(stages=(stage,), sandbox="bwrap")
    drafts = [
        Draft(body=ev.NodeProposed(node=node, index=index, phase=phase, seeds=drawn, trial=request.id)),
        Draft(body=ev.TrialStarted(trial=request.id, key=request.key, attempt=0, request=request)),
    ]
    cost = Cost(cpu_seconds=1.5, wall_seconds=2.0)
    if failed:
        body = ev.TrialFailed(trial=request.id, attempt=0, result=result, reason="the program crashed")
        return [*drafts, Draft(body=body, cost=cost)]
    measured = tuple(
        Measurement(
            id=short_id(request.id, s), metric="steps", value=value + s % 10, unit="steps", status="observed",
            censored_at=None, self_reported=False, node=node.id, trial=request.id, phase=phase, seed=s,
            config_hash=digest(config), evaluator_hash="e", artefact_hash="a",
        )
        for s in drawn
    )  # fmt: skip
    return [
        *drafts,
        Draft(body=ev.TrialFinished(trial=request.id, attempt=0, result=result, seeds_ok=seeds), cost=cost),
        Draft(body=ev.MeasurementsRecorded(trial=request.id, measurements=measured)),
    ]


def step(name: str, *inside: Draft) -> list[Draft]:
    started, finished = ev.StepStarted(step=name, view_seq=1), ev.StepFinished(step=name)
    return [Draft(body=started), *inside, Draft(body=finished)]


def _decisions() -> list[Draft]:
    shared = {"level": 0.975, "method": "Welch's t", "n": {"a": 8, "b": 8}}
    first = Decision(
        claim="claim0000001", verdict="supported", estimate=-18.25, low=-24.5, high=-12.0, p_value=0.0004,
        p_adjusted=0.0008, **shared,
    )  # fmt: skip
    second = Decision(
        claim="claim0000002", verdict="inconclusive", estimate=1.5, low=-6.0, high=9.0, p_value=0.4,
        p_adjusted=0.4, **shared,
    )  # fmt: skip
    return [Draft(body=ev.ClaimDecided(decision=d)) for d in (first, second)]


def drafts(
    study: str = "toy-0001", until: str = "done", *, stop: str = "", audit: bool = True, cut: int = 0,
    several: Several | None = None,
) -> list[Draft]:  # fmt: skip
    """The story up to and including a stage, less the last `cut` events of it.

    `stop` appends a coordinator's end with that reason; `several` makes it one study of a run.
    """
    parts = {
        "ideate": step(
            "ideate", Draft(body=ev.IdeaProposed(idea=IDEA)), Draft(body=ev.IdeaChosen(idea=IDEA.id))
        ),
        "explore": step(
            "explore",
            *trial(0, BASE, "explore", 40.0),
            *trial(1, ARMS[1], "explore", 22.0),
            *trial(2, ARMS[2], "explore", 41.0),
            *trial(3, {"size": 0.1, "kind": "plain"}, "explore", 0.0, failed=True),
        ),
        "register": step(
            "register", Draft(body=ev.ProtocolRegistered(protocol=PROTOCOL, hash=PROTOCOL.hash))
        ),
        "confirm": step(
            "confirm",
            Draft(body=ev.NonceRevealed(nonce="n")),
            *(d for i, arm in enumerate(ARMS) for d in trial(4 + i, arm, "confirm", 777.0625, seeds=8)),
        ),
        "conclude": step("conclude", *_decisions()),
        "done": [
            *step("audit", Draft(body=ev.AuditDone(passed=audit, checks=(
                Check(id="chain", passed=True, detail="70 events"),
                Check(id="numbers", passed=audit, detail="12 numbers"),
            )))),
            *step("review", Draft(body=ev.ReviewDone(items=(), summary="Sound."))),
            Draft(body=ev.StudyFinished(status="done")),
        ],
    }  # fmt: skip
    settings = Settings(domain="toy", origins={"domain": "default", "workers": "novum.toml:1"})
    head = [
        Draft(body=ev.StudyCreated(
            study=study, domain=DOMAIN, settings=settings, seed=SEED, novum_version="0.1.0", environment={},
            several=several,
        )),
        Draft(body=ev.CoordinatorStarted(host="here", pid=1, sandbox="bwrap")),
    ]  # fmt: skip
    told = [d for name in UNTIL[: UNTIL.index(until) + 1] for d in parts[name]]
    told = told[: len(told) - cut]
    end = [Draft(body=ev.CoordinatorStopped(reason=stop, active_seconds=30.0))] if stop else []
    return [*head, *told, *end]


def write(lab: Path, study: str = "toy-0001", until: str = "done", *, at: float = 1e9, **told) -> Path:
    """The story as a journal in `lab/studies/<study>`, one event a second from `at` on."""
    folder = lab / "studies" / study
    folder.mkdir(parents=True)
    clock = iter(range(1 << 30))
    journal = Journal(folder / "journal.sqlite", lambda: at + next(clock))
    for draft in drafts(study, until, **told):
        journal.append([draft])
    journal.close()
    return folder


def events(until: str = "done", **told) -> list[ev.Event]:
    """The story as events without a journal."""
    return [
        ev.Event(seq=i, time=1e9 + i, actor=d.actor, body=d.body, cost=d.cost)
        for i, d in enumerate(drafts(until=until, **told), 1)
    ]
