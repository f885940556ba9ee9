"""Our own walls: the same namespaces and view as bubblewrap's, made by system calls, so no package is needed.

As root the mounts are made with root's rights and the candidate becomes another user afterwards; as a plain
user everything happens inside a user namespace that maps this user alone.
"""

import contextlib
import os
from collections.abc import Sequence

from novum.compute.node import first, syscalls, view
from novum.compute.sandbox.layers import Launch, Nest

NAME = "namespaces"
NAMESPACE = True
MOUNTS = True
SOCKETS = "local"

_ALL = (syscalls.CLONE_NEWNS | syscalls.CLONE_NEWPID | syscalls.CLONE_NEWNET | syscalls.CLONE_NEWIPC
        | syscalls.CLONE_NEWUTS | syscalls.CLONE_NEWCGROUP)  # fmt: skip
_SAFE = syscalls.MS_NOSUID | syscalls.MS_NODEV
_APPARMOR = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"
_CLONE = "/proc/sys/kernel/unprivileged_userns_clone"
_MAXIMUM = "/proc/sys/user/max_user_namespaces"


def obstacle(environment: dict) -> tuple[str, str]:
    if os.geteuid() == 0:
        return "", ""
    if _setting(_APPARMOR) == "1":
        return ("AppArmor restricts user namespaces of plain users",
                "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0")  # fmt: skip
    if _setting(_CLONE) == "0":
        return ("the kernel refuses user namespaces to plain users",
                "sudo sysctl -w kernel.unprivileged_userns_clone=1")  # fmt: skip
    if _setting(_MAXIMUM) == "0":
        return "no user namespaces are allowed", "sudo sysctl -w user.max_user_namespaces=15000"
    return "", ""


def _setting(path: str) -> str:
    try:
        with open(path) as handle:
            return handle.read().strip()
    except OSError:
        return ""


def start(launch: Launch) -> int:
    """Fork a keeper that enters new namespaces and waits for its only child, the first process."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            launch.close_others()
            _keep(launch)
        except OSError as error:
            first.tell(launch.report, {"error": str(error)})
        finally:
            os._exit(70)
    return pid


def start_zygote(nest: Nest) -> None:
    """Fork a keeper that enters new namespaces and waits for the zygote, which is executed there."""
    if os.fork() == 0:
        try:
            nest.enter()
            _keep_zygote(nest)
        except OSError as error:
            os.write(2, f"{error}\n".encode())
        finally:
            os._exit(70)


def _keep_zygote(nest: Nest) -> None:
    _enter_namespaces(nest.uid)
    inner = os.fork()
    if inner == 0:
        try:
            root = _begin_root(nest)
            _make_devices(root)
            for path in (root + "/dev/shm", root + "/tmp", root + view.WORK):
                os.makedirs(path)
            _enter(root)
            syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
            os.execve(nest.command[0], nest.command, nest.variables)
        except OSError as error:
            os.write(2, f"{error}\n".encode())
        finally:
            os._exit(70)
    os.closerange(3, 65536)
    os.waitpid(inner, 0)
    os._exit(0)


def _keep(launch: Launch) -> None:
    _enter_namespaces(launch.uid)
    inner = os.fork()
    if inner == 0:
        try:
            _build_root(launch)
            first.supervise(launch.spec, launch.lifeline, launch.report, launch.streams)
        except OSError as error:
            first.tell(launch.report, {"error": str(error)})
        finally:
            os._exit(70)
    for number in launch.ends:
        os.close(number)
    os.waitpid(inner, 0)
    os._exit(0)


def _enter_namespaces(uid: int | None) -> None:
    """All but the user namespace if a root runner is to make the candidate another user."""
    root_ids = os.geteuid(), os.getegid()
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)
    if uid is None:
        syscalls.unshare(syscalls.CLONE_NEWUSER)
        _map_ids(*root_ids)
    syscalls.unshare(_ALL)


def _map_ids(uid: int, gid: int) -> None:
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as handle:
            handle.write(text)


def _build_root(launch: Launch) -> None:
    """Build the new root in a temporary file system, make it ours, and leave nothing writable but /work."""
    root = _begin_root(launch)
    _make_devices(root, launch.devices)
    _scratch(root + "/dev/shm", launch.tmp_bytes)
    _scratch(root + "/tmp", launch.tmp_bytes)
    _bind(launch.work, root + view.WORK, read_only=False)
    _enter(root)
    if os.geteuid() != 0:  # in a namespace of our own; as root the number would be the whole machine's
        with contextlib.suppress(OSError), open(_MAXIMUM, "w") as handle:
            handle.write("0")


def _begin_root(place: Launch | Nest) -> str:
    """The new root with what everyone may read; its path."""
    os.umask(0o022)
    root = place.folder + "/root"
    os.makedirs(root, exist_ok=True)
    syscalls.mount(None, "/", None, syscalls.MS_REC | syscalls.MS_PRIVATE)
    syscalls.mount("tmpfs", root, "tmpfs", _SAFE, "mode=755,size=4m")
    plan = place.plan
    for path, target in plan.links:
        os.symlink(target, root + path)
    for source, path in plan.binds:
        _bind(source, root + path, read_only=True)
    for path in plan.masks:
        syscalls.mount("tmpfs", root + path, "tmpfs", _SAFE | syscalls.MS_RDONLY, "mode=755,size=4k")
    for source, path in view.library_binds(place.environment):
        _bind(source, root + path, read_only=True)
    return root


def _bind(source: str, target: str, read_only: bool) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
    syscalls.mount(source, target, None, syscalls.MS_BIND | syscalls.MS_REC)
    if read_only:
        syscalls.make_read_only(target)


def _make_devices(root: str, more: Sequence[str] = ()) -> None:
    os.makedirs(root + "/dev")
    os.makedirs(root + view.LIBRARIES, exist_ok=True)
    for source in (*(f"/dev/{name}" for name in view.DEVICES), *more):
        target = f"{root}/dev/{os.path.basename(source)}"
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
        syscalls.mount(source, target, None, syscalls.MS_BIND)
    for name, target in view.DEVICE_LINKS.items():
        os.symlink(target, f"{root}/dev/{name}")


def _scratch(path: str, size: int) -> None:
    os.makedirs(path)
    syscalls.mount("tmpfs", path, "tmpfs", _SAFE, f"mode=1777,size={size},nr_inodes=10000")


def _enter(root: str) -> None:
    """Mount a fresh /proc while the old one is still in sight (the kernel asks for that), then move in."""
    os.makedirs(root + "/proc")
    syscalls.mount("proc", root + "/proc", "proc", _SAFE | syscalls.MS_NOEXEC)
    os.chdir(root)
    syscalls.pivot_root(".", ".")
    syscalls.unmount(".")
    syscalls.mount(None, "/", None, syscalls.MS_REMOUNT | syscalls.MS_BIND | syscalls.MS_RDONLY | _SAFE)
    os.chdir("/")
