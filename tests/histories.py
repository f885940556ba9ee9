"""Short made-up histories of a study, for tests of the journal, the fold and the recorder."""

from novum import events as ev
from novum.canonical import short_id
from novum.records import (
    Budget,
    Config,
    Cost,
    Domain,
    Factor,
    JobResult,
    Limits,
    Measurement,
    Metric,
    Node,
    Program,
    Settings,
    StageResult,
)
from novum.steps.run import trial_request

LIMITS = Limits(cpu_seconds=1, wall_seconds=30)
DOMAIN = Domain(
    id="toy",
    title="A toy",
    question="What moves y?",
    programs={"main": Program(command=("python", "main.py"), editable=("model.py",))},
    evaluator=("python", "evaluator.py"),
    metrics=(Metric(name="y", primary=True, margin=1.0), Metric(name="share", kind="proportion")),
    factors=(
        Factor(name="x", levels=(0.0, 1.0, 2.0), baseline=0.0),
        Factor(name="z", kind="categorical", levels=("a", "b"), baseline="a"),
    ),
    budgets={"default": Budget(explore_trials=4, confirm_seeds=8, seconds=1)},
    files={"main.py": "f" * 64, "model.py": "d" * 64, "evaluator.py": "e" * 64},
    evaluator_files=("evaluator.py",),
)


def created(seed: int = 1) -> ev.Draft:
    body = ev.StudyCreated(
        study="toy-1",
        domain=DOMAIN,
        settings=Settings(domain="toy", executor="inline", sandbox="none"),
        seed=seed,
        novum_version="0",
        environment={},
    )
    return ev.Draft(body=body)


def node(config: Config) -> Node:
    return Node.make("tune", "main", DOMAIN.workspace(), config)


def trial_history(index: int, config: Config, seeds: tuple[int, ...], y: float) -> list[list[ev.Draft]]:
    """The commits of one trial from proposal to measurements."""
    made = node(config)
    request = trial_request(DOMAIN, made, "explore", seeds, LIMITS)
    result = JobResult(stages=(StageResult(name="program", status="ok"),), sandbox="none")
    measured = tuple(
        Measurement(
            id=short_id("measurement", request.key, s, "y"),
            metric="y",
            value=y,
            unit="",
            status="observed",
            censored_at=None,
            self_reported=False,
            node=made.id,
            trial=request.id,
            phase="explore",
            seed=s,
            config_hash="c",
            evaluator_hash="e",
            artefact_hash="a",
        )
        for s in seeds
    )
    proposed = ev.NodeProposed(node=made, index=index, phase="explore", seeds=seeds, trial=request.id)
    started = ev.TrialStarted(trial=request.id, key=request.key, attempt=0, request=request)
    finished = ev.TrialFinished(trial=request.id, attempt=0, result=result, seeds_ok=len(seeds))
    recorded = ev.MeasurementsRecorded(trial=request.id, measurements=measured)
    return [
        [ev.Draft(body=proposed)],
        [ev.Draft(body=started)],
        [ev.Draft(body=finished, cost=Cost(cpu_seconds=0.5)), ev.Draft(body=recorded)],
    ]
