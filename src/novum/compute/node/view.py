"""What a sandboxed process sees of the file system: an allow-list, as a plan that mount layers carry out.

The system's programs and libraries, the interpreter with its standard library but without its
site-packages, the libraries that the job asked for under `/env`, and its own folder as `/work`. Novum, the
domain, the lab, home folders and other trials are not hidden: they are never shown.
"""

import os

WORK, LIBRARIES, RUNNER = "/work", "/env", "/.runner"
_SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/fonts")
_STORES = ("/nix/store", "/gnu/store")
DEVICES = ("null", "zero", "full", "random", "urandom")
DEVICE_LINKS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}


class Plan:
    """Steps of building the view, in order: `links` (path, target), `binds` (source, path), `masks`."""

    def __init__(self) -> None:
        self.links: list[tuple[str, str]] = []
        self.binds: list[tuple[str, str]] = []
        self.masks: list[str] = []


def plan(environment: dict, etc: str, node_folder: str) -> Plan:
    """The view for an environment (see `compute.environment`); `etc` holds the files made for `/etc`."""
    made = Plan()
    exposed = system_paths(made) + [path for path in environment["exposed"] if os.path.exists(path)]
    made.binds += [(path, path) for path in _without_nested(exposed)]
    made.masks += [path for path in environment["hidden"] if _inside(path, exposed) and os.path.isdir(path)]
    made.binds += [(os.path.join(etc, name), f"/etc/{name}") for name in sorted(os.listdir(etc))]
    made.binds.append((node_folder, RUNNER))
    return made


def library_binds(environment: dict) -> list[tuple[str, str]]:
    """(source, path under `/env`) of each library; bound after the masks, which may cover the sources."""
    return [(path, f"{LIBRARIES}/{name}") for name, path in sorted(environment["libraries"].items())]


def folders_above(paths: list[str]) -> list[str]:
    """The folders that must exist for the paths to be bound, outermost first."""
    found: set[str] = set()
    for path in paths:
        parent = os.path.dirname(path)
        while parent != "/" and parent not in paths:
            found.add(parent)
            parent = os.path.dirname(parent)
    return sorted(found)


def system_paths(made: Plan) -> list[str]:
    """Top folders of the system that are shown; those that are symbolic links are made again as such."""
    shown = ["/usr"]
    for path in _SYSTEM:
        if os.path.islink(path):
            made.links.append((path, os.readlink(path)))
        elif os.path.isdir(path):
            shown.append(path)
    return shown + [path for path in (*_SETTINGS, *_STORES) if os.path.exists(path)]


def write_etc(folder: str, uid: int, gid: int) -> None:
    """The few files of `/etc` that libraries look into, with one user and no name but localhost."""
    os.makedirs(folder)
    files = {
        "passwd": f"trial:x:{uid}:{gid}::{WORK}:/bin/sh\n",
        "group": f"trial:x:{gid}:\n",
        "hosts": "127.0.0.1 localhost\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    }
    for name, text in files.items():
        with open(os.path.join(folder, name), "w") as handle:
            handle.write(text)


def paths_without(tree: str, holes: list[str]) -> list[str]:
    """Paths that together cover `tree` but nothing of `holes`, for layers that can only allow."""
    inner = [hole for hole in holes if _inside(hole, [tree])]
    if not inner:
        return [tree]
    if tree in inner:
        return []
    covered: list[str] = []
    for name in sorted(os.listdir(tree)):
        path = os.path.join(tree, name)
        covered += [path] if os.path.islink(path) else paths_without(path, inner)
    return covered


def _inside(path: str, trees: list[str]) -> bool:
    return any(path == tree or path.startswith(tree.rstrip("/") + "/") for tree in trees)


def _without_nested(paths: list[str]) -> list[str]:
    unique = sorted(set(paths))
    return [path for path in unique if not _inside(path, [other for other in unique if other != path])]
