"""Starts work in processes that are ready at once, so that a hundred kills fall into work, not into imports.

One process imports everything and then forks a child for each line of JSON that it reads,
`{"flow": NAME, "words": […]}`; it answers with the child's number. What a child does is in `flows`.
"""

import json
import os
import select
import signal
import subprocess
import sys
import traceback
from pathlib import Path


class Cradle:
    """The near side: `start` gives a `Child`. Use it as a context manager."""

    def __enter__(self) -> "Cradle":
        command = [sys.executable, "-m", "tests.journeys.cradle"]
        root = Path(__file__).parents[2]
        self._process = subprocess.Popen(
            command, cwd=root, stdin=-1, stdout=-1, text=True, start_new_session=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def start(self, flow: str, *words: str) -> "Child":
        assert self._process.stdin is not None and self._process.stdout is not None
        print(json.dumps({"flow": flow, "words": words}), file=self._process.stdin, flush=True)
        return Child(int(self._process.stdout.readline()))


class Child:
    """A process that is not our child but the cradle's, held by a descriptor that no other can get."""

    def __init__(self, pid: int):
        self.pid = pid
        try:
            self._handle = os.pidfd_open(pid)
        except ProcessLookupError:  # it ended already
            self._handle = -1

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        if self._handle >= 0 and not self.ended(0):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        assert self.ended(10)

    def ended(self, seconds: float) -> bool:
        """Whether it ended, at the latest after so many seconds."""
        if self._handle < 0:
            return True
        ready, _, _ = select.select([self._handle], [], [], seconds)
        if ready:
            os.close(self._handle)
            self._handle = -1
        return bool(ready)


def main() -> None:
    from tests.journeys import flows

    flows.prepare()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by the kernel
    print("ready", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _work(getattr(flows, asked["flow"]), asked["words"])
        print(pid, flush=True)


def _work(flow, words) -> None:
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(2, 1)
        flow(*words)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
