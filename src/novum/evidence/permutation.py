"""Permutation tests, the cross-check of every parametric test, and intervals by inverting them.

Paired data: signs of the within-seed differences are flipped (exact under symmetry of the differences
about the null value). Independent samples: labels are permuted with the studentised statistic, which keeps
its level asymptotically also when variances differ (Janssen 1997; Chung & Romano 2013, Ann. Stat. 41:484).
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from novum.evidence.inference import Sample

if TYPE_CHECKING:
    import numpy as np

EXACT_FLIPS = 34  # seeds up to which all 2^n sign patterns are counted (two halves of 2^17 sums)
EXACT_LABELS = 100_000  # relabellings up to which all are counted
DRAWS = 20_000


def sign_flip_p(differences: Sample, null: float = 0.0, *, seed: int = 0) -> float:
    """Two-sided p-value of "differences are symmetric about `null`", statistic |sum|.

    Assumes independent seeds; symmetry is what it tests (Fisher 1935, The Design of Experiments, ch. 3).
    Exact for n <= 34, counted by meeting in the middle: sums of the two halves are combined by a sorted
    search, so 2^n patterns cost 2^(n/2). Above, 20,000 patterns are drawn with `seed` and
    p = (1 + hits) / (1 + draws) (Phipson & Smyth 2010). The smallest attainable value is 2 / 2^n.

    Raises:
        ValueError: on an empty or non-finite sample.
    """
    import numpy as np

    d = _finite(differences) - null
    edge = abs(d.sum()) - 1e-12 * float(np.abs(d).sum())
    if len(d) > EXACT_FLIPS:
        signs = _generator(seed).integers(0, 2, (DRAWS, len(d)), dtype=np.int8) * 2 - 1
        return float((1 + np.count_nonzero(np.abs(signs @ d) >= edge)) / (1 + DRAWS))
    if edge <= 0:
        return 1.0
    left, right = _signed_sums(d[: len(d) // 2]), np.sort(_signed_sums(d[len(d) // 2 :]))
    reaching = len(right) - np.searchsorted(right, edge - left, side="left")
    return min(1.0, 2 * float(reaching.sum()) / 2.0 ** len(d))


def label_p(a: Sample, b: Sample, null: float = 0.0, *, seed: int = 0) -> float:
    """Two-sided p-value of "b - null and a come from one distribution", studentised difference of means.

    Assumes independent seeds within and between arms. Exact if the arms differ by a shift at most; else of
    the right level for large n (Janssen 1997; Chung & Romano 2013). All relabellings are counted up to
    100,000, else 20,000 are drawn with `seed`.
    """
    import numpy as np

    x, y = _finite(a), _finite(b) - null
    pooled, size = np.concatenate([y, x]), len(y)
    pooled = pooled - pooled.mean()  # keeps the sums of squares below from cancelling
    chosen = _labellings(len(pooled), size, seed)
    statistic = np.abs(_studentised(pooled, chosen))
    observed = abs(_studentised(pooled, np.arange(len(pooled))[None, :] < size)[0])
    hits = np.count_nonzero(statistic >= observed * (1 - 1e-10))
    if math.comb(len(pooled), size) <= EXACT_LABELS:
        return float(hits / len(chosen))
    return float((1 + hits) / (1 + len(chosen)))


def sign_flip_interval(differences: Sample, level: float, *, seed: int = 0) -> tuple[float, float]:
    """The centre values that the sign-flip test does not reject at 1 - `level`.

    Infinite when even the smallest attainable p-value exceeds 1 - `level`.
    """
    d = _finite(differences)
    return _invert(lambda null: sign_flip_p(d, null, seed=seed), float(d.mean()), float(d.max() - d.min()),
                   1 - level)  # fmt: skip


def label_interval(
    a: Sample, b: Sample, level: float, *, seed: int = 0
) -> tuple[float, float]:
    """The shifts mean(b) - mean(a) that the label-permutation test does not reject at 1 - `level`."""
    x, y = _finite(a), _finite(b)
    spread = float(max(x.max(), y.max()) - min(x.min(), y.min()))
    return _invert(lambda null: label_p(x, y, null, seed=seed), float(y.mean() - x.mean()), spread, 1 - level)


def _invert(p: Callable[[float], float], centre: float, spread: float, alpha: float) -> tuple[float, float]:
    """Both ends of {null: p(null) > alpha} by bisection; p falls away from the centre on either side."""
    return tuple(_edge(p, centre, side * 4 * (spread or 1.0), alpha) for side in (-1, 1))  # type: ignore[return-value]


def _edge(p: Callable[[float], float], centre: float, reach: float, alpha: float) -> float:
    if p(centre + reach) > alpha:
        return math.copysign(math.inf, reach)
    inside, outside = centre, centre + reach
    for _ in range(40):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if p(middle) > alpha else (inside, middle)
    return inside


def _finite(values: Sample) -> "np.ndarray":
    import numpy as np

    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or len(array) == 0 or not np.isfinite(array).all():
        raise ValueError("a permutation test needs a non-empty list of finite numbers")
    return array


def _signed_sums(d: "np.ndarray") -> "np.ndarray":
    """The 2^n sums of +-d."""
    import numpy as np

    sums = np.zeros(1)
    for value in d:
        sums = np.concatenate([sums + value, sums - value])
    return sums


def _generator(seed: int) -> Any:
    import numpy as np

    return np.random.Generator(np.random.PCG64(seed))


def _labellings(total: int, size: int, seed: int) -> "np.ndarray":
    """Boolean rows with `size` true entries: all of them, or a sample."""
    from itertools import combinations

    import numpy as np

    if math.comb(total, size) <= EXACT_LABELS:
        rows = np.array(list(combinations(range(total), size)))
    else:
        rows = np.argsort(_generator(seed).random((DRAWS, total)), axis=1)[:, :size]
    chosen = np.zeros((len(rows), total), dtype=bool)
    np.put_along_axis(chosen, rows, True, axis=1)
    return chosen


def _studentised(pooled: "np.ndarray", chosen: "np.ndarray") -> "np.ndarray":
    import numpy as np

    def moments(mask: "np.ndarray") -> tuple["np.ndarray", "np.ndarray"]:
        count = mask.sum(axis=1)
        mean = mask @ pooled / count
        variance = np.maximum(mask @ pooled**2 / count - mean**2, 0) / np.maximum(count - 1, 1)
        return mean, variance

    centred_first, var_first = moments(chosen)
    centred_second, var_second = moments(~chosen)
    floor = 1e-12 * max(float(np.abs(pooled).max()), 1e-300)
    return (centred_first - centred_second) / np.sqrt(var_first + var_second + floor**2)
