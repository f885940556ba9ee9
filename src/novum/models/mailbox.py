"""`mailbox:DIR`: a model that is whoever reads a folder and answers, a person or any agent.

Each request is one file `NNNN-role.request.md`, its answer `NNNN-role.answer.json` or `.answer.md` beside
it (`docs/mailbox.md`). A request is known by its key, so one that was asked before an interruption keeps its
number and its answer; nothing here asks twice. Waiting costs a look at two names every few seconds.
"""

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from novum.errors import MachineError, UserError
from novum.models import letters
from novum.models.letters import Mark
from novum.models.registry import Surroundings
from novum.records import ModelAnswer, ModelRequest, WorstCase

FIRST_LOOK, LONGEST_PAUSE, SLOWER = 0.1, 2.0, 1.4  # seconds between looks, and how they grow
SETTLED = 0.25  # seconds for which an answer must not have changed
HALF_WRITTEN = 10.0  # seconds after which JSON that cannot be read is taken for what was meant
ANSWERS = (".answer.json", ".answer.md")
_REQUEST = re.compile(r"(?P<stem>(?P<number>\d{4,})-[a-z]+)\.request\.md")
_TYPES = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/svg+xml": "svg"}


def open_mailbox(rest: str, around: Surroundings) -> "Mailbox":
    """The mailbox in a folder: absolute, below the home (`~`), or relative to the lab. Nothing is made yet.

    Raises:
        UserError: there is a file of that name.
    """
    place = Path(rest).expanduser()
    study = around.folder.name
    folder = around.folder.parent.parent / place if study else place
    if folder.exists() and not folder.is_dir():
        raise UserError(f"mailbox:{rest}: {folder} is a file", fix="name a folder, new or old")
    return Mailbox(f"mailbox:{rest}", folder, study, around)


class Mailbox:
    """A `LanguageModel` that writes letters and waits for answers, for as long as it takes."""

    patience: float | None = None

    def __init__(self, name: str, folder: Path, study: str, around: Surroundings):
        self.name = name
        self.folder = folder
        self.study = study
        self._around = around
        self._known: dict[str, Mark | None] = {}

    def worst_case(self, request: ModelRequest) -> WorstCase:
        """Nothing: who answers is not paid by us."""
        return WorstCase(tokens=0, usd=0.0)

    async def ask(self, request: ModelRequest) -> ModelAnswer:
        """The answer, once it is there; the letter is written unless it lies there from before.

        Raises:
            MachineError: the folder cannot be written.
        """
        try:
            stem = self._letter_for(request)
        except OSError as error:
            raise MachineError(f"{self.name}: {error}", fix="make the folder writable") from error
        return await self._answered(stem)

    async def close(self) -> None:
        """Nothing is held."""

    # --- letters --------------------------------------------------------------------------------------

    def _letter_for(self, request: ModelRequest) -> str:
        """The stem of a request's letter, which is there when this returns."""
        self.folder.mkdir(parents=True, exist_ok=True)
        mark = Mark(request.key, self.study)
        with _locked(self.folder):
            stems = {found: stem for stem, found in self._letters()}
            return stems.get(mark) or self._write(request, mark, stems)

    def _letters(self) -> Iterator[tuple[str, Mark]]:
        """Every letter in the folder; each file is read once."""
        for stem, path in _requests(self.folder):
            if stem not in self._known:
                self._known[stem] = _mark(path)
            found = self._known[stem]
            if found is not None:
                yield stem, found

    def _write(self, request: ModelRequest, mark: Mark, stems: dict[Mark, str]) -> str:
        stem = f"{_next_number(self.folder):04d}-{request.role}"
        images = self._images(request, stem)
        text = letters.letter(request, mark, stem, images, self._earlier(request, stems))
        _place(self.folder / f"{stem}.request.md", text.encode())
        self._known[stem] = mark
        return stem

    def _images(self, request: ModelRequest, stem: str) -> dict[str, str]:
        """Every picture of a prompt as a file; blob -> its name."""
        shown = {part.image: _TYPES.get(part.media_type, "png") for part in request.parts if part.image}
        names = {sha: f"{stem}.image-{i}.{kind}" for i, (sha, kind) in enumerate(shown.items(), 1)}
        for sha, name in names.items():
            _place(self.folder / name, self._around.blobs.get(sha))
        return names

    def _earlier(self, request: ModelRequest, stems: dict[Mark, str]) -> str:
        """The letter that a request asks again, if there is one: it has the same parts but the last two."""
        from msgspec import structs

        if len(request.parts) < 3 or request.parts[-2].speaker != "model":
            return ""
        before = structs.replace(request, parts=request.parts[:-2])
        return stems.get(Mark(before.key, self.study), "")

    # --- answers --------------------------------------------------------------------------------------

    async def _answered(self, stem: str) -> ModelAnswer:
        """Look for an answer, ever more seldom; take it when it is whole and does not change any more."""
        pause, seen, unchanged = FIRST_LOOK, None, 0.0
        while True:
            found = _look(self.folder, stem)
            if found is None:
                seen, pause = None, min(LONGEST_PAUSE, pause * SLOWER)
            else:
                unchanged = unchanged + pause if found == seen else 0.0
                seen, pause = found, SETTLED
                if unchanged >= SETTLED and (answer := self._taken(found, unchanged)):
                    return answer
            await self._around.sleep(pause)

    def _taken(self, found: "_Found", unchanged: float) -> ModelAnswer | None:
        text = letters.decoded(found.read())
        if letters.is_whole(text, is_json=found.is_json) or (text.strip() and unchanged >= HALF_WRITTEN):
            return letters.answer(text, self.name, is_json=found.is_json)
        return None


class _Found(NamedTuple):
    """An answer's file as it is at one moment."""

    path: Path
    size: int
    changed: int

    @property
    def is_json(self) -> bool:
        return self.path.suffix == ".json"

    def read(self) -> bytes:
        """Its content, as much as is looked at; nothing if it is gone."""
        with contextlib.suppress(OSError), self.path.open("rb") as file:
            return file.read(letters.LONGEST)
        return b""


def _look(folder: Path, stem: str) -> _Found | None:
    for ending in ANSWERS:
        path = folder / f"{stem}{ending}"
        with contextlib.suppress(OSError):
            stat = path.stat()
            if stat.st_size:
                return _Found(path, stat.st_size, stat.st_mtime_ns)
    return None


# --- folders ------------------------------------------------------------------------------------------


class Waiting(NamedTuple):
    """A request without an answer: its file, and the study that waits for it."""

    path: Path
    study: str

    @property
    def answers(self) -> tuple[str, ...]:
        """Names of the files that would answer it; the first is the one that the letter asks for first."""
        stem = self.path.name.removesuffix(".request.md")
        names = tuple(f"{stem}{ending}" for ending in ANSWERS)
        return names if names[0] in self.path.read_text(encoding="utf-8") else names[1:]


def waiting(folder: Path) -> list[Waiting]:
    """The requests in a mailbox that have no answer, oldest first."""
    found = [(path, _mark(path)) for stem, path in _requests(folder) if _look(folder, stem) is None]
    return [Waiting(path, mark.study) for path, mark in found if mark is not None]


def _requests(folder: Path) -> list[tuple[str, Path]]:
    """(stem, path) of every file that is named like a request, by number."""
    named = [(match, path) for path in folder.iterdir() if (match := _REQUEST.fullmatch(path.name))]
    return [(match["stem"], path) for match, path in sorted(named, key=lambda pair: int(pair[0]["number"]))]


def _mark(path: Path) -> Mark | None:
    with path.open(encoding="utf-8", errors="replace") as file:
        return letters.mark_of(file.readline(200))


def _next_number(folder: Path) -> int:
    """One more than the largest number of any file, so that no answer left over is taken for another's."""
    numbers = (re.match(r"\d{4,}", path.name) for path in folder.iterdir())
    return max((int(found[0]) for found in numbers if found), default=0) + 1


def _place(path: Path, content: bytes) -> None:
    """Write a file that is there as a whole or not at all, also after a crash."""
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Studies that share a folder give out numbers one after the other."""
    with (folder / ".lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
