"""The few system calls that Python's standard library has no name for, as functions that raise OSError."""

import ctypes
import errno
import os
import signal
import struct

_libc = ctypes.CDLL(None, use_errno=True)
_python = ctypes.PyDLL(None, use_errno=True)  # keeps the interpreter's lock

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2

PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

_MOUNT_SETATTR = 442  # the same number on every architecture
_AT_RECURSIVE, _AT_EMPTY_PATH = 0x8000, 0x1000
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CAPABILITY_VERSION_3 = 0x20080522


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _text(value: str | None) -> bytes | None:
    return None if value is None else os.fsencode(value)


def _number(table: dict[str, int], name: str) -> int:
    machine = os.uname().machine
    if machine not in table:
        raise OSError(f"{name}: no system call number known for {machine}")
    return table[machine]


def prctl(option: int, value: int) -> None:
    _check(_libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0), "prctl")


def unshare(flags: int) -> None:
    _check(_libc.unshare(flags), "unshare")


def fork_into(namespaces: int) -> int:
    """Fork a child that is in new namespaces from its first moment; 0 in the child.

    Only for process 1 of a PID namespace, with one thread, whose child is process 1 again: the C library
    remembers its thread's number, and is not told of this fork.
    """
    if os.getpid() != 1:
        raise OSError(errno.EINVAL, "only process 1 can be forked so")
    number = _number(_CLONE, "clone")
    _python.PyOS_BeforeFork()
    pid = _python.syscall(ctypes.c_long(number), ctypes.c_ulong(namespaces | signal.SIGCHLD), 0, 0, 0, 0)
    if pid == 0:
        _python.PyOS_AfterFork_Child()
    else:
        _python.PyOS_AfterFork_Parent()
    return _check(pid, "clone")


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    done = _libc.mount(_text(source), _text(target), _text(kind), ctypes.c_ulong(flags), _text(data))
    _check(done, f"mount {source} on {target}")


def unmount(target: str) -> None:
    _check(_libc.umount2(_text(target), MNT_DETACH), f"unmount {target}")


def pivot_root(new: str, old: str) -> None:
    number = _number(_PIVOT_ROOT, "pivot_root")
    _check(_libc.syscall(ctypes.c_long(number), _text(new), _text(old)), "pivot_root")


def make_read_only(target: str) -> None:
    """Make a mount and all below it read-only, without set-user-id programs and device files.

    Old kernels (before 5.12) lack `mount_setattr`; there only the mount itself is remounted, with the
    flags it has already, since some of them are locked in a user namespace.
    """
    attributes = struct.pack("QQQQ", MS_RDONLY | MS_NOSUID | MS_NODEV, 0, 0, 0)
    done = _libc.syscall(ctypes.c_long(_MOUNT_SETATTR), -100, _text(target),
                         ctypes.c_uint(_AT_RECURSIVE), attributes, ctypes.c_size_t(32))  # fmt: skip
    if done == 0:
        return
    kept = os.statvfs(target).f_flag & (MS_NOSUID | MS_NODEV | MS_NOEXEC | 1024 | 2048)
    mount(None, target, None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | kept)


def drop_capabilities() -> None:
    """Give up every capability in the effective, permitted and inheritable sets."""
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    number = _number(_CAPSET, "capset")
    _check(_libc.syscall(ctypes.c_long(number), header, struct.pack("6I", *[0] * 6)), "capset")


def install_filter(program: bytes) -> None:
    """Install a seccomp filter: `program` is an array of packed `sock_filter`. Cannot be undone."""
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    _check(_libc.prctl(PR_SET_SECCOMP, 2, header, 0, 0), "seccomp")
