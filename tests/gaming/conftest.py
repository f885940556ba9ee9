"""One game for all hacks: the strongest layer of this machine, chosen once."""

import pytest

from novum.compute.executors.local import LocalExecutor
from novum.compute.layers import resolve
from novum.errors import NoSandbox
from tests.gaming.harness import Game, blobs_in


@pytest.fixture(scope="session")
def game(tmp_path_factory) -> Game:
    try:
        resolve("auto", False)
    except NoSandbox as nothing:
        pytest.skip(f"edited programs cannot be run here: {nothing}")
    home = tmp_path_factory.mktemp("game")
    blobs = blobs_in(home)
    return Game(home, LocalExecutor(blobs, home / "attempts"), blobs, "auto")
