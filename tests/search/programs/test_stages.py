"""Stages of a search by models: each in its turn, equal tuning, and failing candidates never end a study."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from novum.events import NodeAssessed
from novum.program import ORIGINAL, PROGRAM, level_of, with_program
from novum.records import Budget, Commission, Config, Measurement, Node
from novum.search.programs import CHOOSERS, make_program_policy
from novum.search.programs.stages import ABLATIONS, STAGES, TUNED, Staged, shares, tuned_alike
from novum.state import State, Trial
from novum.testing.memory import MemoryBlobs
from novum.testing.studies import made_domain

DOMAIN = with_program(made_domain(MemoryBlobs()))
BUDGET = Budget(explore_trials=20, confirm_seeds=8, seconds=1.0)


class Study:
    """Carries a policy's proposals out at once; `score` says what a written node gives, None for a crash."""

    def __init__(self, score, trials: int = 20, seed: int = 1, search: str = "greedy"):
        budget = structs.replace(BUDGET, explore_trials=trials)
        self.score, self.rng = score, random.Random(seed)
        self.policy = Staged(lambda b: make_program_policy(search, DOMAIN, b), DOMAIN, budget, seed, None)
        self.state = State(domain=DOMAIN, seed=seed)

    def run(self) -> State:
        for _ in range(200):
            found = self.policy.propose(self.state, self.rng)
            if not found:
                return self.state
            for what in found:
                self._take(what)
        raise AssertionError("the policy has no end")

    def _take(self, what) -> None:
        state = self.state
        if not isinstance(what, Commission):
            self._ran(what.node, 500.0)
            return
        state.commissions[what.id] = what
        value = self.score(what, len(state.commissions))
        if value == "gone":
            state.abandoned[what.id] = "no edit could be used"
            return
        workspace = DOMAIN.workspace() | {"learner.py": f"{what.index:064d}"}
        config = DOMAIN.baseline | {PROGRAM: level_of(DOMAIN, workspace)}
        node = Node.make(what.operator, "main", workspace, config, parents=what.parents, plan=what.operator)
        state.made[what.id] = node.id
        self._ran(node, value)
        state.assessments[node.id] = NodeAssessed(
            node=node.id, trial="", as_planned=True, broken=value is None
        )

    def _ran(self, node: Node, value: float | None) -> None:
        index = len(self.state.trials)
        self.state.nodes[node.id] = node
        status = "failed" if value is None else "done"
        trial = Trial(
            id=f"t{index}", index=index, node=node.id, phase="explore", seeds=(index,), status=status
        )
        self.state.trials[trial.id] = trial
        if value is not None:
            self.state.measurements[f"m{index}"] = Measurement(
                id=f"m{index}", metric=DOMAIN.primary.name, value=value, unit="", status="observed",
                censored_at=None, self_reported=False, node=node.id, trial=trial.id, phase="explore",
                seed=index, config_hash="", evaluator_hash="", artefact_hash="",
            )  # fmt: skip


def tuned(state: State) -> dict[bool, list[Config]]:
    """The points at which the original (True) and an edit were tuned, the program itself left out."""
    found: dict[bool, list[Config]] = {True: [], False: []}
    for node in state.nodes.values():
        if node.plan == TUNED:
            point = {name: level for name, level in node.config.items() if name != PROGRAM}
            found[node.config[PROGRAM] == ORIGINAL].append(point)
    return found


def improving(commission: Commission, place: int) -> float:
    return 400.0 - place


def test_stages_come_in_their_order_and_the_budget_is_used() -> None:
    state = Study(improving).run()
    kinds = ["tuned" if (node := state.nodes[t.node]).plan == TUNED
             else "ablated" if node.operator == "ablate" and _label(state, node) == ABLATIONS
             else "baseline" if not node.parents else "agenda"
             for t in state.trials_in("explore")]  # fmt: skip
    runs = [kind for i, kind in enumerate(kinds) if i == 0 or kinds[i - 1] != kind]
    assert runs == ["baseline", "tuned", "agenda", "ablated", "tuned"]
    found = shares(20, DOMAIN)
    assert (kinds.count("tuned"), kinds.count("ablated")) == (2 * found.points, found.ablations)
    assert state.tried == 20


def _label(state: State, node: Node) -> str:
    commission = next(name for name, made in state.made.items() if made == node.id)
    return state.commissions[commission].policy.partition("/")[2]


@pytest.mark.parametrize("search", ["greedy", "broadening", "islands"])
@pytest.mark.parametrize("trials", [12, 20, 33])
def test_the_baseline_has_the_same_tuning_as_the_best_edit(search: str, trials: int) -> None:
    state = Study(improving, trials, search=search).run()
    points = tuned(state)
    assert len(points[True]) == shares(trials, DOMAIN).points > 0
    assert points[True] == points[False] and tuned_alike(state, DOMAIN)
    edits = {n.parents for n in state.nodes.values() if n.plan == TUNED and n.config[PROGRAM] != ORIGINAL}
    assert len(edits) == 1  # one edit, the best of those that the agenda made
    (best,) = edits.pop()
    agenda = [n for n in state.made.values() if _label(state, state.nodes[n]) != ABLATIONS]
    value = {m.node: m.value for m in state.measurements.values()}
    assert value[best] == min(value[n] for n in agenda)


def test_while_nothing_works_the_agenda_goes_on_to_the_end() -> None:
    for score in (lambda c, n: None, lambda c, n: "gone"):
        state = Study(score).run()
        assert state.tried == 20
        assert not tuned(state)[False] and not any(ABLATIONS in c.policy for c in state.commissions.values())


def test_the_agenda_sees_nothing_of_the_tuning() -> None:
    state = Study(improving).run()
    points = {node.id for node in state.nodes.values() if node.plan == TUNED}
    assert not any(points & set(c.parents) for c in state.commissions.values())


def test_nothing_is_proposed_while_what_decides_is_under_way() -> None:
    study = Study(improving)
    found = shares(20, DOMAIN)
    for _ in range(1 + found.points + found.agenda + found.ablations):
        (what,) = study.policy.propose(study.state, study.rng)
        study._take(what)
    unjudged = structs.replace(study.state, assessments={})
    assert study.policy.propose(unjudged, study.rng) == []
    (what,) = study.policy.propose(study.state, study.rng)
    assert what.node.plan == TUNED and what.node.config[PROGRAM] != ORIGINAL


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 40), st.sampled_from(sorted(CHOOSERS)))
def test_any_luck_ends_within_the_budget(luck: int, trials: int, search: str) -> None:
    def score(commission: Commission, place: int):
        return random.Random(f"{luck} {place}").choice([None, "gone", 400.0 - place, 600.0])

    state = Study(score, trials, luck, search).run()
    assert state.tried <= max(trials, 0)


def test_stages_are_told_as_data() -> None:
    assert [s.name for s in STAGES][:3] == ["baseline", "tuning", "agenda"]
    assert sum(s.share for s in STAGES if s.share < 1) < 0.5
