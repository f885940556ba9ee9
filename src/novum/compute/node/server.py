"""A runner that stays: forks one process for each job, and keeps zygotes for their stages.

The coordinator is at the other end of a socket. Each message is the path of a `job.json`, with one end of a
socket of the job's own, which is its lifeline and takes the exit status, a single byte, when the job is done.
End of file on ours means that the coordinator is gone or needs us no more.
"""

import json
import os
import signal
import socket
import sys
from collections.abc import Callable

from novum.compute.node import descriptors, syscalls
from novum.compute.node.zygotes import Nestling, Zygotes

_LONGEST = 4096  # of a path
_PATIENCE = 10  # seconds that what we started has for its end

RunJob = Callable[[dict, str, int, dict[str, Nestling]], int]


def serve(control: socket.socket, place: str, run_job: RunJob) -> None:
    """Serve jobs until the other end of `control` is closed, then see everything end.

    `place` is a folder for us in the one where the attempts are. `run_job` is given the request, the folder
    of its file, the lifeline and what waits for its stages, in a process of its own, and returns its status.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps for us
    zygotes = Zygotes(place)
    while True:
        path, given = descriptors.receive(control, _LONGEST, 1)
        if not path:
            break
        home = os.path.dirname(os.fsdecode(path))
        try:
            with open(path) as handle:
                request = json.load(handle)
            zygotes.prepare(request)
            _start(request, home, given[0], control, zygotes, run_job)
            zygotes.spare(request)
        except OSError as error:
            _complain(home, error)
        finally:
            os.close(given[0])
    _end(zygotes, control)


def _start(
    request: dict, home: str, lifeline: int, control: socket.socket, zygotes: Zygotes, run_job: RunJob
) -> None:
    nestlings = zygotes.take(request)
    if os.fork() != 0:
        for nestling in nestlings.values():  # the runner's alone from now on
            nestling.abandon()
        return
    status = 70
    try:
        control.close()
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
        errors = os.open(os.path.join(home, "runner.stderr"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(errors, 2)
        status = run_job(request, home, lifeline, nestlings)
        os.write(lifeline, bytes([status]))
    except BaseException as error:  # the border: nothing above us may go on in this process
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        os._exit(status)


def _complain(home: str, error: OSError) -> None:
    """Leave the reason where the coordinator looks when a runner ends without a result."""
    try:
        with open(os.path.join(home, "runner.stderr"), "a") as handle:
            handle.write(f"{error}\n")
    except OSError:
        print(error, file=sys.stderr)


def _end(zygotes: Zygotes, control: socket.socket) -> None:
    """Wait until runners (by their lifelines) and zygotes are gone, so that our end says it."""
    control.close()
    zygotes.close()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(_PATIENCE)
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass
