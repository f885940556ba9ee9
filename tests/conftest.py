"""Fixtures used all over."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from novum import api
from novum.domains import new_domain
from novum.journal import FileBlobs
from novum.records import Settings

# a busy machine is no fault of what is tested
settings.register_profile("novum", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("novum")


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
