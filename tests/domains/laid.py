"""A domain's files laid out as a trial has them, its kit among them, and its modules imported from there."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from novum.domains import find_domain, load_domain
from novum.journal import FileBlobs
from novum.records import Domain


def lay_out(name: str, folder: Path) -> Domain:
    """Writes every file of the domain into `folder`."""
    blobs = FileBlobs(folder / ".blobs")
    domain = load_domain(find_domain(name), blobs)
    for path, sha in domain.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(blobs.get(sha))
    return domain


@contextmanager
def modules(name: str, folder: Path) -> Iterator[SimpleNamespace]:
    """The domain's modules by name; they import each other by plain names, so none is left imported."""
    domain = lay_out(name, folder)
    paths = [path.removesuffix(".py") for path in domain.files if path.endswith(".py")]
    names = [path.replace("/", ".") for path in paths]
    sys.path.insert(0, str(folder))
    try:
        _forget(names)
        loaded = {name.split(".")[-1]: importlib.import_module(name) for name in names}
    finally:
        sys.path.remove(str(folder))
        _forget(names)
    yield SimpleNamespace(**loaded)


def _forget(names: Sequence[str]) -> None:
    """Other domains have modules of the same names."""
    for name in (*names, "kit"):
        sys.modules.pop(name, None)


def score(name: str, folder: Path, arrays: dict[str, Any], **problem: Any) -> tuple[dict, Path]:
    """What the evaluator's command says of arrays of seed 7, by metric: (value, status); its certificate."""
    domain = lay_out(name, folder)
    told = json.loads((folder / "problem.json").read_text()) | problem
    (folder / "problem.json").write_text(json.dumps(told))
    (folder / "artefacts" / "7").mkdir(parents=True)
    for file, value in arrays.items():
        np.save(folder / "artefacts" / "7" / f"{file}.npy", value)
    request = {"seeds": [7], "artefacts": "artefacts", "out": "out"}
    (folder / "request.json").write_text(json.dumps(request))
    command = [sys.executable, *domain.evaluator[1:], "request.json"]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    lines = map(json.loads, (folder / "out" / "measurements.jsonl").read_text().splitlines())
    rows = {row["metric"]: (row["value"], row.get("status", "observed")) for row in lines}
    return rows, folder / "out" / "certificates" / "7.json"
