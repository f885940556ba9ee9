"""Landlock through the optional wheel `sandlock`: no namespaces needed, hence works where they are refused.

The wheel confines the forked child in place (files, signals and abstract sockets outside its domain); the
network is closed by our seccomp filter, and limits, watch and tree death are those of the process layer.
"""

import os
import sys

from novum.compute.node import view
from novum.compute.sandbox import process
from novum.compute.sandbox.layers import Launch

NAME = "sandlock"
NAMESPACE = False
MOUNTS = False
SOCKETS = "none"

_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_FACTS = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems", "/etc/localtime")


def obstacle(environment: dict) -> tuple[str, str]:
    if not environment.get("sandlock"):
        return "the wheel sandlock is not installed", "pip install 'novum[sandlock]'"
    package = _load(environment["sandlock"])
    have, need = package.landlock_abi_version(), package.min_landlock_abi()
    if have < need:
        return f"the kernel offers Landlock ABI {have}, sandlock needs {need}", "use Linux 6.12 or later"
    return "", ""


def start(launch: Launch) -> int:
    """Start as the process layer does, with the child confined before it drops its rights."""
    plan = view.Plan()
    trees = [*view.system_paths(plan), *launch.environment["exposed"]]
    holes = launch.environment["hidden"]
    readable = [path for tree in trees if os.path.exists(tree) for path in view.paths_without(tree, holes)]
    readable += launch.environment["libraries"].values()
    readable += [path for path in _FACTS if os.path.exists(path)]
    readable.append(launch.environment["farm"])
    launch.spec["landlock"] = {
        "wheel": launch.environment["sandlock"],
        "readable": sorted({os.path.realpath(path) for path in readable if os.path.exists(path)}),
        "writable": [launch.work, launch.folder + "/tmp", *_DEVICES],
    }
    return process.start(launch)


def confine(rules: dict) -> None:
    """Apply the rules to the calling process; irreversible. Raises RuntimeError if the kernel refuses."""
    package = _load(rules["wheel"])
    try:
        package.confine(package.Sandbox(fs_readable=rules["readable"], fs_writable=rules["writable"]))
    except package.ConfinementError as error:
        raise RuntimeError(str(error)) from error


def _load(folder: str):
    """Import the wheel from its own folder, in a process that has no site-packages on its path."""
    if folder not in sys.path:
        sys.path.append(folder)
    import sandlock

    return sandlock
