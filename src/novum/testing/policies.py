"""What every search policy must keep to, as checks that run over the registry or over a plugin's own policy.

    check_policy(make)        raises AssertionError, naming what was broken

A check plays a whole exploration against a made response: proposals become trials, some stay pending for a
while, all fail, or all give the same value.
"""

import copy
import random
from collections.abc import Callable
from typing import Any

from msgspec import msgpack

from novum.canonical import canonical, digest, short_id
from novum.protocols import Policy
from novum.records import Budget, Commission, Config, Domain, Factor, Measurement, Metric, Program, Proposal
from novum.state import State, Trial
from novum.steps.planned import faults_of

Make = Callable[[Domain, Budget, int], Policy]
Answer = Callable[[Config, int], float | None]

BUDGET = Budget(explore_trials=14, confirm_seeds=8, seconds=1.0, explore_seeds=2)
METRIC = Metric(name="y", primary=True, margin=0.5)
SIZE = Factor(name="size", range=(0.1, 10.0), scale="log", baseline=1.0)
FACTORS = (
    SIZE,
    Factor(name="depth", kind="ordinal", levels=(1.0, 2.0, 4.0), baseline=2.0),
    Factor(name="kind", kind="categorical", levels=("plain", "fancy", "odd"), baseline="plain"),
    Factor(name="fast", kind="categorical", levels=(True, False), baseline=False),
)


def domain_of(*factors: Factor) -> Domain:
    """A made domain with these factors and one protected and one editable file."""
    return Domain(
        id="made", title="A made subject", question="What moves y?",
        programs={"main": Program(command=("python", "main.py"), editable=("model.py",))},
        evaluator=("python", "evaluator.py"), metrics=(METRIC,), factors=factors, budgets={"default": BUDGET},
        files={"main.py": "f" * 64, "model.py": "d" * 64, "evaluator.py": "e" * 64},
        evaluator_files=("evaluator.py",),
    )  # fmt: skip


def respond(config: Config, seed: int) -> float | None:
    """An effect of one factor, an interaction, and a little noise from the seed."""
    noise = random.Random(seed).gauss(0, 0.3)
    fancy = config.get("kind") == "fancy"
    return float(config["size"]) / 5 + 2.0 * fancy * bool(config.get("fast")) + noise


def check_policy(make: Make) -> None:
    """All checks of one policy.

    Raises:
        AssertionError: names the rule that the policy broke.
    """
    _plays(make, domain_of(*FACTORS), respond)
    _plays(make, domain_of(*FACTORS), respond, behind=4)
    _plays(make, domain_of(*FACTORS), lambda config, seed: None)
    _plays(make, domain_of(*FACTORS), lambda config, seed: 1.0)
    _plays(make, domain_of(SIZE), respond)
    _plays(make, domain_of(Factor(name="size", kind="categorical", levels=(1.0, 2.0), baseline=1.0)), respond)


def explore(policy: Policy, domain: Domain, answer: Answer, behind: int = 0) -> State:
    """A whole exploration: each proposal becomes a trial, whose outcome comes `behind` proposals later.

    Raises:
        AssertionError: the policy breaks a rule on the way, or never ends.
    """
    state = State(study="made", domain=domain, seed=7)
    while len(state.trials) <= BUDGET.explore_trials:
        proposals = asked(policy, state)
        if not proposals:
            return state
        for proposal in proposals:
            assert isinstance(proposal, Proposal), f"{policy.name} has nodes made by others"
            assert (fault := _fault(proposal, domain)) == "", f"{policy.name} proposed {fault}"
            begin(state, proposal)
        for trial in state.trials_in("explore")[: max(0, len(state.trials) - behind)]:
            _end(state, trial, answer)
    raise AssertionError(f"{policy.name} proposed more than its budget of {BUDGET.explore_trials} trials")


def _plays(make: Make, domain: Domain, answer: Answer, behind: int = 0) -> None:
    played = []
    for _ in range(2):
        state = explore(make(domain, BUDGET, 3), domain, answer, behind)
        played.append([state.nodes[t.node].config for t in state.trials_in("explore")])
    assert played[0] == played[1], "the same seed must give the same exploration"
    assert played[0], "a policy has to propose something"


def asked(policy: Policy, state: State) -> list[Proposal | Commission]:
    """Ask twice with the same state and randomness: same answer, state untouched."""
    before = image(state)
    seed = len(state.trials) + 1000 * len(state.commissions)
    first, second = (list(policy.propose(state, random.Random(seed))) for _ in range(2))
    assert canonical(first) == canonical(second), f"{policy.name} answers differently when asked again"
    assert image(state) == before, f"{policy.name} changed the state that it was shown"
    return first


def image(state: State) -> bytes:
    return msgpack.encode(copy.deepcopy({name: getattr(state, name) for name in state.__struct_fields__}))


def _fault(proposal: Proposal, domain: Domain) -> str:
    if proposal.phase != "explore" or not 1 <= proposal.seeds <= 1000:
        return f"{proposal.seeds} seeds of the phase {proposal.phase}"
    return faults_of(proposal.node, domain)


def begin(state: State, proposal: Proposal) -> None:
    index = len(state.trials)
    seeds = tuple(1000 * index + i for i in range(proposal.seeds))
    trial = Trial(
        id=short_id("trial", index), index=index, node=proposal.node.id, phase="explore", seeds=seeds,
        status="running",
    )  # fmt: skip
    state.nodes[proposal.node.id], state.trials[trial.id] = proposal.node, trial


def _end(state: State, trial: Trial, answer: Answer) -> None:
    if trial.status != "running":
        return
    config = state.nodes[trial.node].config
    values: dict[int, Any] = {seed: answer(config, seed) for seed in trial.seeds}
    trial.status = "done" if any(v is not None for v in values.values()) else "failed"
    for seed, value in values.items():
        measured = Measurement(
            id=short_id("m", trial.id, seed), metric="y", value=value, unit="", censored_at=None,
            status="failed" if value is None else "observed", self_reported=False, node=trial.node,
            trial=trial.id, phase="explore", seed=seed, config_hash=digest(config), evaluator_hash="e",
            artefact_hash="" if value is None else short_id("a", trial.id, seed),
        )  # fmt: skip
        state.measurements[measured.id] = measured
