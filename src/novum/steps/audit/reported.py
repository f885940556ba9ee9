"""What nobody certified: values that a program says of itself, an evaluator that a model wrote."""

from novum.domains.reported import LABEL
from novum.steps.audit.case import AuditCase, Finding, found
from novum.steps.disclose import NOTE, faults_of


def reported(case: AuditCase) -> Finding:
    """A verdict rests on self-reported values only where domain, claim, page one and captions say so."""
    state, domain = case.state, case.state.domain
    assert domain is not None
    own = {m.id for m in state.measurements.values() if m.self_reported}
    resting = [claim for claim, d in state.decisions.items() if own & set(d.measurements)]
    faults = []
    if domain.self_reported:
        faults += _unlabelled(case)
    elif resting:
        faults += [f"the verdict on {claim} rests on self-reported values" for claim in resting]
    if state.paper is not None:
        faults += faults_of(state.paper.source, domain)
    return found(faults, _detail(case))


def _unlabelled(case: AuditCase) -> list[str]:
    """Claims, values and figures of a self-reported domain that do not say so."""
    state = case.state
    contrasts = state.protocol.contrasts if state.protocol else ()
    faults = [f"the claim {c.id} does not call its metric {LABEL}" for c in contrasts if LABEL not in c.text]
    silent = sum(not m.self_reported for m in state.measurements.values())
    faults += [f"{silent} measurements are not marked {LABEL}"] if silent else []
    figures = [f.id for f in state.figures.values() if NOTE not in f.caption]
    return faults + [f"the figure {id} does not say that its values are {LABEL}" for id in figures]


def _detail(case: AuditCase) -> str:
    domain = case.state.domain
    assert domain is not None
    if domain.self_reported:
        return "every metric is self-reported, and is called so; no verdict is certified"
    author = domain.authors.get("evaluator")
    if author:
        return f"measured by an evaluator that {author} wrote, as page one says"
    return "no verdict rests on what a program says of itself"
