"""Killed while an event, a blob or a file of the folder is being written: before, amid and after."""

from pathlib import Path

import pytest

from tests.journeys.killing import Nursery
from tests.journeys.test_kill_anywhere import begun, killed_again_and_again, nursery, undisturbed

pytestmark = pytest.mark.slow
__all__ = ["begun", "nursery", "undisturbed"]  # fixtures
KINDS = (*["commit"] * 6, *["blob"] * 4, "folder", "moment")  # the folder is written at the end alone


@pytest.mark.parametrize("shard", range(2))
def test_killed_while_something_is_written(
    begun: Path, tmp_path: Path, nursery: Nursery, undisturbed: dict[str, str], shard: int
) -> None:
    toll = killed_again_and_again(begun, tmp_path, nursery, undisturbed, KINDS, 50, 20261122 + shard)
    assert toll.kills["coordinator (commit)"] and toll.kills["coordinator (folder)"]
