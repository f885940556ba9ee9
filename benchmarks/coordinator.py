"""What the coordinator itself costs: `python benchmarks/coordinator.py`.

Studies of the shipped domain `planted`, from idea to verdicts, through the real loop and journal: the
processor time of this process during confirmation, over the trials of that phase. Once the local executor
runs them under its strongest sandbox layer; once they have ended before they began, which leaves the loop,
the journal and the checks. Beside it what the journal counts of a trial itself, its three stages with four
seeds each, and how many trials a minute such a study gets through on two workers, its journal and blobs on
disk (wall time: only a quiet machine says what it can). Then the memory of `novum run` while trials run.
"""

import argparse
import asyncio
import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from made import Instant
from measuring import NOVUM, own_cpu, plain_environment, row, scratch, show

from novum.beginning import create_study
from novum.bench.rows import Row
from novum.bench.studies import PAPERLESS
from novum.events import Draft, Event, StepFinished, StepStarted
from novum.journal import WriterLock
from novum.records import Settings
from novum.state import State
from novum.wiring import Coordinator, SystemClock

TRIAL_S, IDLE_MIB = 0.05, 100.0
PHASE = "confirm"
WRITING = "novum: write"  # what `--quiet` says when the trials are over


class Meter:
    """A watcher: CPU seconds of this process, and wall seconds, between the start and the end of one step."""

    def __init__(self) -> None:
        self.cpu = self.wall = 0.0

    def saw(self, event: Event, state: State) -> None:
        if isinstance(event.body, StepStarted | StepFinished) and event.body.step == PHASE:
            self.cpu, self.wall = own_cpu() - self.cpu, time.perf_counter() - self.wall


class Cost(NamedTuple):
    """Of a trial: CPU seconds of the coordinator, and of its own stages. And trials a minute."""

    coordinator: float
    stages: float
    rate: float


def cost_of_trials(lab: Path, seed: int, *, real: bool) -> Cost:
    """What the trials of a study's confirmation cost."""
    settings = Settings(domain="planted", seed=seed, sandbox="auto" if real else "none", budget="full",
                        executor="local" if real else "inline")  # fmt: skip
    study, meter = create_study(lab, settings, SystemClock()), Meter()
    with WriterLock(study):
        coordinator = Coordinator(study, [meter])
        loop = coordinator.loop()
        loop.steps = {**loop.steps, **dict.fromkeys(PAPERLESS, _nothing)}
        if not real:
            loop.executor = Instant(loop.domain, coordinator.blobs)
        asyncio.run(loop.run())
        coordinator.journal.close()
    state = coordinator.state
    trials = len(state.trials_in(PHASE))
    stages = state.spent.cpu_seconds / len(state.trials)
    return Cost(meter.cpu / trials, stages, 60 * trials / meter.wall)


def _nothing(view: State, services: Any) -> Sequence[Draft]:
    return []


# --- memory -----------------------------------------------------------------------------------------------


def memory_of_run(lab: Path) -> tuple[float, float]:
    """(while trials run, at most) in MiB: resident memory of `novum run` before and with the paper."""
    command = [NOVUM, "run", "planted", "--budget", "smoke", "--seed", "1", "--lab", lab, "--quiet"]
    said = lab.with_suffix(".log")
    waiting = peak = 0.0
    with said.open("w") as log, _running(command, log) as process:
        while process.poll() is None:
            peak = max(peak, _resident(process.pid))
            waiting = waiting if WRITING in said.read_text() else peak
            time.sleep(0.02)
    if process.returncode not in (0, 1):
        raise SystemExit(f"novum run ended with {process.returncode}: {said.read_text()[-300:]}")
    return waiting, peak


@contextlib.contextmanager
def _running(command: Sequence[str | Path], log: IO[str]) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(command, env=plain_environment(), stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=log)  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _resident(pid: int) -> float:
    """MiB of physical memory of one process, 0 when it is gone. Shared pages count in full."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)


def rows(repeats: int) -> list[Row]:
    with scratch() as memory, tempfile.TemporaryDirectory(prefix="novum-speed-") as disk:
        Path(disk).chmod(0o755)
        real = [cost_of_trials(Path(disk, "real"), seed, real=True) for seed in range(repeats)]
        alone = [cost_of_trials(Path(memory, "alone"), seed, real=False) for seed in range(3 * repeats)]
        used = [memory_of_run(Path(disk, f"lab{i}")) for i in range(min(3, repeats))]
    return [
        row("coordinator, for each trial of a study in a sandbox, CPU-s", [c.coordinator for c in real],
            at_most=TRIAL_S),
        row("of that, all but the executor, CPU-s", [c.coordinator for c in alone]),
        row("the three stages of such a trial, CPU-s", [c.stages for c in real]),
        row("such trials a minute, journaled on disk (wall)", [c.rate for c in real]),
        row("coordinator, memory while trials run, MiB", [waiting for waiting, _ in used], at_most=IDLE_MIB),
        row("coordinator, memory at most (drawing figures, setting type), MiB", [peak for _, peak in used]),
    ]  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print JSON lines")
    given = parser.parse_args()
    show(rows(given.repeats), given.json)
