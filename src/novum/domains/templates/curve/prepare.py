"""Draws a fresh curve for every seed: a sum of waves, some noisy points of it, and points kept back.

Called with a request `{schema, config, seeds, salt, out}`. Everything that a program may see goes to
`out/<seed>/in/`, everything that it may not to `out/<seed>/heldout/`. The salt is told to nobody else, so
that a program which knows its seed, and this file, still cannot draw the same curve.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

WAVES, KEPT = 4, 200  # waves in a curve; points at which it is judged


def main(path: Path) -> None:
    request = json.loads(path.read_text())
    for seed in request["seeds"]:
        secret = hashlib.sha256(f"{request.get('salt', '')}/{seed}".encode()).digest()
        rng = np.random.default_rng(list(secret))
        make(Path(request["out"]) / str(seed), rng, request["config"])


def make(folder: Path, rng: np.random.Generator, config: dict) -> None:
    curve = draw_curve(rng)
    given, kept = folder / "in", folder / "heldout"
    given.mkdir(parents=True)
    kept.mkdir()
    x = np.sort(rng.uniform(-1, 1, int(config["points"])))
    y = curve(x) + config["noise"] * rng.standard_normal(len(x))
    between = rng.uniform(x[0], x[-1], KEPT)
    np.save(given / "x.npy", x)
    np.save(given / "y.npy", y)
    np.save(given / "between.npy", between)
    np.save(kept / "curve.npy", curve(between))


def draw_curve(rng: np.random.Generator):
    """A smooth function on [-1, 1] whose values have mean 0 and standard deviation 1."""
    size = rng.standard_normal(WAVES) / np.arange(1, WAVES + 1)
    phase = rng.uniform(0, 2 * np.pi, WAVES)

    def raw(x: np.ndarray) -> np.ndarray:
        waves = np.cos(np.pi * np.arange(1, WAVES + 1) * x[:, None] + phase)
        return waves @ size

    grid = raw(np.linspace(-1, 1, 1001))
    return lambda x: (raw(x) - grid.mean()) / grid.std()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
