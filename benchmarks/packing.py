"""How soon the domain `circles` packs discs well without a model: `python benchmarks/packing.py --n 26`.

Each seed gets `--minutes` on `--workers` processes, which search with random numbers of their own and share
nothing but the end: the first to reach `--target` ends the seed. Nothing is stored: no coordinates, no
contact graph, no earlier result. The best packing is then handed to the domain's evaluator, run as its own
command; the value printed is what that certifies, rounded downward, and the domain's independent program has
checked the certificate. CPU seconds are of the workers together. `--certificates DIR` keeps certificates.
"""

import argparse
import importlib
import json
import multiprocessing
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from novum.domains import find_domain

TARGETS = {26: 2.6359830849}
CONFIG = {"local_search": "linear", "start": "uniform", "move": "either", "relocated": "any",
          "most_relocated": 3, "patience": 150, "polish": "full"}  # fmt: skip


class Found(NamedTuple):
    """A worker's best: discs (n, 3), their sum by its own account, wall and CPU seconds to it and in all."""

    discs: np.ndarray
    total: float
    wall: float
    cpu: float
    cpu_in_all: float


def search(n: int, seed: int, worker: int, seconds: float, target: float, done, results) -> None:
    """One worker: searches until somebody has reached the target or time is up."""
    sys.path.insert(0, str(find_domain("circles")))
    pack = importlib.import_module("pack")
    began, cpu = time.perf_counter(), time.process_time
    best = Found(np.empty((0, 3)), 0.0, 0.0, 0.0, 0.0)
    for packing in pack.searches(n, CONFIG, np.random.default_rng([seed, worker])):
        if packing.total > best.total * (1 - 1e-6):
            ended = pack.finished(packing, CONFIG["polish"])
            if ended.total > best.total + 1e-13:
                discs = np.c_[ended.centres, ended.radii]
                best = Found(discs, ended.total, time.perf_counter() - began, cpu(), 0.0)
        if best.total >= target:
            done.set()
        if done.is_set() or time.perf_counter() - began > seconds:
            break
    results.put(best._replace(cpu_in_all=cpu()))


def run_seed(n: int, seed: int, workers: int, seconds: float, target: float) -> tuple[Found, float]:
    """The best of all workers, and the CPU seconds of all."""
    context = multiprocessing.get_context("spawn")
    done, results = context.Event(), context.Queue()
    started = [
        context.Process(target=search, args=(n, seed, worker, seconds, target, done, results))
        for worker in range(workers)
    ]
    for process in started:
        process.start()
    found = [results.get() for _ in started]
    for process in started:
        process.join()
    return max(found, key=lambda one: one.total), sum(one.cpu_in_all for one in found)


def certify(found: Found, n: int, seed: int, keep: Path | None) -> float | None:
    """What the domain's evaluator says of a packing, after an independent check; None if it is none."""
    domain = find_domain("circles")
    with tempfile.TemporaryDirectory(prefix="novum-packing-") as scratch:
        folder = Path(scratch)
        for name in ("evaluator.py", "exact.py"):
            shutil.copy(domain / name, folder)
        (folder / "problem.json").write_text(json.dumps({"n": n}))
        (folder / "artefacts" / str(seed)).mkdir(parents=True)
        np.save(folder / "artefacts" / str(seed) / "discs.npy", found.discs)
        (folder / "request.json").write_text(
            json.dumps({"seeds": [seed], "artefacts": "artefacts", "out": "out"})
        )
        subprocess.run([sys.executable, "evaluator.py", "request.json"], cwd=folder, check=True)
        row = json.loads((folder / "out" / "measurements.jsonl").read_text().splitlines()[0])
        if row["value"] is None:
            return None
        certificate = folder / "out" / "certificates" / f"{seed}.json"
        subprocess.run([sys.executable, domain / "certificate.py", certificate], check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        if keep:
            keep.mkdir(parents=True, exist_ok=True)
            shutil.copy(certificate, keep / f"circles-{n}-{seed}.json")
    return row["value"]


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("--n", type=int, default=26, help="discs")
    asked.add_argument("--seeds", type=int, default=20, help="how many seeds")
    asked.add_argument("--first", type=int, default=1, help="the first seed")
    asked.add_argument("--minutes", type=float, default=5.0, help="wall time of a seed")
    asked.add_argument("--workers", type=int, default=2, help="processes of a seed")
    asked.add_argument("--target", type=float, help="ends a seed once reached [default: for n = 26 only]")
    asked.add_argument("--certificates", type=Path, help="folder to keep certificates in")
    given = asked.parse_args()
    if given.n < 1 or given.seeds < 1 or given.workers < 1 or given.minutes <= 0:
        asked.error("--n, --seeds, --workers and --minutes must be positive")
    target = given.target or TARGETS.get(given.n, float("inf"))
    reached = 0
    print("| seed | certified sum | target | found after, s | its worker's CPU-s | all CPU-s |")
    print("| ---: | ---: | --- | ---: | ---: | ---: |")
    for seed in range(given.first, given.first + given.seeds):
        best, cpu = run_seed(given.n, seed, given.workers, 60 * given.minutes, target)
        value = certify(best, given.n, seed, given.certificates)
        good = value is not None and value >= target
        reached += good
        shown = "none" if value is None else f"{value:.13f}"
        times = f"{best.wall:.1f} | {best.cpu:.1f} | {cpu:.1f}"
        print(f"| {seed} | {shown} | {'yes' if good else 'no'} | {times} |", flush=True)
    print(f"\n{reached} of {given.seeds} seeds reached {target} with {given.n} discs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
