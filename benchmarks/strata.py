"""How often intervals miss where seeds share out fractions of a design: `python benchmarks/strata.py`.

Data sets are what a claim over a design in eight fractions is decided on: one value a seed, which is the
truth 0, a *joint* effect of three factors with its sign in that fraction (in SDs between seeds of a
fraction), and noise. Printed is how often the interval misses 0, in all and on its worse side, with the seeds
taken as one sample ("t") and with the spread taken within fractions, as a study would register either, and
the median width of the one over that of the other. Uneven: seeds of half of the fractions are three times as
spread. Confirmations of 30 seeds and more are guarded by a bootstrap.
"""

import argparse
from collections.abc import Iterator

import numpy as np
from coverage import SHAPES, Draw, head, limits, row

from novum.evidence import estimators
from novum.evidence.analysis import GUARD_FROM
from novum.evidence.bootstrap import guarded
from novum.evidence.inference import Inference, StudentT

FRACTIONS, DRAWS = 8, 1999
SIGNS = np.array([1, -1, -1, 1, -1, 1, 1, -1])
SEEDS = (24, 40, 56)
LEVELS = (0.95, 0.99)
JOINTS = (0.0, 1.0, 5.0)
NAMES = ("normal", "skewed", "heavy tails")  # at a ceiling a lone value has no spread; sixteen together have


def inferences(values: np.ndarray, groups: np.ndarray, seed: int) -> tuple[Inference, Inference]:
    """As one sample, and within fractions; guarded by a bootstrap where a study would be."""
    found = (
        (estimators.infer_contrast([values], (1.0,), paired=True), values),
        (estimators.infer_grouped(values, groups, 1.0, None), estimators.aligned(values, groups)),
    )
    one, within = (_guarded(inference, sample, seed) for inference, sample in found)
    return one, within


def _guarded(inference: object, sample: np.ndarray, seed: int) -> Inference:
    assert isinstance(inference, StudentT)
    if len(sample) < GUARD_FROM:
        return inference
    return guarded(inference, [sample], (1.0,), paired=True, draws=DRAWS, seed=seed)


def simulate(draw: Draw, uneven: bool, joint: float, n: int, repeats: int, seed: int) -> np.ndarray:
    """Of every level, data set and way: whether the interval lies above 0, whether below, and its width."""
    rng, groups = np.random.default_rng(seed), np.arange(n) % FRACTIONS
    scale = np.where(uneven & (groups < FRACTIONS // 2), 3.0, 1.0)
    found = np.empty((len(LEVELS), repeats, 2, 3))
    for k in range(repeats):
        values = joint * SIGNS[groups] + scale * draw(rng, (n, 1))[:, 0]
        for way, inference in enumerate(inferences(values, groups, seed + k)):
            for at, level in enumerate(LEVELS):
                low, high = inference.interval(level)
                found[at, k, way] = low > 0, high < 0, high - low
    return found


def lines(repeats: int, seed: int) -> Iterator[str]:
    for shape in NAMES:
        for uneven in (False, True):
            for joint in JOINTS:
                for n in SEEDS:
                    found = simulate(SHAPES[shape], uneven, joint, n, repeats, seed)
                    width = np.median(found[0, :, 1, 2]) / np.median(found[0, :, 0, 2])
                    told = [_share(found[at, :, way]) for at in range(len(LEVELS)) for way in (0, 1)]
                    spread = "uneven" if uneven else "equal"
                    yield row(shape, spread, f"{joint:g}", n, *told, f"{width:.2f}")


def _share(misses: np.ndarray) -> str:
    above, below = 100 * misses[:, 0].mean(), 100 * misses[:, 1].mean()
    return f"{above + below:.1f} / {max(above, below):.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--repeats", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for level in LEVELS:
        both, side = limits(1 - level, given.repeats), limits((1 - level) / 2, given.repeats)
        print(f"An exact interval of {level} misses {100 * both[0]:.1f} to {100 * both[1]:.1f} percent of "
              f"{given.repeats} data sets, {100 * side[0]:.1f} to {100 * side[1]:.1f} on a side.")  # fmt: skip
    ways = [f"{way} {100 * level:g} %" for level in LEVELS for way in ("t", "within")]
    print("\n" + head("data", "spread", "joint", "seeds", *ways, "width"))
    for line in lines(given.repeats, given.seed):
        print(line, flush=True)


if __name__ == "__main__":
    main()
