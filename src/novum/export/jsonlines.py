"""JSON lines: the whole record of a study as text, from which its hash chain can be verified.

| line | keys, in this order |
|---|---|
| first | `kind` "study", `schema`, `study`, `events`, `measurements`, `head` (`seq`, `hash`) |
| one per event | `kind` "event", `seq`, `prev`, `hash`, `event` |
| one per measurement | `kind` "measurement", then the columns of `measurements.csv` |

What stands between `"event":` and the closing brace of its line is the event's stored text, byte for byte:
`hash` is SHA-256 of `prev` followed by that text, both in UTF-8. Lines end with a line feed and nothing else
does. Measurements are a view of the events `measurement.recorded`, as the table is.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct

from novum.errors import JournalDamaged
from novum.events import Event
from novum.evidence.tables import measurement_rows
from novum.export.source import Source
from novum.journal.store import GENESIS, decode, link
from novum.state import State, fold

SCHEMA = 1
T = TypeVar("T")


class Told(Struct, frozen=True, kw_only=True):
    """What a file of JSON lines holds, its chain verified."""

    study: str
    head: tuple[int, str]
    events: tuple[Event, ...]
    measurements: tuple[dict[str, Any], ...]
    state: State


def files(source: Source) -> Mapping[str, bytes]:
    """One file, `study.jsonl`."""
    return {"study.jsonl": "".join(f"{line}\n" for line in lines(source)).encode()}


def lines(source: Source) -> Iterator[str]:
    """The lines of a study, without their ends."""
    measured = measurement_rows(source.state)
    seq, head = source.head
    yield _line({"kind": "study", "schema": SCHEMA, "study": source.state.study, "events": len(source.rows),
                 "measurements": len(measured), "head": {"seq": seq, "hash": head}})  # fmt: skip
    for number, text, prev, digest in source.rows:
        yield f'{{"kind":"event","seq":{number},"prev":"{prev}","hash":"{digest}","event":{text}}}'
    for row in measured:
        yield _line({"kind": "measurement", **row})


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


# --- read back ----------------------------------------------------------------------------------------


class _Head(Struct, frozen=True):
    seq: int
    hash: str


class _First(Struct, frozen=True, tag_field="kind", tag="study", forbid_unknown_fields=True):
    schema: Literal[1]
    study: str
    events: int
    measurements: int
    head: _Head


class _Stored(Struct, frozen=True, tag_field="kind", tag="event", forbid_unknown_fields=True):
    seq: int
    prev: str
    hash: str
    event: msgspec.Raw


def read_jsonl(path: str | Path) -> Told:
    """A study read back from its JSON lines, every line of it checked.

    Raises:
        JournalDamaged: a line is missing, altered or none of ours; names the first.
        OSError: the file cannot be read.
    """
    name = str(path)
    *held, last = Path(path).read_bytes().split(b"\n")
    if last or not held:
        raise JournalDamaged(f"{name}: the last line is cut short")
    first = _decoded(held[0], _First, name, 1)
    events = tuple(_events(held[1 : first.events + 1], name))
    rows = held[first.events + 1 :]
    measured = tuple(_decoded(row, dict[str, Any], name, n) for n, row in enumerate(rows, first.events + 2))
    state = fold(iter(events))
    head = (events[-1].seq, events[-1].hash) if events else (0, "")
    expected = [{"kind": "measurement", **row} for row in measurement_rows(state)]
    for what, told, found in (
        ("events", first.events, len(events)),
        ("measurements", first.measurements, len(measured)),
        ("study", first.study, state.study),
        ("head", (first.head.seq, first.head.hash), head),
        ("measurements", list(measured), expected),
    ):
        if told != found:
            raise JournalDamaged(f"{name}: its {what} are not those of its events")
    return Told(study=state.study, head=head, events=events, measurements=measured, state=state)


def _decoded(line: bytes, kind: type[T], name: str, number: int) -> T:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as bad:
        raise JournalDamaged(f"{name}, line {number}: {bad}") from None


def _events(lines: Iterable[bytes], name: str) -> Iterator[Event]:
    """The events of their lines, each linked to the one before."""
    prev = GENESIS
    for number, line in enumerate(lines, 1):
        row = _decoded(line, _Stored, name, number + 1)
        text = bytes(row.event).decode()
        if (row.seq, row.prev) != (number, prev) or link(prev, text) != row.hash:
            raise JournalDamaged(f"{name}, line {number + 1}: event {number} is not the one that was written")
        prev = row.hash
        yield decode(text, row.prev, row.hash)
