"""Checks of the journal as a whole: its chain, its anchors, its order."""

import re
from collections.abc import Iterator

from novum import events as ev
from novum.canonical import sha256
from novum.steps.audit.case import AuditCase, Finding, Row, found

GENESIS = "0" * 64
SHORTEST = 8  # hex digits of a head that still say something
PRINTED = re.compile(r"\b[0-9a-f]{64}\b")


def chain(case: AuditCase) -> Finding:
    """The chain recomputes, and is the one that paper, archive and reader know."""
    hashes = {e.seq: e.hash for e in case.events}
    faults = [*_links(case), *_texts(case.rows), *_anchored(case, hashes), *_printed(case, hashes)]
    known = ", ".join(["the paper"] * (case.state.paper is not None) + sorted(case.anchors))
    against = f", compared with {known}" if known else ", with no head from outside to compare it with"
    how = "" if case.rows else " (links only: the stored text was not given)"
    return found(faults, f"{len(case.events)} events link up{how}{against}")


def _links(case: AuditCase) -> Iterator[str]:
    prev = GENESIS
    for seq, event in enumerate(case.events, 1):
        if event.seq != seq:
            yield f"event {seq} is missing (the next one is {event.seq})"
            return
        if event.prev != prev:
            yield f"event {seq} is not linked to the one before it"
        prev = event.hash
    if case.rows and [(e.seq, e.hash) for e in case.events] != [(r[0], r[3]) for r in case.rows]:
        yield "the events are not those of the stored rows"


def _texts(rows: tuple[Row, ...]) -> Iterator[str]:
    for seq, text, prev, digest in rows:
        if sha256((prev + text).encode()) != digest:
            yield f"event {seq} was altered: its text does not give its hash"


def _anchored(case: AuditCase, hashes: dict[int, str]) -> Iterator[str]:
    for name, (seq, head) in sorted(case.anchors.items()):
        if len(head) < SHORTEST or not hashes.get(seq, "").startswith(head):
            yield f"event {seq} is not the one that {name} remembers ({head[:12]}…)"


def _printed(case: AuditCase, hashes: dict[int, str]) -> Iterator[str]:
    """The head that the paper carries, in its event and in its file, is that of the event it names."""
    paper = case.state.paper
    if paper is None:
        return
    if hashes.get(paper.head_seq) != paper.head:
        yield f"the head printed in the paper is not that of event {paper.head_seq}"
    if case.state.protocol_hash != paper.protocol_hash:
        yield "the protocol hash printed in the paper is not that of the registered protocol"
    text = case.file("paper/paper.md")
    if text is not None and PRINTED.search(text.decode("utf-8", "replace")):
        named = set(PRINTED.findall(text.decode("utf-8", "replace")))
        if paper.head not in named:
            yield "paper/paper.md names another chain head than the journal's paper"
        if paper.protocol_hash and paper.protocol_hash not in named:
            yield "paper/paper.md names another protocol than the journal's paper"


def order(case: AuditCase) -> Finding:
    """Every event follows from those before it, and stages ran in their order."""
    created = case.of(ev.StudyCreated)
    faults = list(case.strays)
    if [e.seq for e in created] != [1]:
        faults.append(f"the study was created {len(created)} times, and not by the first event alone")
    faults += _unstarted(case)
    faults += _late(case)
    return found(faults, f"{len(case.events)} events tell one story")


def _unstarted(case: AuditCase) -> Iterator[str]:
    begun: dict[str, int] = {}
    for event in case.of(ev.StepStarted, ev.StepFinished):
        body = event.body
        if isinstance(body, ev.StepStarted):
            begun.setdefault(body.step, event.seq)
            if body.view_seq >= event.seq:
                yield f"step {body.step} says that it saw events that came later"
        elif body.step not in begun:
            yield f"step {body.step} ended without having begun"


AFTER = ((ev.ClaimDecided, "a claim was decided"), (ev.PaperRendered, "a paper was rendered"))


def _late(case: AuditCase) -> Iterator[str]:
    """No trial after verdicts were given, and no verdict after the paper that reports it."""
    for kind, words in AFTER:
        first = case.first(lambda e, kind=kind: isinstance(e.body, kind))
        after = [e for e in case.of(ev.MeasurementsRecorded, ev.TrialStarted) if first and e.seq > first]
        if after:
            yield f"event {after[0].seq} belongs to a trial, and {words} at event {first}"
    paper = case.first(lambda e: isinstance(e.body, ev.PaperRendered))
    if paper and any(e.seq > paper for e in case.of(ev.ClaimDecided)):
        yield "a claim was decided after the paper was rendered"
    decided: dict[str, int] = {}
    for event in case.of(ev.ClaimDecided):
        claim = event.body.decision.claim
        if claim in decided:
            yield f"claim {claim} was decided twice (events {decided[claim]} and {event.seq})"
        decided[claim] = event.seq
