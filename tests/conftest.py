"""Fixtures used all over, and where tests keep their files."""

import functools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from novum import api
from novum.canonical import canonical
from novum.domains import new_domain
from novum.evidence import figures
from novum.journal import FileBlobs
from novum.records import Settings

MEMORY, ENOUGH = Path("/dev/shm"), 2 << 30


def stay_off_the_disk() -> None:
    """Keep files in memory where there is enough of it, as making and syncing them on a disk is a third of
    what the tests cost; a TMPDIR of the caller's own stays.
    """
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return
    free = os.statvfs(MEMORY)
    if free.f_bavail * free.f_frsize >= ENOUGH:
        os.environ["TMPDIR"] = str(MEMORY)  # also for what they start
        tempfile.tempdir = None  # to be made out anew


stay_off_the_disk()

# a busy machine is no fault of what is tested
settings.register_profile("novum", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("novum")


@pytest.fixture(scope="session", autouse=True)
def drawn_once() -> Iterator[None]:
    """A figure whose data were drawn before is not drawn anew: those of a paper cost three CPU-seconds.

    That equal data give equal files is tested where figures are, which does not go through here.
    """
    draw, kept = figures.draw, {}

    @functools.wraps(draw)
    def draw_once(data: dict[str, Any]) -> figures.Drawn:
        key = canonical(data)
        if key not in kept:
            kept[key] = draw(data)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "draw", draw_once)
        yield


@pytest.fixture
def blobs(tmp_path: Path) -> FileBlobs:
    return FileBlobs(tmp_path / "blobs")


@pytest.fixture(scope="session")
def toy_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished study of the starter domain, run in this process; copy it before you change it."""
    home = tmp_path_factory.mktemp("toy")
    new_domain(home / "toy", "toy")
    settings = Settings(domain=str(home / "toy"), budget="smoke", seed=1, executor="inline", sandbox="none")
    outcome = api.run(settings, lab=home / "lab")
    assert outcome.exit_code == 0, outcome
    return outcome.path
