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
import time

from novum.compute.node import tree
from novum.compute.node.output import HeadAndTail

_FIRST_POLL, _LAST_POLL = 0.005, 0.05
_START_PATIENCE, _END_PATIENCE = 60.0, 10.0
_STALL = 1.0
_MB = 1 << 20


class CoordinatorGone(Exception):
    """The lifeline to the coordinator ended."""


class Meters:
    """What the tree used so far; `cpu` never falls when processes end without being waited for."""

    def __init__(self) -> None:
        self.peak = 0
        self.cpu = 0.0
        self.wall = 0.0
        self.queued = 0.0
        self._own: dict[tuple[int, int], float] = {}
        self._queues: dict[tuple[int, int], float] = {}

    def take(self, processes: list[tree.Process]) -> None:
        for process in processes:
            self._own[process.pid, process.start] = process.cpu
        with_dead = sum(process.cpu + process.cpu_of_dead for process in processes)
        self.cpu = max(self.cpu, with_dead, sum(self._own.values()))

    def take_queues(self, processes: list[tree.Process]) -> None:
        for process in processes:
            self._queues[process.pid, process.start] = tree.queue_seconds(process.pid)
        self.queued = sum(self._queues.values())


class Ending:
    """How a stage ended: `limit` names the one it broke, `lost` what the machine did wrong."""

    def __init__(self) -> None:
        self.limit = ""
        self.detail = ""
        self.lost = ""
        self.refused = ""
        self.wait_status: int | None = None


class Watch:
    """Watches one stage from its start to the end of its whole tree.

    `pid` is the process we are the parent of; `nested` says that the first process is its child rather
    than itself; `lifeline` is the write end which, closed, ends the tree.
    """

    def __init__(self, *, pid: int, nested: bool, work: str, limits: dict, lifeline: int, report: int,
                 streams: tuple[int, int], coordinator: int | None):  # fmt: skip
        self.pid, self.nested, self.work, self.limits = pid, nested, work, limits
        self.lifeline, self.report, self.coordinator = lifeline, report, coordinator
        self.texts = {streams[0]: HeadAndTail(), streams[1]: HeadAndTail()}
        self.meters, self.ending = Meters(), Ending()
        self._poll = select.poll()
        for number in (report, *streams):
            os.set_blocking(number, False)
            self._poll.register(number, select.POLLIN | select.POLLHUP)
        if coordinator is not None:
            self._poll.register(coordinator, select.POLLIN | select.POLLHUP)
        self._unread = b""
        self.started = False
        self._ended = False
        self._next_size = 0.0

    def run(self) -> Ending:
        """Watch until the tree is gone.

        Raises:
            CoordinatorGone: the coordinator ended; the tree has been killed.
        """
        begun = last = time.monotonic()
        pause = _FIRST_POLL
        while not self._ended:
            self._listen(pause)
            now = time.monotonic()
            self.meters.wall += min(now - last, _STALL)  # a machine that slept is no run-time
            last = now
            if self._ended:
                break
            if self.started:
                self._measure()
            elif now - begun > _START_PATIENCE:
                self.ending.lost = "the sandbox did not start"
            if self.ending.limit or self.ending.lost:
                break
            pause = min(pause * 1.5, _LAST_POLL)
        self._finish()
        return self.ending

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
            if not self.started and not self.ending.refused:
                rest = self._unread.decode(errors="replace").strip()
                self.ending.lost = self.ending.lost or f"the sandbox did not start: {rest or 'no word of it'}"

    def _note(self, line: bytes) -> None:
        """One line of the first process; a line that is no JSON comes from the sandbox program itself."""
        try:
            message = json.loads(line)
        except ValueError:
            self.ending.lost = f"the sandbox did not start: {line.decode(errors='replace').strip()[:300]}"
            return
        if "error" in message:
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
        return [
            process for process in tree.below(self.pid) if not (self.nested and process.parent == self.pid)
        ]

    def _measure_memory(self, processes: list[tree.Process]) -> None:
        limit = int(self.limits["memory_mb"] * _MB)
        used = sum(process.resident for process in processes)
        if used > limit and len(processes) > 1:
            used = tree.proportional_bytes(processes)
        self.meters.peak = max(self.meters.peak, used)
        if used > limit:
            self._break("memory_limit", f"{used // _MB} MiB in {len(processes)} processes")

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
        size, files = folder_use(self.work, limits["output_files"])
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
        if not self._wait_for_end(_END_PATIENCE):
            for process in tree.below(self.pid) if self.nested else []:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
            os.kill(self.pid, signal.SIGKILL)
            if not self._wait_for_end(_END_PATIENCE):
                self.ending.lost = "processes of the stage could not be killed"
        self._hear_rest()

    def _wait_for_end(self, patience: float) -> bool:
        deadline, pause = time.monotonic() + patience, 0.0005
        while os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > deadline:
                return False
            time.sleep(pause)
            pause = min(pause * 2, 0.02)
        return True

    def _hear_rest(self) -> None:
        if not self._ended:
            self._hear()
        for number, text in self.texts.items():
            with contextlib.suppress(BlockingIOError):
                while data := os.read(number, 1 << 16):
                    text.feed(data)


def starved(cpu: float, cpu_limit: float, queued: float, wall: float) -> bool:
    """Whether a stage at its wall limit was kept from the CPU by others, rather than idle by itself.

    Both must hold: it used less than half of its CPU time, and stood in the run queue for more than half
    of the time in which it was not running. Its own crowd of processes cannot cause this: a crowd that
    keeps its own members waiting has the CPUs, and so meets its CPU limit first.
    """
    return cpu < 0.5 * cpu_limit and queued > 0.5 * (wall - cpu)


def folder_use(folder: str, most: int) -> tuple[int, int]:
    """(bytes on disk, number of entries) of a folder that may change meanwhile; stops beyond `most`."""
    size = files = 0
    pending = [folder]
    while pending and files <= most:
        with contextlib.suppress(OSError), os.scandir(pending.pop()) as entries:
            for entry in entries:
                files += 1
                with contextlib.suppress(OSError):
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
    return size, files
