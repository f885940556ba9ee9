"""The environment and the resource limits of a sandboxed process."""

import math
import os
from collections.abc import Iterable

from novum.compute.node import tree

_MB = 1 << 20
_THREADS_BESIDE_PROCESSES = 192  # thread pools of numeric libraries; the watch counts processes exactly
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS",
               "VECLIB_MAXIMUM_THREADS", "RAYON_NUM_THREADS", "NUMBA_NUM_THREADS")  # fmt: skip
_TO_CHANGE_USER = 1 << 0 | 1 << 1 | 1 << 5 | 1 << 6 | 1 << 7  # chown, override, kill, setgid, setuid
_DYNAMIC_USERS = range(61184, 65520)  # kept free of people and services by convention


def clean_environment(home: str, temporary: str, libraries: str) -> dict[str, str]:
    """Everything the process finds in its environment: nothing is inherited."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": temporary,
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONPATH": libraries,
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": temporary,
        "JAX_PLATFORMS": "cpu",
        "CUDA_VISIBLE_DEVICES": "",
    } | dict.fromkeys(_ONE_THREAD, "1")


def resource_limits(limits: dict, namespace: bool) -> dict[str, list[int]]:
    """Limits of one process, as names of `resource.RLIMIT_…` with soft and hard values.

    Memory is bounded by DATA rather than AS: numeric run-times reserve far more address space than they
    use. CPU is a backstop, since the watch outside sums over the whole tree.
    """
    cpu = math.ceil(limits["cpu_seconds"]) + 2
    tasks = limits["processes"] + _THREADS_BESIDE_PROCESSES + _tasks_of_this_user(namespace)
    memory, largest = int(limits["memory_mb"] * _MB), int(limits["file_mb"] * _MB)
    return {
        "DATA": [memory, memory],
        "FSIZE": [largest, largest],
        "CPU": [cpu, cpu + 3],
        "NPROC": [tasks, tasks],
        "NOFILE": [1024, 4096],
        "CORE": [0, 0],
        "MEMLOCK": [_MB, _MB],
    }


def tmp_bytes(limits: dict) -> int:
    """Size of `/tmp`, and of `/dev/shm`."""
    return int(min(256, max(16, limits["memory_mb"] / 4)) * _MB)


def memory_sizes(limits: dict) -> dict[str, int]:
    """Sizes of the file systems in memory that a stage works in when it starts warm.

    Its folder is somewhat larger than the limits of what it may write, which the watch holds it to.
    """
    return {
        "work": int((1.25 * limits["output_mb"] + 16) * _MB),
        "entries": 2 * limits["output_files"] + 1000,
        "tmp": tmp_bytes(limits),
    }


def memory_available() -> int:
    """Bytes of memory that could be used without swapping; 0 where the kernel does not say."""
    with open("/proc/meminfo") as handle:
        lines = [line.split() for line in handle if line.startswith("MemAvailable:")]
    return int(lines[0][1]) * 1024 if lines else 0


def _tasks_of_this_user(namespace: bool) -> int:
    """Tasks that already count against the limit: kernels before 5.14 count per user, not per namespace."""
    if os.geteuid() == 0 or (namespace and _kernel() >= (5, 14)):
        return 0
    mine, total = os.geteuid(), 0
    for name in os.listdir("/proc"):
        if name.isdigit() and tree.owner(int(name)) == mine:
            total += tree.threads(int(name))
    return total


def _kernel() -> tuple[int, int]:
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int("".join(c for c in minor if c.isdigit()) or 0)


def unprivileged_user(seed: int) -> int | None:
    """A user number nobody else has, for a runner that is root: root itself escapes the process limit.

    None if we are not root, lack root's usual rights, or stand in a namespace without such numbers.
    """
    if os.geteuid() != 0 or _capabilities() & _TO_CHANGE_USER != _TO_CHANGE_USER:
        return None
    uid = _DYNAMIC_USERS[seed % len(_DYNAMIC_USERS)]
    return uid if _mapped("/proc/self/uid_map", uid) and _mapped("/proc/self/gid_map", uid) else None


def _capabilities() -> int:
    """Our effective capabilities as a bit set; some containers give root only a few."""
    with open("/proc/self/status") as handle:
        return next(int(line.split()[1], 16) for line in handle if line.startswith("CapEff:"))


def _mapped(table: str, number: int) -> bool:
    with open(table) as handle:
        rows = [[int(word) for word in line.split()] for line in handle]
    return any(first <= number < first + count for first, _, count in rows)


def others_may_read(paths: Iterable[str]) -> bool:
    """Whether anybody may read paths that are mounted where anybody may enter."""
    return all(os.stat(path).st_mode & 0o004 for path in paths)


def others_may_enter(path: str) -> bool:
    """Whether a user with no special rights can reach and read a path."""
    path = os.path.realpath(path)
    folders = [path]
    while folders[-1] != "/":
        folders.append(os.path.dirname(folders[-1]))
    mode = os.stat(path).st_mode
    readable = mode & 0o004 if os.path.isfile(path) else mode & 0o005 == 0o005
    return bool(readable) and all(os.stat(folder).st_mode & 0o001 for folder in folders[1:])
