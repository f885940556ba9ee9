from pathlib import Path

import pytest
from msgspec import structs

from novum import api
from novum.errors import UserError
from novum.journal import FileBlobs
from novum.reproduce import reproduce
from novum.state import State


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


def test_nothing_to_reproduce_is_said(toy_study: Path) -> None:
    with pytest.raises(UserError, match="no ended trial in the phase confirm"):
        reproduce(State(study="x"), FileBlobs(toy_study / "blobs"))
