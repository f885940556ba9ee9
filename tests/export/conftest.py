"""Studies on disk for exports: a made one, quickly, and the toy study that the whole suite shares."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from novum.journal import FileBlobs
from novum.testing.studies import Stage, make_study


def on_disk(lab: Path, until: Stage = "write") -> Path:
    """The folder of a made study, with a journal and blobs and nothing else."""
    blobs = FileBlobs(lab / "blobs")
    made = make_study("supported", until=until, seeds_per_arm=8, blobs=blobs)
    folder = lab / "studies" / made.state.study
    folder.mkdir(parents=True)
    shutil.move(lab / "blobs", folder / "blobs")
    db = sqlite3.connect(folder / "journal.sqlite")
    db.execute("CREATE TABLE events (seq INTEGER PRIMARY KEY, text TEXT, prev TEXT, hash TEXT)")
    db.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", made.rows)
    db.commit()
    db.close()
    return folder


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return on_disk(tmp_path_factory.mktemp("made"))


@pytest.fixture
def made(made_once: Path, tmp_path: Path) -> Path:
    """A made study with a paper, to do anything with."""
    return shutil.copytree(made_once, tmp_path / "lab" / "studies" / made_once.name)


@pytest.fixture
def toy(toy_study: Path, tmp_path: Path) -> Path:
    """A copy of the toy study, with all its formats."""
    return shutil.copytree(toy_study, tmp_path / "lab" / "studies" / toy_study.name)
