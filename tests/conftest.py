"""Fixtures used all over."""

from pathlib import Path

import pytest

from novum.journal import FileBlobs


@pytest.fixture
def blobs(tmp_path: Path) -> FileBlobs:
    return FileBlobs(tmp_path / "blobs")
