"""Claims: from a registered contrast and its confirmation to a verdict.

A verdict is read off an interval drawn at the level that Holm's procedure gave its claim, so the two never
disagree. Supported: wholly beyond the margin in the direction predicted (for "equivalent": wholly within
both margins). Refuted: wholly on the other side (wholly outside one margin). Otherwise inconclusive.
The p-value of a claim is that of its boundary: the margin, or the larger of the two for equivalence, where
it is twice that of the two one-sided tests (Schuirmann 1987), the interval being two-sided.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

from novum.canonical import derive_seed
from novum.evidence.analysis import Analysis, extreme_tables, fill
from novum.evidence.bootstrap import draws_for
from novum.evidence.contrasts import (
    arms,
    boundaries,
    family_arms,
    rows_of,
    slope_factor,
    slope_levels,
    slope_positions,
    verdict,
    weights_of,
)
from novum.evidence.estimators import Unanswerable
from novum.evidence.inference import Inference
from novum.evidence.multiplicity import holm
from novum.evidence.samples import MISSING_SHARE, Arm, bounds_of, gather, merged
from novum.records import Config, Contrast, Decision, Domain, Measurement, Metric, Protocol, Record

__all__ = ["arms", "boundaries", "decide", "family_arms", "slope_factor", "slope_levels", "slope_positions",
           "verdict", "weights_of"]  # fmt: skip


def decide(
    protocol: Protocol, measurements: Iterable[Measurement], seeds: Sequence[int], domain: Domain
) -> list[Decision]:
    """The verdict on each registered contrast, in the order of the protocol.

    `seeds` are the confirmation seeds in their registered order; all arms share them, or those of a fraction
    of a design share every so-many-th. Only confirm
    measurements under the registered evaluator are looked at, and self-reported ones only in a domain that
    has no others, whose metrics are called so. Before every arm has a record for every planned seed, all of
    a contrast's values stay None and it is inconclusive.
    """
    usable = [m for m in measurements
              if m.phase == "confirm" and m.evaluator_hash == protocol.evaluator_hash
              and (domain.self_reported or not m.self_reported)]  # fmt: skip
    planned = tuple(seeds)[: protocol.seeds_per_arm]
    weighed = [_weigh(c, protocol, domain, usable, planned) for c in protocol.contrasts]
    return _decisions(protocol, {w.contrast.id: w for w in weighed})


def _decisions(protocol: Protocol, weighed: Mapping[str, "Weighed"]) -> list[Decision]:
    """Each claim at the level that Holm's procedure gives it among those it is corrected with."""
    found: dict[str, Decision] = {}
    for contrast in protocol.contrasts:
        if contrast.id not in found:
            members = [weighed[c.id] for c in protocol.corrected_with(contrast)]
            result = holm([w.p for w in members], protocol.alpha_of(contrast.id))
            for w, adjusted, alpha in zip(members, result.adjusted, result.levels, strict=True):
                found[w.contrast.id] = _decision(w, adjusted, alpha)
    return [found[c.id] for c in protocol.contrasts]


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
    weights, rows = rows_of(contrast, domain, protocol.base)
    found = [_row(row, metric, seeds, measurements) for row in rows]
    base = _base(protocol, metric, seeds, measurements)
    n = _counts(found, len(seeds))
    n["duplicates"] += sum(len(_besides(arm, protocol)) for arm in base)
    known = {"contrast": contrast, "n": n, "ids": _ids([*found, *base])}
    why = _obstacle([*found, *base], len(seeds) < protocol.seeds_per_arm, metric.kind == "time_to_event")
    if why:
        return Weighed(**known, why=why)
    strictest = protocol.alpha_of(contrast.id) / len(protocol.corrected_with(contrast))
    test = Analysis(contrast, weights, protocol.pairing == "paired", bounds_of(metric),
                    draws=draws_for(strictest),
                    seed=derive_seed(protocol.hash, contrast.id, "bootstrap"))  # fmt: skip
    table = fill(found, len(seeds))
    try:
        inference = test.infer(table)
        extremes = tuple(test.infer(t) for t in extreme_tables(table, test.weights))
    except Unanswerable as reason:
        return Weighed(**known, why=str(reason))
    p = max(inference.p_value(edge) for edge in boundaries(contrast))
    known["n"] = {**known["n"], "used": inference.n}
    cross, cross_p = test.cross_check(table, inference, derive_seed(protocol.hash, contrast.id))
    return Weighed(**known, inference=inference, extremes=extremes, p=p, cross=cross, cross_p=cross_p,
                   note=_note(found))  # fmt: skip


def _row(arms: Sequence[Config], metric: Metric, seeds: Sequence[int], found: list[Measurement]) -> Arm:
    """A row of the table: an arm on all seeds, or one arm of each fraction on the seeds of that."""
    parts = [gather(arm, metric, seeds[k :: len(arms)], found) for k, arm in enumerate(arms)]
    return merged(parts, len(seeds))


def _base(protocol: Protocol, metric: Metric, seeds: Sequence[int], found: list[Measurement]) -> list[Arm]:
    """The base on every seed, where other arms share them out and so have too few to show equal artefacts."""
    if protocol.fractions == 1 or protocol.base not in protocol.arms:
        return []
    return [gather(protocol.base, metric, seeds, found)]


def _besides(base: Arm, protocol: Protocol) -> tuple[int, ...]:
    """Places of the base's duplicates on seeds with which it enters no comparison."""
    own = set(protocol.share_of(protocol.base, range(base.planned)))
    return tuple(place for place in base.duplicate if place not in own)


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
