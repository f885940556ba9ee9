"""What programs of optimisation domains reach without a model: `python benchmarks/optima.py TASK…`.

A seed gets `--minutes` on each of `--workers` processes, counted in CPU time so that a busy machine changes
nothing; the first to reach the target ends it. Values are those that the domain's evaluator certifies. `--set
n=30` changes the problem, and then there is no target unless `--target` gives one. `--out docs/optima.json`
puts the results beside those of tasks that were not run again; `scripts/docs.py` makes the tables of the
domains' pages from them. The exit code is 1 if fewer than `--share` of the seeds reach their target.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from speed import machine

from novum.bench.optima import TASKS, Ended, Task, rows, run
from novum.records import Record


class Measured(Record, kw_only=True):
    """A task's seeds, and with what command, when and where they were run."""

    task: Task
    command: str
    date: str
    machine: str
    ended: tuple[Ended, ...]


def measured(task: Task, given: argparse.Namespace, words: str) -> Iterator[Measured]:
    """The seeds so far, after each: what is stopped early is not lost."""
    command = (f"python benchmarks/optima.py {task.name}{words} --seeds {given.seeds} --minutes "
               f"{given.minutes:g} --workers {given.workers}")  # fmt: skip
    ended: list[Ended] = []
    seeds = range(given.first, given.first + given.seeds)
    for one in run(task, seeds, 60 * given.minutes, given.workers, given.certificates):
        ended.append(one)
        print(f"{task.name}, seed {one.seed}: {one.value}, {one.cpu:.1f} CPU-s", file=sys.stderr, flush=True)
        yield Measured(task=task, command=command, date=f"{datetime.now(UTC):%Y-%m-%d}", machine=machine(),
                       ended=tuple(ended))  # fmt: skip


def table(one: Measured) -> str:
    """A line for each seed."""
    lines = ["| seed | certified | target reached | CPU-s |",
             "| ---: | ---: | --- | ---: |"]  # fmt: skip
    for end in one.ended:
        value = "none" if end.value is None else f"{end.value:.12f}"
        met = "" if one.task.target is None else "yes" if end.met else "no"
        lines.append(f"| {end.seed} | {value} | {met} | {end.cpu:.1f} |")
    return "\n".join(lines)


def changed(task: Task, pairs: list[str], target: float | None) -> Task:
    """The task with keys of its problem set; a changed problem has no target but the one given."""
    problem = {key: json.loads(value) for key, _, value in (pair.partition("=") for pair in pairs)}
    goal = target if target is not None else None if problem else task.target
    return msgspec.structs.replace(task, problem=task.problem | problem, target=goal)


def write(out: Path, fresh: Measured) -> None:
    """Puts it in the place of what the file has of its task."""
    old = msgspec.json.decode(out.read_bytes(), type=list[Measured]) if out.is_file() else []
    known = {one.task.name: one for one in [*old, fresh]}
    plain: list[Any] = msgspec.to_builtins([known[name] for name in sorted(known)])
    out.write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> int:
    asked = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    asked.add_argument("tasks", nargs="+", choices=TASKS, metavar="TASK", help=f"of {', '.join(TASKS)}")
    asked.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE", help="changes of the problem")
    asked.add_argument("--target", type=float, help="ends a seed once reached")
    asked.add_argument("--seeds", type=int, default=20, help="how many seeds")
    asked.add_argument("--first", type=int, default=1, help="the first seed")
    asked.add_argument("--minutes", type=float, default=5.0, help="CPU time of a seed on each worker")
    asked.add_argument("--workers", type=int, default=2, help="processes of a seed")
    asked.add_argument("--share", type=float, default=0.8, help="of seeds that are to reach the target")
    asked.add_argument("--certificates", type=Path, help="folder to keep certificates in")
    asked.add_argument("--out", type=Path, help="a file of results to renew")
    asked.add_argument("--json", action="store_true", help="print the rows as JSON lines")
    given = asked.parse_args()
    if given.seeds < 1 or given.workers < 1 or given.minutes <= 0:
        asked.error("--seeds, --workers and --minutes must be positive")
    words = "".join([f" --set {' '.join(given.set)}" if given.set else "",
                     "" if given.target is None else f" --target {given.target:.14g}",
                     "" if given.first == 1 else f" --first {given.first}"])  # fmt: skip
    found = []
    for name in given.tasks:
        task = changed(TASKS[name], given.set, given.target)
        for one in measured(task, given, words):
            if given.out:
                write(given.out, one)
        found += rows(task, one.ended, given.share)
        if not given.json:
            print(f"\n{one.command}\n\n{table(one)}", flush=True)
    for row in found:
        print(msgspec.json.encode(row).decode())
    return int(any(row.met is False for row in found))


if __name__ == "__main__":
    sys.exit(main())
