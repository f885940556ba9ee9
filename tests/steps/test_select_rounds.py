"""The hidden phase of a search over programs: rounds after which the better half goes on."""

import statistics
from collections import Counter

import pytest
from msgspec import structs

from novum.bench.search.proposer import Playing
from novum.bench.search.rig import Played, explore
from novum.bench.search.tasks import moved
from novum.canonical import derive_seed
from novum.steps.seeds import phase_seed
from novum.steps.select import EDITS, Selection, candidates, champion, rounds, selection_plan

BUDGET = 3


def noisy(numbers: tuple[float, ...], seed: int) -> float:
    return -sum((x - 0.5) ** 2 for x in numbers) + derive_seed(seed, list(numbers)) % 1000 / 2000


@pytest.fixture(scope="module")
def played() -> Played:
    model = Playing(moved, 1)
    return explore(noisy, (0.1, 0.2, 0.3), model, policy="greedy", trials=24, seed=5, select=BUDGET)


def test_the_budget_makes_rounds_of_about_as_many_runs() -> None:
    assert rounds(True, 3) == ((12, 1), (6, 3), (3, 6))
    assert rounds(True, 4) == ((12, 2), (6, 4), (3, 8))
    assert rounds(True, 1) == ((12, 1), (6, 1), (3, 2))
    assert rounds(False, 5) == ((3, 5),)
    assert rounds(True, 0) == rounds(False, 0) == ()


def test_the_better_half_goes_on_and_all_of_a_round_have_the_same_seeds(played: Played) -> None:
    state = played.state
    given = Counter(t.node for t in state.trials_in("select") for _ in t.seeds)
    assert sorted(given.values()) == [1] * 6 + [4] * 3 + [10] * 3
    assert len(given) == candidates(state) == EDITS[0]
    for node, count in given.items():
        mine = [s for t in state.trials_in("select") if t.node == node for s in t.seeds]
        assert mine == [phase_seed(state.seed, "select", i) for i in range(count)]
    values = {n: [] for n in given}
    for m in state.measurements_of("score", "select"):
        values[m.node].append(m.value)
    cut = sorted(values, key=lambda n: -values[n][0])[: EDITS[1]]
    assert {n for n in given if given[n] > 1} == set(cut)


def test_the_champion_is_the_best_of_those_that_went_through_all_rounds(played: Played) -> None:
    state = played.state
    values: dict[str, list[float]] = {}
    for m in state.measurements_of("score", "select"):
        values.setdefault(m.node, []).append(m.value)
    last = {n: statistics.fmean(v) for n, v in values.items() if len(v) == 10}
    assert champion(state).id == max(last, key=last.__getitem__)


def test_a_round_begins_when_the_one_before_has_ended_and_not_earlier(played: Played) -> None:
    """Whatever a study holds when it is taken up again, it goes on with what an unbroken one did next."""
    state, hidden = played.state, list(played.state.trials_in("select"))
    assert Selection(BUDGET).next(state) == (None, [])
    for held in range(len(hidden)):
        kept = {t.id for t in hidden[:held]}
        names = {m: v for m, v in state.measurements.items() if v.phase != "select" or v.trial in kept}
        trials = {k: t for k, t in state.trials.items() if t.phase != "select" or k in kept}
        cut = structs.replace(state, trials=trials, measurements=names)
        due, _ = Selection(BUDGET).next(cut)
        assert (due.node.id, due.seeds) == (hidden[held].node, hidden[held].seeds)
        if held:
            running = structs.replace(trials[hidden[held - 1].id], status="running")
            waiting = structs.replace(cut, trials=trials | {running.id: running})
            over = held in (EDITS[0], EDITS[0] + EDITS[1])
            assert (Selection(BUDGET).next(waiting)[0] is None) == over


def test_few_candidates_meet_in_the_last_round_alone(played: Played) -> None:
    """Three edits are not run on a seed each first, to leave nobody out."""
    state = played.state
    edits = dict.fromkeys(t.node for t in state.trials_in("select"))
    few = [*edits][:3]
    kept = {k: t for k, t in state.trials.items() if t.phase == "explore" and t.node in few}
    measured = {k: m for k, m in state.measurements.items() if m.phase == "explore" and m.node in few}
    cut = structs.replace(state, trials=kept, measurements=measured)
    plan = selection_plan(cut, BUDGET)
    assert {p.node.id for p in plan} == set(few)
    assert {p.seeds for p in plan} == {tuple(phase_seed(state.seed, "select", i) for i in range(6))}
