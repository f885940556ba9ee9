"""The check of a domain that a model wrote of a topic page: frozen first, tried as it is, hidden."""

from collections.abc import Iterator

import msgspec

from novum import events as ev
from novum.canonical import digest
from novum.domains.written import HIDDEN, REFERENCES
from novum.errors import NovumError
from novum.events import DomainFrozen
from novum.records import ModelRequest
from novum.steps.audit.case import AuditCase, Finding, found

LONG = 24  # characters from which a line of code tells whence it comes
TELLING = 3  # such lines in one request, from which it was shown the file


def topic(case: AuditCase) -> Finding:
    """Order, conformance, references and secrecy of a domain from a topic page."""
    frozen = case.of(ev.DomainFrozen)
    if case.state.topic is None:
        stray = ["a domain was frozen in a study that began with one"] if frozen else []
        return found(stray, "the study began with its domain")
    if not frozen:
        return found([], "the study ended before its domain was written")
    first = frozen[0]
    assert isinstance(first.body, DomainFrozen)
    faults = [*_order(case, first), *_tried(case, first.body), *_works(case, first.body)]
    secret = _secret_lines(case, first.body)
    asked = list(_requests(case))
    faults += [
        f"a request for a program holds lines of {name} (call {key})"
        for key, text in asked
        for name, lines in secret.items()
        if sum(line in text for line in lines) >= TELLING
    ]
    said = f"frozen by event {first.seq}, tried {len(case.state.tryouts)} times"
    return found(faults, f"{said}; {len(asked)} requests for programs hold nothing of what measures")


def _order(case: AuditCase, frozen: ev.Event) -> Iterator[str]:
    """It came before whatever rests on it, once, and is what its hash says."""
    body = frozen.body
    assert isinstance(body, DomainFrozen)
    early = case.first(lambda e: isinstance(e.body, ev.IdeaProposed | ev.NodeProposed | ev.NodeCommissioned))
    if early and early < frozen.seq:
        yield f"event {early} comes before the domain was frozen by event {frozen.seq}"
    if len(case.of(ev.DomainFrozen)) > 1:
        yield "the domain was frozen more than once"
    if digest(body.domain) != body.hash:
        yield "the frozen domain is not the one of its hash"


def _tried(case: AuditCase, body: DomainFrozen) -> Iterator[str]:
    """The suite passed on exactly these files."""
    tried = case.state.tryouts.get(digest(dict(body.domain.files)))
    if tried is None:
        yield "the frozen files were never tried"
    elif failed := [check.id for check in tried.checks if not check.passed]:
        yield f"the frozen files did not pass: {', '.join(failed)}"
    if not body.domain.authors:
        yield "the domain does not say who wrote it"


def _works(case: AuditCase, body: DomainFrozen) -> Iterator[str]:
    """The bibliography is the page's."""
    topic = case.state.topic
    assert topic is not None
    sha = body.domain.files.get(REFERENCES, "")
    if topic.references and sha != topic.references:
        yield f"{REFERENCES} is not what the topic page gives"
    if not topic.references and b"@" in case.blobs.get(sha):
        yield f"{REFERENCES} names works, and the topic page none"


def _secret_lines(case: AuditCase, body: DomainFrozen) -> dict[str, list[str]]:
    """Lines that tell of a hidden file, since no program has them."""
    texts = {path: case.blobs.get(sha).decode("utf-8", "replace") for path, sha in body.domain.files.items()}
    programs = {sha for node in case.state.nodes.values() for sha in node.workspace.values()}
    theirs = (case.blobs.get(sha).decode("utf-8", "replace") for sha in sorted(programs))
    seen = "\n".join([*(text for path, text in texts.items() if path not in HIDDEN), *theirs])
    return {name: [line for raw in texts.get(name, "").splitlines()
                   if len(line := raw.strip()) >= LONG and line not in seen] for name in HIDDEN}  # fmt: skip


def _requests(case: AuditCase) -> Iterator[tuple[str, str]]:
    """(call, text as it was sent) of every request for a program, without what its author answered before."""
    for event in case.of(ev.ModelAsked):
        body = event.body
        if isinstance(body, ev.ModelAsked) and body.role == "code":
            try:
                request = msgspec.json.decode(case.blobs.get(body.request), type=ModelRequest)
            except (NovumError, KeyError, OSError, msgspec.DecodeError):
                continue  # the check of blobs tells of it
            yield body.key[:12], "\n".join(part.text for part in request.parts if part.speaker == "user")
