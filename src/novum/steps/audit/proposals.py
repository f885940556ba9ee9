"""Checks of what a scientist proposed: refusals are listed, and nothing that was asked for vanished."""

from collections import Counter
from collections.abc import Iterator

from novum.records import Slot
from novum.state import State
from novum.steps.audit.case import AuditCase, Finding, found

FORGED = "measurements.jsonl"
CREDITS: dict[Slot, str] = {"idea": "The idea by", "protocol": "the protocol by"}
"""What page one says where a model filled a slot."""
SHOWN = 16
LONGEST = 200  # characters of a reason
DROPPED = 20


def proposals(case: AuditCase) -> Finding:
    """Refusals with their reasons, programs that wrote what looks like a measurement, lost commissions."""
    state = case.state
    faults = [*_lost(state), *_credited(state)]
    told = [part for part in (_refused(state), _left_out(state), _gone(state), _forged(state)) if part]
    return found(faults, "; ".join(told) or "nothing was refused")


def _lost(state: State) -> Iterator[str]:
    """Commissions that came to no end though exploration did."""
    if "explore" in state.steps_done:
        for commission in state.open_commissions:
            yield f"commission {commission.id} ({commission.operator}) came to no end"


def _credited(state: State) -> Iterator[str]:
    """A slot that the machine filled, for which page one names a model."""
    front = state.paper.source.partition("\n# ")[0].lower() if state.paper else ""
    for refusal in state.refusals:
        credit = CREDITS.get(refusal.slot, "")
        if refusal.final and credit and credit.lower() in front:
            yield f"page one names a model for the {refusal.slot}, which the machine's default filled"


def _refused(state: State) -> str:
    if not state.refusals:
        return ""
    count = Counter(refusal.slot for refusal in state.refusals)
    by_slot = ", ".join(f"{n} for {slot}" for slot, n in sorted(count.items()))
    distinct = list(dict.fromkeys(f"{r.slot}: {_short(r.reason)}" for r in state.refusals))
    more = f"; and {len(distinct) - SHOWN} other reasons" if len(distinct) > SHOWN else ""
    return f"{len(state.refusals)} proposals were refused ({by_slot}): {'; '.join(distinct[:SHOWN])}{more}"


def _short(reason: str) -> str:
    return reason if len(reason) <= LONGEST else reason[: LONGEST - 1] + "…"


def _left_out(state: State) -> str:
    """Sentences and sections of a model that are not in the paper, each with its reason."""
    dropped = [r for r in state.refusals if r.slot == "text" and r.final]
    if not dropped:
        return ""
    reasons = "; ".join(f"{r.about}: {_short(r.reason)}" for r in dropped[:DROPPED])
    more = f"; and {len(dropped) - DROPPED} more" if len(dropped) > DROPPED else ""
    return f"of what a model wrote for the paper {len(dropped)} pieces are left out: {reasons}{more}"


def _gone(state: State) -> str:
    n = len(state.abandoned)
    return f"of {len(state.commissions)} commissions {n} came to nothing" if n else ""


def _forged(state: State) -> str:
    """Programs that wrote a file by the name of the evaluator's: it was not read."""
    wrote = [t.id for t in state.trials.values() if t.result and (program := t.result.stage("program"))
             and any(path.rsplit("/", 1)[-1] == FORGED for path in program.outputs)]  # fmt: skip
    return (
        f"programs of {len(wrote)} trials wrote a {FORGED} of their own, which was not read" if wrote else ""
    )
