"""Designs for exploration: few points, spread out, every level used about equally often.

A design is a balanced random table (each factor's levels occur equally often, plus or minus one), improved
by swaps within columns towards the maximin criterion in its smooth form (Morris & Mitchell 1995): the
mixed-level relative of a Latin hypercube. The first point is the baseline; no point occurs twice.
"""

import math
import random
from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

from novum.records import Config, Factor, Level

if TYPE_CHECKING:
    import numpy as np

GRID = 5  # levels laid over a range: enough to see curvature, few enough to replicate
SINGLE = 4  # one in so many points moves a single factor, where that is asked for
SWAPS = 1500
POWER = 8  # of the smoothed maximin criterion
SMALL = 20_000  # full factorials up to this size are listed rather than sampled

Design = tuple[Config, ...]


def levels_of(factor: Factor, count: int = GRID) -> tuple[Level, ...]:
    """The levels that a design may use: those declared, or `count` over the range with the baseline.

    Levels over a range are evenly spaced on the factor's scale, rounded to three significant digits; the
    one nearest the baseline is replaced by it, ends excepted.
    """
    if factor.levels or factor.range is None:
        return factor.levels or (factor.baseline,)
    low, high = factor.range
    steps = [i / (count - 1) for i in range(count)]
    if factor.scale == "log":
        grid = [low * (high / low) ** s for s in steps]
    else:
        grid = [low + (high - low) * s for s in steps]
    rounded = [low, *(_round(v) for v in grid[1:-1]), high]
    baseline = float(factor.baseline)
    if baseline not in rounded:
        nearest = min(range(1, count - 1), key=lambda i: abs(position(factor, rounded[i]) -
                                                             position(factor, baseline)))  # fmt: skip
        rounded[nearest] = baseline
    return tuple(rounded)


def position(factor: Factor, level: Level) -> float:
    """Where a numeric or ordinal level lies between the factor's lowest (0) and highest (1)."""
    if factor.kind == "numeric":
        ends = factor.range or (min(map(float, factor.levels)), max(map(float, factor.levels)))
        low, high, here = (_scaled(factor, float(v)) for v in (*ends, level))
        return (here - low) / (high - low) if high > low else 0.0
    return factor.levels.index(level) / max(1, len(factor.levels) - 1)


def design(
    factors: Sequence[Factor],
    size: int,
    seed: int,
    *,
    base: Config | None = None,
    one_at_a_time: bool = False,
) -> Design:
    """At most `size` different configurations over `factors`, the first being the base.

    `base` is a full configuration (default: the baselines); factors not given stay there. With
    `one_at_a_time`, points that move a single factor to an end (or another category) come next, as far as
    a quarter of the size allows, and the rest fills the space around them. If `size` covers the full
    factorial, that is the design.

    Raises:
        ValueError: `size` < 1.
    """
    if size < 1:
        raise ValueError("a design needs at least one point")
    grid = [levels_of(f) for f in factors]
    start = dict(base) if base is not None else {f.name: f.baseline for f in factors}
    fixed = [start, *(_single_moves(factors, grid, start, size // SINGLE) if one_at_a_time else [])]
    fixed = fixed[:size]
    if math.prod(len(g) for g in grid) <= min(size, SMALL):
        return _without_repeats([start, *(start | _named(factors, row) for row in product(*grid))])
    rng = random.Random(seed)
    rows = _fill(factors, grid, fixed, size - len(fixed), rng)
    found = [*fixed, *(start | _named(factors, row) for row in rows)]
    while len(kept := _without_repeats(found)) < size:  # a repeat makes room for a point not yet there
        found.append(start | _named(factors, [rng.choice(levels) for levels in grid]))
    return kept


def _single_moves(
    factors: Sequence[Factor], grid: list[tuple[Level, ...]], start: Config, limit: int
) -> list[Config]:
    """Moves of one factor, high ends (or next categories) of all factors before low ends."""
    choices = []
    for factor, levels in zip(factors, grid, strict=True):
        ends = levels if factor.kind == "categorical" else (levels[-1], levels[0])
        choices.append([{factor.name: level} for level in ends if level != start[factor.name]])
    longest = max((len(c) for c in choices), default=0)
    turns = [c[i] for i in range(longest) for c in choices if i < len(c)]
    return [start | move for move in turns[:limit]]


def _fill(
    factors: Sequence[Factor],
    grid: list[tuple[Level, ...]],
    fixed: list[Config],
    count: int,
    rng: random.Random,
) -> list[tuple[Level, ...]]:
    """`count` rows balanced together with the fixed ones, spread by swaps."""
    if count <= 0:
        return []
    import numpy as np

    columns = [_column(levels, [c[f.name] for c in fixed], count, rng)
               for f, levels in zip(factors, grid, strict=True)]  # fmt: skip
    coded = np.array([[_code(f, levels[i], levels) for i in column]
                      for f, levels, column in zip(factors, grid, columns, strict=True)])  # fmt: skip
    anchors = np.array([[_code(f, c[f.name], levels) for c in fixed]
                        for f, levels in zip(factors, grid, strict=True)])  # fmt: skip
    categorical = np.array([f.kind == "categorical" for f in factors])
    table = np.concatenate([anchors, coded], axis=1)
    chosen = np.array(columns)
    _spread(table, chosen, anchors.shape[1], categorical, rng)
    return [tuple(levels[chosen[k, row]] for k, levels in enumerate(grid)) for row in range(count)]


def _column(levels: tuple[Level, ...], used: list[Level], count: int, rng: random.Random) -> list[int]:
    """Level indices for `count` rows such that all rows together use the levels as evenly as can be."""
    tally = [used.count(level) for level in levels]
    order, column = list(range(len(levels))), []
    rng.shuffle(order)
    for _ in range(count):
        index = min(order, key=lambda i: (tally[i], order.index(i)))
        tally[index] += 1
        column.append(index)
    rng.shuffle(column)
    return column


def _spread(
    table: "np.ndarray", chosen: "np.ndarray", fixed: int, categorical: "np.ndarray", rng: random.Random
) -> None:
    """Swap entries of one column between two free rows wherever that spreads the points (in place)."""
    import numpy as np

    free = table.shape[1] - fixed
    if free < 2:
        return
    close = np.array([_closeness(table, r, categorical) for r in range(table.shape[1])])
    for _ in range(SWAPS):
        k, i, j = rng.randrange(len(table)), rng.randrange(free), rng.randrange(free)
        if chosen[k, i] == chosen[k, j]:
            continue
        before = close[fixed + i].sum() + close[fixed + j].sum()
        _swap(table, chosen, k, i, j, fixed)
        rows = [_closeness(table, fixed + r, categorical) for r in (i, j)]
        if rows[0].sum() + rows[1].sum() < before:
            for r, row in zip((fixed + i, fixed + j), rows, strict=True):
                close[r], close[:, r] = row, row
        else:
            _swap(table, chosen, k, i, j, fixed)


def _swap(table: "np.ndarray", chosen: "np.ndarray", k: int, i: int, j: int, fixed: int) -> None:
    chosen[k, [i, j]] = chosen[k, [j, i]]
    table[k, [fixed + i, fixed + j]] = table[k, [fixed + j, fixed + i]]


def _closeness(table: "np.ndarray", row: int, categorical: "np.ndarray") -> "np.ndarray":
    """Distance to every other row to the power -8; a repeat counts as very close, itself as far."""
    import numpy as np

    gap = np.abs(table - table[:, [row]])
    gap = np.where(categorical[:, None], (gap > 0).astype(float), gap)
    distance = np.sqrt((gap**2).mean(axis=0)) + 1e-3
    close = distance**-POWER
    close[row] = 0.0
    return close


def _code(factor: Factor, level: Level, levels: tuple[Level, ...]) -> float:
    if factor.kind == "categorical":
        return float(levels.index(level)) if level in levels else -1.0
    return position(factor, level)


def _named(factors: Sequence[Factor], row: Sequence[Level]) -> Config:
    return {f.name: level for f, level in zip(factors, row, strict=True)}


def _without_repeats(points: list[Config]) -> Design:
    kept: list[Config] = []
    for point in points:
        if point not in kept:
            kept.append(point)
    return tuple(kept)


def _scaled(factor: Factor, value: float) -> float:
    return math.log(value) if factor.scale == "log" else value


def _round(value: float) -> float:
    return float(f"{value:.3g}")
