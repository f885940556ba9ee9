"""Robots stop at walls, poles fall, policies act alone as beside others, and lists of seeds are exact."""

from pathlib import Path

import numpy as np
import pytest

from novum.domains import find_domain, load_domain
from tests.domains.programs import programs


@pytest.fixture
def control():
    with programs(
        "control", "prepare", "tasks", "maze", "cartpole", "goals", "solve", "evaluator"
    ) as modules:
        yield modules


@pytest.fixture
def config(blobs) -> dict:
    return load_domain(find_domain("control"), blobs).baseline


def still(seen: np.ndarray) -> np.ndarray:
    return np.zeros((len(seen), 2), np.float32)


def up(seen: np.ndarray) -> np.ndarray:
    return np.stack([np.zeros(len(seen)), np.ones(len(seen))], 1).astype(np.float32)


def test_robots_stop_at_walls_and_at_the_goal(control, config) -> None:
    given, kept = control.prepare.make(1, "", config)
    fitness, places, reached = control.maze.run(up, kept["starts"], given)
    wall = given["walls"][4][1]  # the low inner one, across the way up
    assert (places[:, 1] < wall).all() and (places[:, 1] > wall - 2 * control.maze.SPEED).all()
    assert not reached.any() and (fitness < -0.2).all()
    at_goal = np.repeat(given["goal"][None, :2], 3, 0)
    assert control.maze.run(still, at_goal, given)[2].all()


def test_without_inner_walls_the_way_up_leads_to_the_goal(control, config) -> None:
    control.prepare.WORLD["walls"] = [[0, 0, 1, 0], [1, 0, 1, 1], [0, 1, 1, 1], [0, 0, 0, 1]]
    given, kept = control.prepare.make(1, "", config)

    def homing(seen: np.ndarray) -> np.ndarray:
        return seen[:, -2:]

    assert control.maze.run(homing, kept["starts"], given)[2].all()


def test_rays_see_what_is_near(control, config) -> None:
    given, _ = control.prepare.make(1, "", config)
    across, along = control.maze._split(given["walls"])
    seen = control.maze._clear(np.array([[0.1, 0.05]], np.float32), across, along)[0]
    assert seen[6] == pytest.approx(0.05, abs=1e-4)  # down
    assert seen[4] == pytest.approx(0.1, abs=1e-4)  # left
    assert seen[2] == pytest.approx(0.3)  # up: nothing within reach


def test_a_pole_falls_unless_it_is_held(control) -> None:
    rng = np.random.default_rng(2)
    instance = control.cartpole.draw(rng, {})
    states = control.cartpole.starts(rng, instance, 20)
    idle = control.cartpole.run(lambda seen: np.zeros((len(seen), 1)), states, instance)
    gains = np.array([[0.2], [0.4], [3.0], [1.5]])
    held = control.cartpole.run(lambda seen: np.tanh(3 * seen @ gains), states, instance)
    assert not idle[2].any() and idle[0].max() < 1
    assert held[2].all() and (held[0] == 1).all()


@pytest.mark.parametrize("task", ["maze", "cartpole"])
def test_a_policy_acts_the_same_alone_and_beside_others(control, config, task: str) -> None:
    given, _ = control.prepare.make(3, "", config | {"task": task})
    kind, sizes = control.tasks.TASKS[task], control.tasks.layers(control.tasks.TASKS[task], config)
    rng = np.random.default_rng(1)
    rows = np.stack([control.solve.networks.initialise(rng, sizes, 2.0) for _ in range(7)])
    places = np.repeat(given["start"][None], 7, 0)
    together = kind.run(control.tasks.policies(rows, sizes), places, given)
    alone = kind.run(control.tasks.policies(rows[4:5], sizes), places[4:5], given)
    assert all((a[4:5] == b).all() for a, b in zip(together, alone, strict=True))


def test_novelty_is_the_distance_from_what_is_known(control) -> None:
    goal = control.goals.Goal({"objective": "novelty"}, np.random.default_rng(1))
    behaviour = np.concatenate([np.zeros((30, 2)), [[5.0, 0.0]]])
    worth = goal.worth(np.zeros(31), behaviour)
    assert worth[-1] == pytest.approx(5.0) and worth[0] == 0
    plain = control.goals.Goal({"objective": "reward"}, np.random.default_rng(1))
    assert plain.worth(np.arange(3.0), np.zeros((3, 2))).tolist() == [0.0, 1.0, 2.0]


def test_the_evaluator_rebuilds_weights_from_seeds(control, config, tmp_path: Path) -> None:
    asked = {"config": config | {"solver": "ga", "generations": 6.0, "population": 24.0}, "in": str(tmp_path)}
    given, kept = control.prepare.make(5, "", asked["config"])
    folder = tmp_path / "artefacts" / "5"
    control.solve.run_seeds.__globals__["save"](tmp_path / "5", given)
    for encoding in ("vectors", "seeds"):
        made = control.solve.run(given, asked["config"] | {"encoding": encoding}, 5)
        control.solve.run_seeds.__globals__["save"](folder, made)
        found = control.evaluator.measure(folder, kept, asked)
        assert found["round_trip"] == 1 and found["compression"] > 5
    np.save(folder / "code.npy", made["code"][::-1] + 1)
    assert control.evaluator.measure(folder, kept, asked)["round_trip"] == 0
