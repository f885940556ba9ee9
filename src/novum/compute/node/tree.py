"""A process tree seen through `/proc`: who is in it, what it uses, and its end.

Memory is the proportional set size (PSS), which counts shared pages once; the cheaper resident size is an
upper bound of it, so PSS is read only when the resident sum is above the limit.
"""

import contextlib
import functools
import os
import signal
import time

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Process:
    """One row of `/proc/<pid>/stat`: `cpu` and `cpu_of_dead` in seconds, `resident` in bytes."""

    __slots__ = ("cpu", "cpu_of_dead", "parent", "pid", "resident", "start", "state")

    def __init__(self, pid: int, line: str):
        fields = line[line.rindex(")") + 2 :].split()
        self.pid = pid
        self.state = fields[0]
        self.parent = int(fields[1])
        self.cpu = (int(fields[11]) + int(fields[12])) / _TICK
        self.cpu_of_dead = (int(fields[13]) + int(fields[14])) / _TICK
        self.start = int(fields[19])
        self.resident = int(fields[21]) * _PAGE


def read(pid: int) -> Process | None:
    """The process, or None if it is gone."""
    try:
        with open(f"/proc/{pid}/stat", errors="replace") as handle:
            return Process(pid, handle.read())
    except (FileNotFoundError, ProcessLookupError):
        return None


def below(root: int) -> list[Process]:
    """All living descendants of a process."""
    return _below_by_children(root) if _kernel_lists_children() else _below_by_parents(root)


@functools.cache
def _kernel_lists_children() -> bool:
    return os.path.exists("/proc/thread-self/children")


def _below_by_parents(root: int) -> list[Process]:
    """From one pass over `/proc`."""
    children: dict[int, list[Process]] = {}
    for name in os.listdir("/proc"):
        process = read(int(name)) if name.isdigit() else None
        if process is not None:
            children.setdefault(process.parent, []).append(process)
    found, frontier = [], [root]
    while frontier:
        level = children.pop(frontier.pop(), [])
        found += level
        frontier += [process.pid for process in level]
    return found


def _below_by_children(root: int) -> list[Process]:
    found, frontier = [], [root]
    while frontier:
        for pid in _children(frontier.pop()):
            process = read(pid)
            if process is not None:
                found.append(process)
                frontier.append(pid)
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{thread}/children") as handle:
                found += [int(word) for word in handle.read().split()]
    return found


def proportional_bytes(processes: list[Process]) -> int:
    """PSS with swap of all; a process whose map may not be read counts with its resident size."""
    return sum(_proportional(process) for process in processes)


def _proportional(process: Process) -> int:
    try:
        with open(f"/proc/{process.pid}/smaps_rollup") as handle:
            lines = [line.split() for line in handle if line.startswith(("Pss:", "SwapPss:"))]
    except OSError:
        return process.resident
    return sum(int(words[1]) for words in lines) * 1024


def queue_seconds(pid: int) -> float:
    """How long the threads of a process were runnable without getting a CPU; 0 where unknown."""
    total = 0
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with (
                contextlib.suppress(OSError, IndexError),
                open(f"/proc/{pid}/task/{thread}/schedstat") as file,
            ):
                total += int(file.read().split()[1])
    return total / 1e9


def kill_children(patience: float = 10.0) -> bool:
    """Kill all descendants of the calling process, which must be a subreaper; True once none is left.

    Only direct children are killed: nobody but us can reap them, so their numbers cannot have been
    given to a stranger, and their own children become ours when they die. All descendants are stopped
    first, so that a tree which forks faster than it is killed does not outrun us.
    """
    if _reap_all():
        return True
    deadline = time.monotonic() + patience
    me = os.getpid()
    while time.monotonic() < deadline:
        for process in below(me):
            _signal_descendant(process, me)
        if _reap_all():
            return True
        time.sleep(0.001)
    return False


def _signal_descendant(process: Process, me: int) -> None:
    if process.parent == me:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        return
    with contextlib.suppress(OSError):
        handle = os.pidfd_open(process.pid)
        try:
            same = read(process.pid)
            if same is not None and same.start == process.start:
                signal.pidfd_send_signal(handle, signal.SIGSTOP)
        finally:
            os.close(handle)


def _reap_all() -> bool:
    """Reap what has ended; True if no child is left."""
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return False
        except ChildProcessError:
            return True


def owner(pid: int) -> int:
    """The user of a process, or -1 if it is gone."""
    try:
        return os.stat(f"/proc/{pid}").st_uid
    except (FileNotFoundError, ProcessLookupError):
        return -1


def threads(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/task"))
    except (FileNotFoundError, ProcessLookupError):
        return 0
