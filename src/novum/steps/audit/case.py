"""What an audit looks at, and the shape of a check.

An audit judges a record that may have been forged, so nothing here trusts that a journal makes sense: the
state is folded event by event, and an event that follows from nothing is kept aside and reported.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from novum import events as ev
from novum.errors import JournalDamaged
from novum.events import Event
from novum.protocols import Blobs
from novum.records import Check, Measurement, Original
from novum.state import State, apply, fold

Row = tuple[int, str, str, str]
"""A stored row of the journal: sequence number, canonical text, hash before, hash."""

Anchor = tuple[int, str]
"""A chain head known from elsewhere: sequence number and hash (or its first digits, eight or more)."""

Entries = Mapping[str, Mapping[str, str]]
CLOSE = 1e-9  # relative difference that another build of a numerical library may make
SHOWN = 5  # faults spelled out in a check's detail


class AuditCase(Struct, frozen=True, kw_only=True):
    """All evidence of one study.

    `rows` are the journal's stored rows (without them the chain can only be checked for its links).
    `folder` is the study's folder, where its files are audited too. `anchors` are chain heads from outside
    the journal, by name: the lab's archive, a head noted at the freeze, one read off a printed paper.
    `entries` is the bibliography by key. `strays` are events that do not follow from those before them.
    `original` is what the journal of a replicated study says, read anew, where that study is at hand.
    """

    state: State
    events: tuple[Event, ...]
    blobs: Blobs
    rows: tuple[Row, ...] = ()
    folder: Path | None = None
    anchors: Mapping[str, Anchor] = field(default_factory=dict)
    entries: Entries | None = None
    strays: tuple[str, ...] = ()
    original: Original | None = None

    def of(self, *bodies: type) -> list[Event]:
        """The events whose body is of one of these types, in order."""
        return [e for e in self.events if isinstance(e.body, bodies)]

    def first(self, wanted: Callable[[Event], bool]) -> int:
        """The sequence number of the first event that fits, or 0."""
        return next((e.seq for e in self.events if wanted(e)), 0)

    def confirming(self, event: Event) -> bool:
        """Whether an event belongs to the confirmation's trials."""
        body = event.body
        if isinstance(body, ev.NodeProposed):
            return body.phase == "confirm"
        if isinstance(body, ev.TrialStarted):
            return body.request.phase == "confirm"
        if isinstance(body, ev.MeasurementsRecorded):
            return any(m.phase == "confirm" for m in body.measurements)
        return False

    def measured(self) -> list[Measurement]:
        """Every measurement of every event: forged ones may share an id, which a state would merge."""
        return [m for e in self.of(ev.MeasurementsRecorded) for m in e.body.measurements]

    def file(self, name: str) -> bytes | None:
        """A file of the study's folder, if there is a folder and it has it."""
        path = self.folder / name if self.folder else None
        return path.read_bytes() if path is not None and path.is_file() else None


class Finding(Struct, frozen=True):
    """What a check found: faults, or a line that says what was looked at."""

    faults: tuple[str, ...]
    detail: str = ""


class AuditCheck(Struct, frozen=True, kw_only=True):
    """A check with what it can find and what it cannot: both are printed for the reader of an audit."""

    id: str
    title: str
    finds: str
    misses: str
    run: Callable[[AuditCase], Finding]

    def __call__(self, case: AuditCase) -> Check:
        """Run; evidence so broken that the check cannot be carried out is a fault as well.

        A forged record can break any assumption, and an audit that ends in a traceback would hide the
        other checks' findings: this is the border at which that becomes a finding.
        """
        try:
            finding = self.run(case)
        except Exception as error:
            finding = Finding((f"cannot be carried out on this record: {type(error).__name__}: {error}",))
        return Check(id=self.id, passed=not finding.faults, detail=_detail(finding))


def _detail(finding: Finding) -> str:
    shown, more = finding.faults[:SHOWN], len(finding.faults) - SHOWN
    if not shown:
        return finding.detail
    return "; ".join([*shown, *([f"and {more} more"] if more > 0 else [])])


def found(faults: Iterable[str], detail: str) -> Finding:
    """A finding from faults in order, each named once."""
    return Finding(tuple(dict.fromkeys(faults)), detail)


def when_written(case: AuditCase) -> State:
    """The state that the paper was written from, with the figures it placed."""
    paper = case.state.paper
    assert paper is not None
    then = fold(e for e in case.events if e.seq <= paper.head_seq)
    then.figures = case.state.figures
    return then


def alike(a: Any, b: Any) -> bool:
    """Whether two plain values are equal, but for what another build of a numerical library may change."""
    if isinstance(a, float) and isinstance(b, int | float) and not isinstance(b, bool):
        return math.isclose(a, b, rel_tol=CLOSE, abs_tol=1e-12)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(alike(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(alike(x, y) for x, y in zip(a, b, strict=True))
    return a == b


def build_case(
    events: Iterable[Event],
    blobs: Blobs,
    *,
    rows: Iterable[Row] = (),
    folder: Path | None = None,
    anchors: Mapping[str, Anchor] | None = None,
    entries: Entries | None = None,
    original: Original | None = None,
) -> AuditCase:
    """A case from a journal's events, folded so that a senseless event is reported and not raised."""
    kept = tuple(events)
    state, strays = _fold(kept)
    return AuditCase(state=state, events=kept, blobs=blobs, rows=tuple(rows), folder=folder,
                     anchors=dict(anchors or {}), entries=entries, strays=strays,
                     original=original)  # fmt: skip


def _fold(events: tuple[Event, ...]) -> tuple[State, tuple[str, ...]]:
    state, strays = State(), []
    for event in events:
        try:
            apply(state, event)
        except JournalDamaged as error:  # an audit tells of it beside everything else that it finds
            strays.append(error.what)
        except (KeyError, AttributeError, TypeError, ValueError) as error:
            kind = type(event.body).__name__
            strays.append(f"event {event.seq} ({kind}) follows from nothing before it ({error})")
    return state, tuple(strays)
