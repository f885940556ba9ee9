"""No wall, only bounds: limits, its own session, a scrubbed environment, a seccomp filter and the watch.

It can read what its user can read. Hence only programs that Novum ships, unmodified by their hash, run so.
"""

import os

from novum.compute.node import first
from novum.compute.sandbox.layers import Launch

NAME = "process"
NAMESPACE = False
MOUNTS = False
SOCKETS = "none"


def obstacle(environment: dict) -> tuple[str, str]:
    if not os.path.isdir("/proc/self"):
        return "/proc is not mounted, so a process tree cannot be watched", "mount -t proc proc /proc"
    return "", ""


def start(launch: Launch) -> int:
    """Fork the first process; it becomes the subreaper of the candidate's tree."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            launch.close_others()
            first.supervise(launch.spec, launch.lifeline, launch.report, launch.streams)
        finally:
            os._exit(70)
    return pid
