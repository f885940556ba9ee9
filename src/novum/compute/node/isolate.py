"""Walls around one trial, made from inside a zygote, whose view of the file system it begins with.

What a trial may write is made new for it, in memory: its folder, handed to the runner as an open descriptor,
`/tmp` and `/dev/shm`. All of it goes when nobody holds it any more, and no other trial has a name for it. The
namespaces belong to a user namespace of the trial's own, so what the zygote mounted is locked for it.
"""

import os

from novum.compute.node import syscalls, view

NAMESPACES = (syscalls.CLONE_NEWUSER | syscalls.CLONE_NEWNS | syscalls.CLONE_NEWPID | syscalls.CLONE_NEWNET
              | syscalls.CLONE_NEWIPC | syscalls.CLONE_NEWUTS | syscalls.CLONE_NEWCGROUP)  # fmt: skip
_SAFE = syscalls.MS_NOSUID | syscalls.MS_NODEV
_TMP_ENTRIES = 10_000


def wall_in(uid: int, gid: int, sizes: dict[str, int]) -> None:
    """In the first process of new `NAMESPACES`: keep user and group, and have file systems of its own.

    `sizes` are the bytes and entries of `/work` (`work`, `entries`), and the bytes of the others (`tmp`).

    Raises:
        OSError: the kernel refuses it.
    """
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)  # else our own maps could not be written; we are alone yet
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        _write(f"/proc/self/{name}", text)
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)
    syscalls.mount(None, "/", None, syscalls.MS_REC | syscalls.MS_PRIVATE)
    syscalls.mount("proc", "/proc", "proc", _SAFE | syscalls.MS_NOEXEC)
    _write("/proc/sys/user/max_user_namespaces", "0")
    _mount_memory(view.WORK, 755, sizes["work"], sizes["entries"])
    for path in ("/tmp", "/dev/shm"):
        _mount_memory(path, 1777, sizes["tmp"], _TMP_ENTRIES)


def resize(old: dict[str, int], new: dict[str, int]) -> None:
    """Change the sizes of file systems that `wall_in` made for another kind of stage."""
    if (old["work"], old["entries"]) != (new["work"], new["entries"]):
        _mount_memory(view.WORK, 755, new["work"], new["entries"], syscalls.MS_REMOUNT)
    if old["tmp"] != new["tmp"]:
        for path in ("/tmp", "/dev/shm"):
            _mount_memory(path, 1777, new["tmp"], _TMP_ENTRIES, syscalls.MS_REMOUNT)


def _mount_memory(path: str, mode: int, size: int, entries: int, flags: int = 0) -> None:
    syscalls.mount("tmpfs", path, "tmpfs", _SAFE | flags, f"mode={mode},size={size},nr_inodes={entries}")


def _write(path: str, text: str) -> None:
    number = os.open(path, os.O_WRONLY)
    try:
        os.write(number, text.encode())
    finally:
        os.close(number)
