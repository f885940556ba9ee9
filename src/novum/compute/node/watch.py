"""Watches a running stage from outside and ends it when it leaves its limits.

CPU time of the whole tree decides whether a candidate took too long; wall time is only a backstop. When
the wall limit strikes, a candidate that slept or hung has itself to blame, while one that stood in the
queue for a CPU most of the time has not: then the machine was too busy and the job counts as lost.
"""

import contextlib
import json
import os
import select
import signal
import socket
import time

from novum.compute.node import tree
from novum.compute.node.meters import Meters, file_system_use, folder_use, starved
from novum.compute.node.output import HeadAndTail

_SHORTEST_POLL, _FIRST_POLL, _LAST_POLL = 0.003, 0.02, 0.05  # seconds; small stages end before the first
_START_PATIENCE, _END_PATIENCE = 60.0, 10.0
_STALL = 1.0
_MB = 1 << 20


class CoordinatorGone(Exception):
    """The lifeline to the coordinator ended."""


class Ending:
    """How a stage ended: `limit` names the one it broke, `lost` what the machine did wrong."""

    def __init__(self) -> None:
        self.limit = ""
        self.detail = ""
        self.lost = ""
        self.refused = ""
        self.wait_status: int | None = None


class Pipes:
    """The runner's ends of what connects it to a stage; `theirs` are the other ends.

    The report is a socket, since a zygote's answer carries a descriptor.
    """

    def __init__(self) -> None:
        life_read, self.lifeline = os.pipe()
        ours, theirs = socket.socketpair()
        self.report = ours.detach()
        self.out, out_write = os.pipe()
        self.err, err_write = os.pipe()
        self.theirs = [life_read, theirs.detach(), out_write, err_write]

    def let_go(self) -> None:
        """Close the other ends, so that their end of file is seen here."""
        for number in self.theirs:
            os.close(number)
        self.theirs = []

    def abandon(self) -> None:
        """Close everything: nothing was started, or it is to end."""
        self.let_go()
        self.close()
        os.close(self.lifeline)

    def close(self) -> None:
        """Close our ends but the lifeline, which is closed when the stage ends."""
        for number in (self.report, self.out, self.err):
            os.close(number)


class Root:
    """The process at the root of a tree: our child, or a zygote's that we hold a descriptor of."""

    def __init__(self, pid: int, handle: int | None = None):
        self.pid = pid
        self._ours = handle is None
        self._handle = handle if handle is not None else _handle_of(pid)

    def ended(self, patience: float) -> bool:
        """Whether it ended within that many seconds; our child is reaped then."""
        deadline, pause = time.monotonic() + patience, 0.0005
        while not self._gone(deadline):
            if time.monotonic() > deadline:
                return False
            time.sleep(pause)
            pause = min(pause * 2, 0.02)
        return True

    def _gone(self, deadline: float) -> bool:
        if self._handle is not None:
            poll = select.poll()
            poll.register(self._handle, select.POLLIN)
            if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                return False
        if self._ours and os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            return False
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        return True

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self._handle is None:
                os.kill(self.pid, signal.SIGKILL)
            else:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)


def _handle_of(pid: int) -> int | None:
    """A descriptor of our child; None on a kernel that has none (before 5.3)."""
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None


class Watch:
    """Watches one stage from its start to the end of its whole tree.

    `declined` says afterwards that the first process could not start anything, and said so itself. `root` is
    the process whose end is that of the tree; `nested` says that the first process is its child rather than
    itself, `walled` that the tree cannot kill its first process, `own_file_system` that `work` is the root
    of one.
    """

    def __init__(
        self,
        *,
        root: "Root",
        nested: bool,
        walled: bool,
        work: str,
        own_file_system: bool,
        limits: dict,
        pipes: Pipes,
        coordinator: int | None,
        alone: bool,
    ):
        self.root, self.nested, self.walled = root, nested, walled
        self.work, self.limits = work, limits
        self._work_use = file_system_use if own_file_system else folder_use
        self.coordinator, self.alone = coordinator, alone
        self.pipes, self.lifeline, self.report = pipes, pipes.lifeline, pipes.report
        streams = (pipes.out, pipes.err)
        self.texts = {streams[0]: HeadAndTail(), streams[1]: HeadAndTail()}
        self.meters, self.ending = Meters(), Ending()
        self._poll = select.poll()
        for number in (self.report, *streams):
            os.set_blocking(number, False)
            self._poll.register(number, select.POLLIN | select.POLLHUP)
        if coordinator is not None:
            self._poll.register(coordinator, select.POLLIN | select.POLLHUP)
        self._unread, self._complaint = b"", ""
        self.started = self.declined = False
        self._ended = False
        self._next_size = 0.0
        self._used = self._seen = self._growth = 0.0

    def run(self) -> Ending:
        """Watch until the tree is gone.

        Raises:
            CoordinatorGone: the coordinator ended; the tree has been killed.
        """
        begun = last = now = time.monotonic()
        pause = _FIRST_POLL
        due = now + pause
        while not self._ended:
            self._listen(max(0.0, due - now))
            now = time.monotonic()
            self.meters.wall += min(now - last, _STALL)  # a machine that slept is no run-time
            last = now
            if self._ended:
                break
            if not self.started:
                due = now + _FIRST_POLL
                if now - begun > _START_PATIENCE:
                    self.ending.lost = "the sandbox did not start"
            elif now >= due:  # and not whenever something is heard
                self._measure()
                pause = min(pause * 1.5, _LAST_POLL, self._until_full())
                due = now + pause
            if self.ending.limit or self.ending.lost:
                break
        self._finish()
        if self.started and self.ending.wait_status and not self.ending.limit and not self.ending.lost:
            self._measure_output()  # a folder that is full looks like a failure
        if self._unexplained():
            self.ending.lost = "the sandbox was ended from outside"
        return self.ending

    def _unexplained(self) -> bool:
        """Whether the first process ended without a word of the candidate, which cannot have caused it."""
        ending = self.ending
        silent = self.started and ending.wait_status is None
        return silent and self.walled and not ending.limit and not ending.lost

    # --- listening ---

    def _listen(self, pause: float) -> None:
        for number, _ in self._poll.poll(pause * 1000):
            if number == self.coordinator:
                if not os.read(number, 1):
                    self._finish()
                    raise CoordinatorGone
            elif number == self.report:
                self._hear()
            else:
                self._drain(number)

    def _drain(self, number: int) -> None:
        with contextlib.suppress(BlockingIOError):
            data = os.read(number, 1 << 16)
            self.texts[number].feed(data)
            if not data:
                self._poll.unregister(number)
        if sum(text.total for text in self.texts.values()) > self.limits["output_mb"] * _MB:
            self._break("output_limit", "printed too much")

    def _hear(self) -> None:
        data = b""
        with contextlib.suppress(BlockingIOError):
            data = os.read(self.report, 1 << 16)
            self._ended = not data
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            self._note(line)
        if self._ended:
            self._poll.unregister(self.report)
            if not self.started and not self.ending.refused and not self.ending.lost:
                self.ending.lost = f"the sandbox did not start: {self._complaint or 'no word of it'}"

    def _note(self, line: bytes) -> None:
        """One line of the first process; a line that is no JSON comes from the sandbox program itself."""
        try:
            message = json.loads(line)
        except ValueError:
            self._complaint = line.decode(errors="replace").strip()[:300]
            return
        if "error" in message:
            self.declined = not self.started
            self.ending.lost = f"the sandbox did not start: {message['error']}"
        elif "refused" in message:
            self.ending.refused = message["refused"]
        elif "started" in message:
            self.started, self.meters.wall = True, 0.0
        elif "status" in message:
            self.ending.wait_status = message["status"]
            self.meters.cpu = max(self.meters.cpu, message["cpu_seconds"])
            self.meters.peak = max(self.meters.peak, int(message["peak_mb"] * _MB))

    # --- measuring ---

    def _measure(self) -> None:
        processes = self._candidates()
        meters, limits = self.meters, self.limits
        meters.take(processes)
        self._measure_memory(processes)
        if len(processes) > limits["processes"]:
            self._break("process_limit", f"{len(processes)} processes")
        elif meters.cpu > limits["cpu_seconds"]:
            self._break("cpu_limit", f"{meters.cpu:.1f} s of CPU time")
        elif meters.wall > limits["wall_seconds"]:
            meters.take_queues(processes)
            self._judge_wall()
        elif meters.wall >= self._next_size:
            self._measure_output()

    def _candidates(self) -> list[tree.Process]:
        """The tree without the first process (and without its keeper)."""
        root = self.root.pid
        return [process for process in tree.below(root) if not (self.nested and process.parent == root)]

    def _measure_memory(self, processes: list[tree.Process]) -> None:
        limit = int(self.limits["memory_mb"] * _MB)
        used = sum(process.resident for process in processes)
        if used > limit:
            used = tree.proportional_bytes(processes)
        self._growth = (used - self._used) / max(self.meters.wall - self._seen, 1e-3)
        self._used, self._seen = used, self.meters.wall
        self.meters.peak = max(self.meters.peak, used)
        if used > limit:
            self._break("memory_limit", f"{used // _MB} MiB in {len(processes)} processes")

    def _until_full(self) -> float:
        """When to look again if memory goes on growing as it did, so as not to see the excess too late."""
        if self._growth <= 0:
            return _LAST_POLL
        room = self.limits["memory_mb"] * _MB - self._used
        return max(_SHORTEST_POLL, 0.5 * room / self._growth)

    def _judge_wall(self) -> None:
        cpu, queued, wall = self.meters.cpu, self.meters.queued, self.meters.wall
        if starved(cpu, self.limits["cpu_seconds"], queued, wall):
            told = f"{cpu:.1f} s of CPU time in {wall:.0f} s, {queued:.0f} s waiting for a CPU"
            self.ending.lost = f"the machine was too busy: {told}"
        else:
            self._break("wall_limit", f"{wall:.0f} s, of which {cpu:.1f} s of CPU time")

    def _measure_output(self) -> None:
        begun = time.monotonic()
        limits = self.limits
        size, files = self._work_use(self.work, limits["output_files"])
        if files > limits["output_files"]:
            self._break("output_limit", f"more than {limits['output_files']} files")
        elif size > limits["output_mb"] * _MB:
            self._break("output_limit", f"{size // _MB} MiB written")
        self._next_size = self.meters.wall + max(0.25, 20 * (time.monotonic() - begun))

    def _break(self, limit: str, detail: str) -> None:
        self.ending.limit = self.ending.limit or limit
        self.ending.detail = self.ending.detail or detail

    # --- ending ---

    def _finish(self) -> None:
        """Close the lifeline, wait for the tree to be gone, and read what it still had said."""
        os.close(self.lifeline)
        if not self.root.ended(_END_PATIENCE):
            for process in tree.below(self.root.pid) if self.nested else []:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
            self.root.kill()
            if not self.root.ended(_END_PATIENCE):
                self.ending.lost = "processes of the stage could not be killed"
        if self.alone and not tree.kill_children():
            self.ending.lost = "processes of the stage could not be killed"
        self._hear_rest()

    def _hear_rest(self) -> None:
        if not self._ended:
            self._hear()
        for number, text in self.texts.items():
            with contextlib.suppress(BlockingIOError):
                while data := os.read(number, 1 << 16):
                    text.feed(data)
