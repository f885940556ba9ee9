"""The verbs *conclude* and *compare*: verdicts by the registered rule, then a look at the literature.

The order matters. Verdicts are decided and committed first; only then is each claim held against what
the listed references state, so that knowing the literature cannot lean on a verdict.
"""

from collections.abc import Sequence

from novum.events import ClaimDecided, Draft, LiteratureCompared
from novum.evidence.claims import decide
from novum.protocols import Services
from novum.records import Contrast, Decision, Direction
from novum.state import State
from novum.steps.seeds import confirm_seeds


def conclude(view: State, services: Services) -> Sequence[Draft]:
    """One verdict per registered contrast."""
    return [Draft(body=ClaimDecided(decision=d)) for d in decisions(view)]


def decisions(view: State) -> list[Decision]:
    """The verdicts that the protocol gives the confirmation data; the audit computes them again."""
    assert view.protocol is not None and view.domain is not None
    protocol = view.protocol
    seeds = confirm_seeds(view.protocol_hash, view.nonce, protocol.seeds_per_arm)
    metrics = sorted({c.metric for c in protocol.contrasts})
    measured = [m for name in metrics for m in view.measurements_of(name, "confirm")]
    return decide(protocol, measured, seeds, view.domain)


def compare(view: State, services: Services) -> Sequence[Draft]:
    """What the listed references state of each contrast, held against what was found.

    An inconclusive claim neither agrees with a statement nor contradicts it: the relation is `silent`.
    """
    assert view.protocol is not None
    drafts = []
    for contrast in view.protocol.contrasts:
        decision = view.decisions[contrast.id]
        observed = observed_direction(contrast, decision)
        for key, relation, statement in services.literature.statements(
            contrast, view.protocol.base, observed
        ):
            found = "silent" if decision.verdict == "inconclusive" else relation
            body = LiteratureCompared(claim=contrast.id, reference=key, relation=found, statement=statement)
            drafts.append(Draft(body=body))
    return drafts


def observed_direction(contrast: Contrast, decision: Decision) -> Direction:
    """The direction that a contrast's estimate has, whatever was predicted."""
    if decision.estimate is None or contrast.direction == "equivalent":
        return contrast.direction
    null = 1.0 if contrast.estimand == "ratio" else 0.0
    return "greater" if decision.estimate > null else "less"
