"""Interval and test as one object, so that what an interval says and what a p-value says cannot differ.

Each class answers two questions about one quantity: `interval(level)`, and `p_value(null)`, the two-sided
p-value of "the quantity equals `null`". They are duals: `null` lies outside `interval(1 - a)` exactly when
`p_value(null) <= a` (up to rounding at the very edge). Verdicts rest on this.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

from novum.records import Record

if TYPE_CHECKING:
    import numpy as np

Sample: TypeAlias = "Sequence[float] | np.ndarray"
"""One number per seed."""


class Inference(Protocol):
    """What a verdict needs to know of an estimated quantity."""

    @property
    def value(self) -> float: ...
    @property
    def n(self) -> int: ...
    @property
    def method(self) -> str: ...
    def interval(self, level: float) -> tuple[float, float]: ...
    def p_value(self, null: float) -> float: ...


def t_quantile(level: float, df: float) -> float:
    """The two-sided critical value of Student's t: P(|T| <= t) = level."""
    from scipy.special import stdtrit

    return float(stdtrit(df, 0.5 + level / 2))


def t_two_sided(statistic: float, df: float) -> float:
    """P(|T| >= |statistic|) under Student's t."""
    from scipy.special import stdtr

    return min(1.0, 2 * float(stdtr(df, -abs(statistic))))


class StudentT(Record, kw_only=True):
    """A mean or a linear contrast of means with its standard error (`se` > 0) and degrees of freedom.

    Exact for normal data when `df` is exact; with Satterthwaite's `df` an approximation.
    """

    value: float
    se: float
    df: float
    n: int
    method: str

    def interval(self, level: float) -> tuple[float, float]:
        reach = t_quantile(level, self.df) * self.se
        return self.value - reach, self.value + reach

    def p_value(self, null: float) -> float:
        return t_two_sided((self.value - null) / self.se, self.df)


class Fieller(Record, kw_only=True):
    """A ratio of two means, mean_b / mean_a, by Fieller's theorem (Fieller 1954, JRSS B 16:175).

    The test of a ratio r is the t test of mean_b - r mean_a = 0, and the interval its inversion: no
    logarithm and no first-order expansion, hence right also for small n and for values of any sign in b.
    Where mean_a itself cannot be told from zero at the level asked, the interval is the whole line, and
    the p-value is raised to that of mean_a = 0 to match.
    `var_a`, `var_b`, `cov` are variances and covariance of the two *means*.
    """

    mean_a: float
    mean_b: float
    var_a: float
    var_b: float
    cov: float
    df: float
    n: int
    method: str

    @property
    def value(self) -> float:
        return self.mean_b / self.mean_a

    @property
    def se(self) -> float:
        """First-order standard error of the ratio, for display only."""
        return math.sqrt(max(self._variance(self.value), 0.0)) / abs(self.mean_a)

    def _variance(self, ratio: float) -> float:
        return self.var_b - 2 * ratio * self.cov + ratio**2 * self.var_a

    def interval(self, level: float) -> tuple[float, float]:
        t2 = t_quantile(level, self.df) ** 2
        a = self.mean_a**2 - t2 * self.var_a
        if a <= 0:
            return -math.inf, math.inf
        b = self.mean_a * self.mean_b - t2 * self.cov
        c = self.mean_b**2 - t2 * self.var_b
        reach = math.sqrt(max(b * b - a * c, 0.0))
        return (b - reach) / a, (b + reach) / a

    def p_value(self, null: float) -> float:
        difference = self._p(self.mean_b - null * self.mean_a, self._variance(null))
        return max(difference, self._p(self.mean_a, self.var_a))

    def _p(self, mean: float, variance: float) -> float:
        if variance <= 0:
            return 1.0 if mean == 0 else 0.0
        return t_two_sided(mean / math.sqrt(variance), self.df)


class Ranked(Record, kw_only=True):
    """A location by Hodges and Lehmann: the median of `points`, with the interval of their rank test.

    `points` are the sorted Walsh averages (one sample, signed-rank test) or all differences b - a (two
    samples, Mann-Whitney), and `tail[k]` is P(count <= k) of the matching null distribution. Exact without
    ties; with ties the counts are taken against rejection (Hollander, Wolfe & Chicken 2014, ch. 3.2, 4.2).
    """

    points: tuple[float, ...]
    tail: tuple[float, ...]
    n: int
    method: str

    @property
    def value(self) -> float:
        middle, size = len(self.points) // 2, len(self.points)
        return self.points[middle] if size % 2 else (self.points[middle - 1] + self.points[middle]) / 2

    def interval(self, level: float) -> tuple[float, float]:
        half = (1 - level) / 2
        k = sum(1 for p in self.tail[: len(self.points)] if p <= half)
        if k == 0 or 2 * k > len(self.points):
            return -math.inf, math.inf
        return self.points[k - 1], self.points[-k]

    def p_value(self, null: float) -> float:
        from bisect import bisect_left, bisect_right

        not_above = bisect_right(self.points, null)
        not_below = len(self.points) - bisect_left(self.points, null)
        return min(1.0, 2 * self.tail[min(not_above, not_below)])


class Constant(Record, kw_only=True):
    """All observations of a bounded quantity were equal: no spread to estimate, but not certainty either.

    If n of n observations equal `value`, the chance p of any other value has the exact upper limit
    1 - (a/2)^(1/n) (Clopper & Pearson 1934), and the mean can be off by at most that chance times the
    distance to the bound. `parts` > 1 when the quantity is a sum over independent samples, each of which
    then gets an equal share of a.
    """

    value: float
    lowest: float
    highest: float
    n: int
    method: str
    parts: int = 1

    def interval(self, level: float) -> tuple[float, float]:
        chance = 1 - ((1 - level) / (2 * self.parts)) ** (1 / self.n)
        below, above = self.value - self.lowest, self.highest - self.value
        return self.value - chance * below, self.value + chance * above

    def p_value(self, null: float) -> float:
        if null == self.value:
            return 1.0
        room = self.highest - self.value if null > self.value else self.value - self.lowest
        share = min(1.0, abs(null - self.value) / room) if room > 0 else 1.0
        return min(1.0, 2 * self.parts * (1 - share) ** self.n)
