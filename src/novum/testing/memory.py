"""A journal and blobs held in memory, with the real chain; for tests that need no disk."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec import structs

from novum.canonical import sha256
from novum.errors import JournalDamaged
from novum.events import Draft, Event, PaperRendered, ProtocolAmended, ProtocolRegistered
from novum.journal.store import GENESIS, encode, link

Row = tuple[int, str, str, str]


class MemoryBlobs:
    """`novum.protocols.Blobs` in a dictionary. `files` may be tampered with, to test what finds it."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        sha = sha256(data)
        self.files.setdefault(sha, bytes(data))
        return sha

    def take(self, file: Path) -> str:
        return self.put(file.read_bytes())

    def get(self, sha: str) -> bytes:
        if sha not in self.files:
            raise JournalDamaged(f"blob {sha[:12]} is missing")
        if sha256(self.files[sha]) != sha:
            raise JournalDamaged(f"blob {sha[:12]} was altered")
        return self.files[sha]

    def has(self, sha: str) -> bool:
        return sha in self.files

    def path(self, sha: str) -> Path:
        raise FileNotFoundError(f"blob {sha[:12]} is held in memory")


class MemoryLog:
    """`novum.protocols.Log` in a list, chained as on disk."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self.stored: list[Row] = []
        self.events: list[Event] = []
        self._clock = clock or (lambda: 1.7e9 + len(self.events))

    @property
    def head(self) -> tuple[int, str]:
        return (self.events[-1].seq, self.events[-1].hash) if self.events else (0, GENESIS)

    def append(self, drafts: Sequence[Draft]) -> list[Event]:
        return [self._add(Event(seq=self.head[0] + 1, time=self._clock(), actor=d.actor, body=d.body,
                                cost=d.cost, cause=d.cause)) for d in drafts]  # fmt: skip

    def _add(self, event: Event) -> Event:
        prev, text = self.head[1], encode(event)
        linked = structs.replace(event, prev=prev, hash=link(prev, text))
        self.stored.append((event.seq, text, prev, linked.hash))
        self.events.append(linked)
        return linked

    def read(self, after: int = 0, until: int | None = None) -> Iterator[Event]:
        return iter([e for e in self.events if after < e.seq <= (until if until is not None else 1 << 62)])

    def rows(self, after: int = 0, until: int | None = None) -> Iterator[Row]:
        return iter([r for r in self.stored if after < r[0] <= (until if until is not None else 1 << 62)])


def reissued(events: Sequence[Event]) -> MemoryLog:
    """As `rechain`, with the paper printing the new chain's head and the protocol's hash: what a careful
    forger would make."""
    log = rechain(events)
    for i, event in enumerate(log.events):
        if isinstance(event.body, PaperRendered):
            body = _reprinted(event.body, event.seq - events[i].seq, log.events[:i])
            return rechain([*log.events[:i], structs.replace(event, body=body), *log.events[i + 1 :]])
    return log


def _reprinted(paper: PaperRendered, moved: int, before: Sequence[Event]) -> PaperRendered:
    """A paper that names the event it named, `moved` places on, and the protocol in force."""
    seq = paper.head_seq + moved
    head = before[seq - 1].hash
    registered = [e.body.hash for e in before if isinstance(e.body, ProtocolRegistered | ProtocolAmended)]
    protocol = registered[-1] if registered else ""
    source = paper.source.replace(paper.head, head).replace(paper.protocol_hash, protocol)
    return structs.replace(paper, head=head, head_seq=seq, protocol_hash=protocol, source=source)


def rechain(events: Sequence[Event]) -> MemoryLog:
    """A journal of these events with numbers and links recomputed: what a forger with the file would make."""
    log = MemoryLog()
    for seq, event in enumerate(events, 1):
        log._add(structs.replace(event, seq=seq))
    return log
