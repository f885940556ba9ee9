"""Studies opened for reading: nothing here writes, and no transaction is held between reads."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from novum import snapshot
from novum.errors import JournalDamaged, UserError
from novum.events import Event
from novum.journal import JOURNAL, read_events
from novum.journal.lock import is_locked
from novum.snapshot import Outline
from novum.state import State


class Study:
    """A study opened for reading; it never writes and holds no transaction between reads.

    `outline` is as the journal was when the study was opened; it has what can be said without a look at
    single trials, at once. `state` is all that the journal says, read when it is first asked for.
    """

    def __init__(self, path: Path):
        self.path = path
        self._state: State | None = None
        kept = snapshot.kept_outline(path)
        self.outline: Outline = snapshot.outline_of(self.state) if kept is None else kept

    @property
    def state(self) -> State:
        if self._state is None:
            self._state = snapshot.state_of(self.path)
        return self._state

    def events(self, after: int = 0) -> Iterator[Event]:
        """The events with `seq > after`, in order."""
        return read_events(self.path / JOURNAL, after)

    @property
    def is_running(self) -> bool:
        """Whether a live process is writing it."""
        return is_locked(self.path)

    @property
    def status(self) -> str:
        """running, waiting (for approval), interrupted, out_of_budget, failed or done."""
        state = self.outline.state
        if self.is_running:
            return "running"
        if state.finished:
            return "done" if state.finished == "done" else "failed"
        if state.stop_reason.startswith("out of budget"):
            return "out_of_budget"
        return "waiting" if state.stop_reason == "waiting" else "interrupted"


def open_study(path: str | Path) -> Study:
    """Open a study for reading.

    Raises:
        UserError: there is none at `path`.
        JournalDamaged: its journal cannot be read.
    """
    return Study(Path(path))


def list_studies(lab: str | Path) -> list[Study]:
    """The studies of a lab whose journals can be read, oldest first; an empty lab has none."""
    found = []
    for folder in folders(Path(lab)):
        with contextlib.suppress(JournalDamaged):  # one damaged study must not hide the others
            found.append(Study(folder))
    return sorted(found, key=age)


def age(study: Study) -> tuple[float, str]:
    """Sorts studies, the oldest first."""
    return study.outline.state.created, study.outline.state.study


def folders(lab: Path) -> list[Path]:
    """The folders of a lab's studies, by name."""
    return sorted(p.parent for p in lab.glob(f"studies/*/{JOURNAL}") if not p.parent.name.startswith("."))


def find_study(lab: str | Path, ref: str = "", *, unfinished: bool = False) -> Path:
    """The folder of a study given by id, unique prefix or path; the latest (unfinished) one by default.

    Raises:
        UserError: nothing, or more than one study, fits.
    """
    if ref and (Path(ref) / JOURNAL).is_file():
        return Path(ref)
    if ref:
        return _by_name(folders(Path(lab)), ref, Path(lab))
    return _latest(Path(lab), unfinished).path


def choose_study(lab: str | Path, ref: str = "") -> Study:
    """The study that `find_study` finds, opened."""
    return open_study(find_study(lab, ref)) if ref else _latest(Path(lab))


def _latest(lab: Path, unfinished: bool = False) -> Study:
    """The study begun last of those that can be read; it alone is read beyond its first event."""
    begun = []
    for folder in folders(lab):
        with contextlib.suppress(JournalDamaged):
            begun += [(event.time, folder.name, folder) for event in read_events(folder / JOURNAL, until=1)]
    for _, _, folder in sorted(begun, reverse=True):
        with contextlib.suppress(JournalDamaged):
            study = Study(folder)
            if not (unfinished and study.outline.state.finished):
                return study
    what = "no unfinished study" if unfinished else "no study"
    raise UserError(f"there is {what} in {lab}", fix="start one with novum run")


def _by_name(found: Sequence[Path], ref: str, lab: Path) -> Path:
    exact = [p for p in found if p.name == ref]
    fitting = exact or [p for p in found if p.name.startswith(ref)]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise UserError(f"there is no study {ref!r} in {lab}", fix="see novum list")
    names = ", ".join(p.name for p in fitting)
    raise UserError(f"{ref!r} fits {len(fitting)} studies", fix=f"give more of the id: {names}")


@contextlib.contextmanager
def thrown_away(folder: Path) -> Iterator[Path]:
    """A copy of a study that may be written and is gone afterwards; its blobs are links to the study's."""

    def taken(source: str, target: str) -> None:
        inside = Path(source).relative_to(folder).parts
        if inside[0] == "blobs":
            Path(target).symlink_to(Path(source).resolve())
        else:
            shutil.copyfile(source, target)

    with tempfile.TemporaryDirectory(prefix="novum-copy-") as scratch:
        copy = Path(scratch) / "studies" / folder.name
        skipped = shutil.ignore_patterns("writer.lock", "secret", "inbox", "attempts", "journal.sqlite-shm")
        shutil.copytree(folder, copy, ignore=skipped, copy_function=taken)
        for place in (copy, *copy.rglob("*")):
            if place.is_dir():
                place.chmod(0o755)
        yield copy
