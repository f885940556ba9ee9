"""How much disk a study takes."""

import os
from pathlib import Path

from novum.journal.blobs import FileBlobs
from novum.journal.store import JOURNAL

AGAIN = 1024  # calls after which the files are counted again, in case others wrote some


class DiskUse:
    """How much disk a study's journal and blobs take, in MB.

    The files are looked at now and then; in between, what this process stores is added.
    """

    def __init__(self, folder: Path, blobs: FileBlobs):
        self._journal = folder / JOURNAL
        self._blobs = blobs
        self._calls = 0
        self._counted = 0

    def __call__(self) -> float:
        if self._calls % AGAIN == 0:
            self._counted = stored(self._blobs.root) - self._blobs.written
        self._calls += 1
        return (self._counted + self._blobs.written + self._journal.stat().st_size) / 2**20


def stored(root: Path) -> int:
    """Bytes of all files under a folder; 0 where there is none. What goes away meanwhile does not count."""
    return sum(
        _size(os.path.join(folder, name))  # noqa: PTH118 (thrice as fast, over many files)
        for folder, _, names in os.walk(root)
        for name in names
    )


def _size(path: str) -> int:
    """Bytes of a file; 0 for one that another thread has just put into its place under its own name."""
    try:
        return os.lstat(path).st_size
    except FileNotFoundError:
        return 0
