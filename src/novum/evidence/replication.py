"""What a replication says of a claim: two verdicts by one rule, on samples that share nothing.

The replication's verdict is reached as the original's was: by the registered predicate, on an interval
adjusted over the claims that are corrected together. A claim that was decided is *replicated* if the new data
decide it in the same way and *not replicated* if they decide it in the opposite way. All else is
*inconclusive*: data that decide nothing are no evidence against a claim, and a claim that was left open has
nothing to repeat.
"""

from typing import Literal

from novum.records import Decision, Protocol, Record, Verdict

Outcome = Literal["replicated", "not replicated", "inconclusive"]
OUTCOMES: tuple[Outcome, ...] = ("replicated", "not replicated", "inconclusive")
REDRAWN = ("nonce_commitment", "seeds_per_arm", "alpha", "repeated", "earlier_studies", "detectable_effect",
           "power", "smallest_p", "sample_rationale")  # fmt: skip
"""Fields of a protocol in which a replication may differ from the original: the sample, its level, and what
follows from them."""


class Replicated(Record, kw_only=True):
    """A claim after its replication. `within`: the original's estimate lies in the replication's interval."""

    claim: str
    outcome: Outcome
    original: Decision
    decision: Decision
    within: bool | None


def replicated(original: Decision, decision: Decision) -> Replicated:
    """Hold the replication's decision on a claim against the original's."""
    return Replicated(
        claim=decision.claim,
        outcome=outcome(original.verdict, decision.verdict),
        original=original,
        decision=decision,
        within=_within(original.estimate, decision),
    )


def outcome(before: Verdict, now: Verdict) -> Outcome:
    """The outcome of a replication from the two verdicts."""
    if "inconclusive" in (before, now):
        return "inconclusive"
    return "replicated" if before == now else "not replicated"


def _within(estimate: float | None, decision: Decision) -> bool | None:
    if estimate is None or decision.low is None or decision.high is None:
        return None
    return decision.low <= estimate <= decision.high


def departures(original: Protocol, protocol: Protocol, times: int) -> list[str]:
    """Where a replication's protocol is not the original's, in words; empty for a faithful one."""
    names = [n for n in Protocol.__struct_fields__ if n not in REDRAWN]
    found = [f"its {n.replace('_', ' ')} is not the original's" for n in names
             if getattr(original, n) != getattr(protocol, n)]  # fmt: skip
    if protocol.seeds_per_arm != times * original.seeds_per_arm:
        found.append(f"it has {protocol.seeds_per_arm} seeds per arm instead of {times} times "
                     f"{original.seeds_per_arm}")  # fmt: skip
    if protocol.nonce_commitment == original.nonce_commitment:
        found.append("it commits to the original's nonce")
    return found
