"""The interface of a layer, and the list of them from the strongest to the weakest.

A layer is a module with
    NAME          its name in options and records
    NAMESPACE     True if the candidate has a PID namespace (the kernel ends the tree with its process 1)
    MOUNTS        True if it sees only what `node.view` shows, with its folder as `/work`
    SOCKETS       "local" or "none": which sockets the seccomp filter allows; None for no filter
    obstacle(environment) -> (why it cannot work here, how to mend it), both empty if it may
    start(launch) -> the number of the process that we are the parent of
and, if trials can start warm under it,
    start_zygote(nest) -> None; the zygote ends when the other end of its control socket is closed
"""

import importlib
import os
import signal
from collections.abc import Sequence

from novum.compute.node import view

ORDER = ("bwrap", "namespaces", "sandlock", "process")
WITH_ZYGOTES = ("bwrap", "namespaces")
"""Layers under which trials can start warm: only a PID namespace is sure to end a tree that is not ours."""


def get(name: str):
    """The module of a layer; imported only when it is asked for, to start quickly.

    Raises:
        KeyError: there is no such layer.
    """
    if name not in (*ORDER, "none"):
        raise KeyError(name)
    return importlib.import_module(f"novum.compute.sandbox.{name}")


class Launch:
    """What a layer needs to start one stage. All paths are absolute and of the host.

    `devices` are files that it is to find under /dev beside the usual ones, where it sees a /dev of its own.
    `lifeline`, `report` and `streams` are the first process's ends of pipes.
    """

    def __init__(self, *, spec: dict, environment: dict, folder: str, uid: int | None, tmp_bytes: int,
                 lifeline: int, report: int, streams: tuple[int, int],
                 devices: Sequence[str] = ()):  # fmt: skip
        self.spec = spec
        self.devices = devices
        self.environment = environment
        self.folder = folder
        self.uid = uid
        self.tmp_bytes = tmp_bytes
        self.lifeline = lifeline
        self.report = report
        self.streams = streams

    @property
    def work(self) -> str:
        return os.path.join(self.folder, "work")

    @property
    def ends(self) -> tuple[int, ...]:
        return self.lifeline, self.report, *self.streams

    def close_others(self) -> None:
        """Close all descriptors in the calling process but these: those of the runner keep others alive."""
        before = 3
        for kept in sorted(self.ends):
            os.closerange(before, kept)
            before = kept + 1
        os.closerange(before, 65536)

    @property
    def plan(self) -> view.Plan:
        return view.plan(self.environment, self.folder + "/etc", NODE_FOLDER)


class Nest:
    """What a layer needs to start a zygote. All paths are absolute and of the host.

    The zygote sees what a trial sees, but for what that one may write. `control` (a socket) and
    `complaints` (a pipe for what it prints) are its ends; `words` are its arguments, `variables` its
    environment, and `uid` the user that it becomes where we are root.
    """

    def __init__(self, *, environment: dict, folder: str, uid: int | None, control: int, complaints: int,
                 words: list[str], variables: dict[str, str]):  # fmt: skip
        self.environment = environment
        self.folder = folder
        self.uid = uid
        self.control = control
        self.complaints = complaints
        self.words = words
        self.variables = variables

    @property
    def command(self) -> list[str]:
        return [self.environment["python"], view.RUNNER, *self.words]

    @property
    def plan(self) -> view.Plan:
        return view.plan(self.environment, self.folder + "/etc", NODE_FOLDER)

    def enter(self) -> None:
        """Make the calling process ready to execute: in a session of its own, with streams like a trial's."""
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # else whatever is executed could not wait
        null = os.open("/dev/null", os.O_RDONLY)
        for source, target in ((null, 0), (self.complaints, 1), (self.complaints, 2)):
            os.dup2(source, target)
        os.set_inheritable(self.control, True)


NODE_FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "node")
