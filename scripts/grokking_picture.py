"""Draws docs/images/grokking.svg: accuracy while a network trains, at four settings of the domain `grokking`.

`python scripts/grokking_picture.py [SEEDS]` takes about ten seconds of processor time at 4 seeds.
"""

import asyncio
import csv
import io
import sys
import tempfile
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
import numpy as np

from novum.canonical import digest
from novum.compute.executors.local import LocalExecutor
from novum.domains import find_domain, load_domain
from novum.domains.stages import trial_job
from novum.errors import StudyError
from novum.journal import FileBlobs
from novum.records import Limits
from novum.steps.run import series_of

OUT = Path(__file__).resolve().parent.parent / "docs" / "images" / "grokking.svg"
ARMS = {
    "baseline": {},
    "no weight decay": {"weight_decay": 0.0},
    "70 % of the pairs": {"train_fraction": 0.7},
    "initial scale 4": {"init_scale": 4.0},
}
COLOURS = ("#000000", "#d55e00", "#0072b2", "#009e73")
HORIZON = 3000


async def curves(seeds: range) -> dict[str, dict[str, list[np.ndarray]]]:
    """Arm -> series -> one curve (updates, accuracy) for every seed."""
    with tempfile.TemporaryDirectory() as scratch:
        blobs = FileBlobs(Path(scratch) / "blobs")
        domain = load_domain(find_domain("grokking"), blobs)
        executor = LocalExecutor(blobs, Path(scratch) / "attempts")
        try:
            return {arm: await _arm(domain, blobs, executor, change, seeds) for arm, change in ARMS.items()}
        finally:
            await executor.close()


async def _arm(domain, blobs, executor, change: dict, seeds: range) -> dict[str, list[np.ndarray]]:
    limits = Limits(cpu_seconds=60.0 * len(seeds), wall_seconds=900.0, memory_mb=512)
    job = trial_job(domain, "train", domain.baseline | change, seeds, limits, sandbox="auto")
    await executor.submit(job, digest(job), 0)
    found = series_of(await executor.wait(digest(job), 0))
    if not found:
        raise StudyError(f"the domain measured nothing at {change}")
    return {name: [_curve(blobs.get(sha)) for sha in of.values()] for name, of in found.items()}


def _curve(text: bytes) -> np.ndarray:
    rows = list(csv.reader(io.StringIO(text.decode())))
    return np.array([[float(v) for v in row] for row in rows if row and row[0][:1].isdigit()]).T


def main() -> None:
    seeds = range(int(sys.argv[1]) if len(sys.argv) > 1 else 4)
    found = asyncio.run(curves(seeds))
    plt.rcParams.update({"svg.hashsalt": "novum", "font.size": 8})
    plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})
    figure, panels = plt.subplots(1, len(ARMS), figsize=(8, 2.1), sharey=True, layout="constrained")
    for axes, colour, (arm, series) in zip(panels, COLOURS, found.items(), strict=True):
        for name, style in (("training accuracy", ":"), ("held-out accuracy", "-")):
            for k, (x, y) in enumerate(series[name.replace(" ", "_")]):
                axes.plot(x, y, style, color=colour, lw=1, label="" if k else name)
        axes.set(title=arm, xlabel="updates", xscale="log", xlim=(10, HORIZON), ylim=(0, 1.03))
    panels[0].set_ylabel("accuracy")
    panels[1].legend(frameon=False, fontsize=7, loc="center right")
    figure.savefig(OUT, metadata={"Date": None})


if __name__ == "__main__":
    main()
