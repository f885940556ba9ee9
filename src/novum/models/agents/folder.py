"""The throw-away copy that an agent works on, and the patch that is taken from it afterwards.

The agent may do to the copy what it likes. What comes back are texts of files that it was allowed to change;
every other change is left out, with the reason. While it runs, its own requests to read and write go through
folders that are opened without following links, so that they cannot lead elsewhere.
"""

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from msgspec import Struct

from novum import patches

LARGEST_FILE = 2 << 20  # bytes
MOST_FILES = 5000
MOST_TOLD = 20  # changes that are left out and listed one by one
SCRAP = frozenset(
    {"__pycache__", "node_modules", ".git", ".venv", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
)


class Outcome(Struct, frozen=True):
    """What is taken from the copy, and what is not, each with why."""

    patch: str
    left_out: tuple[str, ...]


class Outside(OSError):
    """A path that does not lead to a plain file in the folder."""


class Copy:
    """A folder with files (path -> content), of which those that are `editable` may be changed."""

    def __init__(self, root: Path, files: Mapping[str, bytes], editable: tuple[str, ...]):
        self.root = root
        self._files = dict(files)
        self._editable = frozenset(editable)
        for path, content in files.items():
            place = root / _inner(path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            place.chmod(0o644 if path in self._editable else 0o444)

    def show(self, name: str, content: bytes) -> None:
        """Add a file that may be looked at, before the agent is asked."""
        (self.root / name).write_bytes(content)
        self._files[name] = content

    # --- while it runs --------------------------------------------------------------------------------

    def read(self, path: str) -> str:
        """A file's text.

        Raises:
            OSError: it is not there, not in the folder, or no plain file.
        """
        with self._folder_of(path) as (folder, name):
            handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
            with os.fdopen(handle, "rb") as file:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    raise Outside(f"{path} is no plain file")
                return file.read(LARGEST_FILE).decode("utf-8", "replace")

    def write(self, path: str, text: str) -> None:
        """Put a text into an editable file; a new file takes its place, so no other name of it changes.

        Raises:
            OSError: it may not be changed, or is not in the folder.
        """
        inner = self._relative(path)
        if inner not in self._editable:
            raise Outside(f"{inner} is protected")
        if len(text) > LARGEST_FILE:
            raise Outside(f"{inner} would be too large")
        part = f".{secrets.token_hex(8)}"
        with self._folder_of(path) as (folder, name):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(part, flags, 0o644, dir_fd=folder), "wb") as file:
                file.write(text.encode("utf-8", "replace"))
            os.rename(part, name, src_dir_fd=folder, dst_dir_fd=folder)

    def _relative(self, path: str) -> str:
        place = os.path.normpath(path if os.path.isabs(path) else os.path.join(self.root, path))
        if not place.startswith(f"{self.root}/") or "\0" in place:
            raise Outside(f"{path} is outside the workspace")
        return os.path.relpath(place, self.root)

    @contextlib.contextmanager
    def _folder_of(self, path: str) -> Iterator[tuple[int, str]]:
        """An open descriptor of the folder that a file lies in, and the file's name."""
        *folders, name = PurePosixPath(self._relative(path)).parts
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        with contextlib.ExitStack() as opened:
            here = os.open(self.root, flags)
            opened.callback(os.close, here)
            for folder in folders:
                here = os.open(folder, flags, dir_fd=here)
                opened.callback(os.close, here)
            yield here, name

    # --- afterwards -----------------------------------------------------------------------------------

    def outcome(self) -> Outcome:
        """What became of the files. Call it when none of the agent's processes is left."""
        found = dict(_walk(self.root))
        left_out, after = [], {}
        for path in sorted({*self._files, *found}):
            now, before = found.get(path), self._files.get(path)
            if path not in self._editable:
                left_out += _protected(path, before, now)
                continue
            why = now if isinstance(now, str) else _unfit(now)
            if why:
                left_out.append(f"{path}: {why}")
            kept = before if why else now
            if isinstance(kept, bytes):
                after[path] = kept
        old = {path: text for path, text in self._files.items() if path in self._editable}
        return Outcome(patches.diff(_texts(old), _texts(after)), _shortened(left_out))


def _inner(path: str) -> PurePosixPath:
    inner = PurePosixPath(path)
    if inner.is_absolute() or ".." in inner.parts or not inner.parts:
        raise ValueError(f"{path!r} is no path in a workspace")
    return inner


def _walk(root: Path) -> Iterator[tuple[str, bytes | str]]:
    """(path, content or why it is not taken) of what lies in a folder; links are not followed."""
    count = 0
    for folder, folders, names in os.walk(root):
        for name in [n for n in folders if os.path.islink(os.path.join(folder, n))]:
            yield os.path.relpath(os.path.join(folder, name), root), "a link"
        folders[:] = sorted(name for name in folders if name not in SCRAP)
        for name in sorted(names):
            count += 1
            if count > MOST_FILES:
                return
            path = os.path.join(folder, name)
            yield os.path.relpath(path, root), _content(path)


def _content(path: str) -> bytes | str:
    """What a file holds, or why it cannot be taken."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return "a link" if os.path.islink(path) else "no plain file"
    with os.fdopen(handle, "rb") as file:
        seen = os.fstat(handle)
        if not stat.S_ISREG(seen.st_mode) or seen.st_nlink != 1:
            return "no plain file of its own"
        if seen.st_size > LARGEST_FILE:
            return f"larger than {LARGEST_FILE >> 20} MiB"
        return file.read(LARGEST_FILE)


def _unfit(content: bytes | None) -> str:
    """Why a content is no text; empty for a text, and for a file that is gone."""
    try:
        (content or b"").decode()
    except UnicodeDecodeError:
        return "not UTF-8 text"
    return ""


def _protected(path: str, before: bytes | None, now: bytes | str | None) -> list[str]:
    if now == before:
        return []
    name = path.encode("utf-8", "replace").decode()
    if before is None:
        return [f"{name}: new, and not among the files that may be changed"]
    return [f"{name}: {'deleted' if now is None else 'changed'}, but protected"]


def _texts(files: Mapping[str, bytes]) -> dict[str, str]:
    return {path: content.decode("utf-8", "replace") for path, content in files.items()}


def _shortened(reasons: list[str]) -> tuple[str, ...]:
    if len(reasons) <= MOST_TOLD:
        return tuple(reasons)
    return (*reasons[:MOST_TOLD], f"and {len(reasons) - MOST_TOLD} more")
