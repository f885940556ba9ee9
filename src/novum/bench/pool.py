"""`map` over worker processes for benchmarks: one thread each, scratch files in memory."""

import contextlib
import multiprocessing
import os
import signal
import tempfile
from collections.abc import Callable, Iterator

Told = Callable[[int, int], None]
"""Called with how much is done, and of how much."""


@contextlib.contextmanager
def mapped(workers: int) -> Iterator[Callable]:
    """`map` over worker processes, or in this one if a single worker is asked for."""
    if workers < 2:
        yield map
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers, initializer=_start) as pool:
        yield pool.imap


def _start() -> None:
    """One thread each, scratch files in memory where there is such a place; an interrupt ends the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["OMP_NUM_THREADS"] = "1"
    if os.access("/dev/shm", os.W_OK):
        tempfile.tempdir = "/dev/shm"
