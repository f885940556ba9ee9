"""Ideas before a study: those that lie in a lab, found by id, and those that a person brings in a file."""

from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from novum.errors import UserError
from novum.opening import Study, list_studies
from novum.records import Domain, Idea

LARGEST = 200_000  # bytes of a file of ideas
MOST = 100  # ideas in it


class Given(Struct, frozen=True, kw_only=True):
    """An idea that lies in a lab: what it is, and where it was proposed.

    `domain` is how that study named its subject; `written` is the subject itself where a model wrote it from
    a topic page, and `folder` has its files then.
    """

    idea: Idea
    domain: str
    folder: Path
    written: Domain | None = None


def find_idea(lab: str | Path, ref: str) -> Given:
    """The idea of that id, or of the only id that begins so, among those proposed in a lab's studies.

    Raises:
        UserError: there is none, or more than one.
    """
    found = {
        i.id: _given(i, s)
        for s in list_studies(lab)
        for i in s.outline.state.ideas.values()
        if i.id.startswith(ref)
    }
    if ref and len(found) == 1:
        return next(iter(found.values()))
    if not found or not ref:
        raise UserError(f"there is no idea {ref!r} in {lab}", fix="see novum ideas, or novum show STUDY")
    raise UserError(f"{ref!r} may be any of {', '.join(sorted(found))}", fix="give more of the id")


def _given(idea: Idea, study: Study) -> Given:
    state = study.outline.state
    written = state.domain if state.domain is not None and state.domain.authors else None
    return Given(
        idea=idea, domain=state.settings.domain if state.settings else "", folder=study.path, written=written
    )


def read_seed_ideas(path: str | Path) -> tuple[str, ...]:
    """The ideas of a file, each as a text: the entries of a JSON list, else the file as a whole.

    Entries are texts or objects; of an object every field that holds text, a number or a list of texts is
    kept under its name, so that files of other systems (`Name`, `Title`, `Experiment`, …) can be read.

    Raises:
        UserError: there is no such file, or no idea in it.
    """
    text = _text(Path(path))
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        value = [text]
    entries = value if isinstance(value, list) else [value]
    found = tuple(told for entry in entries if (told := _told(entry)))
    if not found or len(found) > MOST:
        raise UserError(
            f"{path} holds {len(found)} ideas", fix=f"give from 1 to {MOST}, as a JSON list or a text"
        )
    return found


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}", fix="name a file of ideas") from error
    if len(data) > LARGEST:
        raise UserError(f"{path} has more than {LARGEST} bytes", fix="give fewer ideas")
    return data.decode("utf-8", "replace")


def _told(entry: Any) -> str:
    if isinstance(entry, dict):
        lines = [f"{name}: {_plain(value)}" for name, value in entry.items() if _plain(value)]
        return "\n".join(lines)
    return entry.strip() if isinstance(entry, str) else ""


def _plain(value: Any) -> str:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value).strip()
    if isinstance(value, list):
        return "; ".join(part.strip() for part in value if isinstance(part, str))
    return ""
