from pathlib import Path

import pytest
from msgspec import structs

from novum import api
from novum.errors import MachineError, UserError
from novum.journal import FileBlobs
from novum.records import JobResult, Measurement
from novum.reproduce import ELSEWHERE, reproduce
from novum.state import State, Trial


@pytest.fixture
def state(toy_study: Path) -> State:
    return api.open_study(toy_study).state


def test_a_study_runs_again_to_the_last_bit_and_is_left_alone(toy_study: Path, state: State) -> None:
    before = sorted((p, p.stat().st_mtime_ns) for p in toy_study.rglob("*"))
    steps = []
    found = reproduce(state, FileBlobs(toy_study / "blobs"), told=lambda done, planned: steps.append(done))
    assert found.exact and found.artefacts_equal == found.values > 0
    assert steps == list(range(1, len(state.trials_in("confirm")) + 1))
    assert sorted((p, p.stat().st_mtime_ns) for p in toy_study.rglob("*")) == before


def test_a_value_that_does_not_come_out_again_is_named(toy_study: Path, state: State) -> None:
    chosen = next(m for m in state.measurements.values() if m.phase == "confirm" and m.value)
    state.measurements[chosen.id] = structs.replace(chosen, value=chosen.value * 1.5)
    found = reproduce(state, FileBlobs(toy_study / "blobs"))
    assert not found.exact
    assert found.equal == found.values - 1
    assert found.largest == pytest.approx(1 / 3)
    assert f"trial {chosen.trial}, {chosen.metric}, seed {chosen.seed}" in found.differ[0]


@pytest.fixture
def same_again(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials come out as they did, without being run: that they do is tested above."""
    known = list(state.measurements.values())

    async def again(now: State, trial: Trial, *rest: object) -> list[tuple[Measurement | None, Measurement]]:
        return [(now.measurements.get(m.id), m) for m in known if m.trial == trial.id]

    monkeypatch.setattr("novum.reproduce._again", again)


def nudged(state: State, by: float) -> State:
    """The state with one confirmation value recorded a little off."""
    chosen = next(m for m in state.measurements.values() if m.phase == "confirm" and m.value)
    state.measurements[chosen.id] = structs.replace(chosen, value=chosen.value * (1 + by))
    return state


@pytest.mark.usefixtures("same_again")
def test_on_the_same_machine_the_last_bit_counts(toy_study: Path, state: State) -> None:
    found = reproduce(nudged(state, 1e-12), FileBlobs(toy_study / "blobs"))
    assert found.tolerance == 0 and found.changed == {}
    assert not found.passed and not found.exact


@pytest.mark.usefixtures("same_again")
def test_elsewhere_a_tolerance_holds_and_says_what_is_other(toy_study: Path, state: State) -> None:
    there = structs.replace(state, environment=state.environment | {"numpy": "0.0.1", "blas": "9"})
    found = reproduce(nudged(there, 1e-9), FileBlobs(toy_study / "blobs"))
    assert found.tolerance == ELSEWHERE and found.passed and not found.exact
    assert set(found.changed) == {"numpy", "blas"} and found.changed["blas"] == ("9", "")
    assert found.within == found.values == found.equal + 1
    assert not reproduce(nudged(there, 1e-3), FileBlobs(toy_study / "blobs")).passed


@pytest.mark.usefixtures("same_again")
@pytest.mark.parametrize(("tolerance", "passed"), [(0.0, False), (1e-4, True), (1e-7, False)])
def test_a_tolerance_that_is_given_holds_anywhere(
    toy_study: Path, state: State, tolerance: float, passed: bool
) -> None:
    found = reproduce(nudged(state, 1e-5), FileBlobs(toy_study / "blobs"), tolerance=tolerance)
    assert found.passed == passed and found.tolerance == tolerance


@pytest.mark.usefixtures("same_again")
def test_a_tolerance_excuses_no_other_status_and_no_missing_value(toy_study: Path, state: State) -> None:
    first, second = [m for m in state.measurements.values() if m.phase == "confirm"][:2]
    state.measurements[first.id] = structs.replace(first, status="undefined")
    del state.measurements[second.id]
    found = reproduce(state, FileBlobs(toy_study / "blobs"), tolerance=10.0)
    assert found.within == found.values - 2
    assert any("not recorded then" in line for line in found.differ)


def test_a_negative_tolerance_is_refused(toy_study: Path, state: State) -> None:
    with pytest.raises(UserError, match="negative"):
        reproduce(state, FileBlobs(toy_study / "blobs"), tolerance=-1.0)


def test_a_trial_that_the_machine_loses_is_no_difference(
    toy_study: Path, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    from novum.compute.executors.inline import InlineExecutor

    async def lost(self: InlineExecutor, key: str, attempt: int) -> JobResult:
        return JobResult(stages=(), sandbox="none", lost="the node went away")

    monkeypatch.setattr(InlineExecutor, "wait", lost)
    with pytest.raises(MachineError, match="lost 3 times"):
        reproduce(state, FileBlobs(toy_study / "blobs"))


def test_nothing_to_reproduce_is_said(toy_study: Path) -> None:
    with pytest.raises(UserError, match="no ended trial in the phase confirm"):
        reproduce(State(study="x"), FileBlobs(toy_study / "blobs"))
