"""What many seeds in one process spare: each domain's trials of one seed beside trials of sixteen.

`python benchmarks/batches.py` runs both through the executor of a study, stages and sandbox included: as
trials start in a study (forked from interpreters that wait), and cold. Counted are the CPU seconds of all
stages. Start-up (interpreter, imports, compiling, whatever a trial pays once) *dominates* where it is at least
85 % of what one seed costs alone; there a seed among sixteen is to be five times cheaper.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from measuring import row, show

from novum.bench.rows import Row
from novum.compute.executors.local import LocalExecutor
from novum.domains import find_domain, load_domain
from novum.domains.stages import trial_job
from novum.errors import UserError
from novum.journal import FileBlobs
from novum.records import Config, Limits

CASES: dict[str, tuple[str, Config]] = {
    "evolvability": ("evolvability", {}),
    "blackbox": ("blackbox", {}),
    "blackbox, Evolution Transformer (JAX) at 25 generations": (
        "blackbox", {"method": "evolution_transformer", "generations": 25.0}),
    "control, cart-pole": ("control", {"task": "cartpole"}),
    "mutation": ("mutation", {}),
    "tinygen": ("tinygen", {}),
    "evolution, 100 updates": ("evolution", {"updates": 100.0}),
}  # fmt: skip
TOGETHER, ALONE = 16, 3  # seeds
DOMINATES, CHEAPER = 0.85, 5.0
LIMITS = Limits(cpu_seconds=600, wall_seconds=6000, memory_mb=4096)


class Case:
    """A domain at a configuration, and how its trials start."""

    def __init__(self, name: str, change: Config, warm: bool, scratch: Path):
        self.blobs = FileBlobs(scratch / "blobs")
        self.domain = load_domain(find_domain(name), self.blobs)
        self.config = self.domain.baseline | change
        self.warm, self.scratch, self.asked = warm, scratch, 0

    async def cpu(self, executor: LocalExecutor, seeds: Sequence[int]) -> float:
        """CPU seconds of all stages of one trial."""
        program = next(iter(self.domain.programs))
        job = trial_job(self.domain, program, self.config, seeds, LIMITS)
        self.asked += 1
        await executor.submit(job, f"{self.asked:064x}", 0)
        result = await executor.wait(f"{self.asked:064x}", 0)
        if not result.ok:
            raise SystemExit(f"{self.domain.id}: {result.lost or result.stages[-1]}")
        return sum(stage.cpu_seconds for stage in result.stages)

    async def measured(self) -> tuple[float, float]:
        """CPU seconds of a seed alone, and of one among sixteen; a first trial is not counted."""
        executor = LocalExecutor(self.blobs, self.scratch / "attempts", warm=self.warm)
        try:
            await self.cpu(executor, [0])
            alone = [await self.cpu(executor, [seed]) for seed in range(1, ALONE + 1)]
            return statistics.mean(alone), await self.cpu(executor, range(1, TOGETHER + 1)) / TOGETHER
        finally:
            await executor.close()


def startup_share(alone: float, among: float) -> float:
    """The part of a lone seed's cost that sixteen would share, from the two costs of a seed."""
    return (alone - among) / alone * TOGETHER / (TOGETHER - 1)


def rows_of(title: str, warm: bool, found: Sequence[tuple[float, float]]) -> list[Row]:
    how = "" if warm else ", cold"
    share = [startup_share(*one) for one in found]
    dominated = statistics.median(share) >= DOMINATES
    return [
        row(f"{title}{how}: a seed alone, CPU-s", [alone for alone, _ in found]),
        row(f"{title}{how}: start-up's share of it", share),
        row(f"{title}{how}: a seed among sixteen, times cheaper", [alone / among for alone, among in found],
            at_least=CHEAPER if dominated else None),
    ]  # fmt: skip


def rows(repeats: int, cases: Sequence[str]) -> list[Row]:
    found: list[Row] = []
    for title in cases:
        for warm in (True, False):
            with tempfile.TemporaryDirectory(prefix="novum-speed-") as scratch:
                Path(scratch).chmod(0o755)
                try:
                    case = Case(*CASES[title], warm, Path(scratch))
                    each = [asyncio.run(case.measured()) for _ in range(repeats)]
                except UserError as missing:  # libraries of an extra
                    print(f"{title} is left out: {missing}", file=sys.stderr)
                    break
            found += rows_of(title, warm, each)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--case", choices=list(CASES), help="one of them alone")
    parser.add_argument("--json", action="store_true", help="print JSON lines")
    given = parser.parse_args()
    show(rows(given.repeats, [given.case] if given.case else list(CASES)), given.json)
