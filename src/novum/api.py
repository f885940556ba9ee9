"""The package's face: what the commands, a notebook or a script call.

    import novum.api as novum
    outcome = novum.run(novum.Settings(domain="grokking"), lab="lab")
    novum.open_study(outcome.path).state.decisions
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from novum.errors import UserError
from novum.events import Event
from novum.protocols import Watcher
from novum.records import Settings
from novum.state import State

__all__ = ["Outcome", "Settings", "Study", "act", "find_study", "list_studies", "open_study", "resume", "run"]


class Outcome(Struct, frozen=True, kw_only=True):
    """How a run ended. `exit_code` is that of the command line (see `novum.errors`)."""

    study: str
    path: Path
    exit_code: int
    status: str
    message: str = ""


class Study:
    """A study opened for reading; it never writes and holds no transaction between reads."""

    path: Path
    state: State

    def events(self, after: int = 0) -> Iterator[Event]:
        """The events with `seq > after`, in order."""
        raise NotImplementedError


def run(settings: Settings, lab: str | Path = "lab", watchers: Sequence[Watcher] = ()) -> Outcome:
    """A whole study from nothing to an audited, reviewed paper; blocks until it ends."""
    raise NotImplementedError


def resume(path: str | Path, changes: dict[str, object] | None = None, watchers: Sequence[Watcher] = ()) -> Outcome:
    """Go on with a study where its journal ends. `changes` may name workers, sandbox, budgets, until."""
    raise NotImplementedError


def open_study(path: str | Path) -> Study:
    raise NotImplementedError


def list_studies(lab: str | Path) -> list[Study]:
    """The studies of a lab, oldest first."""
    raise NotImplementedError


def find_study(lab: str | Path, ref: str = "", *, unfinished: bool = False) -> Path:
    """The folder of a study given by id, unique prefix or path; the latest (unfinished) one by default.

    Raises:
        UserError: nothing, or more than one study, fits.
    """
    raise UserError("no study")


def act(path: str | Path, action: str, detail: dict[str, str] | None = None, person: str = "") -> None:
    """Put a person's decision (approve, edit, stop) into the study's inbox for the coordinator."""
    raise NotImplementedError
