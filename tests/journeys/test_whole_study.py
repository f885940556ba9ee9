"""From nothing to an audited paper, and back from the paper to the trials."""

import csv
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from novum import api, snapshot
from novum.errors import UserError
from novum.events import PaperRendered
from novum.journal import link


@pytest.fixture
def copy(toy_study: Path, tmp_path: Path) -> Path:
    target = tmp_path / "lab" / "studies" / toy_study.name
    shutil.copytree(toy_study, target)
    shutil.copy(toy_study.parent.parent / "archive.sqlite", tmp_path / "lab" / "archive.sqlite")
    return target


def forge(study: Path, old: str, new: str, *, relink: bool) -> int:
    """Change stored text everywhere, with the chain recomputed if asked; how many events changed."""
    db = sqlite3.connect(study / "journal.sqlite")
    rows = db.execute("SELECT seq, text, prev FROM events ORDER BY seq").fetchall()
    prev, changed = rows[0][2], 0
    for seq, text, _ in rows:
        forged = text.replace(old, new)
        changed += forged != text
        values = (forged, prev, link(prev, forged)) if relink else None
        if values:
            db.execute("UPDATE events SET text=?, prev=?, hash=? WHERE seq=?", (*values, seq))
            prev = values[2]
        else:
            db.execute("UPDATE events SET text=? WHERE seq=?", (forged, seq))
    db.commit()
    db.close()
    return changed


def test_the_study_is_done_audited_and_complete(toy_study: Path) -> None:
    study = api.open_study(toy_study)
    assert study.status == "done"
    assert study.state.audit_passed
    assert set(study.state.decisions) == {c.id for c in study.state.protocol.contrasts}
    for name in ("protocol.json", "claims.json", "audit.json", "review.json", "README.md", "paper/paper.md"):
        assert (toy_study / name).stat().st_size > 0
    assert not (toy_study / "attempts").exists()


def test_an_unchanged_study_passes_a_fresh_audit(copy: Path) -> None:
    outcome = api.audit(copy)
    assert [c for c in outcome.checks if not c.passed] == []
    assert outcome.exit_code == 0


@pytest.mark.parametrize("processor", ["Nehalem", "Haswell"])  # all that a processor of today can act as
def test_an_audit_passes_on_another_processor(copy: Path, processor: str) -> None:
    """Linear algebra rounds there in another way, and no figure may turn on it."""
    command = [sys.executable, "-m", "novum", "audit", str(copy), "--json"]
    env = os.environ | {"OPENBLAS_CORETYPE": processor}
    told = json.loads(subprocess.run(command, env=env, stdout=subprocess.PIPE, check=False).stdout)
    assert [c["id"] for c in told["checks"] if not c["passed"]] == []


@pytest.mark.parametrize("relink", [False, True])
def test_a_changed_value_in_the_journal_is_found(copy: Path, relink: bool) -> None:
    state = api.open_study(copy).state
    chosen = next(
        m for m in state.measurements.values() if m.phase == "confirm" and m.metric == "heldout_error"
    )
    assert forge(copy, f'"value":{chosen.value!r}', '"value":0.001', relink=relink)
    outcome = api.audit(copy)
    failed = {c.id for c in outcome.checks if not c.passed}
    assert outcome.exit_code == 1
    assert "chain" in failed
    assert "values" in failed


def test_a_number_in_the_paper_leads_to_its_trial(toy_study: Path) -> None:
    """paper -> reference -> statistic -> measurements -> trial -> code and logs, by files alone."""
    rendered = next(e.body for e in api.open_study(toy_study).events() if isinstance(e.body, PaperRendered))
    claims = json.loads((toy_study / "claims.json").read_text())
    known = {s["id"]: s for s in claims["statistics"]}
    used = [key.split("|")[0].removeprefix("m:") for key in rendered.values if key.startswith("m:")]
    estimate = next(known[i] for i in used if i in known and known[i]["kind"] == "estimate")
    lines = (toy_study / "measurements.csv").read_text().splitlines()
    rows = {r["id"]: r for r in csv.DictReader(lines)}
    row = rows[estimate["sources"][0]]
    node = toy_study / "nodes" / row["node"]
    assert (node / "workspace" / "fit.py").is_file()
    assert list(node.rglob(f"*{row['trial']}*"))


def test_everything_but_journal_and_blobs_can_be_rebuilt(copy: Path) -> None:
    kept = {p.relative_to(copy): p.read_bytes() for p in copy.rglob("*") if p.is_file()}
    for path in copy.iterdir():
        if path.name not in ("journal.sqlite", "blobs"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    api.resume(copy)  # nothing left to do: the folder is written again
    rebuilt = {p.relative_to(copy): p.read_bytes() for p in copy.rglob("*") if p.is_file()}
    apart = ("writer.lock", "secret", "journal.sqlite", snapshot.FILE)  # that one only has to mean the same
    ours = {p for p in kept if p.parts[0] not in apart}
    assert snapshot.kept_outline(copy) is not None
    assert {p for p in ours if rebuilt.get(p) != kept[p]} == set()


def test_a_finished_study_takes_no_decision(copy: Path) -> None:
    with pytest.raises(UserError, match="finished"):
        api.act(copy, "stop")


@pytest.mark.slow  # a second study
def test_the_lab_remembers_and_the_next_study_asks_something_else(toy_study: Path) -> None:
    lab = toy_study.parent.parent
    settings = api.open_study(toy_study).state.settings
    first = api.open_study(toy_study).state
    outcome = api.run(settings, lab=lab)
    second = api.open_study(outcome.path).state
    one, other = (state.ideas[state.chosen] for state in (first, second))
    assert (one.kind, one.factors) != (other.kind, other.factors)
    shared = {c.factors for c in first.protocol.contrasts} & {c.factors for c in second.protocol.contrasts}
    assert (second.protocol.alpha < first.protocol.alpha) == bool(shared)
    assert (first.study in second.protocol.earlier_studies) == bool(shared)
