"""From one number per seed and arm to an inference: which formula, with which degrees of freedom.

Functions take plain numbers, refuse what is not finite, and return the object that gives intervals at any
level and p-values of any null (`novum.evidence.inference`). Assumptions and sources are told with the
public estimators of `novum.evidence.statistics`.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from novum.evidence.inference import Constant, Fieller, Ranked, Sample, StudentT

if TYPE_CHECKING:
    import numpy as np

Bounds = tuple[float, float]
Matrix = Sequence[Sample]
"""Arms x seeds."""


class Unanswerable(ValueError):
    """The data at hand cannot carry the estimate; the text says why, in words without numbers."""


INTERACTION = (1.0, -1.0, -1.0, 1.0)


def slope_weights(positions: Sequence[float]) -> tuple[float, ...]:
    """Weights w with sum(w y) the least-squares slope of y over `positions`."""
    if len(positions) < 2 or max(positions) == min(positions):
        raise ValueError("a slope needs at least two different positions")
    centre = sum(positions) / len(positions)
    spread = sum((x - centre) ** 2 for x in positions)
    return tuple((x - centre) / spread for x in positions)


def infer_contrast(
    arms: Matrix, weights: Sequence[float], *, paired: bool, bounds: Bounds | None = None
) -> StudentT | Constant:
    """Inference for sum_k weights[k] mean(arms[k]).

    Paired arms have one value per common seed, in the same order. Independent arms may differ in length.

    Raises:
        Unanswerable: fewer than two seeds; or no spread at all in a metric without bounds.
        ValueError: values that are not finite, or paired arms of unequal length.
    """
    import numpy as np

    rows = [_finite(arm) for arm in arms]
    if paired:
        table = _table(rows)
        per_seed = np.asarray(weights) @ table
        return _one_sample(per_seed, scale_of(rows), range_of(weights, bounds))
    return _satterthwaite(rows, weights, bounds)


def infer_grouped(
    values: "np.ndarray", groups: "np.ndarray", scale: float, limits: Bounds | None
) -> StudentT | Constant:
    """Inference for the mean over groups of their means, each weighing the same, with the spread within.

    Stratified sampling with one spread in all strata (Cochran 1977, Sampling Techniques, ch. 5): what sets
    groups apart is no part of the error. `values` holds one a seed, `groups` the group of each.

    Raises:
        Unanswerable: no two seeds of one group; or no spread at all and no `limits` of the quantity.
    """
    import numpy as np

    moved, used = aligned(values, groups), len(np.unique(groups))
    if np.ptp(moved) <= 1e-12 * scale:
        return _constant(float(moved.mean()), limits, len(moved), 1)
    se = float(moved.std(ddof=1)) / math.sqrt(len(moved))
    return StudentT(value=float(moved.mean()), se=se, df=float(len(moved) - used), n=len(moved),
                    method="t, by seed, within fractions")  # fmt: skip


def aligned(values: "np.ndarray", groups: "np.ndarray") -> "np.ndarray":
    """Values without what sets their groups apart, such that their mean and its standard error are those of
    the mean over groups: residuals, stretched for the means that were estimated, about that mean.
    """
    import numpy as np

    _, place, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    n, free = len(values), len(values) - len(sizes)
    if free < 1:
        raise Unanswerable("no two seeds ran the same fraction of the design")
    means = np.bincount(place, values) / sizes
    stretch = n * (n - 1) / free * float((1 / sizes).sum()) / len(sizes) ** 2
    return float(means.mean()) + math.sqrt(stretch) * (values - means[place])


def infer_ratio(a: Sample, b: Sample, *, paired: bool) -> Fieller:
    """Inference for mean(b) / mean(a); see `ratio`."""
    import numpy as np

    x, y = _finite(a), _finite(b)
    if paired:
        _table([x, y])
    _enough([x, y])
    if x.mean() <= 0:
        raise Unanswerable("a ratio needs a positive mean in the first arm")
    var_a, var_b = x.var(ddof=1) / len(x), y.var(ddof=1) / len(y)
    cov = float(np.cov(x, y)[0, 1]) / len(x) if paired else 0.0
    r = y.mean() / x.mean()
    if paired:
        if np.ptp(y - r * x) <= 1e-12 * scale_of([x, y]):
            raise Unanswerable("the ratio was the same for every seed, so its spread cannot be estimated")
        df, n = len(x) - 1.0, len(x)
    else:
        if var_a + var_b == 0:
            raise Unanswerable("no arm varies between seeds, so the spread cannot be estimated")
        df, n = float(_df([r * r * var_a, var_b], [len(x), len(y)])), len(x) + len(y)
    return Fieller(mean_a=float(x.mean()), mean_b=float(y.mean()), var_a=float(var_a), var_b=float(var_b),
                   cov=cov, df=df, n=n, method="Fieller, paired" if paired else "Fieller, Welch")  # fmt: skip


def infer_median(a: Sample, b: Sample, *, paired: bool) -> Ranked:
    """Inference for the Hodges-Lehmann shift; see `median_difference`."""
    import numpy as np

    x, y = _finite(a), _finite(b)
    if paired:
        d = np.subtract(*_table([y, x]))
        _enough([d])
        first, second = np.triu_indices(len(d))
        points, tail, n = (d[first] + d[second]) / 2, _signed_rank_tail(len(d)), len(d)
        method = "Hodges-Lehmann, signed rank"
    else:
        _enough([x, y])
        points, tail = (y[:, None] - x[None, :]).ravel(), _mann_whitney_tail(len(x), len(y))
        n, method = len(x) + len(y), "Hodges-Lehmann, Mann-Whitney"
    return Ranked(points=tuple(np.sort(points).tolist()), tail=tail, n=n, method=method)


def _one_sample(values: "np.ndarray", scale: float, limits: Bounds | None) -> StudentT | Constant:
    import numpy as np

    _enough([values])
    n, centre = len(values), float(values.mean())
    if np.ptp(values) <= 1e-12 * scale:
        return _constant(centre, limits, n, 1)
    se = float(values.std(ddof=1)) / math.sqrt(n)
    return StudentT(value=centre, se=se, df=n - 1.0, n=n, method="t, by seed")


def _satterthwaite(
    rows: list["np.ndarray"], weights: Sequence[float], bounds: Bounds | None
) -> StudentT | Constant:
    _enough(rows)
    value = sum(w * float(r.mean()) for w, r in zip(weights, rows, strict=True))
    parts = [w * w * float(r.var(ddof=1)) / len(r) for w, r in zip(weights, rows, strict=True)]
    sizes, total = [len(r) for r in rows], sum(len(r) for r in rows)
    if sum(parts) <= (1e-12 * scale_of(rows)) ** 2:
        return _constant(value, range_of(weights, bounds), min(sizes), len(rows))
    return StudentT(value=value, se=math.sqrt(sum(parts)), df=_df(parts, sizes), n=total,
                    method="t, Welch-Satterthwaite")  # fmt: skip


def _constant(value: float, limits: Bounds | None, n: int, parts: int) -> Constant:
    if limits is None:
        raise Unanswerable("every seed gave the same value, so its spread cannot be estimated")
    lowest, highest = min(limits[0], value), max(limits[1], value)
    return Constant(value=value, lowest=lowest, highest=highest, n=n, parts=parts,
                    method="no spread, Clopper-Pearson bound")  # fmt: skip


def _df(parts: Sequence[float], sizes: Sequence[int]) -> float:
    """Satterthwaite (1946): (sum v)^2 / sum(v^2 / (n - 1))."""
    return sum(parts) ** 2 / sum(v * v / (n - 1) for v, n in zip(parts, sizes, strict=True) if v > 0)


def range_of(weights: Sequence[float], bounds: Bounds | None) -> Bounds | None:
    """The smallest and largest value that sum(w y) can take for y within `bounds`."""
    if bounds is None:
        return None
    low, high = bounds
    return (sum(w * (low if w > 0 else high) for w in weights),
            sum(w * (high if w > 0 else low) for w in weights))  # fmt: skip


def _finite(values: Sample) -> "np.ndarray":
    import numpy as np

    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or not np.isfinite(array).all():
        raise ValueError("statistics take one finite number per seed; drop or restrict the others first")
    return array


def _table(rows: list["np.ndarray"]) -> "np.ndarray":
    import numpy as np

    if len({len(r) for r in rows}) != 1:
        raise ValueError("paired arms need one value for each common seed")
    return np.vstack(rows)


def _enough(rows: list["np.ndarray"]) -> None:
    if min(len(r) for r in rows) < 2:
        raise Unanswerable("fewer than two seeds can be compared")


def scale_of(rows: Sequence["np.ndarray"]) -> float:
    """The largest size of any value: what counts as no spread is a tiny part of it."""
    import numpy as np

    return max((float(np.abs(r).max()) for r in rows if len(r)), default=0.0)


def _signed_rank_tail(n: int) -> tuple[float, ...]:
    """P(T+ <= k), k = 0 .. n(n+1)/2, of Wilcoxon's signed-rank sum under symmetry."""
    import numpy as np

    chances = np.ones(1)
    for rank in range(1, n + 1):
        grown = np.zeros(len(chances) + rank)
        grown[: len(chances)] += chances / 2
        grown[rank:] += chances / 2
        chances = grown
    return tuple(np.minimum(np.cumsum(chances), 1.0).tolist())


def _mann_whitney_tail(n: int, m: int) -> tuple[float, ...]:
    """P(U <= k), k = 0 .. n m, of the Mann-Whitney count when both samples have one distribution."""
    import numpy as np

    chances = np.zeros((n + 1, n * m + 1))  # row i: U of i values of the first with j of the second
    chances[:, 0] = 1.0
    for j in range(1, m + 1):
        for i in range(1, n + 1):
            shifted = np.zeros(n * m + 1)
            shifted[j:] = chances[i - 1, : n * m + 1 - j]  # the largest is of the first sample
            chances[i] = (i * shifted + j * chances[i]) / (i + j)
    return tuple(np.minimum(np.cumsum(chances[n]), 1.0).tolist())
