"""Part c, in real time: what a trivial candidate costs, sandboxed and warm, in a search without a model.

A study of a program of four numbers, from idea to selection, through loop, journal on disk and sandbox.
Processor time is that of the coordinator alone, and of all that it started. How many candidates a second that
makes on two processors follows from it; what the clock says beside it is true of a quiet machine alone.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from novum.beginning import create_study
from novum.bench.rows import Row
from novum.bench.studies import scratch
from novum.errors import NoSandbox, StudyError
from novum.events import Draft
from novum.journal import WriterLock
from novum.records import Settings
from novum.search.programs import DEFAULT
from novum.state import State
from novum.wiring import Coordinator, SystemClock

CANDIDATES, CORES = 60, 2
RATE, ENGINE_S = 20.0, 0.05

DESCRIPTION = """
[domain]
id = "trivial"
title = "A program of four numbers"
question = "Which numbers are best?"
limits = "Nothing is learnt from it."

[program.main]
command = ["python", "main.py"]
editable = ["main.py"]

[evaluator]
command = ["python", "evaluator.py"]

[[metric]]
name = "score"
goal = "maximize"
primary = true

[[factor]]
name = "mode"
kind = "categorical"
levels = ["only", "other"]
baseline = "only"

[budget.smoke]
explore_trials = 6
explore_seeds = 2
select_seeds = 1
confirm_seeds = 8
seconds = 5

[budget.full]
explore_trials = 60
explore_seeds = 2
select_seeds = 1
confirm_seeds = 8
seconds = 5

[budget.default]
explore_trials = {trials}
explore_seeds = 2
select_seeds = 1
confirm_seeds = 8
seconds = 5
memory_mb = 256
"""
PROGRAM = """import json, sys
from pathlib import Path

NUMBERS = [3.5, 2.5, 1.5, 0.5]
request = json.loads(Path(sys.argv[1]).read_text())
for seed in request["seeds"]:
    out = Path(request["out"]) / str(seed)
    out.mkdir(parents=True)
    (out / "number.txt").write_text(str(sum(NUMBERS)))
"""
EVALUATOR = """import json, sys
from pathlib import Path

request = json.loads(Path(sys.argv[1]).read_text())
out = Path(request["out"])
out.mkdir(exist_ok=True)
with (out / "measurements.jsonl").open("w") as lines:
    for seed in request["seeds"]:
        number = float((Path(request["artefacts"]) / str(seed) / "number.txt").read_text())
        lines.write(json.dumps({"seed": seed, "metric": "score", "value": -abs(number - 5.0)}) + "\\n")
"""


class Cost(Struct, frozen=True):
    """Of a candidate, in seconds: the coordinator's processor time, that of all, and the clock's."""

    engine: float
    whole: float
    wall: float
    candidates: int


def cost_of_candidates(seed: int, candidates: int = CANDIDATES) -> Cost:
    """What the candidates of one study cost.

    Raises:
        NoSandbox: nothing here confines programs.
    """
    with scratch() as home:
        folder = home / "trivial"
        folder.mkdir()
        (folder / "domain.toml").write_text(DESCRIPTION.replace("{trials}", str(candidates)))
        (folder / "main.py").write_text(PROGRAM)
        (folder / "evaluator.py").write_text(EVALUATOR)
        settings = Settings(
            domain=str(folder), policy=DEFAULT, seed=seed, executor="local", sandbox="auto", workers=CORES
        )
        return _measured(create_study(home / "lab", settings, SystemClock()))


def _measured(study: Path) -> Cost:
    with WriterLock(study):
        coordinator = Coordinator(study)
        loop = coordinator.loop()
        began: list[tuple[float, float]] = []
        ended: list[tuple[float, float, float]] = []

        def begin(view: State, services: Any) -> Sequence[Draft]:
            began.append((time.process_time(), time.monotonic()))
            return ideate(view, services)

        def end(view: State, services: Any) -> Sequence[Draft]:
            ended.append((time.process_time(), time.monotonic(), _started()))
            raise StudyError("explored")

        ideate = loop.steps["ideate"]
        loop.steps = {**loop.steps, "ideate": begin, "judge": _nothing, "register": end}
        with contextlib.suppress(StudyError):
            asyncio.run(loop.run())
        n = len(coordinator.state.trials)
        coordinator.journal.close()
        (cpu, clock), (cpu_then, clock_then, theirs) = began[0], ended[0]
        engine = (cpu_then - cpu) / n
        whole = engine + (theirs + coordinator.state.spent.cpu_seconds) / n
        return Cost(engine, whole, (clock_then - clock) / n, n)


def _started() -> float:
    """CPU seconds of what this process has started and that still runs; stages are not among it."""
    parents, used = {}, {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = entry.read_text().rpartition(")")[2].split()
            parents[int(entry.parent.name)] = int(fields[1])
            used[int(entry.parent.name)] = sum(int(ticks) for ticks in fields[11:15])
    ours = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return sum(used[pid] for pid in ours - {os.getpid()}) / os.sysconf("SC_CLK_TCK")


def _nothing(view: State, services: Any) -> Sequence[Draft]:
    return []


def rows(seed: int) -> list[Row]:
    """Rate and cost; without a sandbox the targets are missed, and the rows say why."""
    try:
        cost = cost_of_candidates(seed)
    except NoSandbox:
        return [_row("trivial candidates a second (there is no sandbox here)", None, 0, f"≥ {RATE:g}", False)]
    rate = CORES / cost.whole
    return [
        _row(
            "engine, for each trivial candidate, CPU-s",
            cost.engine,
            cost.candidates,
            f"≤ {ENGINE_S:g}",
            cost.engine <= ENGINE_S,
        ),
        _row("engine, sandbox and stages of such a candidate, CPU-s", cost.whole, cost.candidates),
        _row(
            f"such candidates a second that {CORES} processors have time for",
            rate,
            cost.candidates,
            f"≥ {RATE:g}",
            rate >= RATE,
        ),
        _row("such candidates a second by the clock, beside all else", 1 / cost.wall, cost.candidates),
    ]


def _row(name: str, value: float | None, n: int, target: str = "", met: bool | None = None) -> Row:
    return Row(name=name, value=value, low=None, high=None, n=n, target=target, met=met)
