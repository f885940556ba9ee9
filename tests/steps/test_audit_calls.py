"""Calls of models under audit: an honest record passes, one that was charged less does not."""

import pytest
from msgspec import structs

from novum import events as ev
from novum.canonical import canonical
from novum.events import Event
from novum.journal import FileBlobs
from novum.records import Cost, ModelAnswer, Usage
from novum.state import fold
from novum.steps.audit import calls
from novum.steps.audit.case import AuditCase

WORST = Cost(usd=1.0, tokens=1000)
ANSWER = ModelAnswer(text="42", model="m", usd=0.25, usage=Usage(input_tokens=100, output_tokens=20))


def case(blobs: FileBlobs, *told: tuple[ev.EventBody, Cost | None]) -> AuditCase:
    events = tuple(Event(seq=i, time=1.0, actor="n", body=b, cost=c) for i, (b, c) in enumerate(told, 1))
    return AuditCase(state=fold(events), events=events, blobs=blobs)


def asked(attempt: int = 0) -> ev.ModelAsked:
    return ev.ModelAsked(key="k", attempt=attempt, role="code", model="m", request="r", worst_case=WORST)


def answered(blobs: FileBlobs, attempt: int = 0) -> ev.ModelAnswered:
    return ev.ModelAnswered(key="k", attempt=attempt, answer=blobs.put(canonical(ANSWER).encode()), model="m")


def faults(found: AuditCase) -> list[str]:
    return [*calls.repeated(found), *calls.uncharged(found)]


def test_an_honest_record_with_failures_and_doubt_passes(blobs: FileBlobs) -> None:
    failed = ev.ModelAnswered(key="k", attempt=0, answer="", failed="RateLimited: no")
    doubt = ev.ModelAnswered(key="k", attempt=1, answer="", failed="TimedOut: no", in_doubt=True)
    told = [(asked(), None), (failed, Cost()), (asked(1), None), (doubt, WORST), (asked(2), None)]
    last = (answered(blobs, 3), Cost(usd=0.25, tokens=120))
    honest = case(blobs, *told, (asked(3), None), last)
    assert faults(honest) == []
    assert honest.state.calls_in_doubt == [("k", 1), ("k", 2)]


@pytest.mark.parametrize("cost", [None, Cost(usd=0.2, tokens=120), Cost(usd=0.25, tokens=119)])
def test_an_answer_charged_less_than_it_cost_is_found(blobs: FileBlobs, cost: Cost | None) -> None:
    (fault,) = faults(case(blobs, (asked(), None), (answered(blobs), cost)))
    assert "came to 0.2500 USD and 120 tokens" in fault


def test_an_answer_that_is_not_at_hand_is_another_check_s_affair(blobs: FileBlobs) -> None:
    gone = structs.replace(answered(blobs), answer="0" * 64)
    assert faults(case(blobs, (asked(), None), (gone, None))) == []
