"""What running a trial costs, for every layer, cold and warm: `python benchmarks/trials.py`.

A trivial NumPy trial: the program takes the mean of 100 numbers, the evaluator measures it, each in a
sandbox of its own. Where `prepare` is named, it draws the numbers in a third one. Printed are the
milliseconds from submitting a trial to its measurement (median, with the middle four fifths), one trial at a
time; what a sandbox adds to each stage, compared with the layer `none`, cold; the coordinator's CPU-seconds
a trial, and as root the CPU-milliseconds of all processes for one, those made ahead for the next included;
and how many trials a minute three workers keep up. With JAX installed, also the milliseconds for a program
that imports it and compiles one function.
Variants take turns, so a busy machine is as busy for all of them, and how busy is printed as the time of a
fixed loop. First comes a table, then JSON lines (`name`, `value`, `low`, `high`, `n`, `target`, `met`);
`--json` prints these alone.
"""

import argparse
import asyncio
import importlib.util
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
from measuring import Group
from msgspec import structs

from novum.bench.rows import Row
from novum.compute.executors.local import LocalExecutor
from novum.compute.layers import examine
from novum.compute.sandbox.layers import ORDER
from novum.journal import FileBlobs
from novum.records import Job, JobResult, Limits, Stage

WORKERS = 3  # on two cores: now and then one waits for the disk
LATENCY_MS, JIT_MS, COORDINATOR_S, PER_MINUTE, ADDED_MS = 40.0, 200.0, 0.05, 3000.0, 20.0
LIMITS = Limits(cpu_seconds=20, wall_seconds=60, memory_mb=1024)

PREPARE = """
import json, sys
from pathlib import Path
import numpy as np
for seed in json.loads(Path(sys.argv[1]).read_text())["seeds"]:
    x = np.random.default_rng(seed).normal(size=100)
    for name, value in (("in", x), ("heldout", x.mean(keepdims=True))):
        folder = Path("out", str(seed), name)
        folder.mkdir(parents=True)
        np.save(folder / "x.npy", value)
"""
PROGRAM = """
import json, sys
from pathlib import Path
import numpy as np
for seed in json.loads(Path(sys.argv[1]).read_text())["seeds"]:
    Path("out", str(seed)).mkdir()
    np.save(f"out/{seed}/mean.npy", np.load(f"in/{seed}/x.npy").mean(keepdims=True))
"""
EVALUATOR = """
import json, sys
from pathlib import Path
import numpy as np
lines = []
for seed in json.loads(Path(sys.argv[1]).read_text())["seeds"]:
    error = abs(np.load(f"artefacts/{seed}/mean.npy") - np.load(f"heldout/{seed}/x.npy"))
    lines.append(json.dumps({"seed": seed, "metric": "error", "value": float(error[0])}))
Path("out/measurements.jsonl").write_text("\\n".join(lines))
"""
ALONE = """
import json, sys
from pathlib import Path
import numpy as np
for seed in json.loads(Path(sys.argv[1]).read_text())["seeds"]:
    Path("out", str(seed)).mkdir()
    np.save(f"out/{seed}/mean.npy", np.random.default_rng(seed).normal(size=100).mean(keepdims=True))
"""
JUDGE = """
import json, sys
from pathlib import Path
import numpy as np
lines = []
for seed in json.loads(Path(sys.argv[1]).read_text())["seeds"]:
    error = np.load(f"artefacts/{seed}/mean.npy") - np.random.default_rng(seed).normal(size=100).mean()
    lines.append(json.dumps({"seed": seed, "metric": "error", "value": float(abs(error[0]))}))
Path("out/measurements.jsonl").write_text("\\n".join(lines))
"""
COMPILE = "import jax\njax.jit(lambda x: 2 * x + 1)(1.0).block_until_ready()\n"


class Bench:
    """One layer with one way to start: its executor, and what was measured of it."""

    def __init__(self, folder: Path, layer: str, warm: bool, group: Group):
        self.group = group
        self.name = f"{layer} {'warm' if warm else 'cold'}"
        self.layer, self.warm = layer, warm
        self.blobs = FileBlobs(folder / self.name / "blobs")
        self.executor = LocalExecutor(self.blobs, folder / self.name / "attempts", warm=warm)
        self.seed = 0
        self.times: list[float] = []
        self.prepared: list[float] = []
        self.used: list[float] = []
        self.compiling: list[float] = []
        self.cpu: list[float] = []
        self.rates: list[float] = []
        self.prepared_rates: list[float] = []

    def trial(self, prepare: bool = False) -> Job:
        """The job of a trial with a seed of its own, since equal bytes are stored only once."""
        self.seed += 1
        request = {"schema": 1, "config": {}, "seeds": [self.seed], "in": "in", "out": "out"}
        stages = self._three_stages(request) if prepare else (
            self._stage("program", ALONE, request),
            self._stage("evaluator", JUDGE, request, (("program", "out", "artefacts"),)),
        )  # fmt: skip
        return Job(stages=stages, requirements=("numpy",), sandbox=self.layer, shipped=True)

    def _three_stages(self, request: dict[str, object]) -> tuple[Stage, ...]:
        at = self.seed
        return (
            self._stage("prepare", PREPARE, request),
            self._stage("program", PROGRAM, request, (("prepare", f"out/{at}/in", f"in/{at}"),)),
            self._stage("evaluator", EVALUATOR, request, (("prepare", f"out/{at}/heldout", f"heldout/{at}"),
                                                          ("program", "out", "artefacts"))),
        )  # fmt: skip

    def compiler(self) -> Job:
        """The job of a program that imports JAX and compiles a function."""
        return Job(stages=(self._stage("program", COMPILE, {}),), requirements=("jax", "numpy"),
                   sandbox=self.layer, shipped=True)  # fmt: skip

    def _stage(
        self,
        name: str,
        source: str,
        request: dict[str, object],
        inputs: tuple[tuple[str, str, str], ...] = (),
    ) -> Stage:
        files = {"main.py": self.blobs.put(source.encode())}
        return Stage(name=name, command=("python", "main.py"), files=files, request=request, inputs=inputs,
                     limits=LIMITS)  # fmt: skip

    async def run(self, job: Job) -> JobResult:
        self.seed += 1
        key = f"{self.seed:032x}"
        await self.executor.submit(job, key, 0)
        result = await self.executor.wait(key, 0)
        if not result.ok:
            raise SystemExit(f"{self.name}: a trial failed: {result}")
        if self.warm_starts and len(result.warm) != len(job.stages):
            raise SystemExit(f"{self.name}: only {result.warm} started warm")
        return result

    @property
    def warm_starts(self) -> bool:
        return self.warm and not (self.layer == "none" or examine(self.layer).warm_problem)

    async def measure_times(self, trials: int) -> None:
        jobs, before = [self.trial() for _ in range(trials)], self.group.cpu()
        for job in jobs:
            self.times.append(await self._timed(job))
        after = self.group.cpu()
        if before is not None and after is not None:
            self.used.append(1000 * (after - before) / trials)
        for _ in range(trials):
            self.prepared.append(await self._timed(self.trial(prepare=True)))

    async def measure_compiling(self) -> None:
        self.compiling.append(await self._timed(self.compiler()))

    async def _timed(self, job: Job) -> float:
        begun = time.perf_counter()
        await self.run(job)
        return 1000 * (time.perf_counter() - begun)

    async def measure_rate(self, trials: int) -> None:
        """Trials a minute, and CPU time of this very process, with all workers busy."""
        for rates, prepare in ((self.rates, False), (self.prepared_rates, True)):
            jobs = iter([self.trial(prepare) for _ in range(trials)])
            begun, used = time.perf_counter(), cpu_seconds()
            await asyncio.gather(*(self._work(jobs) for _ in range(WORKERS)))
            rates.append(60 * trials / (time.perf_counter() - begun))
        self.cpu.append((cpu_seconds() - used) / trials)

    async def _work(self, jobs: Iterator[Job]) -> None:
        for job in jobs:
            await self.run(job)


def loop_ms() -> float:
    """Milliseconds for a million additions: how busy the machine is, since nothing here changes them."""
    begun, total = time.perf_counter(), 0
    for number in range(1_000_000):
        total += number
    return 1000 * (time.perf_counter() - begun)


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def measure(benches: list[Bench], rounds: int, trials: int, jax: bool) -> list[float]:
    """All benches in turn, `rounds` times over, after one trial each that nothing is read from.

    Returns what `loop_ms` said before each of them.
    """
    loops: list[float] = []
    for bench in benches:
        await bench.run(bench.trial(prepare=True))
    for _ in range(rounds):
        for bench in benches:
            loops.append(loop_ms())
            await bench.measure_times(trials)
        for bench in benches:
            await bench.measure_rate(4 * trials if bench.warm_starts else trials)
    if jax:
        for bench in benches:
            await bench.run(bench.compiler())
        for _ in range(rounds):
            for bench in benches:
                await bench.measure_compiling()
    return loops


# --- rows -------------------------------------------------------------------------------------------------


def row(name: str, values: list[float], target: float | None, at_least: bool = False) -> Row:
    """The median with the middle four fifths; only a warm start has a target to meet."""
    low, *_, high = statistics.quantiles(values, n=10) if len(values) > 1 else values * 2
    middle = statistics.median(values)
    met = None if target is None else (middle >= target if at_least else middle <= target)
    words = "" if target is None else f"{'≥' if at_least else '≤'} {target:g}"
    return Row(name=name, value=middle, low=low, high=high, n=len(values), target=words, met=met)


def rows(benches: list[Bench]) -> list[Row]:
    """Every figure of every bench."""
    found: list[Row] = []
    bare = next((b for b in benches if b.layer == "none" and not b.warm), None)
    for b in benches:
        forked = b.warm_starts
        found.append(row(f"{b.name}: ms to measurement", b.times, LATENCY_MS if forked else None))
        if b.used:
            found.append(row(f"{b.name}: CPU-ms of all a trial", b.used, None))
        found.append(row(f"{b.name}: ms with prepare", b.prepared, None))
        if bare is not None and b is not bare:
            added = [(t - statistics.median(bare.times)) / 2 for t in b.times]
            found.append(row(f"{b.name}: ms added a stage", added, ADDED_MS))
        found.append(row(f"{b.name}: coordinator CPU-s a trial", b.cpu, COORDINATOR_S))
        found.append(
            row(f"{b.name}: trials a minute", b.rates, PER_MINUTE if forked else None, at_least=True)
        )
        found.append(row(f"{b.name}: a minute with prepare", b.prepared_rates, None))
        cold = next((c for c in benches if b.warm and c.layer == b.layer and not c.warm), None)
        if cold is not None:
            faster = [statistics.median(cold.times) / t for t in b.times]
            found.append(row(f"{b.name}: times as fast as cold", faster, None))
        if b.compiling:
            found.append(row(f"{b.name}: ms JAX and first jit", b.compiling, JIT_MS if forked else None))
    return found


def table(found: list[Row]) -> Iterator[str]:
    """The rows as a Markdown table with a line for each bench."""
    by_bench: dict[str, dict[str, Row]] = {}
    for one in found:
        bench, figure = one.name.split(": ")
        by_bench.setdefault(bench, {})[figure] = one
    figures = list(dict.fromkeys(one.name.split(": ")[1] for one in found))
    yield "| | " + " | ".join(figures) + " |"
    yield "| --- |" + " ---: |" * len(figures)
    for bench, mine in by_bench.items():
        yield f"| {bench} | " + " | ".join(cell(mine.get(figure)) for figure in figures) + " |"


def notes(layers: list[str]) -> Iterator[str]:
    """Why stages start cold under a layer, so that no runner that stays can make up for it."""
    for layer in layers:
        if layer != "none" and examine(layer).warm_problem:
            yield f"{layer}: stages start cold also with a runner that stays: {examine(layer).warm_problem}"


def cell(one: Row | None) -> str:
    if one is None or one.value is None:
        return ""
    digits = ".4f" if one.value < 1 and "CPU" in one.name else ".0f"
    return f"{one.value:{digits}}" + ("" if one.met is not False else f" (target {one.target})")


async def bench_all(
    layers: list[str], ways: tuple[bool, ...], rounds: int, trials: int, jax: bool
) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="novum-trials-") as folder:
        Path(folder).chmod(0o755)
        usable = [layer for layer in layers if layer == "none" or not examine(layer).problem]
        group = Group()
        benches = [Bench(Path(folder), layer, warm, group) for layer in usable for warm in ways]
        try:
            loops = await measure(benches, rounds, trials, jax)
        finally:
            for bench in benches:
                with suppress(OSError):
                    await bench.executor.close()
            group.close()
        return [row("machine: ms for a million additions", loops, None), *rows(benches)]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--trials", type=int, default=10, help="trials timed in each round (warm, 4 times as many at once)"
    )
    parser.add_argument("--layers", nargs="*", default=[*ORDER, "none"])
    parser.add_argument("--only-warm", action="store_true", help="nothing cold, to be done sooner")
    parser.add_argument("--json", action="store_true", help="print the rows alone")
    given = parser.parse_args()
    ways = (True,) if given.only_warm else (False, True)
    jax = importlib.util.find_spec("jax") is not None
    found = asyncio.run(bench_all(given.layers, ways, given.rounds, given.trials, jax))
    if not given.json:
        print("\n".join([*table(found), "", *notes(given.layers), ""]))
    for one in found:
        print(msgspec.json.encode(rounded(one)).decode())


def rounded(one: Row) -> Row:
    return structs.replace(one, **{n: v if v is None else float(f"{v:.4g}")
                                   for n in ("value", "low", "high") for v in [getattr(one, n)]})  # fmt: skip


if __name__ == "__main__":
    main()
