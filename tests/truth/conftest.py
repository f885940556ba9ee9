"""A place for whole studies."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from novum.bench.studies import scratch


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder in memory where the system offers that: studies wait for the disk most of the time."""
    with scratch() as folder:
        yield folder
