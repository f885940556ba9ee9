"""The studentised bootstrap of a weighted sum of means (Efron 1979; Hall 1988, Ann. Stat. 16:927).

Seeds are drawn anew with replacement: whole seeds for paired arms, each arm by itself for independent ones.
Every resample gives the root (v* - v) / se*, by the same standard error as the t interval, and the roots
take the place of Student's t. Assumes a finite variance, nothing of the shape: skewness, which t ignores,
is followed. Where data are symmetric with heavy tails, or mostly at a bound, it misses more often than t;
that is why a verdict takes it only together with t (`guarded`; `docs/design/statistics.md`).
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from novum.evidence.inference import Constant, Inference, StudentT
from novum.records import Record

if TYPE_CHECKING:
    import numpy as np

FEWEST_DRAWS = 20_000
TAIL_DRAWS = 100
"""Draws expected beyond either end at the strictest level: its tail chance is known to a tenth or better."""

BLOCK = 200_000
"""Resampled values held at once: bounds memory, and fits a cache."""


class StudentisedBootstrap(Record, kw_only=True):
    """A weighted sum of means with its sorted bootstrap `roots`; `se` > 0.

    `limits` is the range that the quantity can have: intervals end there, and p-values beyond are 0. Within,
    the sample itself counts as one more draw (Davison & Hinkley 1997, ch. 4), so p-values are never 0, and
    an interval ends at the limits where the draws cannot reach its level. `value` is always inside.
    """

    value: float
    se: float
    roots: tuple[float, ...]
    limits: tuple[float, float] = (-math.inf, math.inf)
    n: int
    method: str = "studentised bootstrap"

    def interval(self, level: float) -> tuple[float, float]:
        k = math.floor((1 - level) / 2 * (len(self.roots) + 1))
        if k < 1:
            return self.limits
        low = self.value - max(self.roots[-k], 0.0) * self.se
        high = self.value - min(self.roots[k - 1], 0.0) * self.se
        return max(low, self.limits[0]), min(high, self.limits[1])

    def p_value(self, null: float) -> float:
        from bisect import bisect_left, bisect_right

        root = (self.value - null) / self.se
        if root == 0:
            return 1.0
        if not self.limits[0] <= null <= self.limits[1]:
            return 0.0
        draws = len(self.roots)
        beyond = draws - bisect_left(self.roots, root) if root > 0 else bisect_right(self.roots, root)
        return min(1.0, 2 * (1 + beyond) / (1 + draws))


class Guarded(Record, kw_only=True):
    """Student's t, widened on either side to the studentised bootstrap's end where that lies farther out.

    A null within the limits is excluded only where both exclude it, so it errs no more often than either;
    the p-value is the larger of the two. Intervals end at the limits of the quantity at the latest.
    """

    t: StudentT
    bootstrap: StudentisedBootstrap

    @property
    def value(self) -> float:
        return self.t.value

    @property
    def se(self) -> float:
        return self.t.se

    @property
    def df(self) -> float:
        return self.t.df

    @property
    def n(self) -> int:
        return self.t.n

    @property
    def method(self) -> str:
        return f"{self.t.method}, guarded by a studentised bootstrap"

    def interval(self, level: float) -> tuple[float, float]:
        t, bootstrap, limits = self.t.interval(level), self.bootstrap.interval(level), self.bootstrap.limits
        return max(min(t[0], bootstrap[0]), limits[0]), min(max(t[1], bootstrap[1]), limits[1])

    def p_value(self, null: float) -> float:
        if not self.bootstrap.limits[0] <= null <= self.bootstrap.limits[1]:
            return 0.0
        return max(self.t.p_value(null), self.bootstrap.p_value(null))


def guarded(
    inference: StudentT | Constant, arms: Sequence["np.ndarray"], weights: Sequence[float], *,
    paired: bool, limits: tuple[float, float] | None = None, draws: int = FEWEST_DRAWS, seed: int,
) -> Inference:  # fmt: skip
    """The t inference for sum_k weights[k] mean(arms[k]) with its bootstrap beside it.

    `arms` are those that `inference` came from; `limits` is the range of the sum. Without spread there is
    nothing to resample, and `inference` is returned as it is.
    """
    import numpy as np

    if isinstance(inference, Constant):
        return inference
    found = roots([np.asarray(weights) @ np.vstack(arms)], (1.0,), draws, seed) if paired else (
        roots([np.asarray(arm, dtype=float) for arm in arms], weights, draws, seed))  # fmt: skip
    low, high = limits or (-math.inf, math.inf)
    bootstrap = StudentisedBootstrap(value=inference.value, se=inference.se, n=inference.n,
                                     limits=(min(low, inference.value), max(high, inference.value)),
                                     roots=tuple(np.sort(found).tolist()))  # fmt: skip
    return Guarded(t=inference, bootstrap=bootstrap)


def draws_for(alpha: float) -> int:
    """Resamples for tests at level `alpha` and above.

    One more is a prime, so that no attainable p-value equals a level that anyone would choose.
    """
    count = math.ceil(max(FEWEST_DRAWS, 2 * TAIL_DRAWS / alpha))
    while any(count % d == 0 for d in range(2, math.isqrt(count) + 1)):
        count += 1
    return count - 1


def roots(samples: Sequence["np.ndarray"], weights: Sequence[float], draws: int, seed: int) -> "np.ndarray":
    """Bootstrap roots of sum_k weights[k] mean(samples[k]), unsorted, from independent samples.

    A sample is of shape (seeds,) or (seeds, sets): columns are data sets that are resampled alike. The
    result is of shape (draws,) or (draws, sets), rounded so that no processor's order of summation shows. A
    resample without any spread has an infinite root (0 if it is also without deviation).
    """
    import numpy as np

    shift, variance, scale = 0.0, 0.0, 0.0
    for place, (sample, weight) in enumerate(zip(samples, weights, strict=True)):
        generator = np.random.Generator(np.random.PCG64([seed, place]))
        centred = sample - sample.mean(axis=0)
        mean, spread = _resampled(centred, draws, generator)
        shift = shift + weight * mean
        variance = variance + weight * weight * spread / (len(sample) - 1)
        scale = scale + weight * weight * (centred**2).mean(axis=0) / (len(sample) - 1)
    spread = np.where(variance > 1e-12 * scale, variance, 0.0)
    shift = np.where(np.abs(shift) > 1e-12 * np.sqrt(scale), shift, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = shift / np.sqrt(spread)
    return np.round(np.nan_to_num(found, nan=0.0, posinf=np.inf, neginf=-np.inf), 10)


def _resampled(
    centred: "np.ndarray", draws: int, generator: "np.random.Generator"
) -> tuple["np.ndarray", "np.ndarray"]:
    """Mean and mean squared deviation of every resample."""
    import numpy as np

    values = np.stack([centred, centred**2], axis=-1).reshape(len(centred), -1)
    step = max(1, BLOCK // len(centred))
    parts = [_counts(len(centred), min(step, draws - start), generator) @ values
             for start in range(0, draws, step)]  # fmt: skip
    moments = np.concatenate(parts).reshape(draws, *centred.shape[1:], 2) / len(centred)
    mean = moments[..., 0]
    return mean, moments[..., 1] - mean**2


def _counts(size: int, draws: int, generator: "np.random.Generator") -> "np.ndarray":
    """How often each of `size` seeds is drawn, one row per resample."""
    import numpy as np

    chosen = generator.integers(0, size, (draws, size), dtype=np.int64)
    chosen += (np.arange(draws) * size)[:, None]
    return np.bincount(chosen.ravel(), minlength=draws * size).reshape(draws, size).astype(float)
