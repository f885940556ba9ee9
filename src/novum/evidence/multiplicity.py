"""Holm's step-down over a family, with the levels at which intervals must be drawn to match it.

Holm (1979, Scand. J. Stat. 6:65) controls the chance of any false rejection under every dependence. The
i-th smallest p-value is compared with alpha / (m - i + 1), and testing stops at the first that exceeds it.
An interval drawn at 1 - (the level its hypothesis was compared with) then excludes the null value exactly
when the hypothesis is rejected; everything from the first failure on is drawn at that failure's level.
Each such interval covers with at least 1 - alpha taken alone; jointly the step-down intervals are not a
confidence region (that would need Bonferroni's level for all).
"""

from collections.abc import Sequence

from novum.records import Record


class HolmResult(Record, kw_only=True):
    """Per hypothesis, in the order given: adjusted p-value, the level compared with, and rejection."""

    adjusted: tuple[float, ...]
    levels: tuple[float, ...]
    rejected: tuple[bool, ...]


def holm(p_values: Sequence[float], alpha: float) -> HolmResult:
    """Holm's procedure over `p_values`; a hypothesis that could not be tested enters with p = 1.

    Raises:
        ValueError: if a p-value is not in [0, 1] or alpha not in (0, 1).
    """
    if not 0 < alpha < 1 or not all(0 <= p <= 1 for p in p_values):
        raise ValueError("p-values must lie in [0, 1] and alpha in (0, 1)")
    size = len(p_values)
    order = sorted(range(size), key=lambda i: (p_values[i], i))
    adjusted, levels, rejected = [1.0] * size, [alpha] * size, [False] * size
    running, stopped_at = 0.0, 0.0
    for place, i in enumerate(order):
        level = stopped_at or alpha / (size - place)
        running = max(running, min(1.0, (size - place) * p_values[i]))
        if not stopped_at and p_values[i] > level:
            stopped_at = level
        adjusted[i], levels[i], rejected[i] = running, level, not stopped_at
    return HolmResult(adjusted=tuple(adjusted), levels=tuple(levels), rejected=tuple(rejected))
