"""The lab's memory, `LAB/archive.sqlite`: studies, ideas, claims, lessons, leads. A cache, made of studies.

It keeps each study's last chain head as well, so that a journal edited later disagrees with it. A head that
was read back from the journal itself is marked as such: it can tell of later edits only. What a study sees of
the archive is fixed when it is created, as a blob.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from novum.canonical import canonical
from novum.errors import JournalDamaged, MachineError
from novum.evidence import joint
from novum.evidence.account import drawn
from novum.evidence.contrasts import question_kind
from novum.journal import JOURNAL, read_events
from novum.records import question_key
from novum.state import State, fold
from novum.steps.lessons import lessons_of

_SCHEMA = """
CREATE TABLE IF NOT EXISTS studies (id TEXT PRIMARY KEY, domain TEXT, created REAL, status TEXT,
    head_seq INTEGER, head TEXT, protocol_hash TEXT);
CREATE TABLE IF NOT EXISTS ideas (study TEXT, id TEXT, title TEXT, kind TEXT, factors TEXT, chosen INTEGER);
CREATE TABLE IF NOT EXISTS claims (study TEXT, id TEXT, text TEXT, question TEXT, verdict TEXT, alpha REAL,
    kind TEXT DEFAULT '');
CREATE TABLE IF NOT EXISTS lessons (study TEXT, id TEXT, kind TEXT, text TEXT);
CREATE TABLE IF NOT EXISTS leads (study TEXT, id TEXT, factors TEXT);
CREATE TABLE IF NOT EXISTS rebuilt (study TEXT PRIMARY KEY);
"""


class Archive:
    """The archive of one lab."""

    def __init__(self, lab: Path):
        self.lab = lab
        self.path = lab / "archive.sqlite"

    def rebuild(self) -> tuple[str, ...]:
        """Forget everything and read it again from the lab's studies; the ids of those that can be read.

        Raises:
            MachineError: the lab cannot be written.
        """
        try:
            for path in (self.path, self.path.with_name(f"{self.path.name}-journal")):
                path.unlink(missing_ok=True)
        except OSError as error:
            raise _unusable(self.path, error.strerror) from error
        return self.fill()

    def fill(self) -> tuple[str, ...]:
        """Take in the lab's studies that the archive does not hold, from their journals; their ids.

        Those are all of them where it was deleted, else studies that were copied here or never came to an
        end. A journal that cannot be read is passed over: it hides no other study.
        """
        folders = [p.parent for p in sorted(self.lab.glob(f"studies/[!.]*/{JOURNAL}"))]
        held = self._held() if folders else frozenset()
        return tuple(f.name for f in folders if f.name not in held and self._take(f))

    def _held(self) -> frozenset[str]:
        if not self.path.is_file():
            return frozenset()
        with self._connect() as db:
            return frozenset(row[0] for row in db.execute("SELECT id FROM studies"))

    def _take(self, folder: Path) -> bool:
        try:
            events = list(read_events(folder / JOURNAL))
        except JournalDamaged:
            return False
        state = fold(events)
        if state.domain is None and state.topic is None:
            return False
        self._put(state, (events[-1].seq, events[-1].hash), rebuilt=True)
        return True

    def store(self, state: State, head: tuple[int, str]) -> None:
        """Replace what the archive holds of a study; an archive that is missing is rebuilt."""
        new = not self.path.is_file()
        self._put(state, head, rebuilt=False)
        if new:
            self.fill()

    def _put(self, state: State, head: tuple[int, str], *, rebuilt: bool) -> None:
        domain = state.domain.id if state.domain else state.topic.id if state.topic else ""
        study = state.study
        rows = _claim_rows(state)
        ideas = [
            (study, i.id, i.title, i.kind, ",".join(i.factors), int(i.id == state.chosen))
            for i in state.ideas.values()
        ]
        with self._connect() as db:
            for table in ("ideas", "claims", "lessons", "leads", "rebuilt"):
                db.execute(f"DELETE FROM {table} WHERE study = ?", (study,))
            db.execute(
                "INSERT OR REPLACE INTO studies VALUES (?, ?, ?, ?, ?, ?, ?)",
                (study, domain, state.created, state.finished, *head, state.protocol_hash),
            )
            if rebuilt:
                db.execute("INSERT INTO rebuilt VALUES (?)", (study,))
            db.executemany("INSERT INTO ideas VALUES (?, ?, ?, ?, ?, ?)", ideas)
            db.executemany("INSERT INTO claims VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            lessons = [(study, lesson.id, lesson.kind, lesson.text) for lesson in lessons_of(state)]
            db.executemany("INSERT INTO lessons VALUES (?, ?, ?, ?)", lessons)
            leads = [(study, pair.name, ",".join(pair.factors)) for pair in joint.told(state)]
            db.executemany("INSERT INTO leads VALUES (?, ?, ?)", leads)

    def view(self, domain: str) -> dict[str, Any]:
        """Earlier ideas, claims, lessons and leads of a domain, oldest study first; plain data, for a blob.

        A lead is a pair of factors that was seen to act jointly in a study which had not asked.

        Every study that lies in the lab is in it: what the archive lacks is taken in first.
        """
        self.fill()
        if not self.path.is_file():
            return {"ideas": [], "claims": [], "lessons": [], "leads": []}
        with self._connect() as db:
            return {
                "ideas": _rows(db, "ideas", ("study", "id", "title", "kind", "factors", "chosen"), domain),
                "claims": _rows(
                    db, "claims", ("study", "id", "text", "question", "verdict", "alpha", "kind"), domain
                ),
                "lessons": _rows(db, "lessons", ("study", "id", "kind", "text"), domain),
                "leads": _rows(db, "leads", ("study", "id", "factors"), domain),
            }

    def head_of(self, study: str) -> tuple[int, str] | None:
        """The chain head the archive remembers of a study."""
        if not self.path.is_file():
            return None
        with self._connect() as db:
            row = db.execute("SELECT head_seq, head FROM studies WHERE id = ?", (study,)).fetchone()
        return tuple(row) if row else None

    def is_rebuilt(self, study: str) -> bool:
        """Whether what the archive remembers of a study was read back from its journal."""
        if not self.path.is_file():
            return False
        with self._connect() as db:
            return db.execute("SELECT 1 FROM rebuilt WHERE study = ?", (study,)).fetchone() is not None

    @contextlib.contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        try:
            db = sqlite3.connect(self.path, timeout=30)
            try:
                db.executescript(_SCHEMA)
                _mend(db)
                with db:
                    yield db
            finally:
                db.close()
        except sqlite3.DatabaseError as error:
            raise _unusable(self.path, str(error)) from error


def _unusable(path: Path, why: str | None) -> MachineError:
    return MachineError(
        f"cannot use {path}: {why}",
        fix="make the lab writable, or delete the file: it is rebuilt from the studies",
    )


def _mend(db: sqlite3.Connection) -> None:
    """Give an archive of an earlier release the column that it lacks."""
    if "kind" not in [row[1] for row in db.execute("PRAGMA table_info(claims)")]:
        db.execute("ALTER TABLE claims ADD COLUMN kind TEXT DEFAULT ''")


def _rows(db: sqlite3.Connection, table: str, names: tuple[str, ...], domain: str) -> list[dict[str, Any]]:
    columns = ", ".join(f"t.{name}" for name in names)
    found = db.execute(
        f"SELECT {columns} FROM {table} t JOIN studies s ON s.id = t.study"
        " WHERE s.domain = ? ORDER BY created, t.id",
        (domain,),
    )
    return [dict(zip(names, row, strict=True)) for row in found]


def _claim_rows(state: State) -> list[tuple[Any, ...]]:
    if state.protocol is None or state.domain is None:
        return []
    rows = []
    for contrast in state.protocol.contrasts:
        decision = state.decisions.get(contrast.id)
        question = question_key(state.domain.id, contrast.metric, contrast.factors)
        verdict = decision.verdict if decision else "unfinished"
        alpha, kind = drawn(state.protocol, contrast.id), question_kind(contrast)
        rows.append((state.study, contrast.id, contrast.text, question, verdict, alpha, kind))
    return rows


def as_blob(view: Mapping[str, Any]) -> bytes:
    return canonical(view).encode()
