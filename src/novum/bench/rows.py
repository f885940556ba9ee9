"""A benchmark's rows: a share or a difference with its 95 % limits, and what it was to reach."""

import math
from collections.abc import Iterable

from novum.records import Record


class Row(Record, kw_only=True):
    """`value` with `low` and `high`; `target` in words, and whether it is `met` (None: there is none).

    `n` counts what the value is a share of. A row without anything to count has no value.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    target: str = ""
    met: bool | None = None


def clopper_pearson(hits: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Exact two-sided limits of a binomial proportion (Clopper & Pearson 1934)."""
    from scipy.special import betaincinv

    half = (1 - level) / 2
    low = float(betaincinv(hits, n - hits + 1, half)) if hits else 0.0
    high = float(betaincinv(hits + 1, n - hits, 1 - half)) if hits < n else 1.0
    return low, high


def share(name: str, found: Iterable[bool], **limits: float) -> Row:
    """The share of `found` that is true, judged by the limits given (see `_met`)."""
    outcomes = list(found)
    if not outcomes:
        return Row(name=name, value=None, low=None, high=None, n=0, target=wanted(limits),
                   met=False if limits else None)  # fmt: skip
    hits, n = sum(outcomes), len(outcomes)
    low, high = clopper_pearson(hits, n)
    met = _met(hits / n, low, high, limits) if limits else None
    return Row(name=name, value=hits / n, low=low, high=high, n=n, target=wanted(limits), met=met)


def mean(name: str, values: Iterable[float], **limits: float) -> Row:
    """The mean of `values` with normal limits, judged as a share is."""
    found = list(values)
    n = len(found)
    if n < 2:
        return Row(name=name, value=None, low=None, high=None, n=n, target=wanted(limits),
                   met=False if limits else None)  # fmt: skip
    centre = sum(found) / n
    reach = 1.96 * math.sqrt(sum((v - centre) ** 2 for v in found) / (n - 1) / n)
    met = _met(centre, centre - reach, centre + reach, limits) if limits else None
    return Row(name=name, value=centre, low=centre - reach, high=centre + reach, n=n, target=wanted(limits),
               met=met)  # fmt: skip


WORDS = {
    "at_least": "≥ {:g}",
    "at_most": "≤ {:g}",
    "low_at_least": "lower ≥ {:g}",
    "high_at_least": "upper ≥ {:g}",
    "high_at_most": "upper ≤ {:g}",
}


def wanted(limits: dict[str, float]) -> str:
    return ", ".join(WORDS[key].format(bound) for key, bound in limits.items())


def _met(value: float, low: float, high: float, limits: dict[str, float]) -> bool:
    kept = {
        "at_least": lambda bound: value >= bound,
        "at_most": lambda bound: value <= bound,
        "low_at_least": lambda bound: low >= bound,
        "high_at_least": lambda bound: high >= bound,
        "high_at_most": lambda bound: high <= bound,
    }
    return all(kept[key](bound) for key, bound in limits.items())
