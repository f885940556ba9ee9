"""The guide's domain, built from the page's own blocks, keeps the contract and gives measurements."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from novum.domains.contract import load_domain
from novum.records import Domain
from tests.docs.pages import ROOT

GUIDE = (ROOT / "docs" / "domain-guide.md").read_text()
FILES = dict(re.findall(r"^`([\w.]+)`\n\n```\w+\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE))
SEEDS = [11, 12, 13]


class Memory(dict):
    """Blobs in memory."""

    def put(self, data: bytes) -> str:
        sha = hashlib.sha256(data).hexdigest()
        self[sha] = data
        return sha


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("centre")
    for name, text in FILES.items():
        (path / name).write_text(text)
    return path


@pytest.fixture(scope="module")
def domain(folder: Path) -> Domain:
    return load_domain(folder, Memory())


def stage(
    source: Path, command: tuple[str, ...], work: Path, inputs: dict[str, Path], **request: str
) -> Path:
    """Run one stage as the contract says: a command in its own folder, which holds what it may see."""
    shutil.copytree(source, work)
    (work / "out").mkdir()
    for place, found in inputs.items():
        shutil.copytree(found, work / place)
    body = {"schema": 1, "seeds": SEEDS, "out": "out", **request}
    (work / "request.json").write_text(json.dumps(body))
    words = [sys.executable if word == "python" else word for word in command]
    subprocess.run([*words, "request.json"], cwd=work, check=True)
    return work / "out"


def test_the_page_holds_all_files():
    assert set(FILES) == {"domain.toml", "prepare.py", "estimate.py", "score.py"}


def test_the_domain_is_what_the_page_says(domain: Domain):
    assert domain.primary.name == "error"
    assert domain.baseline == {"estimator": "mean", "tail": 3.0}
    assert set(domain.workspace()) == {"estimate.py"}, "the program sees neither prepare nor evaluator"


def test_its_stages_measure_every_seed(domain: Domain, folder: Path, tmp_path: Path):
    config = {"estimator": "median", "tail": 3.0}
    made = stage(folder, domain.prepare, tmp_path / "prepare", {}, config=config)
    given = {f"in/{s}": made / str(s) / "in" for s in SEEDS}
    kept = {f"heldout/{s}": made / str(s) / "heldout" for s in SEEDS}
    command = domain.programs["estimate"].command
    found = stage(folder, command, tmp_path / "program", given, config=config, **{"in": "in"})
    (found / "12" / "estimate.npy").unlink()
    artefacts = {f"artefacts/{s}": found / str(s) for s in SEEDS}
    names = {"artefacts": "artefacts", "heldout": "heldout", "in": "in"}
    scored = stage(
        folder, domain.evaluator, tmp_path / "score", artefacts | kept | given, config=config, **names
    )
    lines = [json.loads(line) for line in (scored / "measurements.jsonl").read_text().splitlines()]
    assert [line["seed"] for line in lines] == SEEDS
    assert [line.get("status", "observed") for line in lines] == ["observed", "failed", "observed"]
    assert all(0 < line["value"] < 2 for line in lines if "status" not in line)
