"""What a diffusion model of points costs: domain `tinygen` beside a plain loop in PyTorch, one thread each.

`python benchmarks/diffusion.py --torch PYTHON`, where PYTHON is an interpreter that has PyTorch. Both train
in turn on the same points of the same shapes, draw as many, and are held against the same fresh points.
Counted are the CPU seconds of whole processes, imports with them. What the loop is, `ddpm_torch.py` says. The
domain runs its own driver and program at the settings that a study finds, not at its baseline.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy, as in a trial

import numpy as np
from measuring import plain_environment, row, show, use_of

from novum.bench.rows import Row
from novum.domains import find_domain, load_domain
from novum.journal import FileBlobs

TORCH = Path(__file__).with_name("ddpm_torch.py")
SHAPES, GIVEN, DRAWN, HELD_OUT = ("moons", "circle", "dinosaur"), 100_000, 10_000, 100_000
SCALE = 2.0  # standard deviation of the template's points, about
FOUND = {"prediction": "velocity", "schedule": "karras", "sampler": "heun", "embedding": "scalar",
         "decay": "cosine"}  # fmt: skip
CHEAPER, PER_STEP, STEPS = 10.0, 1.0, 200


class Run(NamedTuple):
    """CPU seconds of one trained model, and the sliced Wasserstein distance of what it drew."""

    seconds: float
    distance: float


class Domain:
    """The domain's files in a folder, as a trial has them; more points are drawn than in a study."""

    def __init__(self, folder: Path):
        self.folder = folder
        blobs = FileBlobs(folder / "blobs")
        domain = load_domain(find_domain("tinygen"), blobs)
        self.config = {**domain.baseline, **FOUND}
        for path, sha in domain.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(blobs.get(sha))
        sys.path.insert(0, str(folder))
        import shapes

        from kit import samples, stage

        self.shapes, self.samples, self.stage = shapes, samples, stage

    def points(self, shape: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Points to train on and held-out ones, of one bent shape."""
        rng = self.stage.generator("benchmark", seed, shape)
        drawn = self.shapes.bent(self.shapes.draw(shape, GIVEN + HELD_OUT, rng), rng).astype(np.float32)
        return drawn[:GIVEN], drawn[GIVEN:]

    def distance(self, drawn: np.ndarray, held_out: np.ndarray) -> float:
        return self.samples.sliced_wasserstein(drawn, held_out, self.samples.around(32))

    def driven(self, points: Sequence[np.ndarray], **settings: int) -> tuple[list[np.ndarray], float]:
        """What the driver draws for each set of points in one process, and its CPU seconds."""
        with tempfile.TemporaryDirectory(dir=self.folder) as given:
            home = Path(given)
            for at, rows in enumerate(points):
                self.stage.save(home / "in" / str(at), {"points": rows})
            request = {"config": self.config, "seeds": list(range(len(points))), "in": str(home / "in"),
                       "out": str(home / "out")}  # fmt: skip
            (home / "request.json").write_text(json.dumps(request))
            with changed(self.folder / "settings.py", settings):
                used = use_of([sys.executable, self.folder / "driver.py", home / "request.json"], self.folder)
            drawn = [np.load(home / "out" / str(at) / "points.npy") for at in range(len(points))]
        return drawn, used.cpu


@contextlib.contextmanager
def changed(file: Path, settings: dict[str, Any]) -> Iterator[None]:
    """A file of settings that says otherwise for a while."""
    before = file.read_text()
    file.write_text(before + "".join(f"{name} = {value!r}\n" for name, value in settings.items()))
    try:
        yield
    finally:
        file.write_text(before)


def by_torch(
    python: str, points: np.ndarray, seed: int, folder: Path, scale: float
) -> tuple[np.ndarray, float]:
    """What the loop draws of points that it gets at a scale, and its CPU seconds."""
    np.save(folder / "given.npy", points * np.float32(scale))
    used = use_of([python, TORCH, "train", folder / "given.npy", folder / "drawn.npy", str(seed)])
    return np.load(folder / "drawn.npy") / np.float32(scale), used.cpu


def side_by_side(
    domain: Domain, python: str, seeds: int, folder: Path, shapes: Sequence[str], scale: float
) -> tuple[list[Run], list[Run]]:
    """Runs of the domain and of the loop, for each shape and seed in turn."""
    ours, theirs = [], []
    for seed in range(seeds):
        for shape in shapes:
            points, held_out = domain.points(shape, seed)
            (drawn,), seconds = domain.driven([points], DRAWN=DRAWN)
            ours.append(Run(seconds, domain.distance(drawn, held_out)))
            drawn, seconds = by_torch(python, points, seed, folder, scale)
            theirs.append(Run(seconds, domain.distance(drawn, held_out)))
            print(f"{shape}, seed {seed}: {ours[-1]} {theirs[-1]}", file=sys.stderr)
    return ours, theirs


def step_of_the_domain(domain: Domain, steps: int) -> float:
    """CPU milliseconds of one step with the network, batch and embeddings of the loop in PyTorch."""
    from kit.descent import Adam
    from kit.residual import Residual
    from kit.training import Average

    rng = np.random.default_rng(0)
    network = Residual(384, 256, 3, 2)
    parameters = network.initialise(rng)
    rule, average = Adam(3e-4), Average(0.995, parameters)
    frequencies = np.exp(-np.log(1e4) / 63 * np.arange(64, dtype=np.float32)).astype(np.float32)
    points, began = rng.standard_normal((256, 2), np.float32), 0.0

    def waves(values: np.ndarray, scale: float) -> list[np.ndarray]:
        angles = (np.float32(scale) * values)[:, None] * frequencies
        return [np.sin(angles), np.cos(angles)]

    for at in range(-20, steps):
        began = time.process_time() if at == 0 else began
        times, noise = (
            rng.integers(100, size=256).astype(np.float32),
            rng.standard_normal((256, 2), np.float32),
        )
        told = [*waves(points[:, 0], 25), *waves(points[:, 1], 25), *waves(times, 1)]
        output, entered = network.forward(parameters, np.concatenate(told, axis=1))
        up = network.gradient(parameters, entered, (noise - output) * np.float32(2 / noise.size))
        up *= np.float32(min(1, 0.5 / np.sqrt(up @ up)))
        parameters += rule.step(up)
        average.add(parameters)
    return 1000 * (time.process_time() - began) / steps


def step_of_torch(python: str, steps: int) -> float:
    done = subprocess.run([python, TORCH, "step", str(steps)], env=plain_environment(), capture_output=True,
                          text=True, check=True)  # fmt: skip
    return float(done.stdout)


def shared(domain: Domain, seeds: int, updates: int) -> float:
    """How many times cheaper a seed is among many in one process than in a process of its own."""
    points = [domain.points("moons", seed)[0][:4096] for seed in range(seeds)]
    together = domain.driven(points, UPDATES=updates)[1]
    alone = sum(domain.driven([one], UPDATES=updates)[1] for one in points)
    return alone / together


def rows(python: str, seeds: int, repeats: int, shapes: Sequence[str], scale: float) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="novum-speed-") as home:
        domain = Domain(Path(home))
        steps = [(step_of_torch(python, STEPS), step_of_the_domain(domain, STEPS)) for _ in range(repeats)]
        spared = [[shared(domain, 8, updates) for _ in range(repeats)] for updates in (1500, 20)]
        ours, theirs = side_by_side(domain, python, seeds, Path(home), shapes, scale)
    nearer = [b.distance - a.distance for a, b in zip(ours, theirs, strict=True)]
    return [
        row("loop in PyTorch, CPU-s for each trained seed", [run.seconds for run in theirs]),
        row("tinygen, CPU-s for each trained seed", [run.seconds for run in ours]),
        row("how many times less", [b.seconds / a.seconds for a, b in zip(ours, theirs, strict=True)],
            at_least=CHEAPER),
        row("loop in PyTorch, sliced Wasserstein distance in SD", [run.distance for run in theirs]),
        row("tinygen, sliced Wasserstein distance in SD", [run.distance for run in ours]),
        row("distance of the loop less that of tinygen", nearer, at_least=0.0),
        row("a step in PyTorch on its network, CPU-ms", [a for a, _ in steps]),
        row("a step in NumPy on the same network, CPU-ms", [b for _, b in steps]),
        row("step in NumPy over step in PyTorch", [b / a for a, b in steps], at_most=PER_STEP),
        row("8 seeds in one process, times cheaper than in 8, full training", spared[0]),
        row("the same with 20 updates, where start-up weighs more", spared[1]),
    ]  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--torch", required=True, metavar="PYTHON", help="an interpreter that has PyTorch")
    parser.add_argument("--seeds", type=int, default=2, help="seeds of each shape; the loop takes minutes")
    parser.add_argument("--repeats", type=int, default=5, help="of the cheap measurements")
    parser.add_argument("--shapes", nargs="*", default=SHAPES, help=f"of {', '.join(SHAPES)}")
    parser.add_argument("--scale", type=float, default=SCALE, help="SD at which the loop gets the points")
    parser.add_argument("--json", action="store_true", help="print JSON lines")
    given = parser.parse_args()
    show(rows(given.torch, given.seeds, given.repeats, given.shapes, given.scale), given.json)
