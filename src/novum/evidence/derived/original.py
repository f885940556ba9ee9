"""Statistics of the study that a replication repeats, as its journal recorded them.

They rest on that study's measurements, not on any of this one: each names the study in its label and has no
sources here.
"""

from collections.abc import Iterator

from novum.evidence.replication import OUTCOMES, replicated
from novum.evidence.statistic import Statistic, Value, statistic_id
from novum.records import Contrast, Decision, Metric, Original
from novum.state import State

IN_UNIT = ("original_estimate", "original_low", "original_high")


def of_original(state: State) -> Iterator[Statistic]:
    """Nothing for a study that replicates none."""
    original, domain = state.replicates, state.domain
    if original is None or domain is None:
        return
    yield _of_study("replication_times", "multiple of the original's seeds per arm", original.times)
    n = original.protocol.seeds_per_arm
    yield _of_study("original_planned_n", f"seeds per arm planned in {original.study}", n)
    percent = 100 * original.protocol.alpha
    yield _of_study("original_alpha_percent", f"family-wise error rate of {original.study} in percent",
                    percent, unit="%")  # fmt: skip
    held = tuple(d.claim for d in original.decisions if d.verdict == "supported")
    yield _of_study("repeated", f"claims that {original.study} supported", len(held), sources=held)
    contrasts = {c.id: c for c in original.protocol.contrasts}
    for decision in original.decisions:
        contrast = contrasts[decision.claim]
        yield from _of_claim(original, contrast, domain.metric(contrast.metric), decision)
    yield from _outcomes(state, original)


def _of_claim(
    original: Original, contrast: Contrast, metric: Metric, decision: Decision
) -> Iterator[Statistic]:
    found: list[tuple[str, str, Value]] = [
        ("original_verdict", "verdict", decision.verdict),
        ("original_estimate", "estimate", decision.estimate),
        ("original_low", "lower end of the adjusted interval", decision.low),
        ("original_high", "upper end of the adjusted interval", decision.high),
        ("original_level", "level of the adjusted interval in percent", 100 * decision.level),
    ]
    for kind, label, value in found:
        in_unit = kind in IN_UNIT and contrast.estimand != "ratio"
        yield Statistic(
            id=statistic_id(kind, "", metric.name, "confirm", claim=contrast.id), kind=kind,
            label=f"{label} in {original.study}", value=value, metric=metric.name,
            unit=metric.unit if in_unit else "", phase="confirm", claim=contrast.id,
        )  # fmt: skip


def _outcomes(state: State, original: Original) -> Iterator[Statistic]:
    decided = [d for d in original.decisions if d.claim in state.decisions]
    found = {d.claim: replicated(d, state.decisions[d.claim]).outcome for d in decided}
    for claim, outcome in found.items():
        yield Statistic(id=statistic_id("replication", claim=claim), kind="replication", value=outcome,
                        label=f"outcome of replicating {original.study}", claim=claim)  # fmt: skip
    for outcome in OUTCOMES if found else ():
        given = tuple(sorted(c for c, o in found.items() if o == outcome))
        yield _of_study("replications", f"claims {outcome}", len(given), outcome, sources=given)


def _of_study(
    kind: str, label: str, value: Value, name: str = "", unit: str = "", sources: tuple[str, ...] = ()
) -> Statistic:
    return Statistic(id=statistic_id(kind, name), kind=kind, name=name, label=label, value=value, unit=unit,
                     sources=sources)  # fmt: skip
