"""The benchmark of searches: its tasks, its model, its clock and its reckoning, on cases that are known."""

import asyncio
import json
import random
from pathlib import Path

import numpy as np
import pytest

from novum.bench.rows import Row
from novum.bench.search import PARTS
from novum.bench.search.circles import DISCS, start_of, total_radius
from novum.bench.search.landscapes import Landscape, regrets
from novum.bench.search.policies import (
    CONTENDERS,
    DEFAULT,
    REFERENCE,
    Difference,
    Found,
    Scores,
    found,
    holm,
    rows,
)
from novum.bench.search.proposer import Playing, answer
from novum.bench.search.rig import Played, explore, numbers_in, program_of
from novum.bench.search.scheduling import Unit, in_virtual_time, makespan, scheduled
from novum.bench.search.served import served
from novum.bench.search.tasks import PACKING, TASKS, moved
from novum.canonical import derive_seed
from novum.scientists.language.coding import ASKS
from novum.search.programs import ASKING, CHOOSERS
from novum.steps.select import candidates


def test_the_start_of_circle_packing_scores_what_was_measured_before() -> None:
    assert total_radius(start_of()) == pytest.approx(1.2628, abs=5e-5)


def test_radii_are_the_largest_that_hold_and_what_is_no_packing_scores_nothing() -> None:
    grid = tuple(x for i in range(DISCS) for x in ((i % 6 + 0.5) / 6, (i // 6 + 0.5) / 6))
    assert total_radius(grid) == pytest.approx(DISCS / 12, abs=1e-9)
    assert total_radius((*grid[:-1], 1.5)) == 0.0 and total_radius(grid[:-2]) == 0.0


@pytest.mark.parametrize("task", TASKS, ids=lambda t: t.name)
def test_a_task_is_the_same_for_a_seed_and_starts_from_what_works(task) -> None:
    one, other = task.make(3), task.make(3)
    assert one.start == other.start and one.measure(one.start, 1) == other.measure(other.start, 1)
    assert one.measure(one.start, 1) is not None
    if task is not PACKING:
        assert task.make(4).start != one.start
        assert all(0 <= x <= 1 for x in one.move(one.start, False, random.Random(1)))


def test_half_of_the_small_tasks_are_held_out() -> None:
    halves = [t.half for t in TASKS if t is not PACKING]
    assert len(halves) >= 9 and 2 * halves.count("held out") >= len(halves)


def test_the_model_moves_what_a_prompt_shows_last_and_says_the_same_again() -> None:
    prompt = f"{program_of([0.1] * 4)}\n```diff\n-PARAMS = [9.0, 9.0]\n+PARAMS = [0.5, 0.5, 0.5]\n```"
    assert numbers_in(prompt) == (0.5, 0.5, 0.5)
    said = answer(prompt, moved, 1)
    assert said == answer(prompt, moved, 1) != answer(prompt, moved, 2)
    assert len(numbers_in(said)) == 3 and "FILE: main.py" in said
    drafted = numbers_in(answer(f"{prompt}\n{ASKS['draft']}", moved, 1))
    assert all(x != 0.5 for x in drafted)


def test_the_model_works_on_the_version_that_is_to_be_worked_on() -> None:
    """However prompts tell of versions: one that always adds the same has to end that far from its parent."""

    def added(numbers: tuple[float, ...], draft: bool, luck: random.Random) -> tuple[float, ...]:
        return tuple(round(x + 0.01 + (luck.random() if draft else 0.0), 6) for x in numbers)

    played = explore(lambda x, at: sum(x), (0.1, 0.2), Playing(added, 1), policy="greedy", trials=30, seed=1)
    nodes = [played.state.nodes[name] for name in played.nodes]
    made = [node for node in nodes if node.operator == "improve"]
    assert len(made) > 5
    for node in made:
        mine, parents = played.numbers_of(node.id), played.numbers_of(node.parents[0])
        assert mine == pytest.approx([x + 0.01 for x in parents], abs=1e-5)


def test_all_searches_but_the_one_that_asks_are_compared() -> None:
    assert set(CONTENDERS) == set(CHOOSERS) - set(ASKING) | {REFERENCE}


def test_a_search_goes_through_the_real_loop_and_betters_its_start() -> None:
    bowl = TASKS[1]
    play = bowl.make(1)

    def once() -> Played:
        return explore(
            play.measure, play.start, Playing(play.move, 1), policy=DEFAULT, trials=30, seed=1, select=2
        )

    played = once()
    assert played.state.tried == 30 and len(played.numbers) == 30 - len(played.state.abandoned)
    assert play.truth(played.best) > play.truth(play.start)
    chosen = {t.node for t in played.state.trials_in("select")}
    assert len(chosen) == candidates(played.state) and played.nodes[0] not in chosen
    assert once().numbers == played.numbers


@pytest.mark.slow
def test_over_http_a_search_comes_to_the_same_score() -> None:
    base = derive_seed(1, "a")
    assert served(base, 0) == found(DEFAULT, PACKING, derive_seed(base, "seed", 0))


# --- time ---------------------------------------------------------------------------------------------


def test_time_jumps_to_what_comes_next() -> None:
    order: list[str] = []

    async def sleeper(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        order.append(name)

    async def both() -> None:
        await asyncio.gather(sleeper("long", 5000.0), sleeper("short", 20.0))

    assert in_virtual_time(both()) == pytest.approx(5000.0) and order == ["short", "long"]


def test_an_ideal_schedule_of_a_few_units_is_what_one_reckons_by_hand() -> None:
    units = [Unit(0.0, 3.0), Unit(2.0, 3.0), Unit(2.0, 3.0)]
    assert makespan(units, 1, 1) == 13.0  # one after the other
    assert makespan(units, 1, 2) == 9.0  # calls beside trials
    assert makespan(units, 3, 3) == 5.0


@pytest.mark.parametrize("workers", [1, 4])
def test_the_loop_wastes_no_time(workers: int) -> None:
    made = scheduled(5, workers, 1.2, 12)
    assert made.ideal / made.taken == pytest.approx(1.0, abs=0.03)


# --- reckoning ----------------------------------------------------------------------------------------


def test_holm_adjusts_as_in_the_paper() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_a_difference_that_is_always_there_is_found_and_one_by_chance_is_not() -> None:
    luck = np.random.default_rng(1)
    assert Difference([np.ones(10), np.ones(10)]).p(1) < 0.001
    assert Difference([luck.normal(0, 1, 20) for _ in range(3)]).p(1) > 0.05


def made(better: str) -> list[Found]:
    """Scores in which one contender is better than all others, and the rest are noise."""
    luck = random.Random(2)
    return [Found(c, t.name, k, luck.random() + (2.0 if c == better else 0.0))
            for t in TASKS for c in CONTENDERS for k in range(5)]  # fmt: skip


def test_targets_are_met_by_a_default_that_is_better_and_missed_by_one_that_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("novum.bench.search.policies.FLIPS", 2000)

    def targets(better: str) -> list[bool]:
        return [row.met for row in rows(Scores(made(better)), 1) if row.met is not None]

    assert targets(DEFAULT) == [True, True]
    assert not all(targets(REFERENCE))


def test_selection_is_judged_by_what_is_true() -> None:
    land = Landscape(3)
    judged = regrets(1, 0)
    assert land.truth(land.start) is not None
    assert min(judged.single, judged.explored, judged.hidden) >= 0.0


def test_parts_are_named_and_an_unknown_one_is_refused() -> None:
    from novum.cli.benches import bench_search
    from novum.errors import UserError

    assert PARTS == ("a", "b", "c", "d")
    for wrong in ("e", ""):
        with pytest.raises(UserError, match="part"):
            bench_search(wrong, False, 1, False)


def test_a_file_keeps_parts_of_the_same_run_and_forgets_those_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was interrupted goes on with the parts that are left."""
    from novum.bench import search as bench
    from novum.cli.benches import bench_search

    played = []

    def play(part: str, seed: int, full: bool, told, discs: int) -> bench.Found:
        if part == "c":
            raise KeyboardInterrupt
        played.append(part)
        row = Row(name=f"of {part}", value=1.0, low=None, high=None, n=1, target="≥ 2", met=part == "a")
        return bench.Found(rows=(row,), seeds={"x": "0 to 0"})

    monkeypatch.setattr(bench, "play", play)
    out = tmp_path / "search.json"
    with pytest.raises(KeyboardInterrupt):
        bench_search("abc", False, 1, False, out=out)
    held = json.loads(out.read_text())
    assert list(held["parts"]) == ["a", "b"] and held["met"] is False
    assert bench_search("d", False, 1, False, out=out) == 1
    assert list(json.loads(out.read_text())["parts"]) == ["a", "b", "d"]
    assert "2 of 3 targets are missed" in capsys.readouterr().out
    assert bench_search("a", False, 2, False, out=out) == 0
    assert list(json.loads(out.read_text())["parts"]) == ["a"]
    assert played == ["a", "b", "d", "a"] and [p.name for p in tmp_path.iterdir()] == ["search.json"]


@pytest.mark.slow
def test_discs_are_packed_without_a_model() -> None:
    """Three discs have no target here; a seed then takes the time that it is given."""
    from novum.bench import search as bench

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench, "SECONDS", 0.2)
        found = bench.play("d", 1, False, lambda done, of: None, workers=1, discs=3)
    assert found.seeds == {"3 discs": "0 to 3"} and [row.met for row in found.rows] == [None, None]
    assert 0.7 < found.rows[-1].value < 0.8
