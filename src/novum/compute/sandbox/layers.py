"""The interface of a layer, and the list of them from the strongest to the weakest.

A layer is a module with
    NAME          its name in options and records
    NAMESPACE     True if the candidate has a PID namespace (the kernel ends the tree with its process 1)
    MOUNTS        True if it sees only what `node.view` shows, with its folder as `/work`
    SOCKETS       "local" or "none": which sockets the seccomp filter allows; None for no filter
    obstacle(environment) -> (why it cannot work here, how to mend it), both empty if it may
    start(launch) -> the number of the process that we are the parent of
"""

import importlib
import os

from novum.compute.node import view

ORDER = ("bwrap", "namespaces", "sandlock", "process")


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

    `lifeline`, `report` and `streams` are the first process's ends of pipes; `ours` are the runner's,
    which no other process may hold.
    """

    def __init__(self, *, spec: dict, environment: dict, folder: str, uid: int | None, tmp_bytes: int,
                 lifeline: int, report: int, streams: tuple[int, int], ours: tuple[int, ...]):  # fmt: skip
        self.spec = spec
        self.environment = environment
        self.folder = folder
        self.uid = uid
        self.tmp_bytes = tmp_bytes
        self.lifeline = lifeline
        self.report = report
        self.streams = streams
        self.ours = ours

    @property
    def work(self) -> str:
        return os.path.join(self.folder, "work")

    @property
    def plan(self) -> view.Plan:
        return view.plan(self.environment, self.folder + "/etc", NODE_FOLDER)


NODE_FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "node")
