"""The lab's memory: `LAB/archive.sqlite`, one row per study, idea and claim. A cache, rebuilt from studies.

It keeps each study's last chain head as well, so that a journal edited later disagrees with it. What a
study sees of the archive is fixed when it is created, as a blob.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from novum.canonical import canonical
from novum.errors import MachineError
from novum.records import question_key
from novum.state import State

_SCHEMA = """
CREATE TABLE IF NOT EXISTS studies (id TEXT PRIMARY KEY, domain TEXT, created REAL, status TEXT,
    head_seq INTEGER, head TEXT, protocol_hash TEXT);
CREATE TABLE IF NOT EXISTS ideas (study TEXT, id TEXT, title TEXT, kind TEXT, factors TEXT, chosen INTEGER);
CREATE TABLE IF NOT EXISTS claims (study TEXT, id TEXT, text TEXT, question TEXT, verdict TEXT, alpha REAL);
"""


class Archive:
    """The archive of one lab."""

    def __init__(self, lab: Path):
        self.path = lab / "archive.sqlite"

    def store(self, state: State, head: tuple[int, str]) -> None:
        """Replace what the archive holds of a study."""
        assert state.domain is not None
        study = state.study
        rows = _claim_rows(state)
        ideas = [
            (study, i.id, i.title, i.kind, ",".join(i.factors), int(i.id == state.chosen))
            for i in state.ideas.values()
        ]
        with self._connect() as db:
            for table in ("ideas", "claims"):
                db.execute(f"DELETE FROM {table} WHERE study = ?", (study,))
            db.execute(
                "INSERT OR REPLACE INTO studies VALUES (?, ?, ?, ?, ?, ?, ?)",
                (study, state.domain.id, state.created, state.finished, *head, state.protocol_hash),
            )
            db.executemany("INSERT INTO ideas VALUES (?, ?, ?, ?, ?, ?)", ideas)
            db.executemany("INSERT INTO claims VALUES (?, ?, ?, ?, ?, ?)", rows)

    def view(self, domain: str) -> dict[str, Any]:
        """Earlier ideas and claims of a domain, oldest study first; plain data, for a blob."""
        if not self.path.is_file():
            return {"ideas": [], "claims": []}
        with self._connect() as db:
            return {
                "ideas": _rows(db, "ideas", ("study", "id", "title", "kind", "factors", "chosen"), domain),
                "claims": _rows(
                    db, "claims", ("study", "id", "text", "question", "verdict", "alpha"), domain
                ),
            }

    def head_of(self, study: str) -> tuple[int, str] | None:
        """The chain head the archive remembers of a study."""
        if not self.path.is_file():
            return None
        with self._connect() as db:
            row = db.execute("SELECT head_seq, head FROM studies WHERE id = ?", (study,)).fetchone()
        return tuple(row) if row else None

    @contextlib.contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        try:
            db = sqlite3.connect(self.path, timeout=30)
            try:
                db.executescript(_SCHEMA)
                with db:
                    yield db
            finally:
                db.close()
        except sqlite3.OperationalError as error:
            raise MachineError(f"cannot use {self.path}: {error}", fix="make the lab writable") from error


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
        rows.append((state.study, contrast.id, contrast.text, question, verdict, state.protocol.alpha))
    return rows


def as_blob(view: Mapping[str, Any]) -> bytes:
    return canonical(view).encode()
