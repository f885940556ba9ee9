"""A study as exporters see it, and what they may be refused."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from novum.errors import UserError
from novum.events import Event
from novum.evidence.catalogue import confirmation_complete
from novum.journal import JOURNAL, FileBlobs, stored_rows
from novum.journal.store import decode
from novum.protocols import Blobs
from novum.records import Figure
from novum.state import Paper, State, fold


class Source(Struct, frozen=True, kw_only=True):
    """The record of one study: its folder, its journal's rows as stored, their fold, its blobs."""

    folder: Path
    rows: tuple[tuple[int, str, str, str], ...]
    state: State
    blobs: Blobs

    def events(self) -> Iterator[Event]:
        """The events, read from the rows."""
        return (decode(text, prev, digest) for _, text, prev, digest in self.rows)

    @property
    def head(self) -> tuple[int, str]:
        """Sequence number and hash of the last event."""
        return (self.rows[-1][0], self.rows[-1][3]) if self.rows else (0, "")


def read_source(folder: Path) -> Source:
    """Open a study for export.

    Raises:
        UserError: there is none, or what its confirmation measured is still withheld.
        JournalDamaged: its journal cannot be read.
    """
    rows = tuple(stored_rows(folder / JOURNAL))
    state = fold(decode(text, prev, digest) for _, text, prev, digest in rows)
    begun = any(trial.phase == "confirm" for trial in state.trials.values())
    complete = "confirm" in state.steps_done and confirmation_complete(state)
    if begun and not complete and not state.finished:  # one that ended so will never be complete
        raise UserError(
            f"the confirmation of {state.study} is not complete, and what it measured is withheld until then",
            fix="go on with novum resume",
        )
    return Source(folder=folder, rows=rows, state=state, blobs=FileBlobs(folder / "blobs"))


def paper_of(source: Source) -> Paper:
    """The paper that was rendered.

    Raises:
        UserError: there is none yet; says how far the study has come.
    """
    state = source.state
    if state.paper is None:
        where = f"ended as '{state.finished}'" if state.finished else f"is in its stage '{state.stage}'"
        fix = "" if state.finished else "go on with novum resume"
        raise UserError(f"{state.study} has no paper: it {where}", fix=fix)
    return state.paper


def rendered(source: Source, suffix: str) -> bytes:
    """One format of the paper as it was recorded.

    Raises:
        UserError: there is no paper, or it was not rendered in this format.
    """
    paper = paper_of(source)
    if suffix not in paper.files:
        raise UserError(f"the paper of {source.state.study} was rendered without {suffix}",
                        fix="render it again with novum write")  # fmt: skip
    return source.blobs.get(paper.files[suffix])


def placed_figures(source: Source) -> Mapping[str, Figure]:
    """The figures that the paper shows, by id."""
    paper = paper_of(source)
    return {id: figure for id, figure in source.state.figures.items() if f"{{{{fig:{id}" in paper.source}


def refuse_unfinished(source: Source) -> None:
    """Raise UserError for a study that has not come to its end."""
    state = source.state
    if not state.finished:
        raise UserError(f"{state.study} is not finished: it is in its stage '{state.stage}'",
                        fix="go on with novum resume")  # fmt: skip
