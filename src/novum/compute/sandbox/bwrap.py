"""Bubblewrap: a small, widely reviewed program that builds the namespaces and mounts.

It is started with an empty environment (as process 1's parent its own environment would be readable) and
runs our first process as process 1, which holds the lifeline: bubblewrap's own `--die-with-parent` alone
loses the race when the parent dies within milliseconds of the start.
"""

import marshal
import os

from novum.compute.node import view
from novum.compute.sandbox.layers import Launch, Nest

NAME = "bwrap"
NAMESPACE = True
MOUNTS = True
SOCKETS = "local"

_PLACES = ("/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap")


def program() -> str:
    """Path of bubblewrap, or an empty string. Only system places count: PATH is not ours to trust."""
    return next((path for path in _PLACES if os.access(path, os.X_OK)), "")


def obstacle(environment: dict) -> tuple[str, str]:
    if not program():
        return "bubblewrap is not installed", "apt install bubblewrap"
    return "", ""


def start(launch: Launch) -> int:
    """Fork and exec bubblewrap; its only child is the first process."""
    spec_read, spec_write = os.pipe()
    os.write(spec_write, marshal.dumps(launch.spec, 2))  # a version that every Python reads
    os.close(spec_write)
    kept = (*launch.ends, spec_read)
    command = [program(), *_arguments(launch), "--", launch.environment["python"], "-I", "-S", view.RUNNER,
               "first", *(str(number) for number in kept)]  # fmt: skip
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            null = os.open("/dev/null", os.O_RDWR)
            for target in (0, 1):
                os.dup2(null, target)
            os.dup2(launch.report, 2)  # what bubblewrap itself complains about is a report, too
            for number in kept:
                os.set_inheritable(number, True)
            os.execve(command[0], command, {})
        finally:
            os._exit(70)
    os.close(spec_read)
    return pid


def start_zygote(nest: Nest) -> None:
    """Fork and exec bubblewrap around a zygote, which must be able to make namespaces of its own."""
    command = [program(), *_nest_arguments(nest), "--", *nest.command]
    if os.fork() == 0:
        try:
            nest.enter()
            os.execve(command[0], command, nest.variables)
        finally:
            os._exit(70)


def _arguments(launch: Launch) -> list[str]:
    size = str(launch.tmp_bytes)
    words = [*_namespaces(launch.uid), *_view(launch.plan, launch.environment)]
    words += ["--proc", "/proc", "--dev", "/dev"]
    for path in launch.devices:
        words += ["--dev-bind", path, f"/dev/{os.path.basename(path)}"]
    words += ["--perms", "1777", "--size", size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    words += ["--perms", "1777", "--size", size, "--tmpfs", "/tmp", "--bind", launch.work, view.WORK]
    return [*words, "--remount-ro", "/", "--chdir", "/"]


def _nest_arguments(nest: Nest) -> list[str]:
    """As for a trial, with empty places for what each trial mounts for itself.

    The host's /proc is shown, since with bubblewrap's own, parts of which are covered, the kernel would
    refuse a trial one of its own. There are no pseudo-terminals, which trials would share.
    """
    words = [*_namespaces(nest.uid), *_view(nest.plan, nest.environment), "--bind", "/proc", "/proc"]
    words += ["--perms", "0755", "--dir", "/dev"]
    for name in view.DEVICES:
        words += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    for name, target in view.DEVICE_LINKS.items():
        words += ["--symlink", target, f"/dev/{name}"]
    for path in ("/dev/shm", "/tmp", view.WORK):
        words += ["--perms", "0755", "--dir", path]
    return [*words, "--remount-ro", "/", "--chdir", "/"]


def _view(plan: view.Plan, environment: dict) -> list[str]:
    words: list[str] = []
    for path, target in plan.links:
        words += ["--symlink", target, path]
    for folder in view.folders_above([path for _, path in plan.binds]):
        words += ["--perms", "0755", "--dir", folder]  # else only root could enter them
    for source, path in plan.binds:
        words += ["--ro-bind", source, path]
    for path in plan.masks:
        words += ["--tmpfs", path, "--remount-ro", path]
    words += ["--perms", "0755", "--dir", view.LIBRARIES]
    for source, path in view.library_binds(environment):
        words += ["--ro-bind", source, path]
    return words


def _namespaces(uid: int | None) -> list[str]:
    """As root without a user namespace, so that the candidate can become a user other than root."""
    words = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
             "--as-pid-1", "--die-with-parent", "--hostname", "sandbox"]  # fmt: skip
    if uid is None:
        return [*words, "--unshare-user", "--cap-drop", "ALL"]
    return [*words, "--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
