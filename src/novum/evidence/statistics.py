"""Estimators with intervals. The unit of analysis is the seed: one value per arm and seed.

Every function takes plain numbers, refuses what is not finite, and says in its docstring what it estimates,
under which assumptions, and where that comes from.
"""

import math
from collections.abc import Sequence

from novum.evidence.bootstrap import Guarded, StudentisedBootstrap, guarded
from novum.evidence.estimators import (
    INTERACTION,
    Bounds,
    Matrix,
    Unanswerable,
    infer_contrast,
    infer_median,
    infer_ratio,
    slope_weights,
)
from novum.evidence.inference import Inference
from novum.records import Record

__all__ = [
    "INTERACTION", "Bounds", "Estimate", "Guarded", "Matrix", "StudentisedBootstrap", "Unanswerable",
    "estimate", "guarded", "infer_contrast", "infer_median", "infer_ratio", "interaction", "mean",
    "mean_difference", "median_difference", "paired_difference", "ratio", "restricted_mean", "slope",
    "slope_weights",
]  # fmt: skip


class Estimate(Record, kw_only=True):
    """A value with its interval at `level`; infinite ends are None. `n` counts seeds."""

    value: float
    low: float | None
    high: float | None
    level: float
    se: float | None
    df: float | None
    method: str
    n: int


def estimate(inference: Inference, level: float) -> Estimate:
    """An inference read at one confidence level in (0, 1)."""
    if not 0 < level < 1:
        raise ValueError(f"a confidence level lies in (0, 1), not {level}")
    low, high = (end if math.isfinite(end) else None for end in inference.interval(level))
    return Estimate(value=inference.value, low=low, high=high, level=level, n=inference.n,
                    se=getattr(inference, "se", None), df=getattr(inference, "df", None),
                    method=inference.method)  # fmt: skip


# --- one arm ------------------------------------------------------------------------------------------


def mean(values: Sequence[float], level: float = 0.95, bounds: Bounds | None = None) -> Estimate:
    """The mean over seeds with Student's t interval.

    Assumes independent seeds, and values near enough to normal for n (Student 1908). If all values are
    equal, a metric with `bounds` gets the interval of `inference.Constant`; without bounds: Unanswerable.
    """
    return estimate(infer_contrast([values], [1.0], paired=True, bounds=bounds), level)


def restricted_mean(
    times: Sequence[float], events: Sequence[bool], horizon: float, level: float = 0.95
) -> Estimate:
    """The mean of min(T, horizon): expected time without the event, up to the horizon (Irwin 1949).

    All runs share one horizon (checked), so it is a plain mean, with Student's t. Assumes independent seeds
    and a mean over n of them that is near enough to normal (Royston & Parmar 2013, BMC Med. Res. Method.
    13:152, on why the horizon is fixed beforehand).
    """
    from novum.evidence.survival import restricted

    return mean(restricted(times, events, horizon), level, (0.0, horizon))


# --- two arms and more --------------------------------------------------------------------------------


def mean_difference(
    a: Sequence[float], b: Sequence[float], level: float = 0.95, bounds: Bounds | None = None
) -> Estimate:
    """mean(b) - mean(a) of independent samples, Welch (1947) with Satterthwaite's degrees of freedom.

    Assumes independent seeds within and between arms, and arm means near enough to normal; variances may
    differ.
    """
    return estimate(infer_contrast([a, b], [-1.0, 1.0], paired=False, bounds=bounds), level)


def paired_difference(
    a: Sequence[float], b: Sequence[float], level: float = 0.95, bounds: Bounds | None = None
) -> Estimate:
    """mean(b - a) over common seeds, one-sample t on the differences (Student 1908).

    Assumes that seeds are independent, and the mean of their differences near enough to normal; what a seed
    adds to both arms drops out, whatever its distribution.
    """
    return estimate(infer_contrast([a, b], [-1.0, 1.0], paired=True, bounds=bounds), level)


def interaction(
    arms: Matrix, level: float = 0.95, *, paired: bool = True, bounds: Bounds | None = None
) -> Estimate:
    """(b1 - a1) - (b0 - a0) for arms given as a0, b0, a1, b1.

    Paired: t on the per-seed difference of differences (Student 1908). Independent: Satterthwaite (1946)
    over four variances, which may differ. Assumes independent seeds and means near enough to normal.
    """
    return estimate(infer_contrast(arms, INTERACTION, paired=paired, bounds=bounds), level)


def slope(
    arms: Matrix, positions: Sequence[float], level: float = 0.95, *, paired: bool = True,
    bounds: Bounds | None = None,
) -> Estimate:  # fmt: skip
    """Least-squares slope over `positions`, one arm per position, the seed as block.

    With every seed run at every position the slope of a seed-blocked fit is the mean of the seeds' own
    slopes; its error is taken from their spread, so curves may differ between seeds and the response need
    not be linear: the slope is then the best linear summary (summary-measures analysis; Senn, Stevens &
    Chaturvedi 2000). Independent arms: Satterthwaite (1946). Assumes independent seeds and a mean near
    enough to normal.
    """
    return estimate(infer_contrast(arms, slope_weights(positions), paired=paired, bounds=bounds), level)


def ratio(a: Sequence[float], b: Sequence[float], level: float = 0.95, *, paired: bool = True) -> Estimate:
    """mean(b) / mean(a) by Fieller's theorem; see `inference.Fieller` for why not the log scale.

    Source: Fieller (1954, JRSS B 16:175). Assumes independent seeds and a positive mean(a). Paired: exact for
    bivariate normal data. Independent: Satterthwaite's df taken at the estimated ratio.
    For restricted means give values already restricted. Raises Unanswerable if mean(a) <= 0.
    """
    return estimate(infer_ratio(a, b, paired=paired), level)


def median_difference(
    a: Sequence[float], b: Sequence[float], level: float = 0.95, *, paired: bool = True
) -> Estimate:
    """Hodges and Lehmann's (1963) shift with the exact interval of the matching rank test.

    Paired: the pseudo-median of b - a (median of Walsh averages; signed-rank test; assumes differences
    symmetric about it). Independent: the median of all b_j - a_i (Mann-Whitney; assumes that the arms
    differ by a shift). Either equals the difference of medians under a pure shift, and not otherwise.
    The interval is infinite where n cannot reach the level.
    """
    return estimate(infer_median(a, b, paired=paired), level)
