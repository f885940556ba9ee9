"""`replay:STUDY`: the answers that a study's journal holds, to the same questions; nothing else.

What was asked and answered then is answered so again, whichever model it was; a question that the recording
does not hold is an error, never a call. So a study with a model can be gone through again without a key,
and a change of the code is seen by the first question it changes. A question that differs in its measured
numbers alone is answered too, and the answer says so (see `novum.models.recordings`).
"""

from pathlib import Path

from msgspec import structs

from novum.errors import ReplayDiverged, UserError
from novum.journal import JOURNAL, FileBlobs, read_events
from novum.models import recordings
from novum.models.recordings import SUFFIX, Recording
from novum.models.registry import Surroundings
from novum.records import ModelAnswer, ModelRequest, Usage, WorstCase


def open_replay(rest: str, around: Surroundings) -> "Replay":
    """The recording of a study: a path, or an id or unique prefix of one in the same lab; or a file of its
    answers, as `novum export --to recording` writes it.

    Raises:
        UserError: there is no such study, or more than one.
    """
    in_a_lab = around.folder.name
    lab = around.folder.parent.parent if in_a_lab else None
    return Replay(f"replay:{rest}", rest, lab)


class Replay:
    """A `LanguageModel` that says what was said. Recordings cost nothing."""

    patience: float | None = 900.0

    def __init__(self, name: str, study: str, lab: Path | None):
        self.name = name
        path = Path(study).expanduser()
        self._file = path if path.suffix == SUFFIX and path.is_file() else None
        self._folder = None if self._file else _found(study, lab) if lab else _at(path)
        self._recording: Recording | None = None

    def worst_case(self, request: ModelRequest) -> WorstCase:
        return WorstCase(tokens=0, usd=0.0)

    async def ask(self, request: ModelRequest) -> ModelAnswer:
        """The recorded answer, named after the model that gave it.

        Raises:
            ReplayDiverged: the recording holds no answer to this.
            UserError: there is no recording.
        """
        answer = self._recorded().answer(request)
        if answer is None:
            raise ReplayDiverged(
                f"{self.name} holds no answer to {request.role} call {request.key[:12]}",
                fix="replay it with the same domain, settings, seed and version as the recording",
            )
        return structs.replace(answer, usage=Usage(), usd=0.0, seconds=0.0)

    async def close(self) -> None:
        """Nothing is held open between questions."""

    def _recorded(self) -> Recording:
        """The answers; they are read once."""
        if self._recording is None:
            if self._file:
                answers = recordings.of_file(self._file)
            else:
                place = self._place()
                answers = recordings.of_journal(
                    iter(read_events(place / JOURNAL)), FileBlobs(place / "blobs")
                )
            self._recording = Recording(answers)
        return self._recording

    def _place(self) -> Path:
        if self._folder is None:
            raise UserError(
                f"{self.name}: there is no such study",
                fix="give an id, its beginning, a path, or a recording",
            )
        return self._folder


def _at(path: Path) -> Path | None:
    return path if (path / JOURNAL).is_file() else None


def _found(study: str, lab: Path) -> Path:
    if (given := _at(Path(study).expanduser())) is not None:
        return given
    matching = sorted(p.parent for p in lab.glob(f"studies/*/{JOURNAL}") if p.parent.name.startswith(study))
    exact = [path for path in matching if path.name == study]
    if len(exact or matching) == 1:
        return (exact or matching)[0]
    if matching:
        names = ", ".join(path.name for path in matching[:5])
        raise UserError(f"replay:{study}: several studies begin so ({names})", fix="give more of the id")
    raise UserError(f"replay:{study}: there is no such study in {lab}", fix="see novum list, or give a path")
