"""What a contrast compares: its arms, its weights, and the values at which its verdict turns."""

import math
from collections.abc import Sequence

from novum.evidence import estimators, factorial
from novum.records import Config, Contrast, Domain, Level, Verdict


def arms(contrast: Contrast, base: Config) -> tuple[Config, ...]:
    """The full configurations that a contrast compares, in the order that its weights take.

    Two arms (a, b); an interaction has four (a and b under the first context, then under the second); a
    slope has one per level, in the order of `levels`; an effect averaged over a design has all its points,
    fraction by fraction.
    """
    if contrast.points:
        return tuple(point for fraction in fractions(contrast) for point in fraction)
    if contrast.estimand == "interaction":
        if len(contrast.contexts) != 2:
            raise ValueError(f"the interaction {contrast.id} needs exactly two contexts")
        parts = [{**context, **side} for context in contrast.contexts for side in (contrast.a, contrast.b)]
    elif contrast.estimand == "slope":
        factor = slope_factor(contrast)
        parts = [{**contrast.a, factor: level} for level in slope_levels(contrast)]
    else:
        parts = [contrast.a, contrast.b]
    return tuple({name: _level(v) for name, v in {**base, **part}.items()} for part in parts)


def fractions(contrast: Contrast) -> list[tuple[Config, ...]]:
    """The points of each fraction of a contrast's design."""
    return [factorial.turned(contrast.points, names) for names in contrast.turned or ((),)]


def family_arms(contrasts: Sequence[Contrast], base: Config) -> tuple[Config, ...]:
    """All different arms of a family, in the order of their first use."""
    found: list[Config] = []
    for contrast in contrasts:
        found.extend(arm for arm in arms(contrast, base) if arm not in found)
    return tuple(found)


def arms_of_seed(contrasts: Sequence[Contrast], base: Config) -> int:
    """How many arms of a family one seed is run on."""
    return len(family_arms(contrasts, base)) // max((c.fractions for c in contrasts), default=1)


def slope_factor(contrast: Contrast) -> str:
    """The one factor whose level differs between a and b."""
    changed = [f for f in contrast.a if contrast.a[f] != contrast.b.get(f)]
    if len(changed) != 1:
        raise ValueError(f"the slope {contrast.id} needs exactly one factor that differs between a and b")
    return changed[0]


def slope_levels(contrast: Contrast) -> tuple[Level, ...]:
    factor = slope_factor(contrast)
    return contrast.levels or (contrast.a[factor], contrast.b[factor])


def slope_positions(contrast: Contrast, domain: Domain) -> tuple[float, ...]:
    """Levels on the scale of the factor, with a's level at 0 and b's at 1.

    A slope is so in the metric's unit: the change from a to b along the fitted line. Log factors are placed
    by their logarithm, ordinal ones by their rank.
    """
    name, levels = slope_factor(contrast), slope_levels(contrast)
    factor = domain.factor(name)

    def place(level: Level) -> float:
        if factor.kind == "numeric":
            return math.log(float(level)) if factor.scale == "log" else float(level)
        return float((factor.levels or levels).index(level))

    start, end = place(contrast.a[name]), place(contrast.b[name])
    return tuple((place(level) - start) / (end - start) for level in levels)


def weights_of(contrast: Contrast, domain: Domain) -> tuple[float, ...]:
    """One weight per arm; the estimate is the weighted sum of the arms' means (a ratio: the signs only)."""
    if contrast.points:
        return _weights(contrast, _sides(contrast, arms(contrast, {})))
    if contrast.estimand == "interaction":
        return estimators.INTERACTION
    if contrast.estimand == "slope":
        return estimators.slope_weights(slope_positions(contrast, domain))
    return (-1.0, 1.0)


def _weights(contrast: Contrast, after: Sequence[bool]) -> tuple[float, ...]:
    """1/n at the points that have b's levels, -1/m at those that have a's."""
    if contrast.estimand not in ("mean_diff", "rmst_diff"):
        raise ValueError(f"{contrast.id} averages over a design, which only a difference of means can do")
    ups = sum(after)
    return tuple(1 / ups if up else -1 / (len(after) - ups) for up in after)


def _sides(contrast: Contrast, points: Sequence[Config]) -> list[bool]:
    """Which points have b's levels; the others have a's.

    Raises:
        ValueError: a point has the levels of neither, or all have those of one.
    """
    after, before = ([has(point, side) for point in points] for side in (contrast.b, contrast.a))
    if not (any(before) and any(after)) or any(x == y for x, y in zip(before, after, strict=True)):
        raise ValueError(f"every point of {contrast.id} must have the levels of either a or b, and some each")
    return after


def has(point: Config, side: Config) -> bool:
    """Whether a point of a design has the levels of a side of a contrast."""
    return all(point[name] == level for name, level in side.items())


def rows_of(contrast: Contrast, domain: Domain, base: Config) -> tuple[tuple[float, ...], list[list[Config]]]:
    """The rows of the table that a contrast is tested on: one weight each, and its arm in every fraction.

    Where seeds share out fractions, a row is a point of the fraction that a seed runs: first those that have
    a's levels, then those that have b's, in the order of the design. What else is in a row differs from one
    fraction to the next, which does not matter, as the test is of weighted sums within a seed.
    """
    if not contrast.turned:
        return weights_of(contrast, domain), [[arm] for arm in arms(contrast, base)]
    sorted_ = [sorted(points, key=lambda p: has(p, contrast.b)) for points in fractions(contrast)]
    weights = _weights(contrast, _sides(contrast, sorted_[0]))
    return weights, [list(row) for row in zip(*sorted_, strict=True)]


def averaged(contrast: Contrast) -> tuple[str, ...]:
    """The other factors that vary over a contrast's points, sorted; none without a design."""
    if not contrast.points:
        return ()
    first = contrast.points[0]
    varied = (name for name in sorted(first) if any(p[name] != first[name] for p in contrast.points))
    return tuple(name for name in varied if name not in contrast.b)


def weight_norm(contrast: Contrast, domain: Domain) -> float:
    """SD of the contrast of one seed, in units of the within-arm SD: the `weight` of `planning`."""
    return math.sqrt(contrast.fractions * sum(w * w for w in weights_of(contrast, domain)))


def boundaries(contrast: Contrast) -> tuple[float, ...]:
    """The values whose exclusion by the interval makes a verdict: one, or two for equivalence."""
    margin = contrast.margin
    if margin < 0 or (contrast.estimand == "ratio" and margin <= 1):
        raise ValueError(f"the margin of {contrast.id} must not be negative, and exceed 1 for a ratio")
    low, high = (1 / margin, margin) if contrast.estimand == "ratio" else (-margin, margin)
    return {"greater": (high,), "less": (low,), "equivalent": (low, high)}[contrast.direction]


def verdict(contrast: Contrast, low: float, high: float) -> Verdict:
    """Read a verdict off an interval."""
    edges = boundaries(contrast)
    if contrast.direction == "equivalent":
        inside = edges[0] < low and high < edges[1]
        outside = high < edges[0] or low > edges[1]
    else:
        above, below = low > edges[0], high < edges[0]
        inside, outside = (above, below) if contrast.direction == "greater" else (below, above)
    return "supported" if inside else "refuted" if outside else "inconclusive"


def held(contrast: Contrast) -> Config:
    """The factors that both arms of a contrast hold at one level other than the base's."""
    return {k: v for k, v in sorted(contrast.a.items()) if k in contrast.b and contrast.b[k] == v}


def question_kind(contrast: Contrast) -> str:
    """The kind of question that a contrast asks, read off its shape.

    One of main_effect, equivalence, dose_response, interaction, best_setting, and robustness: a main effect
    at a level of another factor that is not the base's.
    """
    if contrast.estimand in ("interaction", "slope"):
        return "interaction" if contrast.estimand == "interaction" else "dose_response"
    if held(contrast):
        return "robustness"
    if len({**contrast.a, **contrast.b}) > 1:
        return "best_setting"
    return "equivalence" if contrast.direction == "equivalent" else "main_effect"


def _level(value: Level) -> Level:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
