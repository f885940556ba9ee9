"""Draws docs/images/evolution.svg: one panel for each of four evolution domains, from their own programs.

`python scripts/evolution_picture.py [SEEDS]` takes about 50 seconds of processor time at 4 seeds, and draws
parity from five times as many.
"""

import importlib
import os
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from novum.domains import find_domain
from novum.domains.shared import KIT

OUT = Path(__file__).resolve().parent.parent / "docs" / "images" / "evolution.svg"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")


@contextmanager
def program(name: str, *modules: str) -> Iterator[SimpleNamespace]:
    """A domain's own modules with its baseline; none of them stays imported."""
    folder, before, here = find_domain(name), set(sys.modules), Path.cwd()
    sys.path[:0] = [str(folder), str(KIT.parent)]
    os.chdir(folder)
    factors = tomllib.loads(Path("domain.toml").read_text())["factor"]
    try:
        found = {module: importlib.import_module(module) for module in modules}
        yield SimpleNamespace(baseline={f["name"]: f["baseline"] for f in factors}, **found)
    finally:
        os.chdir(here)
        del sys.path[:2]
        for module in set(sys.modules) - before:
            if str(getattr(sys.modules[module], "__file__", "")).startswith((str(folder), str(KIT))):
                del sys.modules[module]


def measured(parts: SimpleNamespace, run: Any, config: dict, seed: int) -> dict[str, Any]:
    """What the evaluator says of one seed at a configuration."""
    save = run.run_seeds.__globals__["save"]
    given, kept = parts.prepare.make(seed, "picture", config)
    with tempfile.TemporaryDirectory() as scratch, np.errstate(all="ignore"):
        save(Path(scratch) / "in" / str(seed), given)
        save(Path(scratch) / "out" / str(seed), run.run(given, config, seed))
        asked = {"config": config, "in": str(Path(scratch) / "in"), "salt": "picture"}
        return parts.evaluator.measure(Path(scratch) / "out" / str(seed), kept, asked)


def lines(axes, parts, run, series: str, arms: dict[str, dict], seeds: range) -> None:
    """The mean curve of every arm, with its standard error."""
    for colour, (label, change) in zip(COLOURS, arms.items(), strict=False):
        curves = [np.array(measured(parts, run, parts.baseline | change, seed)[series]) for seed in seeds]
        x, y = curves[0][:, 0], np.array([curve[:, 1] for curve in curves])
        error = y.std(0, ddof=1) / np.sqrt(len(y))
        axes.plot(x, y.mean(0), color=colour, label=label, lw=1.5)
        axes.fill_between(x, y.mean(0) - error, y.mean(0) + error, color=colour, alpha=0.2, lw=0)
    axes.legend(frameon=False, fontsize=7)


def weights(axes, seeds: range) -> None:
    arms = {"evolution strategy, σ 0.2": {"sigma": 0.2}, "evolution strategy, σ 0.02": {"sigma": 0.02},
            "gradient": {"method": "sgd"},
            "gradient under noise, σ 0.2": {"method": "noisy_sgd", "sigma": 0.2}}  # fmt: skip
    with program("evolution", "prepare", "train", "evaluator") as parts:
        lines(axes, parts, parts.train, "series/accuracy_under_noise", arms, seeds)
    axes.set(title="evolution: digits", xlabel="standard deviation of the disturbance", ylabel="accuracy")


def parity(axes, seeds: range) -> None:
    arms = {"safe mutations": {"mutation": "safe_by_weight"}, "plain mutations": {"mutation": "plain"}}
    with program("mutation", "prepare", "evolve", "evaluator") as parts:
        lines(axes, parts, parts.evolve, "series/accuracy_by_length", arms, seeds)
    axes.axvline(6, color="grey", lw=0.8, ls=":")
    axes.set(title="mutation: parity (dotted: length evolved on)", xlabel="bits", ylabel="accuracy")


def regret(axes, seeds: range) -> None:
    methods = {"covariance matrix adaptation": "cmaes", "separable natural evolution": "snes",
               "genetic algorithm": "ga", "random search": "random_search"}  # fmt: skip
    with program("blackbox", "prepare", "minimise", "evaluator") as parts:
        arms = {label: {"method": method} for label, method in methods.items()}
        lines(axes, parts, parts.minimise, "series/log_regret", arms, seeds)
    axes.set(title="blackbox: eight functions", xlabel="evaluations of each", ylabel="logarithm of regret")


def maze(axes, seed: int) -> None:
    """Where the episodes of whole searches ended, by what was rewarded."""
    with program("control", "prepare", "solve", "tasks", "maze", "evaluator") as parts:
        for colour, objective in zip(COLOURS, ("novelty", "reward"), strict=False):
            config = parts.baseline | {"objective": objective}
            given, _ = parts.prepare.make(seed, "picture", config)
            ended: list[np.ndarray] = []
            original = parts.maze.run

            def recorded(*asked, original=original, ended=ended):
                found = original(*asked)
                ended.append(found[1])
                return found

            parts.maze.run = recorded
            parts.solve.run(given, config, seed)
            parts.maze.run = original
            places = np.concatenate(ended)
            told = f"{objective} ({len(places)} episodes)"
            axes.plot(*places.T, ".", ms=2, color=colour, alpha=0.5, label=told, rasterized=True)
    for x0, y0, x1, y1 in given["walls"]:
        axes.plot([x0, x1], [y0, y1], color="black", lw=1)
    axes.plot(*given["start"], "k^", ms=6)
    axes.plot(*given["goal"][:2], "k*", ms=10)
    axes.set(title="control: ends of episodes (start ▲, goal ★)", aspect="equal", xticks=[], yticks=[])
    axes.legend(frameon=False, fontsize=7, loc="upper center", bbox_to_anchor=(0.5, 0), ncols=2)


def main() -> None:
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    matplotlib.rcParams |= {"svg.hashsalt": "evolution", "font.size": 8, "axes.spines.top": False,
                            "axes.spines.right": False}  # fmt: skip
    seeds = range(int(sys.argv[1]) if len(sys.argv) > 1 else 4)
    figure, ((a, b), (c, d)) = plt.subplots(2, 2, figsize=(8, 6.4), layout="constrained")
    weights(a, seeds)
    maze(b, 3)
    parity(c, range(5 * len(seeds)))  # runs that learn the rule and runs that do not: means need more
    regret(d, seeds)
    figure.savefig(OUT, dpi=100, metadata={"Date": None})
    print(OUT)


if __name__ == "__main__":
    main()
