"""A process that forks coordinators, so that killing one two hundred times costs no two hundred start-ups.

It reads one JSON object a line, `{"folder": …, "die": {…} or null, "typeset": …}`, forks a child that
carries the study on as `novum resume` does (with every renderer, or with the one of Markdown alone), and
answers with the child's number and, once the child is gone, with its wait status.
The child is a process of its own in all that matters here: own descriptors, own sandboxes, own death.

`die` has the child kill itself (SIGKILL) at the n-th commit, blob or file of the folder, `before` it is
written, `amid` writing or `after`: moments that a clock outside would hardly ever meet. At `render` it is
killed from outside, so many seconds after the n-th renderer began.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from novum import api, folder, wiring
from novum.errors import NovumError
from novum.journal import FileBlobs, Journal, blobs
from novum.manuscript.render.markdown import MarkdownRenderer

ALL_RENDERERS = wiring.renderers


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Countdown:
    """Counts the times that something is done; true at the one to die at."""

    def __init__(self, n: int):
        self.left = n

    def __call__(self) -> bool:
        self.left -= 1
        return self.left == 0


def dying(write: Callable[..., Any], now: Countdown, when: str) -> Callable[..., Any]:
    """A function that does what `write` does, and dies before or after it when its time has come."""

    def wrapped(*args: Any) -> Any:
        fatal = now()
        if fatal and when == "before":
            die()
        found = write(*args)
        if fatal and when == "after":
            die()
        return found

    return wrapped


def arm(at: str, n: int, when: str, seconds: float = 0.0) -> None:
    """Have this process die at the n-th write of a kind."""
    now = Countdown(n)
    if at == "render":
        made = [doomed(renderer, now, seconds) for renderer in wiring.renderers()]
        wiring.renderers = lambda: made
    if at == "commit" and when == "amid":  # the rows are written and not committed
        Journal._commit = torn_commit(now)  # type: ignore[method-assign]
    elif at == "commit":
        Journal._commit = dying(Journal._commit, now, when)  # type: ignore[method-assign]
    elif at == "blob" and when == "amid":  # the bytes are there under no name yet
        blobs.sync_folder = dying(blobs.sync_folder, now, "before")
    elif at == "blob":
        FileBlobs.put = dying(FileBlobs.put, now, when)  # type: ignore[method-assign]
    elif at == "folder":
        folder._write = dying(folder._write, now, when)


def doomed(renderer: Any, now: Countdown, seconds: float) -> Any:
    """A renderer that somebody outside kills while it works: its own threads may not get a turn."""
    render = renderer.render

    def wrapped(*args: Any) -> bytes:
        if now():
            us = os.pidfd_open(os.getpid())  # a number might be another's by then
            program = f"import signal, time; time.sleep({seconds}); signal.pidfd_send_signal({us}, 9)"
            subprocess.Popen([sys.executable, "-S", "-c", program], pass_fds=[us], stderr=subprocess.DEVNULL)
        return render(*args)

    renderer.render = wrapped
    return renderer


def torn_commit(now: Countdown) -> Callable[..., None]:
    whole = Journal._commit

    def commit(self: Journal, rows: list[tuple[int, str, str, str]]) -> None:
        if now():
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", rows)
            die()
        whole(self, rows)

    return commit


def carry_on(study: Path, fatal: dict[str, Any] | None) -> int:
    """What `novum resume` does, without its page at the end."""
    if fatal:
        arm(**fatal)
    try:
        return api.resume(study).exit_code
    except NovumError as error:
        print(error, file=sys.stderr, flush=True)
        return error.exit_code


def child(asked: dict[str, Any]) -> None:
    """In the forked process: never returns."""
    os.setsid()
    code = 5
    try:
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(null, 1)
        if asked.get("typeset"):
            wiring.renderers = ALL_RENDERERS
        code = carry_on(Path(asked["folder"]), asked["die"])
    finally:
        os._exit(code)


def main() -> None:
    warm_up()
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            child(asked)
        print(json.dumps({"pid": pid}), flush=True)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), flush=True)


def warm_up() -> None:
    """Import what a coordinator does, once; and leave the setting in type to the tests of it."""
    import matplotlib.figure  # noqa: F401
    import scipy.stats  # noqa: F401

    wiring.steps()
    wiring.renderers = lambda: [MarkdownRenderer()]


if __name__ == "__main__":
    main()
