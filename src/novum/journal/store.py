"""The append-only event table.

SQLite in WAL mode with full sync: an event that was acknowledged is on disk. A batch is one transaction,
so what belongs together (a trial's end and its measurements) stands or falls together and costs one sync.
The stored text is the canonical JSON of the event without its link; `hash = sha256(prev + text)`.

At every clean end the log is folded back (`journal_mode=DELETE`), which leaves one self-contained file.
On network file systems, where WAL does not work, the rollback journal is used from the start.
"""

import contextlib
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from novum.canonical import canonical, sha256
from novum.errors import JournalDamaged, MachineError, UserError
from novum.events import Draft, Event, EventBody
from novum.journal.migrations import VERSION, upcast
from novum.records import Cost
from novum.secrecy import Redactor, of_environment

JOURNAL = "journal.sqlite"  # its name in a study's folder
GENESIS = "0" * 64
_SCHEMA = """CREATE TABLE IF NOT EXISTS events
    (seq INTEGER PRIMARY KEY, text TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL)"""
_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "lustre", "gpfs", "beegfs", "fuse.sshfs", "9p", "ceph", "afs"}


def link(prev: str, text: str) -> str:
    """The chain's hash of an event, from the one before it and its stored text."""
    return sha256((prev + text).encode())


def encode(event: Event) -> str:
    """The stored text of an event: its canonical JSON with the format's version, without its link."""
    plain = msgspec.to_builtins(event)
    del plain["prev"], plain["hash"]
    return canonical({"v": VERSION, **plain})


class _Stored(msgspec.Struct, kw_only=True):
    """A stored text as this version writes it: an event without its link."""

    v: int
    seq: int
    time: float
    actor: str
    body: EventBody
    cost: Cost | None = None
    cause: int = 0


_read_stored = msgspec.json.Decoder(_Stored).decode


def decode(text: str, prev: str, digest: str) -> Event:
    """The event of a stored row.

    Raises:
        JournalDamaged: the text is no event of this or an earlier version.
    """
    try:
        stored = _read_stored(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return _lifted(text, prev, digest)
    if stored.v != VERSION:
        return _lifted(text, prev, digest)
    return Event(seq=stored.seq, time=stored.time, actor=stored.actor, body=stored.body, cost=stored.cost,
                 cause=stored.cause, prev=prev, hash=digest)  # fmt: skip


def _lifted(text: str, prev: str, digest: str) -> Event:
    """The event of a text that an earlier version wrote; or what is wrong with it."""
    try:
        plain = upcast(json.loads(text))
        return msgspec.convert({**plain, "prev": prev, "hash": digest}, Event)
    except (ValueError, AttributeError, RecursionError, msgspec.ValidationError) as error:
        raise JournalDamaged(f"an event cannot be read: {error}") from error


class Journal:
    """The journal of one study, opened for writing. Hold the study's `WriterLock` while it is open.

    Secrets are taken out of an event before it is hashed; what `append` returns is what was stored.
    """

    def __init__(self, path: Path, clock: Callable[[], float], redactor: Redactor | None = None):
        self.path = path
        self._clock = clock
        self._redactor = redactor or of_environment()
        with _Mapped(path):
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.execute(f"PRAGMA journal_mode={'DELETE' if on_network(path) else 'WAL'}")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute(_SCHEMA)
            row = self._db.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
        self._head: tuple[int, str] = row or (0, GENESIS)

    @property
    def head(self) -> tuple[int, str]:
        """Sequence number and hash of the last event; (0, zeros) when there is none."""
        return self._head

    def append(self, drafts: Sequence[Draft]) -> list[Event]:
        """Commit drafts as events, in order and together; when this returns they are durable.

        Raises:
            MachineError: the disk is full or failed; nothing was appended.
            ValueError: a draft holds NaN or an infinity.
        """
        seq, prev = self._head
        rows, events = [], []
        for draft in drafts:
            seq += 1
            event = Event(seq=seq, time=self._clock(), actor=draft.actor, body=draft.body,
                          cost=draft.cost, cause=draft.cause)  # fmt: skip
            said = encode(event)
            text = self._redactor.text(said)
            digest = link(prev, text)
            rows.append((seq, text, prev, digest))
            kept = msgspec.structs.replace(event, prev=prev, hash=digest)
            events.append(kept if text == said else decode(text, prev, digest))
            prev = digest
        with _Mapped(self.path):
            self._commit(rows)
        self._head = (seq, prev)
        return events

    def _commit(self, rows: list[tuple[int, str, str, str]]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", rows)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def read(self, after: int = 0, until: int | None = None) -> Iterator[Event]:
        """Events with `after < seq <= until`, in order; no transaction is held between pages."""
        return read_rows(self._db, self.path, after, until)

    def rows(self, after: int = 0, until: int | None = None) -> Iterator[tuple[int, str, str, str]]:
        """Stored rows (number, text, hash before, hash) as they are, for an audit of the chain."""
        return read_raw(self._db, self.path, after, until)

    def close(self) -> None:
        """Fold the write-ahead log back, leaving one self-contained file.

        Where that fails, on a full disk say, the file is let go of all the same: the next writer has the log.
        """
        with _Mapped(self.path), contextlib.closing(self._db) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            db.execute("PRAGMA journal_mode=DELETE")


def read_events(path: Path, after: int = 0, until: int | None = None) -> Iterator[Event]:
    """Events of a journal that another process may be writing.

    Raises:
        UserError: there is no journal at `path`.
        JournalDamaged: it is torn, or not a journal.
    """
    with _reading(path) as db:
        yield from read_rows(db, path, after, until)


def head_of(path: Path) -> tuple[int, str]:
    """Sequence number and hash of a journal's last event; (0, zeros) when it has none.

    Raises:
        UserError, JournalDamaged: as for `read_events`.
    """
    with _reading(path) as db, _as_damage(path):
        row = db.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return row or (0, GENESIS)


def stored_rows(path: Path) -> Iterator[tuple[int, str, str, str]]:
    """The rows of a journal as they are (number, text, hash before, hash), whatever they say."""
    with _reading(path) as db:
        yield from read_raw(db, path)


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    if not path.is_file():
        raise UserError(f"there is no journal at {path}", fix="name a study's folder")
    db = connect_readonly(path)
    try:
        yield db
    finally:
        db.close()


def connect_readonly(path: Path) -> sqlite3.Connection:
    """A connection that cannot write; on a read-only medium, one that assumes nobody else does.

    What a killed writer left in a write-ahead log counts: where the medium forbids to open the log in its
    place, journal and log are read from a copy.
    """
    for query in ("mode=ro", "immutable=1"):
        if query == "immutable=1" and _has_log(path):
            return _in_memory(path)
        try:
            db = sqlite3.connect(f"{path.resolve().as_uri()}?{query}", uri=True, isolation_level=None)
            db.execute("SELECT 1 FROM sqlite_master").fetchone()
            return db
        except sqlite3.OperationalError:
            continue
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            raise JournalDamaged(f"{path} is damaged: {_one_line(error)}") from error
    raise JournalDamaged(f"{path} cannot be opened", fix="check that it is a Novum journal and readable")


def _has_log(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return path.with_name(f"{path.name}-wal").stat().st_size > 0
    return False


def _in_memory(path: Path) -> sqlite3.Connection:
    """A journal with its write-ahead log, copied into memory by way of a scratch folder."""
    try:
        with tempfile.TemporaryDirectory(prefix="novum-journal-") as scratch:
            copy = Path(scratch) / path.name
            for suffix in ("", "-wal"):
                shutil.copyfile(path.with_name(path.name + suffix), copy.with_name(copy.name + suffix))
            with contextlib.closing(sqlite3.connect(copy)) as source:
                memory = sqlite3.connect(":memory:", isolation_level=None)
                source.backup(memory)
        return memory
    except (sqlite3.DatabaseError, OSError) as error:
        raise JournalDamaged(f"{path} cannot be read: {_one_line(error)}") from error


def read_rows(
    db: sqlite3.Connection, path: Path, after: int, until: int | None, page: int = 2000
) -> Iterator[Event]:
    for seq, text, prev, digest in read_raw(db, path, after, until, page):
        try:
            event = decode(text, prev, digest)
        except JournalDamaged as error:
            raise JournalDamaged(f"{path}: event {seq}: {error.what}", fix=error.fix) from error
        if event.seq != seq:
            raise JournalDamaged(f"{path}: event {seq} calls itself {event.seq}")
        yield event


def read_raw(
    db: sqlite3.Connection, path: Path, after: int = 0, until: int | None = None, page: int = 2000
) -> Iterator[tuple[int, str, str, str]]:
    """Stored rows as they are, a page at a time so that no cursor stays open between them."""
    last = until if until is not None else 1 << 62
    while True:
        with _as_damage(path):
            rows = db.execute(
                "SELECT seq, text, prev, hash FROM events WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
                (after, last, page),
            ).fetchall()
        for row in rows:
            if list(map(type, row)) != [int, str, str, str]:
                raise JournalDamaged(f"{path} is damaged: a row of it holds no event")
            yield row
        if len(rows) < page:
            return
        after = rows[-1][0]


@contextlib.contextmanager
def _as_damage(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        raise JournalDamaged(f"{path} is damaged: {_one_line(error)}") from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def on_network(path: Path, mounts: Path = Path("/proc/mounts")) -> bool:
    """Whether a path lies on a network file system, where WAL's shared memory does not work."""
    try:
        lines = [line.split() for line in mounts.read_text().splitlines()]
    except OSError:
        return False
    where = str(path.resolve())
    held = [(f[1], f[2]) for f in lines if where == f[1] or where.startswith(f[1].rstrip("/") + "/")]
    return max(held, key=lambda m: len(m[0]), default=("", ""))[1] in _NETWORK


class _Mapped:
    """Maps SQLite's errors to ours at this border."""

    def __init__(self, path: Path):
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.OperationalError):
            raise MachineError(
                f"cannot write {self.path}: {error}", fix="free some disk, then novum resume"
            ) from error
        if isinstance(error, sqlite3.DatabaseError):
            raise JournalDamaged(f"{self.path} is damaged: {error}") from error
