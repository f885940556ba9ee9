"""The first process of an agent's tree: `python -I -S keeper.py NODE LIFELINE COMMAND…`; nobody imports it.

It starts the command with its own streams and waits. When the command ends, or the lifeline's other end is
closed because whoever asked is done or dead, it kills all that is left and ends. As process 1 of a namespace
the kernel does the killing; elsewhere it adopts orphans and kills until none is left. NODE is the folder of
`novum.compute.node`, for its few functions about processes.
"""

import contextlib
import os
import resource
import select
import signal
import sys

FILE_BYTES = 1 << 30  # the largest file that an agent may write


def main(words: list[str]) -> int:
    sys.path.append(words[0])
    import syscalls  # pyright: ignore[reportMissingImports]
    import tree  # pyright: ignore[reportMissingImports]

    lifeline = int(words[1])
    os.set_inheritable(lifeline, False)
    woken = _wake_on_children()
    syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
    child = os.fork()
    if child == 0:
        _become(words[2:])
    for stream in (0, 1):  # the agent's alone, so that their ends are seen
        os.close(stream)
    status = _wait(child, lifeline, woken)
    tree.kill_children()
    return status


def _wake_on_children() -> int:
    """A descriptor that becomes readable when a child ends."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(name, signal.SIG_IGN)
    read, write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return read


def _become(command: list[str]) -> None:
    try:
        signal.set_wakeup_fd(-1)
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGCHLD):
            signal.signal(name, signal.SIG_DFL)
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
        os.execvp(command[0], command)
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(127)


def _wait(child: int, lifeline: int, woken: int) -> int:
    """The command's exit status; 137 if the lifeline ended first."""
    poll = select.poll()
    poll.register(lifeline, select.POLLIN | select.POLLHUP)
    poll.register(woken, select.POLLIN)
    while True:
        ready = {number for number, _ in poll.poll()}
        if lifeline in ready:
            return 137
        with contextlib.suppress(BlockingIOError):
            os.read(woken, 4096)
        ended = _reap(child)
        if ended is not None:
            return ended


def _reap(child: int) -> int | None:
    """Collect whatever ended; the exit status of the command once it is among them."""
    status = None
    while True:
        try:
            pid, ended = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return status
        if pid == 0:
            return status
        if pid == child:
            code = os.waitstatus_to_exitcode(ended)
            status = code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
