"""Kill the coordinator anywhere: the study goes on, nothing runs twice, nobody survives."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from novum import api
from novum.domains import new_domain
from novum.events import TrialFailed, TrialFinished, TrialStarted
from novum.journal.lock import is_locked

pytestmark = pytest.mark.slow
KILLS = 12


@pytest.fixture(scope="module")
def domain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("domains") / "toy"
    new_domain(folder, "toy")
    return folder


def novum(*words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "novum", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def survivors(lab: Path) -> list[str]:
    """Command lines of live processes that name the lab, or work in it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            here = str((entry / "cwd").readlink())
        except OSError:
            continue
        if int(entry.name) != os.getpid() and (str(lab) in line or here.startswith(str(lab))):
            found.append(line)
    return found


def gone(lab: Path) -> list[str]:
    """What is still alive after a moment's grace."""
    for _ in range(40):
        if not survivors(lab):
            return []
        time.sleep(0.05)
    return survivors(lab)


def ended_trials(study: Path) -> Counter[str]:
    events = api.open_study(study).events()
    return Counter(e.body.trial for e in events if isinstance(e.body, TrialFinished | TrialFailed))


def study_of(lab: Path) -> Path | None:
    found = list(lab.glob("studies/toy-*/journal.sqlite"))
    return found[0].parent if found else None


def test_kill_9_at_random_moments(domain: Path, tmp_path: Path) -> None:
    lab, moments = tmp_path / "lab", random.Random(20261120)
    process = novum("run", str(domain), "--lab", str(lab), "--budget", "smoke", "--seed", "3")
    repeated, most_in_doubt = Counter[str](), 0
    for _ in range(KILLS):
        time.sleep(moments.uniform(0.05, 2.5))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert gone(lab) == []
        study = study_of(lab)
        before = ended_trials(study) if study else Counter()
        if study:
            most_in_doubt = max(most_in_doubt, len(api.open_study(study).state.in_doubt))
            process = novum("resume", "--lab", str(lab))
        else:
            process = novum("run", str(domain), "--lab", str(lab), "--budget", "smoke", "--seed", "3")
        repeated |= Counter({trial: n for trial, n in before.items() if n > 1})
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    study = study_of(lab)
    assert study is not None
    state = api.open_study(study).state
    assert not repeated and max(ended_trials(study).values()) == 1
    assert most_in_doubt <= state.settings.workers
    assert state.finished == "done" and state.audit_passed
    assert api.audit(study).exit_code == 0
    started = [e.body for e in api.open_study(study).events() if isinstance(e.body, TrialStarted)]
    assert len(started) == len(ended_trials(study)) + sum(t.interrupted for t in state.trials.values())
    assert gone(lab) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_130_and_it_can_be_resumed(domain: Path, tmp_path: Path, number: int) -> None:
    lab = tmp_path / "lab"
    process = novum("run", str(domain), "--lab", str(lab), "--budget", "smoke", "--seed", "4")
    while (study := study_of(lab)) is None or not api.open_study(study).state.trials:
        time.sleep(0.05)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "novum resume" in errors and "Traceback" not in errors
    assert gone(lab) == []
    resumed = novum("resume", "--lab", str(lab))
    _, errors = resumed.communicate(timeout=300)
    assert resumed.returncode == 0, errors


def test_a_second_coordinator_is_told_who_works(domain: Path, tmp_path: Path) -> None:
    lab = tmp_path / "lab"
    process = novum("run", str(domain), "--lab", str(lab), "--budget", "smoke", "--seed", "5")
    try:
        while (study := study_of(lab)) is None or not is_locked(study):
            time.sleep(0.02)
        process.send_signal(signal.SIGSTOP)  # so that it cannot end meanwhile, however busy the machine
        second = novum("resume", "--lab", str(lab), study.name)
        _, told = second.communicate(timeout=60)
        assert second.returncode == 2
        assert f"process {process.pid}" in told
    finally:
        process.kill()
        process.communicate()
