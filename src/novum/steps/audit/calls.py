"""Checks of calls of models: none asked again after its answer, each charged what it says it cost."""

from collections.abc import Iterator

import msgspec

from novum import events as ev
from novum.errors import JournalDamaged
from novum.records import Cost, ModelAnswer
from novum.state import attempt_id
from novum.steps.audit.case import AuditCase


def repeated(case: AuditCase) -> Iterator[str]:
    """Attempts after an answer, intents and outcomes that come twice, outcomes of nothing."""
    answered: set[str] = set()
    begun: set[str] = set()
    ended: set[str] = set()
    for event in case.of(ev.ModelAsked, ev.ModelAnswered):
        body, attempt = event.body, attempt_id(event.body.key, event.body.attempt)
        told = f"model call {body.key[:12]}, attempt {body.attempt}"
        if isinstance(body, ev.ModelAsked):
            if body.key in answered:
                yield f"{told}, was asked at event {event.seq}, after the call was answered"
            if attempt in begun:
                yield f"{told}, began twice"
            begun.add(attempt)
            continue
        if attempt not in begun:
            yield f"{told}, has an outcome and never began"
        if attempt in ended:
            yield f"{told}, has two outcomes"
        ended.add(attempt)
        answered |= {body.key} if body.answer else set()


def uncharged(case: AuditCase) -> Iterator[str]:
    """Answers charged at less than they say they cost, attempts in doubt at less than their worst case."""
    worst: dict[str, Cost] = {}
    for event in case.of(ev.ModelAsked, ev.ModelAnswered):
        body, charged = event.body, event.cost or Cost()
        attempt = attempt_id(body.key, body.attempt)
        if isinstance(body, ev.ModelAsked):
            worst[attempt] = body.worst_case
            continue
        due = _due(case, body, worst.get(attempt, Cost()))
        if due is not None and (charged.usd < due.usd * (1 - 1e-9) or charged.tokens < due.tokens):
            yield (
                f"model call {body.key[:12]}, attempt {body.attempt}, came to {due.usd:.4f} USD and "
                f"{due.tokens} tokens and was charged {charged.usd:.4f} and {charged.tokens}"
            )


def _due(case: AuditCase, body: ev.ModelAnswered, worst: Cost) -> Cost | None:
    """What an attempt has to be charged at; None where its answer is not at hand (another check says so)."""
    if body.in_doubt:
        return worst
    if not body.answer:
        return Cost()
    try:
        answer = msgspec.json.decode(case.blobs.get(body.answer), type=ModelAnswer)
    except (JournalDamaged, LookupError, msgspec.DecodeError):
        return None
    return Cost(usd=answer.usd or 0.0, tokens=answer.usage.total)
