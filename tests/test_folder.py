"""The study's folder is rebuilt from journal and blobs, equal and without touching what is right."""

import csv
import json
import shutil
from pathlib import Path

import msgspec
import pytest

from novum.canonical import digest
from novum.errors import MachineError
from novum.folder import contents, diff, materialise
from novum.journal import FileBlobs
from novum.records import Protocol
from novum.testing.memory import MemoryBlobs
from novum.testing.studies import OUTCOMES, MadeStudy, make_study


def head_of(study: MadeStudy) -> tuple[int, str]:
    return study.events[-1].seq, study.events[-1].hash


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture
def study() -> MadeStudy:
    return make_study("supported")


def test_all_but_journal_and_blobs_is_rebuilt_equal(study, tmp_path):
    folder = tmp_path / "study"
    kept = FileBlobs(folder / "blobs")
    for data in study.blobs.files.values():
        kept.put(data)
    study = MadeStudy(study.events, study.rows, kept, study.entries, study.state)
    materialise(folder, study.state, study.blobs, head_of(study))
    before = snapshot(folder)
    for path in folder.iterdir():
        if path.name != "blobs":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    materialise(folder, study.state, study.blobs, head_of(study))
    assert snapshot(folder) == before
    names = {name.split("/")[0] for name in before}
    assert names == {"README.md", "blobs", "claims.json", "figures", "measurements.csv", "nodes", "paper",
                     "protocol.json"}  # fmt: skip


def test_a_second_time_writes_nothing_and_a_changed_file_is_mended(study, tmp_path):
    folder = tmp_path / "study"
    materialise(folder, study.state, study.blobs, head_of(study))
    times = {p: p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file()}
    inodes = {p: p.stat().st_ino for p in times}
    materialise(folder, study.state, study.blobs, head_of(study))
    assert {p: (p.stat().st_mtime_ns, p.stat().st_ino) for p in times} == {
        p: (times[p], inodes[p]) for p in times
    }
    table = folder / "measurements.csv"
    right = table.read_bytes()
    table.write_bytes(right.replace(b"confirm", b"explore", 1))
    materialise(folder, study.state, study.blobs, head_of(study))
    assert table.read_bytes() == right
    assert not list(folder.rglob("*.part"))


def test_measurements_have_the_contract_s_columns_and_every_row(study):
    files = dict(contents(study.state, study.blobs, head_of(study)))
    rows = list(csv.DictReader(files["measurements.csv"].decode().splitlines()))
    assert ",".join(rows[0]) == (
        "id,metric,value,unit,status,censored_at,self_reported,node,trial,phase,seed,config_hash"
        ",evaluator_hash,artefact_hash"
    )
    assert {r["id"] for r in rows} == set(study.state.measurements)
    assert next(r for r in rows if r["status"] == "failed")["value"] == ""


def test_the_protocol_s_hash_recomputes_from_its_file(study):
    files = dict(contents(study.state, study.blobs, head_of(study)))
    told = json.loads(files["protocol.json"])
    assert digest(msgspec.convert(told["protocol"], Protocol)) == told["hash"] == study.state.protocol_hash


def test_claims_carry_verdicts_and_the_sources_of_printed_statistics(study):
    told = json.loads(dict(contents(study.state, study.blobs, head_of(study)))["claims.json"])
    assert [c["verdict"] for c in told["claims"]] == ["supported", "supported"]
    estimate = next(s for s in told["statistics"] if s["kind"] == "estimate")
    assert set(estimate["sources"]) <= set(study.state.measurements) and estimate["sources"]


def test_a_node_has_workspace_logs_and_outputs_of_each_trial(study):
    files = dict(contents(study.state, study.blobs, head_of(study)))
    trial = study.state.trials_in("confirm")[0]
    home = f"nodes/{trial.node}"
    assert files[f"{home}/workspace/driver.py"].startswith(b"# counts updates")
    assert f"{home}/diff" not in files  # nothing was edited
    assert files[f"{home}/logs/{trial.id}/program.stdout"] == b"program is done\n"
    assert json.loads(files[f"{home}/logs/{trial.id}/trial.json"])["sandbox"] == "bwrap"
    assert f"{home}/outputs/{trial.id}/{trial.seeds[0]}/result" in files
    assert b"updates" in files[f"{home}/outputs/{trial.id}/evaluator/measurements.jsonl"]
    assert not any("heldout" in name or ("/prepare" in name and "stdout" not in name) for name in files)


def test_a_failed_trial_keeps_its_last_words(study):
    files = dict(contents(study.state, study.blobs, head_of(study)))
    failed = next(t for t in study.state.trials.values() if t.status == "failed")
    assert b"ValueError" in files[f"nodes/{failed.node}/logs/{failed.id}/program.stderr"]


def test_an_unfinished_confirmation_shows_no_outcome():
    study = make_study("supported", until="confirm")
    confirming = study.state.trials_in("confirm")
    del study.state.trials[confirming[-1].id]
    files = dict(contents(study.state, study.blobs, head_of(study)))
    assert b"confirm" not in files["measurements.csv"]
    assert not any(t.id in name for t in confirming for name in files)
    assert b"explore" in files["measurements.csv"]


def test_it_can_be_written_at_any_stage_and_for_every_outcome(tmp_path):
    for until in ("ideate", "explore", "register", "confirm", "conclude"):
        study = make_study(until=until)
        materialise(tmp_path / until, study.state, study.blobs, head_of(study))
        assert (tmp_path / until / "README.md").is_file()
    for outcome in OUTCOMES:
        study = make_study(outcome)
        text = dict(contents(study.state, study.blobs, head_of(study)))["README.md"].decode()
        assert all(d.verdict in text for d in study.state.decisions.values())


def test_the_readme_names_head_protocol_and_commands(study):
    text = dict(contents(study.state, study.blobs, head_of(study)))["README.md"].decode()
    assert head_of(study)[1] in text and study.state.protocol_hash in text
    assert f"novum audit {study.state.study}" in text and f"novum resume {study.state.study}" in text
    assert "unfinished" in text


def test_diff_is_of_both_sides():
    blobs = MemoryBlobs()
    old = {"a.py": blobs.put(b"x = 1\n"), "gone.py": blobs.put(b"y\n")}
    new = {"a.py": blobs.put(b"x = 2\n"), "new.py": blobs.put(b"z\n")}
    text = diff(old, new, blobs)
    assert "-x = 1" in text and "+x = 2" in text and "-y" in text and "+z" in text
    assert diff(old, old, blobs) == ""


def test_a_missing_blob_leaves_its_file_unwritten_and_nothing_else():
    study = make_study("supported")
    assert isinstance(study.blobs, MemoryBlobs)
    sha = next(iter(study.state.figures.values())).files["svg"]
    del study.blobs.files[sha]
    names = dict(contents(study.state, study.blobs, head_of(study)))
    assert not any(n.endswith(".svg") for n in names) and "paper/paper.md" in names


def test_a_path_that_a_program_chose_cannot_leave_its_place(study, tmp_path):
    from novum.folder import _write

    for name in ("../x", "nodes/../../x", "/etc/x", "blobs/ab/cd", "journal.sqlite"):
        with pytest.raises(ValueError, match="no place within"):
            _write(tmp_path, name, b"")


def test_a_folder_that_cannot_be_written_is_the_machine_s_fault(study, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError, match="cannot write"):
        materialise(tmp_path / "file", study.state, study.blobs, head_of(study))


@pytest.mark.slow
def test_a_study_that_the_loop_wrote_is_rebuilt_equal(tmp_path):
    from novum import api
    from novum.records import Settings

    domain = Path(__file__).parent / "gaming" / "labels"
    folder = api.run(Settings(domain=str(domain), budget="smoke", seed=3), lab=tmp_path).path
    before = snapshot(folder)
    assert "paper/paper.pdf" in before and any(name.startswith("figures/") for name in before)
    for path in folder.iterdir():
        if path.name not in ("journal.sqlite", "blobs", "writer.lock"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    study = api.open_study(folder)
    *_, last = study.events()
    materialise(folder, study.state, FileBlobs(folder / "blobs"), (last.seq, last.hash))
    kept = {name for name in before if name.split("/")[0] not in ("attempts", "inbox", "secret")}
    kept -= {"state.snapshot"}  # a cache, which whoever ends a study writes
    assert {name: data for name, data in before.items() if name in kept} == snapshot(folder)
