"""Under a lag, what is proposed does not depend on when which trial ended."""

import random
from pathlib import Path

import pytest
from msgspec import structs

from novum.errors import OutOfBudget
from novum.events import ConfigObserved
from novum.state import LAG, State
from novum.steps.lagged import seen
from tests.fakes import ScriptedExecutor
from tests.test_loop import BUDGET, Bench, noisy

POINTS = structs.replace(BUDGET, explore_trials=20)


def of_z(config: dict[str, object], seed: int) -> float:
    """y depends on z alone."""
    return 30.0 * (config["z"] == "a") + (seed % 97) / 97


class Unsteady(ScriptedExecutor):
    """Trials take as long as luck has it."""

    luck = random.Random(0)

    async def wait(self, key: str, attempt: int):
        self.delay = self.luck.choice((0.0, 0.001, 0.004))
        return await super().wait(key, attempt)


def explored(folder: Path, monkeypatch: pytest.MonkeyPatch, luck: int, **settings: object) -> list[str]:
    """The configurations of an exploration whose trials end in an order of their own."""
    monkeypatch.setattr("tests.test_loop.ScriptedExecutor", Unsteady)
    monkeypatch.setattr(Unsteady, "luck", random.Random(luck))
    folder.mkdir()
    bench = Bench(folder, policy="adaptive", budget=POINTS, until="protocol", **settings)
    _, recorder = bench.run()
    return [t.node for t in recorder.state.trials_in("explore")]


@pytest.mark.parametrize("deterministic", [True, False])
def test_the_order_in_which_trials_end_decides_nothing_under_a_lag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deterministic: bool
) -> None:
    """Without one it does, or this test could not fail."""
    found = {
        tuple(explored(tmp_path / str(luck), monkeypatch, luck, deterministic=deterministic, workers=2))
        for luck in range(3)
    }
    assert all(len(nodes) == 20 for nodes in found)
    assert (len(found) == 1) == deterministic


def test_results_are_used_and_only_those_that_are_old_enough(tmp_path: Path) -> None:
    """The proposal at place n sees the results 0 … n - L and none after."""
    views: list[tuple[int, State]] = []
    settings = {"policy": "adaptive", "deterministic": True, "workers": 1, "until": "protocol"}
    bench = Bench(tmp_path, budget=POINTS, **settings)
    make = bench.scientist.policy

    def watched(view, services):
        policy = make(view, services)
        propose = policy.propose
        policy.propose = lambda state, rng: (views.append((len(state.trials), state)), propose(state, rng))[1]
        return policy

    bench.scientist.policy = watched  # type: ignore[method-assign]
    _, recorder = bench.run()
    assert len({n for n, _ in views}) == 20
    for n, view in views:
        with_result = [t.index for t in view.trials_in("explore") if t.status == "done"]
        assert with_result == list(range(max(0, n - LAG + 1)))
        assert {m.trial for m in view.measurements.values()} == {
            t.id for t in view.trials.values() if t.status == "done"
        }
    nodes = [t.node for t in recorder.state.trials_in("explore")]
    (tmp_path / "other").mkdir()
    other = Bench(tmp_path / "other", of_z, budget=POINTS, **settings)
    _, recorder = other.run()
    assert nodes[:LAG] == [t.node for t in recorder.state.trials_in("explore")][:LAG]
    assert nodes != [t.node for t in recorder.state.trials_in("explore")]


def test_without_a_lag_everything_is_seen() -> None:
    state = State()
    assert seen(state) is state


def test_the_lag_is_that_of_the_start_whatever_the_workers_become(tmp_path: Path) -> None:
    bench = Bench(tmp_path, deterministic=True, workers=2)
    with bench.recording() as recorder:
        recorder.commit(ConfigObserved(changes={"workers": 5}))
        assert recorder.state.settings.workers == 5 and recorder.state.lag == 2 * LAG


def test_the_clock_may_not_cut_such_an_exploration_short(tmp_path: Path) -> None:
    """It is out of budget and can be resumed; without the option it would go on with what it has."""
    minutes = 0.0005
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    bench = Bench(tmp_path / "a", noisy, budget=POINTS, deterministic=True, budget_minutes=minutes)
    with pytest.raises(OutOfBudget):
        bench.run()
    assert len(_state(bench).trials_in("explore")) > 0
    free = Bench(tmp_path / "b", noisy, budget=POINTS, budget_minutes=minutes)
    with pytest.raises(OutOfBudget):
        free.run()
    assert "explore" in _state(free).steps_done and "explore" not in _state(bench).steps_done


def _state(bench: Bench) -> State:
    with bench.recording() as recorder:
        return recorder.state
