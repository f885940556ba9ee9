"""What a run of the shipped domain `grokking` costs: `python benchmarks/grokking.py`.

Trials as in a study's confirmation, four seeds each, under the strongest sandbox layer: at the baseline,
where every run comes to generalise, and with no weight decay, where none does within the horizon. Counted are
the CPU seconds of all stages (making the data, training, measuring; interpreters and imports with them), over
the trial's seeds.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path
from typing import NamedTuple

from measuring import row, show

from novum.bench.rows import Row
from novum.canonical import derive_seed
from novum.compute.executors.local import LocalExecutor
from novum.domains import find_domain, load_domain
from novum.journal import FileBlobs
from novum.records import Config, Domain, Node
from novum.steps import run
from novum.steps.confirm import BATCH

EVENT_S, CENSORED_S = 2.0, 5.0
NEVER: Config = {"weight_decay": 0.0}


class Trial(NamedTuple):
    """CPU seconds of a trial for each of its seeds, and how each seed's run ended."""

    seconds: float
    ends: tuple[str, ...]


async def carried_out(changes: Config, trials: int, folder: Path) -> list[Trial]:
    """Trials of the baseline with some levels changed, one after another, each on seeds of its own."""
    blobs = FileBlobs(folder / "blobs")
    domain = load_domain(find_domain("grokking"), blobs)
    executor = LocalExecutor(blobs, folder / "attempts")
    try:
        return [await _trial(domain, domain.baseline | changes, i, executor, blobs) for i in range(trials)]
    finally:
        await executor.close()


async def _trial(
    domain: Domain, config: Config, number: int, executor: LocalExecutor, blobs: FileBlobs
) -> Trial:
    seeds = tuple(derive_seed("benchmark", number, i) for i in range(BATCH))
    node = Node.make("tune", "train", domain.workspace(), config)
    limits = run.limits_for(domain.budgets["default"], BATCH)
    asked = run.trial_request(domain, node, "explore", seeds, limits)
    await executor.submit(run.build_job(domain, node, asked, "auto"), asked.key, 0)
    result = await executor.wait(asked.key, 0)
    if not result.ok:
        raise SystemExit(f"a trial failed: {result}")
    readings, _ = run.read_measurements(domain, asked, result, blobs)
    ends = tuple(readings[seed, domain.primary.name].status for seed in seeds)
    return Trial(sum(stage.cpu_seconds for stage in result.stages) / BATCH, ends)


def rows(trials: int) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="novum-speed-") as home:
        Path(home).chmod(0o755)
        there = asyncio.run(carried_out({}, trials, Path(home)))
        never = asyncio.run(carried_out(NEVER, trials, Path(home)))
    for wanted, found in (("observed", there), ("censored", never)):
        if odd := [end for trial in found for end in trial.ends if end != wanted]:
            raise SystemExit(f"every run was to be {wanted}: {odd}")
    return [
        row("grokking to its event, CPU-s for each seed", [t.seconds for t in there], at_most=EVENT_S),
        row("grokking to its horizon, CPU-s for each seed", [t.seconds for t in never], at_most=CENSORED_S),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--repeats", type=int, default=5, help="trials of each kind")
    parser.add_argument("--json", action="store_true", help="print JSON lines")
    given = parser.parse_args()
    show(rows(given.repeats), given.json)
