"""A small domain and studies over it whose values are made here, for tests of evidence."""

from collections.abc import Mapping, Sequence

import msgspec

from novum.canonical import digest, short_id
from novum.evidence.claims import family_arms
from novum.records import (
    Budget,
    Config,
    Contrast,
    Domain,
    Factor,
    JobResult,
    Limits,
    Measurement,
    Metric,
    Node,
    Phase,
    Program,
    Protocol,
)
from novum.state import State, Trial

HORIZON = 1000.0
DOMAIN = Domain(
    id="toy",
    title="Toy",
    question="What shortens the time?",
    programs={"main": Program(command=("python", "main.py"))},
    evaluator=("python", "evaluate.py"),
    metrics=(
        Metric(name="time", title="time to the event", unit="updates", goal="minimize", primary=True,
               kind="time_to_event", horizon=HORIZON, margin=50.0),
        Metric(name="score", title="score", kind="value"),
        Metric(name="accuracy", title="accuracy", kind="proportion"),
    ),
    factors=(
        Factor(name="decay", title="weight decay", range=(0.01, 1.0), scale="log", baseline=0.1),
        Factor(name="width", kind="ordinal", levels=(16.0, 32.0, 64.0), baseline=32.0),
        Factor(name="optimiser", kind="categorical", levels=("sgd", "adam"), baseline="adam"),
    ),
    budgets={"default": Budget(explore_trials=8, confirm_seeds=8, seconds=2.0)},
)  # fmt: skip
BASE = DOMAIN.baseline
LIMITS = Limits(cpu_seconds=2.0, wall_seconds=20.0)


def contrast(
    estimand: str = "mean_diff", direction: str = "greater", margin: float = 1.0, **changes
) -> Contrast:
    """A contrast of `decay` 1 against 0.1 in `score`, unless told otherwise."""
    known = {"metric": "score", "a": {"decay": 0.1}, "b": {"decay": 1.0}, "text": "b beats a", "test": "t"}
    fields = known | {"estimand": estimand, "direction": direction, "margin": margin} | changes
    return Contrast(id=short_id(fields), **fields)


def protocol(*contrasts: Contrast, seeds: int = 8, **changes) -> Protocol:
    fields = {
        "idea": "i", "question": "q", "primary_metric": contrasts[0].metric, "horizon": HORIZON,
        "contrasts": contrasts, "base": BASE, "arms": family_arms(contrasts, BASE), "seeds_per_arm": seeds,
        "alpha": 0.05, "sd_bound": 1.0, "detectable_effect": 1.0, "power": 0.9, "smallest_p": 0.001,
        "program": "main", "workspace_hash": "w", "evaluator_hash": DOMAIN.evaluator_hash,
        "prepare_hash": DOMAIN.prepare_hash, "domain_hash": "d", "resampled": ("data",), "limits": LIMITS,
        "nonce_commitment": "c",
    }  # fmt: skip
    return Protocol(**(fields | changes))


def measured(
    config: Config,
    metric: str,
    seed: int,
    value: float | None,
    *,
    phase: Phase = "confirm",
    status: str = "",
    artefact: str | None = None,
    censored_at: float | None = None,
) -> Measurement:
    """One measurement; times at the horizon are censored, missing values failed, unless told otherwise."""
    kind = DOMAIN.metric(metric)
    at_end = kind.kind == "time_to_event" and value is not None and value >= HORIZON
    status = status or ("failed" if value is None else "censored" if at_end else "observed")
    key = digest(config)
    return Measurement(
        id=short_id("m", key, metric, seed, phase), metric=metric, value=value, unit=kind.unit,
        status=status, censored_at=(censored_at or value) if status == "censored" else None,
        self_reported=False, node=node(config).id, trial=short_id("t", key, phase), phase=phase, seed=seed,
        config_hash=key, evaluator_hash=DOMAIN.evaluator_hash,
        artefact_hash=short_id("a", key, seed) if artefact is None else artefact,
    )  # fmt: skip


def node(config: Config) -> Node:
    return Node.make("tune", "main", {}, config)


SEEDS = tuple(range(101, 141))


def sample(arms: Sequence[Config], metric: str, values: Sequence[Sequence[float | None]],
           phase: Phase = "confirm") -> list[Measurement]:  # fmt: skip
    """Measurements of several arms, one row of values per arm, seeds in order."""
    return [measured(arm, metric, SEEDS[i], v, phase=phase)
            for arm, row in zip(arms, values, strict=True) for i, v in enumerate(row)]  # fmt: skip


def state(found: Sequence[Measurement], registered: Protocol | None = None, **changes) -> State:
    """A state holding these measurements, one ended trial per configuration and phase."""
    configs = {digest(c): c for c in _configs(found, registered)}
    trials: dict[str, Trial] = {}
    for m in sorted(found, key=lambda m: (m.trial, m.seed)):  # proposals come in one order
        trial = trials.get(m.trial)
        if trial is None:
            result = JobResult(stages=(), sandbox="inline")
            trial = Trial(id=m.trial, index=len(trials), node=m.node, phase=m.phase, seeds=(), status="done",
                          result=result)  # fmt: skip
            trials[m.trial] = trial
        if m.seed not in trial.seeds:
            trial.seeds = (*trial.seeds, m.seed)
    nodes = {n.id: n for n in map(node, configs.values())}
    return State(study="s", domain=DOMAIN, protocol=registered, nodes=nodes, trials=trials,
                 measurements={m.id: m for m in found}, **changes)  # fmt: skip


KNOWN: dict[str, Config] = {}


def setting(**levels) -> Config:
    """The baseline with some factors changed; remembered so that `state` finds it by its hash."""
    config = BASE | levels
    KNOWN[digest(config)] = config
    return config


def _configs(found: Sequence[Measurement], registered: Protocol | None) -> list[Config]:
    arms = list(registered.arms) if registered else []
    by_hash: Mapping[str, Config] = KNOWN | {digest(a): a for a in arms} | {digest(BASE): BASE}
    return [by_hash[m.config_hash] for m in found]


def changed(record, **fields):
    return msgspec.structs.replace(record, **fields)
