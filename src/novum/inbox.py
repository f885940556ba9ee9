"""The one door through which anybody but the coordinator speaks to a study.

A decision is a file `inbox/<id>.json`, written beside and renamed into place. The coordinator checks it,
journals it as `person.acted`, and then removes it; what it cannot read it renames to `.refused`.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from novum.canonical import as_text, canonical, short_id
from novum.errors import MachineError
from novum.events import PersonActed
from novum.journal.blobs import sync_folder

MOST = 1 << 20  # bytes of one decision


def leave(folder: Path, act: PersonActed) -> Path:
    """Put a decision into a study's inbox, durably."""
    inbox = folder / "inbox"
    data = as_text(canonical({k: v for k, v in msgspec.to_builtins(act).items() if k != "type"}))
    try:
        inbox.mkdir(exist_ok=True)
        target = inbox / f"{len(list(inbox.iterdir())):04d}-{short_id(data)}.json"
        part = target.with_suffix(".part")
        with part.open("w", encoding="utf-8") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
        sync_folder(inbox)
    except OSError as error:
        raise MachineError(f"cannot write {inbox}: {error.strerror}") from error
    return target


class FileInbox:
    """The coordinator's side: decisions in the order in which they were left."""

    def __init__(self, folder: Path):
        self._inbox = folder / "inbox"

    def take(self) -> Sequence[tuple[PersonActed, Callable[[], None]]]:
        """Readable decisions, each with a call that removes its file once it is journaled."""
        if not self._inbox.is_dir():
            return []
        found = []
        for path in sorted(self._inbox.glob("*.json")):
            act = _read(path)
            if act is None:
                path.rename(path.with_suffix(".refused"))
            else:
                found.append((act, lambda path=path: path.unlink(missing_ok=True)))
        return found


def _read(path: Path) -> PersonActed | None:
    try:
        if not path.is_file() or path.stat().st_size > MOST:
            return None
        data = msgspec.json.decode(path.read_bytes())
        return msgspec.convert({**data, "type": "person.acted"}, PersonActed)
    except (OSError, UnicodeDecodeError, TypeError, RecursionError, msgspec.MsgspecError):
        return None
