"""A small seccomp filter, built without a library: refuses what no experiment needs.

It closes ways around the other limits: memory that no process is charged for (memfd, System V shared
memory), reaching into other processes (ptrace and its kin), new namespaces and mounts, key rings, kernel
interfaces with a long history of holes (bpf, io_uring, userfaultfd, perf), and sockets other than local
ones. The architecture is checked first, so that the numbers cannot mean other calls.
"""

import errno
import functools
import os
import struct

# call -> number, for the two architectures most machines have (include/uapi/asm-generic/unistd.h and
# arch/x86/entry/syscalls/syscall_64.tbl of Linux)
_X86_64 = {
    "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "pidfd_getfd": 438,
    "shmget": 29, "shmat": 30, "shmctl": 31, "memfd_create": 319, "memfd_secret": 447,
    "add_key": 248, "request_key": 249, "keyctl": 250, "bpf": 321, "perf_event_open": 298,
    "userfaultfd": 323, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
    "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "unshare": 272, "setns": 308,
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
    "mount_setattr": 442, "open_by_handle_at": 304, "name_to_handle_at": 303, "kexec_load": 246,
    "kexec_file_load": 320, "init_module": 175, "finit_module": 313, "delete_module": 176,
    "swapon": 167, "swapoff": 168, "reboot": 169, "syslog": 103, "acct": 163, "quotactl": 179,
    "sethostname": 170, "setdomainname": 171, "settimeofday": 164, "clock_settime": 227,
    "adjtimex": 159, "clock_adjtime": 305, "fanotify_init": 300, "move_pages": 279,
    "migrate_pages": 256, "iopl": 172, "ioperm": 173, "modify_ldt": 154,
    "clone": 56, "clone3": 435, "socket": 41, "ioctl": 16,
}  # fmt: skip
_AARCH64 = {
    "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272, "pidfd_getfd": 438,
    "shmget": 194, "shmat": 196, "shmctl": 195, "memfd_create": 279, "memfd_secret": 447,
    "add_key": 217, "request_key": 218, "keyctl": 219, "bpf": 280, "perf_event_open": 241,
    "userfaultfd": 282, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
    "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "unshare": 97, "setns": 268,
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
    "mount_setattr": 442, "open_by_handle_at": 265, "name_to_handle_at": 264, "kexec_load": 104,
    "kexec_file_load": 294, "init_module": 105, "finit_module": 273, "delete_module": 106,
    "swapon": 224, "swapoff": 225, "reboot": 142, "syslog": 116, "acct": 89, "quotactl": 60,
    "sethostname": 161, "setdomainname": 162, "settimeofday": 170, "clock_settime": 112,
    "adjtimex": 171, "clock_adjtime": 266, "fanotify_init": 262, "move_pages": 239,
    "migrate_pages": 238, "clone": 220, "clone3": 435, "socket": 198, "ioctl": 29,
}  # fmt: skip
_ARCHITECTURES = {"x86_64": (0xC000003E, _X86_64), "aarch64": (0xC00000B7, _AARCH64)}

# "no such call" where libraries then fall back to an older one; "not permitted" for the rest
_ABSENT = {"clone3", "memfd_create", "memfd_secret", "userfaultfd", "io_uring_setup", "io_uring_enter",
           "io_uring_register"}  # fmt: skip
_BY_ARGUMENT = {"clone", "socket", "ioctl"}
_NEW_NAMESPACES = 0x7E020000
_AF_UNIX = 1
_TERMINAL_INJECTION = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16


def _op(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)


def _refuse(number: int) -> bytes:
    return _op(_RETURN, _ERRNO | number)


def _argument(index: int) -> bytes:
    """Load the low half of an argument (both architectures are little-endian)."""
    return _op(_LOAD, _ARGUMENTS + 8 * index)


def _only(number: int, body: bytes) -> bytes:
    """`body` for one call, which must end in a return."""
    return _op(_EQUAL, number, 0, len(body) // 8) + body


def _clone(number: int) -> bytes:
    body = _argument(0) + _op(_ANY_BIT, _NEW_NAMESPACES, 0, 1) + _refuse(errno.EPERM) + _op(_RETURN, _ALLOW)
    return _only(number, body)


def _socket(number: int, local_sockets: bool) -> bytes:
    if not local_sockets:
        return _only(number, _refuse(errno.EACCES))
    body = _argument(0) + _op(_EQUAL, _AF_UNIX, 1, 0) + _refuse(errno.EACCES) + _op(_RETURN, _ALLOW)
    return _only(number, body)


def _ioctl(number: int) -> bytes:
    first, second = _TERMINAL_INJECTION
    body = _argument(1) + _op(_EQUAL, first, 1, 0) + _op(_EQUAL, second, 0, 1)
    return _only(number, body + _refuse(errno.EPERM) + _op(_RETURN, _ALLOW))


def supported() -> bool:
    """Whether the filter is written for this machine; elsewhere trials run without it, and say so."""
    return os.uname().machine in _ARCHITECTURES


def build(local_sockets: bool) -> bytes:
    """The filter for this machine as packed `sock_filter` instructions; made once and remembered.

    `local_sockets` allows AF_UNIX: harmless where the file system and network are the sandbox's own, a
    way out to services of the host where they are not.
    """
    return _build(os.uname().machine, local_sockets)


@functools.cache
def _build(machine: str, local_sockets: bool) -> bytes:
    architecture, numbers = _ARCHITECTURES[machine]
    parts = [_op(_LOAD, _ARCHITECTURE), _op(_EQUAL, architecture, 1, 0), _op(_RETURN, _KILL),
             _op(_LOAD, _NUMBER)]  # fmt: skip
    if machine == "x86_64":  # the x32 calls are the same ones under other numbers
        parts.append(_op(_AT_LEAST, 0x40000000, 0, 1) + _refuse(errno.ENOSYS))
    for name, number in sorted(numbers.items()):
        if name not in _BY_ARGUMENT:
            parts.append(_only(number, _refuse(errno.ENOSYS if name in _ABSENT else errno.EPERM)))
    parts += [_clone(numbers["clone"]), _socket(numbers["socket"], local_sockets), _ioctl(numbers["ioctl"])]
    return b"".join([*parts, _op(_RETURN, _ALLOW)])
