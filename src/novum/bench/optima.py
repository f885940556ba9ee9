"""How soon the programs of optimisation domains reach a value without a model, and what they reach at all.

Each seed is given `seconds` of CPU on each of `workers` processes, which search with random numbers of their
own and share nothing but the end: the first to reach the target ends the seed. Nothing is stored: no
solution, no part of one, no earlier result. What was best is then handed to the domain's evaluator, run as
its own command; the value is what that certifies, and the domain's independent program has checked the
certificate.
"""

import importlib
import json
import multiprocessing
import operator
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import field

from novum.bench.rows import Row, mean, share
from novum.domains import find_domain, load_domain
from novum.journal import FileBlobs
from novum.records import Domain, Record


class Task(Record, kw_only=True):
    """A problem of a domain: what `problem.json` and the baseline are changed by, and the value to reach."""

    name: str
    domain: str
    problem: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    target: float | None = None


TASKS = {
    task.name: task
    for task in (
        Task(name="circles-26", domain="circles", problem={"n": 26}, config={"patience": 150},
             target=2.6359830849),
        Task(name="circles-32", domain="circles", problem={"n": 32}, config={"patience": 150},
             target=2.93957277),
        Task(name="overlap", domain="overlap", config={"pieces": 51, "symmetry": "mirrored", "patience": 100,
                                                       "doublings": 3}, target=0.38092303510),
        Task(name="autoconvolution-first", domain="autoconvolution", target=1.5052939684401607,
             config={"pieces": 51, "patience": 10, "doublings": 2}),
        Task(name="autoconvolution-third", domain="autoconvolution", target=1.4581,
             config={"pieces": 51, "patience": 10, "doublings": 2, "signs": "any"}),
        Task(name="heilbronn", domain="heilbronn", target=0.036529889880,
             config={"symmetry": "mirrored", "local_search": "quadratic", "patience": 20}),
        Task(name="hexagons-11", domain="hexagons", config={"symmetry": "corners", "patience": 10},
             target=3.92451),
        Task(name="distances", domain="distances", config={"patience": 20}, target=12.8892299077),
    )
}  # fmt: skip


class Ended(Record, kw_only=True):
    """One seed: the certified value (None: nothing valid), whether it reaches the target, and CPU seconds of
    all workers."""

    seed: int
    value: float | None
    met: bool
    cpu: float


class Apparatus(NamedTuple):
    """A domain's files in a folder of their own, as a trial sees them, and what there is to know of it."""

    domain: Domain
    folder: Path
    module: str
    task: Task

    def better(self, one: float, other: float) -> bool:
        return (operator.gt if self.domain.primary.goal == "maximize" else operator.lt)(one, other)

    def meets(self, value: float) -> bool:
        target = self.task.target
        return target is not None and (value == target or self.better(value, target))

    @property
    def problem(self) -> dict[str, Any]:
        return json.loads((self.folder / "problem.json").read_text())

    @property
    def config(self) -> dict[str, Any]:
        return self.domain.baseline | self.task.config


def run(task: Task, seeds: Sequence[int], seconds: float, workers: int = 2, keep: Path | None = None
        ) -> Iterator[Ended]:  # fmt: skip
    """Every seed in turn, as it ends; `keep` is a folder for certificates."""
    with apparatus(task) as built:
        for seed in seeds:
            yield _seed(built, seed, seconds, workers, keep)


@contextmanager
def apparatus(task: Task) -> Iterator[Apparatus]:
    """The domain of a task laid out in a folder, its problem changed as the task says.

    Raises:
        KeyError: if the task changes a key that the problem hasn't.
    """
    with tempfile.TemporaryDirectory(prefix="novum-optima-") as scratch:
        blobs = FileBlobs(Path(scratch) / "blobs")
        domain = load_domain(find_domain(task.domain), blobs)
        folder = Path(scratch) / "domain"
        for path, sha in domain.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(blobs.get(sha))
        problem = json.loads((folder / "problem.json").read_text())
        if unknown := sorted(set(task.problem) - set(problem)):
            raise KeyError(f"problem.json of {task.domain} has no {unknown[0]!r}: {', '.join(problem)}")
        (folder / "problem.json").write_text(json.dumps(problem | task.problem))
        program = next(iter(domain.programs.values()))
        yield Apparatus(domain, folder, program.command[1].removesuffix(".py"), task)


class _Found(NamedTuple):
    """A worker's best: value by its own account, arrays, CPU seconds in all."""

    value: float | None
    arrays: dict[str, Any]
    cpu: float


def _seed(built: Apparatus, seed: int, seconds: float, workers: int, keep: Path | None) -> Ended:
    found = _searched(built, seed, seconds, workers)
    best = found[0]
    for one in found[1:]:
        if one.value is not None and (best.value is None or built.better(one.value, best.value)):
            best = one
    value = certify(built, best.arrays, seed, keep)
    met = value is not None and built.meets(value)
    cpu = sum(one.cpu for one in found)
    return Ended(seed=seed, value=value, met=met, cpu=round(cpu, 2))


def _searched(built: Apparatus, seed: int, seconds: float, workers: int) -> list[_Found]:
    """What each worker found. `EOFError` if one dies without a word."""
    context = multiprocessing.get_context("spawn")
    done, readers, processes = context.Event(), [], []
    for worker in range(workers):
        reader, writer = context.Pipe(duplex=False)
        process = context.Process(target=_search, args=(built, seed, worker, seconds, done, writer))
        process.start()
        writer.close()  # so that the reader meets the end of file if the worker dies
        readers.append(reader)
        processes.append(process)
    found = [reader.recv() for reader in readers]
    for process in processes:
        process.join()
    return found


def _search(built: Apparatus, seed: int, worker: int, seconds: float, done: Any, results: Any) -> None:
    """One worker: searches until somebody has reached the target or its CPU time is up.

    Finishing may be dear, so that it is put off while it has taken more than half of the time; what is then
    the best is finished in the end.
    """
    import numpy as np

    sys.path.insert(0, str(built.folder))
    program = importlib.import_module(built.module)
    began = time.process_time()
    raw, best, finishing, waiting = None, _Found(None, {}, 0.0), 0.0, None

    def finished(current: Any) -> _Found:
        value, arrays = current.finish()
        better = best.value is None or built.better(value, best.value)
        return _Found(value, arrays, 0.0) if better else best

    for current in program.search(built.problem, built.config, np.random.default_rng([seed, worker])):
        if raw is None or built.better(current.value, raw):
            raw, waiting = current.value, current
        if waiting and finishing <= (time.process_time() - began) / 2:
            before, best, waiting = time.process_time(), finished(waiting), None
            finishing += time.process_time() - before
        if best.value is not None and built.meets(best.value):
            done.set()
        if done.is_set() or time.process_time() - began > seconds:
            break
    best = finished(waiting) if waiting and not done.is_set() else best
    results.send(best._replace(cpu=time.process_time() - began))


def certify(built: Apparatus, arrays: dict[str, Any], seed: int, keep: Path | None = None) -> float | None:
    """What the domain's evaluator says of artefacts, after an independent check; None if they are invalid.

    Raises:
        subprocess.CalledProcessError: if the evaluator fails, or the two do not agree.
    """
    import numpy as np

    place = built.folder / "artefacts" / str(seed)
    place.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        np.save(place / f"{name}.npy", array)
    request = {"seeds": [seed], "artefacts": "artefacts", "out": "out"}
    (built.folder / "request.json").write_text(json.dumps(request))
    command = [sys.executable, *built.domain.evaluator[1:], "request.json"]
    subprocess.run(command, cwd=built.folder, check=True)
    lines = (built.folder / "out" / "measurements.jsonl").read_text().splitlines()
    row = next(r for r in map(json.loads, lines) if r["metric"] == built.domain.primary.name)
    if row["value"] is None:
        return None
    certificate = built.folder / "out" / "certificates" / f"{seed}.json"
    checker = [sys.executable, "-I", built.folder / "certificate.py", certificate]
    subprocess.run(checker, check=True, stdout=subprocess.DEVNULL)
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        shutil.copy(certificate, keep / f"{built.task.name}-{seed}.json")
    return row["value"]


def rows(task: Task, ended: Sequence[Ended], at_least: float | None = None) -> list[Row]:
    """How many seeds reached the target, what a seed cost in CPU, and the certified values.

    `at_least` is the share of seeds that are to reach it.
    """
    limits = {} if at_least is None else {"at_least": at_least}
    found = []
    if task.target is not None:
        name = f"{task.name}: seeds that reach {task.target:.13g}"
        found.append(share(name, [e.met for e in ended], **limits))
    found.append(mean(f"{task.name}: CPU-s of a seed, mean", [e.cpu for e in ended]))
    values = [e.value for e in ended if e.value is not None]
    found.append(mean(f"{task.name}: certified value, mean", values))
    return found
