"""A cache of the folded state beside the journal, so that a long study is shown at once.

It may be deleted at any time. It counts only for the very code that wrote it, and only while the journal's
event `seq` has the hash that it had then; what came later is folded on. Who writes a study, and who audits
one, folds the journal from its beginning.

The file is one line of JSON (`Lead`), then the outline, then the bulk: what there is of every trial. Most
readers need the outline alone.
"""

import contextlib
import functools
import hashlib
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import msgspec
from msgspec import Struct, structs

from novum import canonical, events, records, state
from novum.canonical import short_id
from novum.journal import JOURNAL, head_of, read_events
from novum.state import State, apply, fold, uncollected

FILE = "state.snapshot"
BULK = ("nodes", "rejected", "trials", "measurements")


class Outline(Struct, frozen=True):
    """A state without its bulk, and what is said of the bulk where nobody looks at single trials.

    `trials` counts them by status; `layers` are the sandbox layers that they ran under, sorted.
    """

    state: State
    trials: dict[str, int]
    layers: tuple[str, ...]


class Lead(Struct, frozen=True, kw_only=True):
    """Of what a snapshot is one, and its two parts: their lengths in bytes and CRC-32."""

    code: str
    seq: int
    hash: str
    outline: tuple[int, int]
    bulk: tuple[int, int]


_Bulk = msgspec.defstruct(
    "_Bulk", [(f.name, f.type) for f in structs.fields(State) if f.name in BULK], module=__name__
)


class _Elsewhere(dict[str, Any]):
    """Stands in an outline for what is not in it: a bug that looks there is not told that it is empty."""

    def _refuse(self, *args: object) -> NoReturn:
        raise TypeError("an outline holds no nodes, trials or measurements")

    __iter__ = __len__ = __getitem__ = __contains__ = __setitem__ = _refuse  # type: ignore[assignment]
    get = keys = values = items = _refuse  # type: ignore[assignment]


# --- asking -------------------------------------------------------------------------------------------


def outline_of(state: State) -> Outline:
    """The outline of a state that lies here as a whole."""
    trials: dict[str, int] = {}
    for trial in state.trials.values():
        trials[trial.status] = trials.get(trial.status, 0) + 1
    layers = {t.result.sandbox for t in state.trials.values() if t.result is not None}
    return Outline(_without_bulk(state, _Elsewhere), trials, tuple(sorted(layers)))


def kept_outline(folder: Path) -> Outline | None:
    """The outline of a study from its snapshot; None unless that is one of the journal as it now ends.

    Raises:
        UserError: there is no journal in the folder.
        JournalDamaged: its end cannot be read.
    """
    head = head_of(folder / JOURNAL)
    with _opened(folder) as file:
        lead = _lead(file)
        if lead is None or (lead.seq, lead.hash) != head:
            return None
        return _outline(file, lead)


def state_of(folder: Path) -> State:
    """The state that a study's journal says, whether or not there is a snapshot to begin with.

    Raises:
        UserError: there is no journal in the folder.
        JournalDamaged: it cannot be read.
    """
    with uncollected():
        lead, kept = _kept_state(folder)
        if lead is not None and kept is not None:
            later = read_events(folder / JOURNAL, after=lead.seq - 1)
            first = next(later, None)
            if first is not None and first.hash == lead.hash:
                for event in later:
                    apply(kept, event)
                return kept
    return fold(read_events(folder / JOURNAL))


# --- writing ------------------------------------------------------------------------------------------


def write(folder: Path, state: State, head: tuple[int, str]) -> None:
    """Keep the state at a head of the journal. A cache that cannot be written is no loss."""
    whole = outline_of(state)
    outline = msgspec.msgpack.encode(structs.replace(whole, state=_without_bulk(state, dict)))
    bulk = msgspec.msgpack.encode({name: getattr(state, name) for name in BULK})
    lead = Lead(code=code(), seq=head[0], hash=head[1], outline=_measured(outline), bulk=_measured(bulk))
    part = folder / f".{FILE}.{os.getpid()}.part"
    try:
        part.write_bytes(b"\n".join((msgspec.json.encode(lead), outline + bulk)))
        part.replace(folder / FILE)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


@functools.cache
def code() -> str:
    """Names the code that makes and reads a state: another release may mean something else by one."""
    sources = [Path(m.__file__ or "").read_bytes() for m in (canonical, events, records, state)]
    return short_id(*(hashlib.sha256(s).hexdigest() for s in [*sources, Path(__file__).read_bytes()]))


def _without_bulk(state: State, empty: Callable[[], dict[str, Any]]) -> State:
    return structs.replace(state, **{name: empty() for name in BULK})


def _measured(part: bytes) -> tuple[int, int]:
    return len(part), zlib.crc32(part)


# --- reading ------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _opened(folder: Path) -> Any:
    try:
        file = (folder / FILE).open("rb")
    except OSError:
        yield None
        return
    with file:
        yield file


def _lead(file: Any) -> Lead | None:
    """The lead of a snapshot that this very code wrote."""
    if file is None:
        return None
    try:
        lead = msgspec.json.decode(file.readline(1 << 12), type=Lead)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return lead if lead.code == code() else None


def _outline(file: Any, lead: Lead) -> Outline | None:
    found = _decoded(_part(file, lead.outline), Outline)
    return found and structs.replace(found, state=_without_bulk(found.state, _Elsewhere))


def _kept_state(folder: Path) -> tuple[Lead | None, State | None]:
    """What a snapshot holds; (None, None) if it is not whole."""
    with _opened(folder) as file:
        lead = _lead(file)
        if lead is None:
            return None, None
        outline = _decoded(_part(file, lead.outline), Outline)
        bulk = _decoded(_part(file, lead.bulk), _Bulk)
    if outline is None or bulk is None:
        return None, None
    return lead, structs.replace(outline.state, **structs.asdict(bulk))


def _part(file: Any, measured: tuple[int, int]) -> bytes:
    """The next part of a snapshot; empty if it is not as it was written."""
    data = file.read(measured[0])
    return data if _measured(data) == measured else b""


def _decoded(data: bytes, kind: type) -> Any:
    try:
        with uncollected():
            return msgspec.msgpack.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
