"""Runs the editable learner in a process of its own, which never holds inputs, labels or seeds.

The learner's process is forked before the driver reads anything, and told to go on only when the
driver has removed the files that it read. Parameters and gradients pass through shared memory, turns
through a pair of sockets. On Linux the driver also makes itself unreadable to its children and adopts
their orphans, so that nothing the learner starts is alive when the artefacts are written.
"""

import ctypes
import json
import mmap
import os
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np

SHARED_BYTES = 8 << 20
PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 4, 36


class LearnerFailed(Exception):
    """The learner raised, left or answered out of turn."""


class Learner:
    """A handle on the learner's process. `arrays` are the parameters as the learner left them."""

    def __init__(self):
        shared = mmap.mmap(-1, SHARED_BYTES)
        self.turn, theirs = socket.socketpair()
        self.memory = np.frombuffer(shared, np.float32)
        self.elders = set(_children())  # none, unless the driver is run inside some other process
        self.pid = os.fork()
        if self.pid == 0:
            self.turn.close()
            _host(theirs, self.memory)
        theirs.close()
        _shield()

    def begin(self, shapes: list[tuple[int, int]], config: dict, seed: int) -> None:
        """Let the learner initialise parameters of these shapes."""
        self.parameters, self.gradients = _views(self.memory, shapes)
        message = {"shapes": shapes, "config": config, "seed": seed}
        self._ask(json.dumps(message).encode() + b"\n")

    def update(self, gradients: list[np.ndarray]) -> None:
        """Hand over one gradient per parameter array and wait until the parameters are updated."""
        for shared, gradient in zip(self.gradients, gradients, strict=True):
            shared[:] = gradient
        self._ask(b"u")

    def _ask(self, message: bytes) -> None:
        try:
            self.turn.sendall(message)
            answer = self.turn.recv(1)
        except OSError:
            answer = b""
        if answer != b"k":
            raise LearnerFailed("raised an error" if answer else "ended without answering")

    def close(self) -> None:
        """End the learner and everything it started."""
        self.turn.close()
        _kill(self.pid)
        while orphans := set(_children()) - self.elders:
            for orphan in orphans:
                _kill(orphan)


def _views(memory: np.ndarray, shapes: Sequence[Sequence[int]]) -> tuple[list, list]:
    """Parameters, then gradients, as arrays over one buffer."""
    views, at = [], 0
    for rows, columns in [*shapes, *shapes]:
        views.append(memory[at : at + rows * columns].reshape(rows, columns))
        at += rows * columns
    return views[: len(shapes)], views[len(shapes) :]


def _host(turn: socket.socket, memory: np.ndarray) -> NoReturn:
    """The learner's side: one seed after another, one update per turn, until the driver closes."""
    run: _Run | None = None
    while word := turn.recv(1):
        try:
            if word == b"u" and run:
                run.update()
            else:
                run = _Run(memory, **json.loads(word + _line(turn)))
            answer = b"k"
        except Exception:  # the border of the edited code: its error fails this seed, and is shown
            traceback.print_exc()
            answer = b"f"
        turn.sendall(answer)
    os._exit(0)


class _Run:
    """One seed's training, as the learner's process holds it."""

    def __init__(self, memory: np.ndarray, shapes: list[list[int]], config: dict, seed: int):
        import learner  # edited code: nothing of it runs before the driver has removed what it read

        self.learner, self.config, self.step = learner, config, 0
        self.parameters, self.gradients = _views(memory, shapes)
        drawn = learner.initialise(shapes, config, np.random.default_rng(seed))
        for shared, array in zip(self.parameters, drawn, strict=True):
            shared[:] = array
        self.state = learner.start(self.parameters, config)

    def update(self) -> None:
        self.step += 1
        self.learner.update(self.parameters, self.gradients, self.state, self.config, self.step)


def _line(turn: socket.socket) -> bytes:
    text = b""
    while not text.endswith(b"\n"):
        text += turn.recv(4096)
    return text


def _shield() -> None:
    """Keep children out of this process's memory and keep hold of them (Linux; elsewhere nothing)."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        pass


def _children() -> list[int]:
    """Processes whose parent this one is: after the learner's end, the orphans it left (Linux)."""
    found, me = [], str(os.getpid())
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended while we looked
            continue
        if fields[1] == me:
            found.append(int(stat.parent.name))
    return found
