"""The domain grokking's own files as modules, and a place to run trials."""

import importlib
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # matrices this small lose by more threads

from novum.domains import find_domain
from novum.journal import FileBlobs
from tests.domains.runner import Subprocesses

NAMES = ("schedule", "network", "learner", "isolation", "driver", "prepare", "evaluator")
CONFIG = {"weight_decay": 1.0, "train_fraction": 0.5, "learning_rate": 0.01, "init_scale": 1.0, "width": 96.0,
          "operation": "add", "optimizer": "adamw", "init_distribution": "normal",
          "naming": "apart"}  # fmt: skip


@pytest.fixture
def executor(tmp_path: Path, blobs: FileBlobs) -> Subprocesses:
    return Subprocesses(tmp_path / "stages", blobs)


@pytest.fixture
def grokking(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The files of the domain, imported by the plain names that they use among themselves."""
    monkeypatch.syspath_prepend(find_domain("grokking"))
    loaded = {name: importlib.import_module(name) for name in NAMES}
    yield SimpleNamespace(config=dict(CONFIG), **loaded)
    for name in NAMES:
        del sys.modules[name]
