"""The search of a study as data, and as a terminal shows it, over a made exploration."""

from io import StringIO

import pytest
from msgspec import structs
from rich.console import Console

from novum.cli import tables
from novum.events import Event, NodeProposed, TrialFinished
from novum.records import Cost, JobResult, Settings
from novum.report.searched import searched
from novum.search.programs import make_program_policy
from novum.state import ModelCall, State
from novum.testing.programs import BUDGET, World, play, programs_domain

KEYS = [
    *("id", "place", "parents", "line", "depth", "operator", "search", "plan", "finding", "status", "reason"),
    *("score", "seeds", "behaviour", "hidden", "proposed", "ended", "choice", "cost"),
]


def explored(world: World) -> State:
    domain = structs.replace(programs_domain(), budgets={"default": BUDGET})
    state = play(make_program_policy("portfolio", domain, BUDGET), domain, BUDGET, world)
    state.settings = Settings(domain="made", scientist="language")
    return state


@pytest.fixture
def state() -> State:
    return explored(World())


def test_every_candidate_is_told_with_lineage_operator_and_scores(state: State) -> None:
    told = searched(state)
    assert [list(node) for node in told["nodes"]] == [KEYS] * len(state.nodes)
    assert len(told["nodes"]) + len(told["abandoned"]) == state.tried == BUDGET.explore_trials
    by_id = {node["id"]: node for node in told["nodes"]}
    for node in told["nodes"]:
        assert set(node["parents"]) <= set(by_id) and node["line"] in by_id
        assert (node["score"] is None) == (node["status"] != "good")
        assert list(node["behaviour"]) == ["pace"]
    assert any(node["search"].startswith("portfolio/") for node in told["nodes"])
    assert all(gone["reason"] and gone["cost"]["calls"] == 0 for gone in told["abandoned"])


def test_the_record_rises_and_ends_with_the_best(state: State) -> None:
    told = searched(state)
    scores = {node["id"]: node["score"] for node in told["nodes"]}
    record = [scores[name] for name in told["record"]]
    assert record == sorted(record, reverse=told["goal"] == "minimize")
    best = max if told["goal"] == "maximize" else min
    assert record[-1] == best(s for s in scores.values() if s is not None)


def test_models_and_money_stand_with_the_node_that_they_were_spent_on(state: State) -> None:
    commission, node = next(iter(state.made.items()))
    for name, of, usd in (("writer", commission, 0.25), ("judge", node, 0.5)):
        state.model_calls[name] = ModelCall(key=name, role="code", step="explore", node=of, model=name,
                                            answer="sha", cost=Cost(usd=usd, tokens=10))  # fmt: skip
    cost = next(n["cost"] for n in searched(state)["nodes"] if n["id"] == node)
    assert cost == {"models": ["judge", "writer"], "calls": 2, "usd": 0.75, "tokens": 20, "cpu_seconds": 0}


def test_times_are_those_of_the_journal(state: State) -> None:
    trial = state.trials_in("explore")[0]
    node = state.nodes[trial.node]
    proposed = NodeProposed(node=node, index=0, phase="explore", seeds=(1,), trial=trial.id)
    finished = TrialFinished(
        trial=trial.id, attempt=0, result=JobResult(stages=(), sandbox="none"), seeds_ok=1
    )
    events = [
        Event(seq=k, time=10.0 * k, actor="a", body=body) for k, body in enumerate((proposed, finished), 1)
    ]
    told = next(n for n in searched(state, events)["nodes"] if n["id"] == node.id)
    assert (told["proposed"], told["ended"]) == (10.0, 20.0)
    assert searched(State()) == {}


@pytest.mark.parametrize(
    "world", [World(fails=1.0), World(gone=1.0), World(step=0.0, noise=0.0), World(recorded=False)]
)
def test_whatever_became_of_a_search_it_can_be_shown(world: World) -> None:
    state = explored(world)
    out = StringIO()
    Console(file=out, width=100).print(tables.programs_tree(state, searched(state)))
    lines = out.getvalue().splitlines()
    assert all(len(line.rstrip()) <= 100 for line in lines)
    assert f"{len(state.nodes)} program" in lines[0] and f"{len(state.abandoned)} came to nothing" in lines[0]
