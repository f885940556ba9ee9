"""Killed at two hundred random points (the other half is in `test_kill_while_writing`), a study goes on."""

import itertools
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from novum import api
from novum.domains import new_domain
from novum.records import Settings
from novum.testing.determinism import comparable
from novum.wiring import SystemClock
from tests.journeys.killing import Nursery, Toll, Victim, busy

pytestmark = pytest.mark.slow
KINDS = ("moment", "moment", "start", "stage")
"""At any moment; within ten milliseconds of a stage's start; a stage itself, and then the coordinator."""


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    made = Nursery()
    yield made
    made.close()


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that has been created and not carried on."""
    from novum.beginning import create_study

    home = tmp_path_factory.mktemp("begun")
    new_domain(home / "toy", "toy")
    settings = Settings(domain=str(home / "toy"), budget="smoke", seed=5, workers=2)
    return create_study(home / "lab", settings, SystemClock())


def copied(begun: Path, lab: Path) -> Path:
    return shutil.copytree(begun, lab / "studies" / begun.name)


@pytest.fixture(scope="module")
def undisturbed(begun: Path, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The files of the study that nobody killed."""
    folder = copied(begun, tmp_path_factory.mktemp("whole"))
    nursery.resume(folder)
    assert nursery.ended() == 0
    return comparable(folder, api.open_study(folder).state)


def killed_again_and_again(
    begun: Path, lab: Path, nursery: Nursery, undisturbed: dict[str, str], kinds: tuple[str, ...], kills: int,
    seed: int,
) -> Toll:  # fmt: skip
    """Studies, one after the other, killed so often in all; each is then carried to its end and checked."""
    luck, toll = random.Random(seed), Toll()
    with busy():
        for number in itertools.count():
            victim = Victim(copied(begun, lab / str(number)), nursery, luck, toll)
            while sum(toll.kills.values()) < kills and victim.live_and_die(luck.choice(kinds)):
                pass
            victim.finish()
            victim.check(undisturbed)
            if sum(toll.kills.values()) >= kills:
                break
    print(f"seed {seed}: {toll}")
    assert toll.repeated == 0
    assert toll.survivors == {}
    assert toll.most_in_doubt <= 2
    return toll


@pytest.mark.parametrize("shard", range(2))
def test_killed_at_any_moment(
    begun: Path, tmp_path: Path, nursery: Nursery, undisturbed: dict[str, str], shard: int
) -> None:
    toll = killed_again_and_again(begun, tmp_path, nursery, undisturbed, KINDS, 50, 20261120 + shard)
    assert sum(toll.kills.values()) >= 50
