"""The policy over programs: its agenda, equal tuning, repairs before improvements, and an end always."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from novum.events import NodeAssessed
from novum.program import ORIGINAL, PROGRAM, level_of, with_program
from novum.records import Budget, Commission, Measurement, Node
from novum.search.tree import TUNE_BASELINE, TUNE_EDIT, TreePolicy, agenda
from novum.state import State, Trial
from novum.testing.memory import MemoryBlobs
from novum.testing.studies import made_domain

DOMAIN = with_program(made_domain(MemoryBlobs()))
BUDGET = Budget(explore_trials=20, confirm_seeds=8, seconds=1.0)


class Study:
    """Carries a policy's proposals out at once; `score` says what a written node gives, None for a crash."""

    def __init__(self, score, trials: int = 20, seed: int = 1):
        self.score, self.rng = score, random.Random(seed)
        self.policy = TreePolicy(DOMAIN, structs.replace(BUDGET, explore_trials=trials), seed)
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
        trial = Trial(id=f"t{index}", index=index, node=node.id, phase="explore", seeds=(index,),
                      status="done" if value is not None else "failed")  # fmt: skip
        self.state.trials[trial.id] = trial
        if value is not None:
            self.state.measurements[f"m{index}"] = Measurement(
                id=f"m{index}", metric="updates", value=value, unit="", status="observed", censored_at=None,
                self_reported=False, node=node.id, trial=trial.id, phase="explore", seed=index,
                config_hash="", evaluator_hash="", artefact_hash="a",
            )  # fmt: skip


def operators(state: State) -> list[str]:
    return [c.operator for c in sorted(state.commissions.values(), key=lambda c: c.index)]


def test_the_agenda_is_kept_and_baseline_and_best_edit_are_tuned_alike() -> None:
    state = Study(lambda commission, n: 400.0 - n).run()
    plan = agenda(20)
    found = operators(state)
    assert found.count("draft") == plan.drafts == 6 and found.count("ablate") == plan.ablations == 2
    assert len(state.trials) == 20
    tuned = {p: [n for n in state.nodes.values() if n.plan == p] for p in (TUNE_BASELINE, TUNE_EDIT)}
    assert len(tuned[TUNE_BASELINE]) == len(tuned[TUNE_EDIT]) == plan.pairs == 3
    settings = [
        [{k: v for k, v in n.config.items() if k != PROGRAM} for n in nodes] for nodes in tuned.values()
    ]
    assert settings[0] == settings[1]
    assert {n.config[PROGRAM] for n in tuned[TUNE_BASELINE]} == {ORIGINAL}
    assert len({n.config[PROGRAM] for n in tuned[TUNE_EDIT]}) == 1


def test_the_best_is_improved_most_often() -> None:
    state = Study(lambda commission, n: 100.0 if n == 2 else 400.0, trials=40).run()
    best = state.made[next(c.id for c in state.commissions.values() if c.index == 1)]
    parents = [c.parents[0] for c in state.commissions.values() if c.operator == "improve"]
    assert parents.count(best) > len(parents) / 2


def test_failures_are_mended_up_to_a_depth_and_new_drafts_follow() -> None:
    state = Study(lambda commission, n: None).run()
    found = operators(state)
    assert len(state.trials) == 20 and "improve" not in found and "ablate" not in found
    assert found.count("debug") > 3 and found.count("draft") >= 6
    for node in state.nodes.values():
        depth, at = 0, node
        while at.operator == "debug":
            depth, at = depth + 1, state.nodes[at.parents[0]]
        assert depth <= 3


@pytest.mark.parametrize("trials", range(1, 13))
def test_every_budget_has_an_agenda(trials: int) -> None:
    state = Study(lambda commission, n: 400.0, trials=trials).run()
    assert len(state.trials) == trials


@given(st.integers(0, 1000), st.integers(1, 30))
def test_whatever_becomes_of_candidates_it_ends_within_its_trials(seed: int, trials: int) -> None:
    rng = random.Random(seed)
    study = Study(lambda commission, n: rng.choice([None, "gone", 100.0, 400.0]), trials, seed)
    state = study.run()
    assert state.tried <= trials
    tuned = [n.plan for n in state.nodes.values()]
    assert 0 <= tuned.count(TUNE_BASELINE) - tuned.count(TUNE_EDIT) <= 1
