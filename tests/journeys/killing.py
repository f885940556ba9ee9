"""Kills, what they must leave as it was, and the count of both."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from novum import api
from novum.events import TrialFailed, TrialFinished, TrialInterrupted, TrialStarted
from novum.journal import read_events
from novum.recording import MAX_KILLED
from novum.state import State, fold
from novum.testing.determinism import comparable

STAGES = ("prepare.py request.json", "fit.py request.json", "evaluator.py request.json")
WRITES = {"commit": 8, "blob": 40, "folder": 40}  # of each kind, the last at which a life may end
GRACE = 10.0  # seconds that what was killed has to be gone on a loaded machine


@contextlib.contextmanager
def busy(loops: int = 2) -> Iterator[None]:
    """Processes that do nothing and want a CPU each."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(loops)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


class Nursery:
    """The other end of `nursery.py`: one coordinator at a time."""

    def __init__(self) -> None:
        command = [sys.executable, str(Path(__file__).with_name("nursery.py"))]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def resume(self, folder: Path, die: dict[str, Any] | None = None, typeset: bool = False) -> int:
        """Begin to carry a study on, with every renderer or Markdown's alone; the number of the process."""
        assert self.process.stdin
        asked = {"folder": str(folder), "die": die, "typeset": typeset}
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        return self._answer()["pid"]

    def ended(self) -> int:
        """Wait for it; its exit code, or minus the signal that ended it."""
        return self._answer()["code"]

    def _answer(self) -> dict[str, int]:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe
            pipe.close()
        self.process.wait()


# --- processes ----------------------------------------------------------------------------------------


def below(root: int) -> dict[int, str]:
    """Descendants of a process with their command lines."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parent = int((entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(entry.name))
    found: dict[int, str] = {}
    frontier = [root]
    while frontier:
        for pid in children.get(frontier.pop(), []):
            found[pid] = command_of(pid)
            frontier.append(pid)
    return found


def command_of(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return ""


def alive(pids: set[int]) -> set[int]:
    """Those that are there and no mere zombie."""
    found = set()
    for pid in pids:
        with contextlib.suppress(OSError, IndexError):
            if Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] != "Z":
                found.add(pid)
    return found


def in_lab(lab: Path) -> set[int]:
    """Processes that name a lab or work in it."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str(lab) in command_of(int(entry.name)) or str((entry / "cwd").readlink()).startswith(
                str(lab)
            ):
                found.add(int(entry.name))
    return found - {os.getpid()}


def survivors(pids: set[int], lab: Path) -> dict[int, str]:
    """What is still alive after a moment's grace of those that should be gone."""
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline:
        left = alive(pids) | in_lab(lab)
        if not left:
            return {}
        time.sleep(0.02)
    return {pid: command_of(pid) for pid in left}


# --- one study, killed again and again ----------------------------------------------------------------


class Toll:
    """What a series of kills came to."""

    def __init__(self) -> None:
        self.kills: Counter[str] = Counter()
        self.survivors: dict[int, str] = {}
        self.most_in_doubt = 0
        self.repeated = 0
        self.studies = 0

    def __str__(self) -> str:
        kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(self.kills.items()))
        return (
            f"{sum(self.kills.values())} kills in {self.studies} studies ({kinds}); "
            f"{self.repeated} recorded trials repeated, {len(self.survivors)} survivors, "
            f"at most {self.most_in_doubt} in doubt"
        )


class Victim:
    """A study that is carried on by coordinators which are killed."""

    def __init__(self, folder: Path, nursery: Nursery, luck: random.Random, toll: Toll):
        self.folder, self.nursery, self.luck, self.toll = folder, nursery, luck, toll
        self.lab = folder.parent.parent
        toll.studies += 1

    @property
    def state(self) -> State:
        return fold(read_events(self.folder / "journal.sqlite"))

    def live_and_die(self, kind: str) -> bool:
        """One life; whether it ended by a kill."""
        pid = self.nursery.resume(self.folder, self._fatal(kind))
        if kind == "stage":
            self._strike_stages(pid)
        elif kind == "start":
            self._await_stage(pid)
            time.sleep(self.luck.uniform(0.0, 0.01))
        elif kind == "moment":
            time.sleep(self.luck.choice((0.1, 0.6, 1.5)) * self.luck.random())
        children = set(below(pid))
        if kind in ("stage", "start", "moment"):
            with contextlib.suppress(ProcessLookupError):
                children |= set(below(pid))
                os.kill(pid, signal.SIGKILL)
        killed = self.nursery.ended() == -signal.SIGKILL
        self.toll.survivors |= survivors(children, self.lab)
        self.toll.most_in_doubt = max(self.toll.most_in_doubt, len(self.state.in_doubt))
        self.toll.kills[f"coordinator ({kind})"] += killed
        return killed

    def _fatal(self, kind: str) -> dict[str, Any] | None:
        if kind not in ("commit", "blob", "folder"):
            return None
        whens = ("before", "after") if kind == "folder" else ("before", "amid", "after")
        return {"at": kind, "n": self.luck.randint(1, WRITES[kind]), "when": self.luck.choice(whens)}

    def _await_stage(self, pid: int) -> dict[int, str]:
        """Processes of stages, as soon as there are any; none if the coordinator comes to its end before."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and alive({pid}):
            found = {p: line for p, line in below(pid).items() if line.endswith(STAGES)}
            if found:
                return found
            time.sleep(0.002)
        return {}

    def _strike_stages(self, pid: int) -> None:
        """Kill one or two stages of trials; the coordinator has to run those again. A third time in one life
        would be taken for the candidate's own doing."""
        for _ in range(self.luck.randint(1, MAX_KILLED)):
            time.sleep(self.luck.uniform(0.0, 0.3))
            found = self._await_stage(pid)
            if not found:
                return
            target = self.luck.choice(sorted(found))
            with contextlib.suppress(ProcessLookupError):
                os.kill(target, signal.SIGKILL)
                self.toll.kills[f"stage {found[target].split()[-2].removesuffix('.py')}"] += 1

    # --- what must hold at the end ----------------------------------------------------------------------

    def finish(self) -> None:
        """Carry it on undisturbed to its end."""
        self.nursery.resume(self.folder)
        assert self.nursery.ended() == 0
        self.toll.repeated += self.repeated()

    def repeated(self) -> int:
        """Trials that were begun again after their end was recorded, or ended twice."""
        ended: Counter[str] = Counter()
        again = 0
        for event in read_events(self.folder / "journal.sqlite"):
            if isinstance(event.body, TrialFinished | TrialFailed):
                ended[event.body.trial] += 1
                again += ended[event.body.trial] > 1
            elif isinstance(event.body, TrialStarted):
                again += ended[event.body.trial] > 0
        return again

    def check(self, undisturbed: dict[str, str]) -> None:
        """Whole, audited, every attempt accounted for, and the same bytes as without a kill."""
        state = self.state
        assert state.finished == "done" and state.audit_passed
        assert api.audit(self.folder).exit_code == 0
        events = list(read_events(self.folder / "journal.sqlite"))
        begun, cut, ended = (
            sum(isinstance(e.body, kinds) for e in events)
            for kinds in (TrialStarted, TrialInterrupted, (TrialFinished, TrialFailed))
        )
        assert begun == cut + ended
        found = comparable(self.folder, state)
        assert [name for name in undisturbed if undisturbed[name] != found[name]] == []
