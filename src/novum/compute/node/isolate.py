"""Walls around one trial, made from inside a zygote, whose view of the file system it begins with.

The zygote sees the folders of all attempts under `/slots`; a trial keeps the one folder of its stage, as
`/work`, and everything else that trials could share is covered before its program exists. The namespaces
belong to a user namespace of the trial's own, so what the zygote mounted is locked for it.
"""

import os

from novum.compute.node import syscalls, view

NAMESPACES = (syscalls.CLONE_NEWUSER | syscalls.CLONE_NEWNS | syscalls.CLONE_NEWPID | syscalls.CLONE_NEWNET
              | syscalls.CLONE_NEWIPC | syscalls.CLONE_NEWUTS | syscalls.CLONE_NEWCGROUP)  # fmt: skip
_SAFE = syscalls.MS_NOSUID | syscalls.MS_NODEV


def settle(uid: int, gid: int) -> None:
    """In the first process of new `NAMESPACES`: keep user and group, and have a `/proc` of its own.

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


def wall_in(folder: str, tmp_bytes: int) -> None:
    """Show one folder of `/slots` as `/work` and nothing else of it; `/tmp` and `/dev/shm` are made new.

    Raises:
        OSError: the kernel refuses it.
    """
    syscalls.mount(f"{view.SLOTS}/{folder}", view.WORK, None, syscalls.MS_BIND)
    syscalls.mount("tmpfs", view.SLOTS, "tmpfs", _SAFE | syscalls.MS_RDONLY, "mode=755,size=4k")
    for path in ("/tmp", "/dev/shm"):
        syscalls.mount("tmpfs", path, "tmpfs", _SAFE, f"mode=1777,size={tmp_bytes},nr_inodes=10000")


def _write(path: str, text: str) -> None:
    number = os.open(path, os.O_WRONLY)
    try:
        os.write(number, text.encode())
    finally:
        os.close(number)
