"""One writer per study.

A POSIX record lock rather than `flock`: it is not inherited by a forked child, which would otherwise keep
a dead coordinator's lock alive, and it works on network file systems. Record locks do not exclude within
one process, so that case is kept in a table.
"""

import contextlib
import errno
import fcntl
import json
import os
import socket
import time
from pathlib import Path
from types import TracebackType

from novum.errors import Busy, MachineError, ReadOnlyLab

_held: dict[Path, "WriterLock"] = {}


class WriterLock:
    """Holds `folder/writer.lock` while in force; says who holds it to whoever comes second."""

    def __init__(self, folder: Path, wait: float = 5.0):
        self.path = (folder / "writer.lock").resolve()
        self.wait = wait
        self._handle = -1

    def acquire(self) -> "WriterLock":
        """Take the lock.

        Raises:
            Busy: another process holds it for longer than `wait` seconds.
        """
        deadline = time.monotonic() + self.wait
        while not self._try():
            if time.monotonic() >= deadline:
                raise Busy(f"{self.path.parent.name} is being written by {holder(self.path.parent)}",
                           fix="wait for it, or stop it with novum stop")  # fmt: skip
            time.sleep(0.05)
        return self

    def _try(self) -> bool:
        if self.path in _held:
            return False
        handle = _open(self.path)
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return False
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps({"host": socket.gethostname(), "pid": os.getpid()}).encode(), 0)
        self._handle = handle
        _held[self.path] = self
        return True

    def release(self) -> None:
        if _held.get(self.path) is self:
            del _held[self.path]
            with contextlib.suppress(OSError):
                os.ftruncate(self._handle, 0)
            os.close(self._handle)

    def __enter__(self) -> "WriterLock":
        return self.acquire()

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise ReadOnlyLab(
                f"cannot write {path}: {error.strerror}", fix="copy the study to a writable lab"
            ) from error
        raise MachineError(
            f"cannot write {path}: {error.strerror}", fix="free some disk, then do it again"
        ) from error


def holder(folder: Path) -> str:
    """Who wrote the lock file last, as text."""
    path = (folder / "writer.lock").resolve()
    if path in _held:  # closing any descriptor of the file would release this process's own lock
        return "this very process"
    try:
        found = json.loads(path.read_text())
        return f"process {found['pid']} on {found['host']}"
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "another process"


def is_locked(folder: Path) -> bool:
    """Whether some process, this one included, writes the study now. Never blocks, never takes the lock."""
    path = (folder / "writer.lock").resolve()
    if path in _held:
        return True
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False
