"""The lab report: everything that was tried in a lab, whatever came of it.

Supported, refuted and inconclusive claims stand alike, and so do studies that failed: a reader who sees only
what worked cannot tell luck from knowledge. The report is plain data (`lab_report`), made of the studies'
journals alone; `novum.report.page` lays it out in rows and puts it into the lab as `report.md`, which can be
deleted at any time.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from novum.evidence import account
from novum.records import Contrast, Decision, question_key
from novum.state import State
from novum.steps.blinding import blinded
from novum.steps.replicate import outcomes

VERDICTS = ("supported", "refuted", "inconclusive")


class Reported(Protocol):
    """A study as `novum.api` opens it."""

    @property
    def state(self) -> State: ...
    @property
    def status(self) -> str: ...


def lab_report(studies: Iterable[Reported], damaged: Sequence[dict[str, str]] = ()) -> dict[str, Any]:
    """The report as plain data with stable keys (docs/reference/json.md), oldest study first.

    `damaged` names studies whose journals cannot be read (`id, problem`).
    """
    ordered = sorted(studies, key=lambda s: (s.state.created, s.state.study))
    told = [_study(s) for s in ordered]
    verdicts = Counter(c["verdict"] or "undecided" for s in told for c in s["claims"])
    return {
        "studies": told,
        "verdicts": {v: verdicts[v] for v in (*VERDICTS, "undecided")},
        "replications": [r for s in ordered for r in _replications(s.state)],
        "account": _account([s.state for s in ordered]),
        "damaged": list(damaged),
    }


def _study(study: Reported) -> dict[str, Any]:
    state, shown = study.state, blinded(study.state)
    contrasts = state.protocol.contrasts if state.protocol else ()
    failed = [t for t in shown.trials.values() if t.status == "failed"]
    reasons, idea = Counter(t.reason for t in failed), state.ideas.get(state.chosen)
    return {
        "id": state.study,
        "domain": state.domain.id if state.domain else "",
        "question": idea.hypothesis if idea else state.domain.question if state.domain else "",
        "replicates": state.replicates.study if state.replicates else None,
        "status": study.status,
        "reason": "" if study.status == "done" else state.finish_reason or state.stop_reason,
        "created": state.created,
        "seed": state.seed,
        "alpha": state.protocol.alpha if state.protocol else None,
        "claims": [_claim(c, state.decisions.get(c.id), state) for c in contrasts],
        "trials": {"done": sum(t.status == "done" for t in shown.trials.values()), "failed": len(failed)},
        "failures": [{"reason": r, "trials": n} for r, n in sorted(reasons.items())],
        "audit": state.audit_passed,
        "cpu_seconds": round(state.spent.cpu_seconds, 3),
    }


def _claim(contrast: Contrast, decision: Decision | None, state: State) -> dict[str, Any]:
    told = ("verdict", "estimate", "low", "high", "level")
    return {
        "id": contrast.id,
        "text": contrast.text,
        **{name: getattr(decision, name, None) for name in told},
        "n": decision.n.get("used") if decision else None,
        "unit": _unit(contrast, state),
        "margin": contrast.margin,
    }


def _unit(contrast: Contrast, state: State) -> str:
    ratio = contrast.estimand == "ratio" or state.domain is None
    return "" if ratio else state.domain.metric(contrast.metric).unit  # type: ignore[union-attr]


def _replications(state: State) -> list[dict[str, Any]]:
    if state.replicates is None:
        return []
    texts = {c.id: c.text for c in state.replicates.protocol.contrasts}
    both = ("verdict", "estimate", "low", "high", "level")
    return [
        {
            "study": state.study,
            "of": state.replicates.study,
            "times": state.replicates.times,
            "claim": r.claim,
            "text": texts[r.claim],
            "outcome": r.outcome,
            "within": r.within,
            "original": {k: getattr(r.original, k) for k in both},
            "replication": {k: getattr(r.decision, k) for k in both},
        }
        for r in outcomes(state)
    ]


def _account(states: Sequence[State]) -> list[dict[str, Any]]:
    """Per question: who drew how much alpha from its account. Registration spends it, not the outcome."""
    drawn: dict[str, dict[str, float]] = {}
    for state in states:
        if state.protocol is not None and state.domain is not None:
            for c in state.protocol.contrasts:
                question = question_key(state.domain.id, c.metric, c.factors)
                spent = drawn.setdefault(question, {})
                spent[state.study] = max(spent.get(state.study, 0.0), account.drawn(state.protocol, c.id))
    return [
        {
            "question": question,
            "studies": [{"id": study, "alpha": alpha} for study, alpha in by.items()],
            "spent": sum(by.values()),
            "of": account.ALPHA,
            "next": account.level(sum(alpha > 0 for alpha in by.values())),
        }
        for question, by in sorted(drawn.items())
    ]
