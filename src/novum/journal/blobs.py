"""Bytes by their SHA-256, durable before anything names them."""

import contextlib
import errno
import os
import tempfile
from pathlib import Path

from novum.canonical import sha256
from novum.errors import JournalDamaged, MachineError
from novum.secrecy import Redactor, of_environment

_PART = ".part-"
_MEND = "bring it back from a copy of the study"


class FileBlobs:
    """One file per blob under `root/ab/cdef…`. Writing the same bytes again costs a `stat`.

    `written` counts the bytes that were stored through it. Secrets are taken out before bytes get their
    name; `redactor` says what is secret, by default whatever is in this process's environment.
    """

    def __init__(self, root: Path, redactor: Redactor | None = None):
        self.root = root
        self.written = 0
        self._redactor = redactor or of_environment()

    def path(self, sha: str) -> Path:
        return self.root / sha[:2] / sha[2:]

    def has(self, sha: str) -> bool:
        return self.path(sha).is_file()

    def put(self, data: bytes) -> str:
        """Store bytes: temporary file, fsync, rename, fsync of the folder.

        Raises:
            MachineError: the disk is full or not writable.
        """
        return self._put(data, None)

    def take(self, file: Path) -> str:
        """Store a file that nobody else writes to, itself where its bytes may be stored as they are.

        It is gone afterwards, or of no more use. Raises as `put` does.
        """
        return self._put(file.read_bytes(), file)

    def _put(self, data: bytes, file: Path | None) -> str:
        clean = self._redactor.data(data)
        sha = sha256(clean)
        target = self.path(sha)
        if target.is_file():
            return sha
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if file is None or clean != data or not _move_durably(file, target):
                _write_durably(target, clean, self.root)
        except OSError as error:
            raise MachineError(
                f"cannot store {len(clean)} bytes under {self.root}: {error.strerror}",
                fix="free some disk or make the folder writable, then novum resume",
            ) from error
        self.written += len(clean)
        return sha

    def sweep(self) -> None:
        """Remove what a kill left half written; for the only one who writes."""
        with contextlib.suppress(OSError):
            for path in self.root.glob(f"{_PART}*"):
                path.unlink()

    def get(self, sha: str) -> bytes:
        """The bytes of a blob, checked against their name.

        Raises:
            JournalDamaged: the blob is missing or its bytes are not those it was named by.
        """
        try:
            data = self.path(sha).read_bytes()
        except FileNotFoundError:
            raise JournalDamaged(f"blob {sha[:12]} is missing from {self.root}", fix=_MEND) from None
        if sha256(data) != sha:
            raise JournalDamaged(f"blob {sha[:12]} in {self.root} was altered", fix=_MEND)
        return data


def _move_durably(file: Path, target: Path) -> bool:
    """Move a file, unless it lies on another file system."""
    with file.open("rb") as handle:
        os.fsync(handle.fileno())
    try:
        file.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        return False
    sync_folder(target.parent)
    return True


def _write_durably(target: Path, data: bytes, beside: Path) -> None:
    handle, name = tempfile.mkstemp(dir=beside, prefix=_PART)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
