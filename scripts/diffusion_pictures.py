"""Pictures of the domains `tinygen` and `tinyclips`: `python scripts/diffusion_pictures.py FOLDER`.

Each runs its domain's own prepare and driver on one seed that no study uses, in this process, and shows what
was drawn beside held-out data. Writes `tinygen.png` and `tinyclips.png`.
"""

import importlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy, as in a trial

import matplotlib
import numpy as np

from novum.domains import find_domain, load_domain
from novum.journal import FileBlobs

matplotlib.use("Agg")
import matplotlib.pyplot as plt

SEED, SALT = 5, "picture"
BLUE, ORANGE, GREY = "#1f5f8b", "#c8622c", "#888888"
DESIGNS = {
    "held out": None,
    "DDPM's design (baseline)": {},
    "Karras's design": {"prediction": "velocity", "schedule": "karras", "sampler": "heun"},
}
SHAPES = ("moons", "circle", "line", "spirals", "dinosaur")
ORDERS = {
    "held out": None,
    "jointly": {"frames": "joint"},
    "one after another": {},
    "the same, noise in context": {"context_noise": 0.1},
    "key frames first": {"frames": "hierarchical"},
}
MOTIONS = ("orbit", "bounce")


@contextmanager
def laid_out(name: str) -> Iterator[SimpleNamespace]:
    """The domain's modules and its baseline, imported from a folder that is like a trial's."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        blobs = FileBlobs(home / "blobs")
        domain = load_domain(find_domain(name), blobs)
        for path, sha in domain.files.items():
            (home / path).parent.mkdir(parents=True, exist_ok=True)
            (home / path).write_bytes(blobs.get(sha))
        sys.path.insert(0, folder)
        names = [path.removesuffix(".py").replace("/", ".") for path in domain.files if path.endswith(".py")]
        loaded = {module.split(".")[-1]: importlib.import_module(module) for module in names}
        yield SimpleNamespace(baseline=domain.baseline, **loaded)
        sys.path.remove(folder)
        for module in (*names, "kit"):
            sys.modules.pop(module, None)


def drawn(domain: SimpleNamespace, changes: dict | None, **data: str) -> tuple[np.ndarray, dict]:
    """What is drawn with some levels changed, and its metrics; held-out data where `changes` is None."""
    config = {**domain.baseline, **data, **(changes or {})}
    given, kept = domain.prepare.make(SEED, SALT, config)
    (name,) = kept
    if changes is None:
        return kept[name], {}
    out = domain.driver.run(given, config, SEED)[name]
    return out, domain.evaluator.compare(out, kept[name], given[name])


def points(file: Path) -> None:
    figure, axes = plt.subplots(3, 5, figsize=(9, 5.6), layout="constrained")
    with laid_out("tinygen") as domain:
        for row, (design, changes) in zip(axes, DESIGNS.items(), strict=True):
            for axis, shape in zip(row, SHAPES, strict=True):
                out, found = drawn(domain, changes, data=shape)
                axis.plot(*out[:2000].T, ".", ms=1.0, color=GREY if changes is None else BLUE)
                axis.set(xlim=(-2.9, 2.9), ylim=(-2.9, 2.9), xticks=[], yticks=[], aspect="equal")
                said = f"distance {found['distance']:.3f}" if found else shape
                axis.set_title(said, fontsize=9)
            row[0].set_ylabel(design, fontsize=9)
    figure.savefig(file, dpi=110)


def clips(file: Path) -> None:
    figure, axes = plt.subplots(2, 6, figsize=(12, 4.2), layout="constrained", width_ratios=[1] * 5 + [1.5])
    with laid_out("tinyclips") as domain:
        for row, motion in zip(axes, MOTIONS, strict=True):
            for at, (order, changes) in enumerate(ORDERS.items()):
                out, found = drawn(domain, changes, motion=motion)
                for clip in out[:9]:
                    row[at].plot(*clip.T, ".-", ms=2.5, lw=0.6, color=BLUE if found else GREY)
                    row[at].plot(*clip[-1], "o", ms=3, color=ORANGE)
                row[at].set(xlim=(-2.6, 2.6), ylim=(-2.6, 2.6), xticks=[], yticks=[], aspect="equal")
                row[at].set_title(f"distance {found['distance']:.3f}" if found else motion, fontsize=9)
                if motion == MOTIONS[-1]:
                    row[at].set_xlabel(order, fontsize=8)
                if found:
                    row[-1].plot(*found["series/distance_along_the_clip"].T, label=order, lw=1)
            row[-1].set_ylim(0)
            row[-1].tick_params(labelsize=8)
            row[-1].set_title("distance of three frames", fontsize=9)
    axes[0, -1].legend(fontsize=7, frameon=False)
    axes[-1, -1].set_xlabel("last frame of the three", fontsize=9)
    figure.savefig(file, dpi=110)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    points(folder / "tinygen.png")
    clips(folder / "tinyclips.png")
