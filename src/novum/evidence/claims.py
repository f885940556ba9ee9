"""Claims: from a registered contrast and its confirmation to a verdict.

A verdict is read off an interval drawn at the level that Holm's procedure gave its claim, so the two never
disagree. Supported: wholly beyond the margin in the direction predicted (for "equivalent": wholly within
both margins). Refuted: wholly on the other side (wholly outside one margin). Otherwise inconclusive.
The p-value of a claim is that of its boundary: the margin, or the larger of the two for equivalence, where
it is twice that of the two one-sided tests (Schuirmann 1987), the interval being two-sided.
"""

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from novum.canonical import derive_seed
from novum.evidence import statistics
from novum.evidence.inference import Constant, Inference
from novum.evidence.multiplicity import holm
from novum.evidence.permutation import label_p, sign_flip_p
from novum.evidence.samples import MISSING_SHARE, Arm, bounds_of, gather
from novum.evidence.statistics import Unanswerable
from novum.records import Config, Contrast, Decision, Domain, Level, Measurement, Protocol, Record, Verdict

if TYPE_CHECKING:
    import numpy as np


def arms(contrast: Contrast, base: Config) -> tuple[Config, ...]:
    """The full configurations that a contrast compares, in the order that its weights take.

    Two arms (a, b); an interaction has four (a and b under the first context, then under the second); a
    slope has one per level, in the order of `levels`.
    """
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


def family_arms(contrasts: Sequence[Contrast], base: Config) -> tuple[Config, ...]:
    """All different arms of a family, in the order of their first use."""
    found: list[Config] = []
    for contrast in contrasts:
        found.extend(arm for arm in arms(contrast, base) if arm not in found)
    return tuple(found)


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
    if contrast.estimand == "interaction":
        return statistics.INTERACTION
    if contrast.estimand == "slope":
        return statistics.slope_weights(slope_positions(contrast, domain))
    return (-1.0, 1.0)


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


def decide(
    protocol: Protocol, measurements: Iterable[Measurement], seeds: Sequence[int], domain: Domain
) -> list[Decision]:
    """The verdict on each registered contrast, in the order of the protocol.

    `seeds` are the confirmation seeds in their registered order; all arms share them. Only confirm
    measurements under the registered evaluator are looked at. Before every arm has a record for every
    planned seed, all of a contrast's values stay None and it is inconclusive.
    """
    usable = [m for m in measurements
              if m.phase == "confirm" and m.evaluator_hash == protocol.evaluator_hash
              and not m.self_reported]  # fmt: skip
    planned = tuple(seeds)[: protocol.seeds_per_arm]
    weighed = [_weigh(c, protocol, domain, usable, planned) for c in protocol.contrasts]
    decisions: dict[str, Decision] = {}
    for family in sorted({w.contrast.family for w in weighed}):
        members = [w for w in weighed if w.contrast.family == family]
        result = holm([w.p for w in members], protocol.alpha)
        for w, adjusted, alpha in zip(members, result.adjusted, result.levels, strict=True):
            decisions[w.contrast.id] = _decision(w, adjusted, alpha)
    return [decisions[c.id] for c in protocol.contrasts]


class Weighed(Record, kw_only=True):
    """A contrast with its evidence, before its level is known. `why` is set where nothing can be said."""

    contrast: Contrast
    inference: object | None = None
    p: float = 1.0
    extremes: tuple[object, ...] = ()
    cross_p: float | None = None
    cross: str = ""
    why: str = ""
    note: str = ""
    n: dict[str, int]
    ids: tuple[str, ...]


def _weigh(
    contrast: Contrast, protocol: Protocol, domain: Domain, measurements: list[Measurement],
    seeds: Sequence[int],
) -> Weighed:  # fmt: skip
    metric = domain.metric(contrast.metric)
    found = [gather(config, metric, seeds, measurements) for config in arms(contrast, protocol.base)]
    known = {"contrast": contrast, "n": _counts(found, len(seeds)), "ids": _ids(found)}
    why = _obstacle(found, len(seeds) < protocol.seeds_per_arm, metric.kind == "time_to_event")
    if why:
        return Weighed(**known, why=why)
    test = Analysis(contrast, weights_of(contrast, domain), protocol.pairing == "paired", bounds_of(metric))
    table = _fill(found, len(seeds))
    try:
        inference = test.infer(table)
        extremes = tuple(test.infer(t) for t in _extreme_tables(table, test.weights))
    except Unanswerable as reason:
        return Weighed(**known, why=str(reason))
    p = max(inference.p_value(edge) for edge in boundaries(contrast))
    known["n"] = {**known["n"], "used": inference.n}
    cross, cross_p = test.cross_check(table, inference, derive_seed(protocol.hash, contrast.id))
    return Weighed(**known, inference=inference, extremes=extremes, p=p, cross=cross, cross_p=cross_p,
                   note=_note(found))  # fmt: skip


class Analysis:
    """How one contrast is analysed: chosen by its estimand and the protocol, never by the data."""

    def __init__(self, contrast: Contrast, weights: tuple[float, ...], paired: bool,
                 bounds: tuple[float, float] | None):  # fmt: skip
        self.contrast, self.weights, self.paired, self.bounds = contrast, weights, paired, bounds

    def infer(self, table: "np.ndarray") -> Inference:
        """Inference from a table of arms x seeds with NaN where a value is missing."""
        rows = self._rows(table)
        if self.contrast.estimand == "ratio":
            return statistics.infer_ratio(rows[0], rows[1], paired=self.paired)
        if self.contrast.estimand == "median_diff":
            return statistics.infer_median(rows[0], rows[1], paired=self.paired)
        return statistics.infer_contrast(rows, self.weights, paired=self.paired, bounds=self.bounds)

    def cross_check(self, table: "np.ndarray", inference: Inference, seed: int) -> tuple[str, float | None]:
        """Name and p-value of the permutation test at the same boundary; none for data without spread."""
        if isinstance(inference, Constant):
            return "", None
        edges = boundaries(self.contrast)
        if not self.paired and len(table) == 2:
            a, b = self._rows(table)
            if self.contrast.estimand == "ratio":
                return "label permutation", max(label_p(a * edge, b, 0.0, seed=seed) for edge in edges)
            return "label permutation", max(label_p(a, b, edge, seed=seed) for edge in edges)
        return "sign flip", max(sign_flip_p(*self._centred(table, edge), seed=seed) for edge in edges)

    def _centred(self, table: "np.ndarray", edge: float) -> tuple["np.ndarray", float]:
        """Per-seed values of the contrast, and the null value they are to be symmetric about."""
        import numpy as np

        complete = table[:, ~np.isnan(table).any(axis=0)]
        if self.contrast.estimand == "ratio":
            return complete[1] - edge * complete[0], 0.0
        return np.asarray(self.weights) @ complete, edge

    def _rows(self, table: "np.ndarray") -> list["np.ndarray"]:
        import numpy as np

        if self.paired:
            return list(table[:, ~np.isnan(table).any(axis=0)])
        return [row[~np.isnan(row)] for row in table]


def _fill(found: list[Arm], planned: int) -> "np.ndarray":
    import numpy as np

    table = np.full((len(found), planned), np.nan)
    for row, arm in enumerate(found):
        for place, value in arm.values.items():
            table[row, place] = value
    return table


def _extreme_tables(table: "np.ndarray", weights: tuple[float, ...]) -> list["np.ndarray"]:
    """The table with missing values replaced so as to raise, and so as to lower, the estimate most.

    Replacements are the largest and smallest values seen in any arm. Empty when nothing is missing.
    """
    import numpy as np

    missing = np.isnan(table)
    if not missing.any():
        return []
    largest, smallest = np.nanmax(table), np.nanmin(table)
    up = np.where(np.asarray(weights) > 0, largest, smallest)[:, None]
    down = np.where(np.asarray(weights) > 0, smallest, largest)[:, None]
    return [np.where(missing, up, table), np.where(missing, down, table)]


def _obstacle(found: list[Arm], short: bool, timed: bool) -> str:
    """Why nothing may be concluded, or nothing. No numbers: counts are in the decision's `n`."""
    if short or any(arm.absent for arm in found):
        return "the confirmation is unfinished: planned seeds have no record yet"
    if any(len(arm.failed) == arm.planned for arm in found):
        return "every seed of an arm failed"
    if any(arm.early for arm in found):
        return "runs were censored before the common horizon"
    if any(len(arm.duplicate) > MISSING_SHARE * arm.planned for arm in found):
        return "too many seeds of an arm gave byte-identical artefacts and count as one"
    if not timed and any(len(arm.failed) > MISSING_SHARE * arm.planned for arm in found):
        return "too many seeds of an arm failed"
    if any(arm.lost > MISSING_SHARE * arm.planned for arm in found):
        return "the metric is undefined or missing for too many seeds of an arm"
    return ""


def _note(found: list[Arm]) -> str:
    """What a reader should know of a contrast that was tested."""
    notes = []
    if all(arm.events and not any(arm.events.values()) for arm in found):
        notes.append("no run of any arm reached the event before the horizon")
    if any(arm.duplicate for arm in found):
        notes.append("seeds with byte-identical artefacts were dropped")
    if any(arm.failed or arm.undefined for arm in found):
        notes.append("seeds that failed or were undefined are counted")
    return "; ".join(notes)


def _counts(found: list[Arm], planned: int) -> dict[str, int]:
    return {
        "arms": len(found),
        "planned": planned,
        "used": 0,
        "censored": sum(arm.censored for arm in found),
        "failed": sum(len(arm.failed) for arm in found),
        "undefined": sum(len(arm.undefined) for arm in found),
        "duplicates": sum(len(arm.duplicate) for arm in found),
        "absent": sum(len(arm.absent) for arm in found),
    }


def _ids(found: list[Arm]) -> tuple[str, ...]:
    return tuple(i for arm in found for i in arm.ids)


def _decision(w: Weighed, adjusted: float, alpha: float) -> Decision:
    inference: Inference | None = w.inference  # type: ignore[assignment]
    level = 1 - alpha
    if inference is None:
        return Decision(claim=w.contrast.id, verdict="inconclusive", estimate=None, low=None, high=None,
                        level=level, p_value=None, p_adjusted=None, method="", n=w.n, reason=w.why,
                        measurements=w.ids)  # fmt: skip
    low, high = inference.interval(level)
    said, reason = verdict(w.contrast, low, high), w.note
    if any(verdict(w.contrast, *e.interval(level)) != said for e in w.extremes):  # type: ignore[attr-defined]
        said = "inconclusive"
        reason += "; the verdict would change with the least favourable values for the missing seeds"
    agrees = w.cross_p is None or (w.cross_p <= alpha) == (w.p <= alpha)
    return Decision(
        claim=w.contrast.id, verdict=said, estimate=inference.value, level=level,
        low=low if math.isfinite(low) else None, high=high if math.isfinite(high) else None,
        p_value=w.p, p_adjusted=adjusted, method=inference.method, n=w.n, cross_check=w.cross,
        cross_check_p=w.cross_p, agrees=agrees, reason=reason, measurements=w.ids,
    )  # fmt: skip


def _level(value: Level) -> Level:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
