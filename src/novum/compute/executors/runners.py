"""How the local executor has a job run: by a runner of its own, or by one that stays and forks for each job.

Either way the runner holds a lifeline to us and ends with all it started when we do, however we end.
"""

import asyncio
import contextlib
import socket
import subprocess
import weakref
from pathlib import Path
from typing import Protocol

from novum.compute.layers import runner_command
from novum.compute.node import folder

STDERR = "runner.stderr"
SERVER = "server"
"""Its folder in that of the attempts."""
_PATIENCE = 15.0  # seconds; the server gives what it started ten


class Runner(Protocol):
    """The runner of one job."""

    async def wait(self) -> int:
        """Its exit status, once it has ended; negative if it was killed."""
        ...

    def kill(self) -> None:
        """Have it end what it runs, and itself."""
        ...


class OwnRunner:
    """A process of its own: what a job costs where nothing stays, and what a scheduler starts."""

    def __init__(self, process: asyncio.subprocess.Process):
        self.process = process

    @classmethod
    async def start(cls, job_file: Path) -> "OwnRunner":
        """Start it. Raises OSError if there is no room for another process."""
        with (job_file.parent / STDERR).open("wb") as stderr:
            return cls(await asyncio.create_subprocess_exec(
                *runner_command(), str(job_file), "--lifeline", "0", stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL, stderr=stderr, env={}, cwd=job_file.parent,
                start_new_session=True,
            ))  # fmt: skip

    async def wait(self) -> int:
        return await self.process.wait()

    def kill(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()


class ForkedRunner:
    """One that the server forked; `lifeline` is our end of its socket."""

    def __init__(self, lifeline: socket.socket):
        self.lifeline = lifeline

    async def wait(self) -> int:
        status = await asyncio.get_running_loop().sock_recv(self.lifeline, 1)
        self.lifeline.close()
        return status[0] if status else -9

    def kill(self) -> None:
        with contextlib.suppress(OSError):  # it has ended already
            self.lifeline.shutdown(socket.SHUT_WR)


class RunnerServer:
    """The runner that stays (`novum.compute.node.server`), which starts with us and ends with us."""

    def __init__(self, scratch: Path):
        """Start it. Raises OSError if there is no room for another process."""
        place = scratch / SERVER
        place.mkdir(parents=True, exist_ok=True)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, (place / "stderr").open("wb") as stderr:
            process = subprocess.Popen(
                [*runner_command(), str(place), "--serve", "0"], stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL, stderr=stderr, env={}, cwd="/", start_new_session=True,
            )  # fmt: skip
        self._control = ours
        self.pid = process.pid
        self._end = weakref.finalize(self, _end, ours, process, place)

    def start(self, job_file: Path) -> ForkedRunner:
        """Have a job run. Raises OSError if the server is gone."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        try:
            with theirs:
                socket.send_fds(self._control, [bytes(job_file)], [theirs.fileno()])
        except OSError:
            ours.close()
            raise
        return ForkedRunner(ours)

    def close(self) -> None:
        """End it and wait until all it started is gone."""
        self._end()


def _end(control: socket.socket, process: subprocess.Popen[bytes], place: Path) -> None:
    control.close()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with contextlib.suppress(FileNotFoundError):
        folder.remove(str(place))
