"""The machine fails: one clear line, the right exit code, and afterwards the study goes on."""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from novum import api, wiring
from novum.beginning import create_study
from novum.domains import new_domain
from novum.events import TrialFailed
from novum.journal import Journal
from novum.loop import STAGES
from novum.manuscript.render.markdown import MarkdownRenderer
from novum.records import Settings
from novum.wiring import SystemClock
from tests.fuzz.mutations import told
from tests.journeys.killing import below

pytestmark = pytest.mark.slow
STAGE_LINES = tuple(f"novum: {stage} (" for stage in STAGES)
PLAIN = {
    "LC_ALL": "C",
    "LANG": "C",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONIOENCODING": "ascii",
}


@pytest.fixture(autouse=True)
def no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Setting in type is tested elsewhere and takes most of a study's time."""
    monkeypatch.setattr(wiring, "renderers", lambda: [MarkdownRenderer()])


@pytest.fixture(scope="module")
def domain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("domains") / "toy"
    new_domain(folder, "toy")
    return folder


@pytest.fixture(scope="module")
def begun(domain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that has been created and not carried on."""
    settings = Settings(domain=str(domain), budget="smoke", seed=5)
    return create_study(tmp_path_factory.mktemp("begun") / "lab", settings, SystemClock())


def copied(study: Path, lab: Path) -> Path:
    return shutil.copytree(study, lab / "studies" / study.name)


def mount(*words: str) -> None:
    """Mount something, or skip where this is not allowed."""
    done = subprocess.run(["mount", *words], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"cannot mount: {done.stderr.strip()}")


@contextlib.contextmanager
def small(place: Path, options: str) -> Iterator[None]:
    """A file system of its own, of a size."""
    place.mkdir(parents=True, exist_ok=True)
    mount("-t", "tmpfs", "-o", options, "tmpfs", str(place))
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def complains(code: int, *words: str) -> str:
    """A command ends with an exit code and one line that says what, where and how to mend it."""
    found, said = told(*words)
    assert found == code, said
    lines = [line for line in said.splitlines() if not line.startswith(STAGE_LINES)]
    assert len(lines) == 1, said
    assert ";" in lines[0]
    return lines[0]


def goes_on(lab: Path) -> api.Study:
    """Resumed, it comes to its end; no candidate was charged with what the machine did."""
    code, said = told("resume", "--lab", str(lab), "-q")
    assert code == 0, said
    study = api.open_study(api.find_study(lab))
    assert study.state.finished == "done" and study.state.audit_passed
    assert not [e for e in study.events() if isinstance(e.body, TrialFailed)]
    assert api.audit(study.path).exit_code == 0
    return study


# --- disks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", ["size=250k", "size=900k", "size=1300k", "nr_inodes=60", "nr_inodes=200"])
def test_a_full_disk_under_the_lab(domain: Path, tmp_path: Path, size: str) -> None:
    lab = tmp_path / "disk" / "lab"
    with small(tmp_path / "disk", size):
        line = complains(4, "run", str(domain), "--lab", str(lab), "--budget", "smoke", "--seed", "3", "-q")
        assert "space" in line or "full" in line or "fit" in line or "lost" in line, line
        mount("-o", "remount,size=200m,nr_inodes=100000", str(tmp_path / "disk"))
        if list(lab.glob("studies/toy-*")):  # else there was no room to begin one, and nothing is left of it
            goes_on(lab)


@pytest.mark.parametrize("where", ["blobs", "paper", "nodes"])
def test_a_full_disk_under_a_part_of_the_study(begun: Path, tmp_path: Path, where: str) -> None:
    study = copied(begun, tmp_path / "lab")
    kept = tmp_path / "kept"
    (study / where).mkdir(exist_ok=True)
    shutil.copytree(study / where, kept)
    with small(study / where, "size=16k" if where == "paper" else "size=100k"):
        with contextlib.suppress(OSError):
            shutil.copytree(kept, study / where, dirs_exist_ok=True)
        line = complains(4, "resume", "--lab", str(tmp_path / "lab"), "-q")
        assert "No space left" in line and str(study) in line
        mount("-o", "remount,size=100m", str(study / where))
        shutil.copytree(kept, study / where, dirs_exist_ok=True)
        if where == "blobs":
            goes_on(tmp_path / "lab")
        else:  # the study itself is done; its folder is written again
            code, said = told("resume", study.name, "--lab", str(tmp_path / "lab"))
            assert code == 0, said
        assert (study / "paper" / "paper.md").is_file() and any((study / "nodes").iterdir())


def test_a_full_disk_under_the_journal(begun: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever an event cannot be written, the ones before it stand and nothing else is lost."""
    copied(begun, tmp_path / "lab")
    commit = Journal._commit
    for n in (1, 9, 23):
        left = [n]

        def full(self: Journal, rows: list[tuple[int, str, str, str]], left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] <= 0:
                raise sqlite3.OperationalError("database or disk is full")
            commit(self, rows)

        with monkeypatch.context() as patched:
            patched.setattr(Journal, "_commit", full)
            assert "full" in complains(4, "resume", "--lab", str(tmp_path / "lab"), "-q")
    goes_on(tmp_path / "lab")


# --- a lab that may only be read --------------------------------------------------------------------------


@contextlib.contextmanager
def read_only(lab: Path) -> Iterator[None]:
    mount("--bind", str(lab), str(lab))
    try:
        mount("-o", "remount,ro,bind", str(lab))
        yield
    finally:
        subprocess.run(["umount", "-l", str(lab)], check=True)


def test_a_lab_that_may_only_be_read(toy_study: Path, tmp_path: Path) -> None:
    lab = tmp_path / "lab"
    shutil.copytree(toy_study.parent.parent, lab)
    with read_only(lab):
        for words in (["list"], ["show"], ["show", "--tree"], ["log"], ["audit"], ["list", "--report"]):
            assert told(*words, "--lab", str(lab))[0] == 0
        for command in ("write", "review"):
            code, said = told(command, "--lab", str(lab))
            assert code == 0 and "nothing was written" in said
        outcome = api.write(lab / "studies" / toy_study.name)
        assert outcome.text == (lab / "studies" / toy_study.name / "paper" / "resolved.md").read_text()
        assert "Read-only" in complains(4, "run", "planted", "--lab", str(lab))


def test_one_that_was_killed_too(begun: Path, tmp_path: Path) -> None:
    """What lies in the write-ahead log counts, though the log may not be opened in its place."""
    study = copied(begun, tmp_path / "lab")
    process = subprocess.Popen(
        [sys.executable, "-m", "novum", "resume", "--lab", str(tmp_path / "lab"), "-q"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until(lambda: len(api.open_study(study).state.trials) > 2)
    process.kill()
    process.wait()
    for path in study.glob("journal.sqlite-shm"):
        path.unlink()
    assert (study / "journal.sqlite-wal").stat().st_size > 0
    with read_only(tmp_path / "lab"):
        assert len(api.open_study(study).state.trials) > 2
        assert told("show", "--lab", str(tmp_path / "lab"))[0] == 0
        assert "Read-only" in complains(4, "resume", "--lab", str(tmp_path / "lab"), "-q")


def until(true: object, patience: float = 60.0) -> None:
    deadline = time.monotonic() + patience
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)


# --- words and signals ------------------------------------------------------------------------------------


def test_a_locale_without_our_signs(domain: Path, tmp_path: Path) -> None:
    """Also for a path that this locale cannot spell."""
    folder = shutil.copytree(domain, tmp_path / "Möbius")
    text = (folder / "domain.toml").read_text("utf-8").replace('title = "noise"', 'title = "Geräusch ∑"')
    (folder / "domain.toml").write_text(text, "utf-8")
    lab = str(tmp_path / "läb")
    for words in (["run", str(folder), "--budget", "smoke", "--seed", "3"], ["show"], ["log"], ["audit"],
                  ["list"], ["list", "--report"]):  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "novum", *words, "--lab", lab],
            env={**os.environ, **PLAIN},
            capture_output=True,
        )
        assert done.returncode == 0, done.stderr
        assert b"Traceback" not in done.stderr and b"bug" not in done.stderr
    settings = api.open_study(api.find_study(lab)).state.settings
    assert settings is not None and settings.domain == str(folder)


@pytest.mark.parametrize("signals", [(2,), (15,), (2, 2), (15, 15), (2, 15)])
@pytest.mark.parametrize("stage", ["explore", "write"])
def test_signals_once_and_twice(begun: Path, tmp_path: Path, signals: tuple[int, ...], stage: str) -> None:
    study = copied(begun, tmp_path / "lab")
    process = subprocess.Popen(
        [sys.executable, "-m", "novum", "resume", "--lab", str(tmp_path / "lab"), "-q"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until(lambda: stage in api.open_study(study).state.steps, 120)
    time.sleep(0.1)
    children = below(process.pid)
    for number in signals:
        process.send_signal(number)
        time.sleep(0.01)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "novum resume" in said.splitlines()[-1] and "Traceback" not in said
    until(lambda: not [p for p in children if Path(f"/proc/{p}").exists()])
    if signals in ((15,), (2, 2)):
        goes_on(tmp_path / "lab")


def test_a_machine_that_slept(begun: Path, tmp_path: Path) -> None:
    """All processes stand still for longer than a stage may run by the clock: no candidate pays for it."""
    study = copied(begun, tmp_path / "lab")
    process = subprocess.Popen(
        [sys.executable, "-c", SHORT_WALL, str(study)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until(lambda: api.open_study(study).state.in_doubt)
    asleep = [process.pid, *below(process.pid)]
    for pid in asleep:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    time.sleep(WALL + 2)
    for pid in reversed(asleep):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
    assert process.wait(300) == 0
    events = list(api.open_study(study).events())
    assert not [e for e in events if isinstance(e.body, TrialFailed)]
    assert api.audit(study).exit_code == 0


WALL = 12.0
SHORT_WALL = f"""
import sys
from msgspec.structs import replace
from novum import api, wiring
from novum.manuscript.render.markdown import MarkdownRenderer
from novum.steps import run
wiring.renderers = lambda: [MarkdownRenderer()]
usual = run.limits_for
run.limits_for = lambda budget, seeds: replace(usual(budget, seeds), wall_seconds={WALL})
sys.exit(api.resume(sys.argv[1]).exit_code)
"""


# --- torn files --------------------------------------------------------------------------------------------


def test_a_torn_blob_of_a_study_under_way(begun: Path, tmp_path: Path) -> None:
    """It is named, and mends itself once the bytes are back."""
    study = copied(begun, tmp_path / "lab")
    blobs = sorted(p for p in (study / "blobs").rglob("*") if p.is_file())
    kept = {path: path.read_bytes() for path in blobs}
    for path, data in kept.items():
        path.write_bytes(data[: len(data) // 2])
    line = complains(1, "resume", "--lab", str(tmp_path / "lab"), "-q")
    assert "blob" in line
    for path, data in kept.items():
        path.write_bytes(data)
    goes_on(tmp_path / "lab")
