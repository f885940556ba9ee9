"""A command line in this process, in an empty folder with a clean environment."""

import os
import shutil

import pytest

from novum.cli.border import guarded
from tests import story


class Said:
    """What a command did: exit code, standard output, standard error."""

    def __init__(self, code: int, out: str, err: str):
        self.code, self.out, self.err = code, out, err


@pytest.fixture(autouse=True)
def clean(tmp_path, monkeypatch):
    """Nothing of the machine's options reaches a test."""
    for name in [n for n in os.environ if n.startswith("NOVUM_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def novum(capsys):
    """Call it with the words of a command line."""

    def call(*words: str) -> Said:
        capsys.readouterr()
        code = guarded(words)
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def told(tmp_path_factory):
    """The lab of the fixture below, written once: every commit of a journal waits for the disk."""
    folder = tmp_path_factory.mktemp("told") / "lab"
    story.write(folder, "toy-aaa1", "done", at=1.0e9, stop="done")
    story.write(folder, "toy-aab2", "confirm", at=1.1e9, cut=1, stop="out of budget: 3 minutes are spent")
    story.write(folder, "toy-bbb3", "register", at=1.2e9, stop="waiting")
    return folder


@pytest.fixture
def lab(told, tmp_path):
    """`lab` with a finished study, one out of budget in the middle of confirmation, and one that waits."""
    return shutil.copytree(told, tmp_path / "lab")
