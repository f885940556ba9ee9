"""Robots stop at walls, poles fall, policies act alone as beside others, and lists of seeds are exact."""

from pathlib import Path

import numpy as np
import pytest

from novum.domains import find_domain, load_domain
from tests.domains.programs import programs


@pytest.fixture
def control():
    with programs(
        "control",
        "prepare",
        "tasks",
        "maze",
        "cartpole",
        "acrobot",
        "episodes",
        "goals",
        "gradients",
        "solve",
        "evaluator",
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
    fitness, places, reached, _ = control.maze.run(up, kept["starts"], given)
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


def energy(acrobot, states: np.ndarray, mass: float) -> np.ndarray:
    """Kinetic and potential energy (n,) in joules, from the speeds of both links' centres of mass."""
    (first, second, turning, bending), both = states.T.astype(float), states[:, 0] + states[:, 1]
    length, centre, whole = acrobot.LENGTH, acrobot.CENTRE, turning + bending
    upper = acrobot.MASS * centre**2 + acrobot.INERTIA
    speed = (length * turning) ** 2 + (centre * whole) ** 2
    speed += 2 * length * centre * turning * whole * np.cos(second)
    moving = (upper * turning**2 + mass * speed + acrobot.INERTIA * whole**2) / 2
    height = acrobot.MASS * centre * np.cos(first) + mass * (length * np.cos(first) + centre * np.cos(both))
    return moving - acrobot.GRAVITY * height


def test_an_acrobot_left_alone_keeps_its_energy(control) -> None:
    states = np.random.default_rng(1).uniform(-1.5, 1.5, (30, 4)).astype(np.float32)
    before = energy(control.acrobot, states, 0.8)
    for _ in range(20):
        states = control.acrobot._moved(states, np.zeros(30, np.float32), 0.8)
    assert np.abs(states[:, :2]).max() > 1.6  # it swings
    assert np.allclose(energy(control.acrobot, states, 0.8), before, atol=0.3)
    assert not np.allclose(energy(control.acrobot, states, 1.2), energy(control.acrobot, states, 0.8), atol=1)


def test_an_acrobot_is_swung_up_by_torque_that_follows_its_bending(control) -> None:
    rng = np.random.default_rng(2)
    instance = control.acrobot.draw(rng, {})
    states = control.acrobot.starts(rng, instance, 20)
    idle = control.acrobot.run(lambda seen: np.zeros((len(seen), 1)), states, instance)
    swung = control.acrobot.run(lambda seen: np.sign(seen[:, 5:]), states, instance)
    assert not idle.solved.any() and idle.fitness.max() < -1.9
    assert swung.solved.mean() > 0.5 and (swung.fitness[swung.solved] >= control.acrobot.GOAL).all()
    tips = np.array([[np.pi / 2, 0, 0, 0], [np.pi, 0, 0, 0], [0, np.pi / 2, 0, 0]])
    assert np.allclose(control.acrobot._tip(tips), [[2, 0], [0, 2], [1, -1]])


TASKS = ["maze", "cartpole", "acrobot"]


def drawn(control, config, task: str, count: int):
    """A task, what one of its instances gives, and random policies with a start for each."""
    given, _ = control.prepare.make(3, "", config | {"task": task})
    kind = control.tasks.TASKS[task]
    sizes, rng = control.tasks.layers(kind, config), np.random.default_rng(1)
    rows = np.stack([control.solve.networks.initialise(rng, sizes, 2.0) for _ in range(count)])
    return kind, given, sizes, rows, np.repeat(given["start"][None], count, 0)


@pytest.mark.parametrize("task", TASKS)
def test_rewards_add_up_to_fitness_and_end_with_the_episode(control, config, task: str) -> None:
    kind, given, sizes, rows, places = drawn(control, config, task, 40)
    found = kind.run(control.tasks.policies(rows, sizes), places, given)
    start = found.fitness - np.nansum(found.rewards, 0)
    assert np.allclose(start, start[0], atol=1e-5) and found.fitness.std() > 0
    ended = np.isnan(found.rewards)
    assert (ended[1:] >= ended[:-1]).all() and not ended[0].any()
    returns = control.goals.Goal({"objective": "reward"}, np.random.default_rng(1)).returns(found)
    assert np.allclose(returns[0], np.nansum(found.rewards, 0), atol=1e-5)
    assert (np.isnan(returns) == ended).all()


@pytest.mark.parametrize("task", TASKS)
def test_a_policy_acts_the_same_alone_and_beside_others(control, config, task: str) -> None:
    kind, given, sizes, rows, places = drawn(control, config, task, 7)
    together = kind.run(control.tasks.policies(rows, sizes), places, given)
    alone = kind.run(control.tasks.policies(rows[4:5], sizes), places[4:5], given)
    assert all((a[4:5] == b).all() for a, b in zip(together[:3], alone[:3], strict=True))
    acting = np.isfinite(alone.rewards)
    assert (together.rewards[:, 4:5][acting] == alone.rewards[acting]).all()


def test_novelty_is_the_distance_from_what_is_known(control) -> None:
    goal = control.goals.Goal({"objective": "novelty"}, np.random.default_rng(1))
    behaviour = np.concatenate([np.zeros((30, 2)), [[5.0, 0.0]]])
    worth = goal.worth(np.zeros(31), behaviour)
    assert worth[-1] == pytest.approx(5.0) and worth[0] == 0
    plain = control.goals.Goal({"objective": "reward"}, np.random.default_rng(1))
    assert plain.worth(np.arange(3.0), np.zeros((3, 2))).tolist() == [0.0, 1.0, 2.0]


def test_the_return_of_a_novel_end_is_that_of_every_step(control) -> None:
    rewards = np.ones((4, 31), np.float32)
    rewards[2:, 3] = np.nan
    behaviour = np.concatenate([np.zeros((30, 2)), [[5.0, 0.0]]])
    found = control.episodes.Episodes(np.zeros(31), behaviour, np.zeros(31, bool), rewards)
    returns = control.goals.Goal({"objective": "novelty"}, np.random.default_rng(1)).returns(found)
    assert np.allclose(returns[:, -1], 5) and (returns[:, 0] == 0).all()
    assert np.isnan(returns[2:, 3]).all() and (returns[:2, 3] == 0).all()


# --- the policy gradient ------------------------------------------------------------------------------


def reinforce(control, sizes: tuple[int, ...], count: int, sigma: float = 0.3):
    rng = np.random.default_rng(4)
    start = control.solve.networks.initialise(rng, sizes)
    return control.gradients.Reinforce(start, sizes, count, sigma, rng, rate=0.1)


def test_the_first_episode_acts_as_the_weights_say_and_no_other(control) -> None:
    sizes = (3, 4, 1)
    strategy = reinforce(control, sizes, 5, sigma=0.01)
    policy, seen = control.tasks.policies(strategy.ask(), sizes), np.ones((5, 3), np.float32)
    plain, noisy = policy(seen), strategy.explore(policy)(seen)
    assert noisy[0] == plain[0] and (noisy[1:] != plain[1:]).all()
    assert np.abs(noisy - plain).max() < 0.05


def test_the_policy_gradient_is_that_of_the_likelihood_of_what_was_done(control) -> None:
    """By finite differences of the mean of advantage times log-density; steps after an end are left out."""
    sizes, count, steps = (3, 4, 2), 6, 5
    strategy = reinforce(control, sizes, count)
    act = strategy.explore(control.tasks.policies(strategy.ask(), sizes))
    rng = np.random.default_rng(5)
    for _ in range(steps):
        act(rng.standard_normal((count, 3)).astype(np.float32))
    returns = rng.standard_normal((steps, count))
    returns[3:, 1] = np.nan
    better = returns - np.nanmean(returns, 1, keepdims=True)
    better /= np.nanstd(better)
    seen, start = np.stack(strategy.seen), strategy.centre.astype(float)

    def means(row):
        return np.tanh(control.solve.networks.forward(row, seen, sizes))

    done = means(start) + 0.3 * np.stack(strategy.noise)

    def likelihood(row):
        return np.nanmean(better * (-((done - means(row)) ** 2) / (2 * 0.3**2)).sum(2))

    numeric = [(likelihood(start + e) - likelihood(start - e)) / 2e-4 for e in 1e-4 * np.eye(len(start))]
    strategy.rule.step = taken = lambda gradient: taken.__dict__.update(found=gradient) or 0 * gradient
    strategy.tell(returns)
    assert np.allclose(taken.found, numeric, atol=2e-3) and np.abs(numeric).max() > 0.05


def test_the_policy_gradient_learns_to_hold_a_pole(control, config) -> None:
    chosen = config | {"solver": "reinforce", "task": "cartpole"}
    given, kept = control.prepare.make(8, "", chosen)
    sizes = control.tasks.layers(control.cartpole, chosen)

    def held(weights: np.ndarray) -> float:
        rows = np.repeat(weights[None], len(kept["starts"]), 0)
        return control.cartpole.run(control.tasks.policies(rows, sizes), kept["starts"], given).fitness.mean()

    short, long = (control.solve.run(given, chosen | {"generations": n}, 8)["weights"] for n in (1.0, 40.0))
    assert held(short) < 0.5 and held(long) > 0.8


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
