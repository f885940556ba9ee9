"""What every search policy over programs must keep to, as checks over the registry or a plugin's own policy.

    check_program_policy(make)        raises AssertionError, naming what was broken

A check plays a whole exploration in a made world: commissions become nodes after a while, some come to
nothing, some nodes fail, all fail, all are alike, or their measurements never arrive.
"""

import random
from collections.abc import Callable, Sequence

from msgspec import Struct, structs

from novum.canonical import digest, short_id
from novum.protocols import Policy
from novum.records import Budget, Commission, Domain, Measurement, Metric, Node, Operator, Phase, Proposal
from novum.search.programs.moves import ALL, WITHOUT_MODELS
from novum.state import State, Trial
from novum.steps.explore import fault_of_commission
from novum.steps.planned import faults_of
from novum.testing.policies import METRIC, SIZE, asked, begin, domain_of

Make = Callable[[Domain, Budget, Sequence[Operator]], Policy]
Ask = Callable[[Policy, State], Sequence[Proposal | Commission]]

BUDGET = Budget(explore_trials=24, confirm_seeds=8, seconds=1.0, explore_seeds=2)
PACE = Metric(name="pace", unit="s", goal="minimize")


class World(Struct, frozen=True, kw_only=True):
    """What becomes of commissions: shares that come to nothing and that fail, how much a step moves the
    score, the noise of a seed, and whether failures and values are recorded at all."""

    gone: float = 0.1
    fails: float = 0.25
    step: float = 1.0
    noise: float = 0.3
    recorded: bool = True
    peek: bool = False
    """Whether there are measurements of the hidden phase, which no policy may heed."""


def programs_domain(*, editable: bool = True) -> Domain:
    """A made domain with one editable file, and a second metric."""
    domain = structs.replace(domain_of(SIZE), metrics=(METRIC, PACE))
    if editable:
        return domain
    return structs.replace(domain, programs={"main": structs.replace(domain.programs["main"], editable=())})


def check_program_policy(make: Make) -> None:
    """All checks of one policy.

    Raises:
        AssertionError: names the rule that the policy broke.
    """
    usual, domain = World(), programs_domain()
    _repeats(make, domain)
    _plays(make, domain, usual, 1, WITHOUT_MODELS)
    for world in (World(fails=1.0), World(step=0.0, noise=0.0), World(recorded=False), World(gone=1.0)):
        _plays(make, domain, world, 2)
    _plays(make, domain, World(fails=1.0), 2, WITHOUT_MODELS)
    _blind(make, domain)
    _small(make, domain)


def _plays(
    make: Make, domain: Domain, world: World, behind: int, operators: Sequence[Operator] = ALL
) -> State:
    state = play(make(domain, BUDGET, operators), domain, BUDGET, world, behind)
    wrong = sorted({c.operator for c in state.commissions.values()} - set(operators))
    assert not wrong, f"nobody can carry out {', '.join(wrong)}"
    assert state.tried == BUDGET.explore_trials, "the search ended before its budget, or waited for results"
    return state


def _repeats(make: Make, domain: Domain) -> None:
    """Asked again it answers the same, leaves the state as it was, and plays the same search anew."""
    policies = [make(domain, BUDGET, ALL) for _ in range(2)]
    first = play(policies[0], domain, BUDGET, World(), 4, ask=asked)
    again = play(policies[1], domain, BUDGET, World(), 4)
    assert list(first.commissions) == list(again.commissions), "the same seed must give the same search"


def _blind(make: Make, domain: Domain) -> None:
    """The hidden phase must not move a policy."""
    plain, peeked = (
        play(make(domain, BUDGET, ALL), domain, BUDGET, World(peek=peek), 0) for peek in (False, True)
    )
    assert list(plain.commissions) == list(peeked.commissions), "measurements of the hidden phase moved it"


def _small(make: Make, domain: Domain) -> None:
    """Nothing to edit: the root alone. No budget: nothing. One trial: the root."""
    fixed = programs_domain(editable=False)
    assert play(make(fixed, BUDGET, ALL), fixed, BUDGET, World(), 0).tried == 1, "nothing may be edited there"
    for trials in (0, 1, 2):
        budget = structs.replace(BUDGET, explore_trials=trials)
        state = play(make(domain, budget, ALL), domain, budget, World(), 0)
        assert state.tried == trials, f"{state.tried} of {trials} trials were proposed"
    empty = structs.replace(domain, programs={})
    assert not asked(make(empty, BUDGET, ALL), State(study="made", domain=empty)), "there is no program"


# --- playing ------------------------------------------------------------------------------------------


def plainly(policy: Policy, state: State) -> list[Proposal | Commission]:
    """What a policy proposes, with the randomness that `asked` gives it too."""
    return list(policy.propose(state, random.Random(len(state.trials) + 1000 * len(state.commissions))))


def play(
    policy: Policy, domain: Domain, budget: Budget, world: World, behind: int = 0, ask: Ask = plainly
) -> State:
    """A whole exploration, in which what is asked for comes of age `behind` questions later.

    Raises:
        AssertionError: the policy breaks a rule on the way, or never ends.
    """
    state = State(study="made", domain=domain, seed=7)
    quality: dict[str, float] = {}
    while proposals := ask(policy, state):
        for proposal in proposals:
            _take(policy, proposal, state, domain)
        assert state.tried <= budget.explore_trials, f"{policy.name} goes on beyond its budget"
        _mature(state, domain, world, behind, quality)
    _mature(state, domain, world, 0, quality)
    assert not plainly(policy, state), f"{policy.name} has more to propose once results are in: it waited"
    return state


def _take(policy: Policy, proposal: Proposal | Commission, state: State, domain: Domain) -> None:
    if isinstance(proposal, Proposal):
        assert proposal.node.id not in state.nodes, f"{policy.name} proposed node {proposal.node.id} again"
        assert (fault := faults_of(proposal.node, domain)) == "", f"{policy.name} proposed {fault}"
        return begin(state, proposal)
    assert (fault := fault_of_commission(proposal, state)) == "", f"{policy.name} gave a commission: {fault}"
    if proposal.operator == "debug":
        trials = [t for t in state.trials.values() if t.node == proposal.parents[0]]
        assert all(t.status in ("done", "failed") for t in trials), "what is under way is no failure yet"
    state.commissions[proposal.id] = proposal
    state.commission_views[proposal.id] = len(state.commissions)


def _mature(state: State, domain: Domain, world: World, behind: int, quality: dict[str, float]) -> None:
    waiting = state.open_commissions
    for commission in waiting[: max(0, len(waiting) - behind // 2)]:
        _make(state, commission, domain, world, quality)
    running = [t for t in state.trials_in("explore") if t.status == "running"]
    for trial in running[: max(0, len(running) - behind)]:
        _end(state, trial, world, quality)


def _make(
    state: State, commission: Commission, domain: Domain, world: World, quality: dict[str, float]
) -> None:
    luck = random.Random(commission.id)
    if luck.random() < world.gone:
        state.abandoned[commission.id] = "nothing came of it"
        return
    parents = [state.nodes[p] for p in commission.parents]
    workspace = domain.workspace() | {"model.py": digest(commission.id)}
    node = Node.make(commission.operator, "main", workspace, domain.baseline, parents=commission.parents)
    start = max((quality.get(p.id, 0.0) for p in parents), default=0.0)
    quality[node.id] = start + world.step * luck.gauss(-0.2, 1.0)
    begin(state, Proposal(node=node, seeds=commission.seeds))
    state.made[commission.id] = node.id


def _end(state: State, trial: Trial, world: World, quality: dict[str, float]) -> None:
    luck = random.Random(f"{trial.node} ends")
    fails = luck.random() < world.fails
    trial.status = "failed" if fails else "done"
    if not world.recorded:
        return
    for seed in trial.seeds:
        mean = quality.get(trial.node, 0.0)
        _record(state, trial, METRIC, seed, None if fails else mean + world.noise * luck.gauss(0, 1))
        _record(state, trial, PACE, seed, None if fails else luck.random())
        if world.peek:
            _record(state, trial, METRIC, seed, float(seed % 97) * 1e3, "select")


def _record(
    state: State, trial: Trial, metric: Metric, seed: int, value: float | None, phase: Phase = "explore"
) -> None:
    name = short_id("m", trial.id, metric.name, seed, phase)
    state.measurements[name] = Measurement(
        id=name, metric=metric.name, value=value, unit=metric.unit, censored_at=None,
        status="failed" if value is None else "observed", self_reported=False, node=trial.node,
        trial=trial.id, phase=phase, seed=seed, config_hash="c", evaluator_hash="e", artefact_hash="",
    )  # fmt: skip
