"""How often t, the studentised bootstrap and the two together miss: `python benchmarks/coverage.py`.

For every design, shape of data and number of seeds, data sets are drawn whose true contrast is 0. Printed is
how often each interval misses 0, in all and on its worse side (what a verdict in one direction feels), and
the median width of the guarded interval over that of t. "Guarded" is what studies of 30 seeds and more use:
on either side the farther end. Then come the worst cells by design and number of seeds, and the limits that
an exact interval keeps. `--repeats` sets the data sets per cell, `--seed` their stream.
"""

import argparse
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from novum.evidence.bootstrap import roots
from novum.evidence.estimators import INTERACTION
from novum.evidence.inference import t_quantile

REPEATS = 4000
DRAWS = 1999  # fewer than in a study: 2000 is a multiple of what 0.95 and 0.99 need, so levels stay exact
SETS = 40  # data sets that share one set of resamples
LEVELS = (0.95, 0.99)
SEEDS = (30, 60, 100)
KINDS = ("t", "bootstrap", "guarded")

Draw = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]


@dataclass(frozen=True)
class Design:
    name: str
    weights: tuple[float, ...]
    paired: bool


DESIGNS = (
    Design("paired difference", (-1.0, 1.0), True),
    Design("Welch", (-1.0, 1.0), False),
    Design("interaction, paired", INTERACTION, True),
    Design("interaction, Welch", INTERACTION, False),
)


def normal(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    return rng.standard_normal(shape)


def skewed(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Exponential, less its mean."""
    return rng.exponential(1.0, shape) - 1.0


def ceiling(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """A normal quantity cut at a ceiling that three of four values reach, less its mean."""
    edge = -0.6744897501960817  # the quartile of the normal distribution
    density = math.exp(-edge * edge / 2) / math.sqrt(2 * math.pi)
    return np.minimum(rng.standard_normal(shape), edge) - (0.75 * edge - density)


def heavy(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Student's t with three degrees of freedom: a variance, but no fourth moment."""
    return rng.standard_t(3, shape)


SHAPES: dict[str, Draw] = {"normal": normal, "skewed": skewed, "ceiling": ceiling, "heavy tails": heavy}
SPREADS = {"equal": 1.0, "last arm x3": 3.0}


@dataclass(frozen=True)
class Tails:
    """Shares of data sets whose interval lies wholly above, and wholly below, the truth; mean width."""

    above: float
    below: float
    width: float

    @property
    def misses(self) -> float:
        return self.above + self.below

    @property
    def worse(self) -> float:
        return max(self.above, self.below)


def estimates(arms: list[np.ndarray], design: Design) -> tuple[np.ndarray, np.ndarray, np.ndarray, list]:
    """Value, standard error, degrees of freedom for each data set (columns), and what is to be resampled."""
    n = len(arms[0])
    if design.paired:
        per_seed = sum(w * a for w, a in zip(design.weights, arms, strict=True))
        se = per_seed.std(axis=0, ddof=1) / math.sqrt(n)
        return per_seed.mean(axis=0), se, np.full(se.shape, n - 1.0), [per_seed]
    value = sum(w * a.mean(axis=0) for w, a in zip(design.weights, arms, strict=True))
    parts = np.array([w * w * a.var(axis=0, ddof=1) / n for w, a in zip(design.weights, arms, strict=True)])
    total = parts.sum(axis=0)
    with np.errstate(invalid="ignore"):
        df = total**2 / ((parts**2).sum(axis=0) / (n - 1))
    return value, np.sqrt(total), df, list(arms)


def intervals(
    arms: list[np.ndarray], design: Design, level: float, seed: int
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Each kind of interval for every data set that has any spread."""
    value, se, df, samples = estimates(arms, design)
    some = se > 0
    value, se, df = value[some], se[some], df[some]
    samples = [s[:, some] for s in samples]
    reach = np.array([t_quantile(level, d) for d in df]) * se
    drawn = np.sort(roots(samples, (1.0,) if design.paired else design.weights, DRAWS, seed), axis=0)
    k = round((1 - level) / 2 * (DRAWS + 1))
    t = value - reach, value + reach
    bootstrap = value - np.maximum(drawn[-k], 0) * se, value - np.minimum(drawn[k - 1], 0) * se
    both = np.minimum(t[0], bootstrap[0]), np.maximum(t[1], bootstrap[1])
    return dict(zip(KINDS, (t, bootstrap, both), strict=True))


def simulate(design: Design, draw: Draw, spread: float, n: int, repeats: int, seed: int
             ) -> dict[tuple[str, float], Tails]:  # fmt: skip
    """Tails of every interval at every level. Data sets without spread cannot be tested and are left out."""
    rng = np.random.default_rng(seed)
    found: dict[tuple[str, float], list[np.ndarray]] = {}
    for block in range(math.ceil(repeats / SETS)):
        scales = [1.0] * (len(design.weights) - 1) + [spread]
        arms = [scale * draw(rng, (n, SETS)) for scale in scales]
        for level in LEVELS:
            for kind, (low, high) in intervals(arms, design, level, seed + block).items():
                found.setdefault((kind, level), []).append(np.array([low > 0, high < 0, high - low]))
    return {key: _tails(np.concatenate(parts, axis=1)) for key, parts in found.items()}


def _tails(rows: np.ndarray) -> Tails:
    return Tails(float(rows[0].mean()), float(rows[1].mean()), float(np.median(rows[2])))


Found = dict[tuple[str, float], Tails]


def cells(repeats: int, seed: int) -> Iterator[tuple[Design, str, str, int, Found]]:
    for design in DESIGNS:
        for shape, draw in SHAPES.items():
            for spread, factor in SPREADS.items():
                for n in SEEDS:
                    yield design, shape, spread, n, simulate(design, draw, factor, n, repeats, seed)


def limits(chance: float, repeats: int) -> tuple[float, float]:
    """Where a share of chance `chance` lies in 999 of 1000 tables' cells."""
    from scipy.stats import binom

    low, high = binom.ppf([0.0005, 0.9995], repeats, chance) / repeats
    return float(low), float(high)


def row(*entries: object) -> str:
    return "| " + " | ".join(f"{e:.1f}" if isinstance(e, float) else str(e) for e in entries) + " |"


def head(*names: str) -> str:
    return row(*names) + "\n" + row(*("---" for _ in names))


def shares(found: Found, level: float) -> list[str]:
    """For each kind of interval, misses in all / on the worse side, in percent."""
    tails = [found[kind, level] for kind in KINDS]
    return [f"{100 * t.misses:.1f} / {100 * t.worse:.1f}" for t in tails]


def worst(table: list[tuple[Design, str, str, int, Found]], level: float) -> Iterator[str]:
    """By design and number of seeds, the largest share of misses in all / on one side over all data."""
    for design in DESIGNS:
        for n in SEEDS:
            mine = [found for d, _, _, seeds, found in table if d is design and seeds == n]
            most = [f"{100 * max(f[kind, level].misses for f in mine):.1f} / "
                    f"{100 * max(f[kind, level].worse for f in mine):.1f}" for kind in KINDS]  # fmt: skip
            yield row(design.name, n, *most)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    table = list(cells(given.repeats, given.seed))
    for level in LEVELS:
        both, side = limits(1 - level, given.repeats), limits((1 - level) / 2, given.repeats)
        print(f"\nLevel {level}: misses in all / on the worse side, percent of {given.repeats} data sets. An "
              f"exact interval keeps within {100 * both[0]:.1f} to {100 * both[1]:.1f} in all, "
              f"{100 * side[0]:.1f} to {100 * side[1]:.1f} on a side.\n")  # fmt: skip
        print(head("design", "data", "spread", "seeds", *KINDS, "width"))
        for design, shape, spread, n, found in table:
            width = found["guarded", level].width / found["t", level].width
            print(row(design.name, shape, spread, n, *shares(found, level), f"{width:.2f}"))
        print("\nThe worst of these:\n\n" + head("design", "seeds", *KINDS))
        print("\n".join(worst(table, level)))


if __name__ == "__main__":
    main()
