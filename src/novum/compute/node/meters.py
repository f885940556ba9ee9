"""What a process tree used so far, and whether it or the machine is to blame for being slow."""

import contextlib
import os

from novum.compute.node import tree


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


def starved(cpu: float, cpu_limit: float, queued: float, wall: float) -> bool:
    """Whether a stage at its wall limit was kept from the CPU by others, rather than idle by itself.

    Both must hold: it used less than half of its CPU time, and stood in the run queue for more than half
    of the time in which it was not running. Its own crowd of processes cannot cause this: a crowd that
    keeps its own members waiting has the CPUs, and so meets its CPU limit first.
    """
    return cpu < 0.5 * cpu_limit and queued > 0.5 * (wall - cpu)


def file_system_use(root: str, most: int) -> tuple[int, int]:
    """As `folder_use`, of a whole file system and so at once."""
    found = os.statvfs(root)
    return (found.f_blocks - found.f_bfree) * found.f_frsize, found.f_files - found.f_ffree - 1


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
