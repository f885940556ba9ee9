"""Chooses the strongest layer that shows on this machine that it works.

Whether a kernel, a distribution's policy or a container lets a layer work cannot be told from version
numbers, so each one runs a small program that tries what it must not be able to do.
"""

import os
import tempfile

from novum.compute.node import folder
from novum.compute.node.job import Site, run_job
from novum.compute.node.zygotes import Zygotes
from novum.compute.sandbox import layers

_QUICK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "quick_probe.py")
_LIMITS = {"cpu_seconds": 10.0, "wall_seconds": 20.0, "memory_mb": 256.0, "processes": 8, "output_mb": 1.0,
           "output_files": 10, "file_mb": 1.0}  # fmt: skip


class NothingWorks(Exception):
    """No layer that may be used here passed its probe."""


class Choice:
    """A layer that works, or why it does not: `problem` and `mend` are empty if it does.

    `drop_user` says whether a root runner lets the candidate become another user under it, `warm_problem`
    why trials must start cold (empty if they need not).
    """

    def __init__(
        self, layer: str, drop_user: bool = True, problem: str = "", mend: str = "", warm_problem: str = ""
    ):
        self.layer = layer
        self.drop_user = drop_user
        self.problem = problem
        self.mend = mend
        self.warm_problem = warm_problem


def strongest(environment: dict, scratch: str, candidates: tuple[str, ...] = layers.ORDER) -> Choice:
    """The first of `candidates` that passes. Raises NothingWorks with each one's reason."""
    problems = []
    for name in candidates:
        choice = examine(name, environment, scratch)
        if not choice.problem:
            return choice
        problems.append(f"{name}: {choice.problem}")
    raise NothingWorks("; ".join(problems))


def examine(name: str, environment: dict, scratch: str) -> Choice:
    """Whether a layer works here, found out by running a program under it."""
    problem, mend = layers.get(name).obstacle(environment)
    if problem:
        return Choice(name, problem=problem, mend=mend)
    for drop_user in (True, False) if os.geteuid() == 0 else (False,):
        problem = _try(name, environment, scratch, drop_user)
        if not problem:
            return Choice(name, drop_user, warm_problem=_try_warm(name, environment, scratch, drop_user))
    return Choice(name, problem=problem, mend=_mend(name))


def _mend(name: str) -> str:
    """What usually helps when a layer with namespaces starts but does not work."""
    from novum.compute.sandbox import namespaces

    if name in ("bwrap", "namespaces"):
        return namespaces.obstacle({})[1] or "allow user namespaces (in a container: run it with them)"
    return ""


def _try(name: str, environment: dict, scratch: str, drop_user: bool, zygotes: Zygotes | None = None) -> str:
    """Run the quick probe under a layer; an empty string if it refused everything it has to."""
    home = tempfile.mkdtemp(dir=scratch, prefix=f"probe-{name}-")
    os.chmod(home, 0o755)
    canary = os.path.join(home, "canary")
    with open(canary, "w") as handle:
        handle.write("secret")
    request = _request(name, environment, drop_user, canary)
    try:
        nestlings = {}
        if zygotes is not None:
            zygotes.prepare(request)
            nestlings = zygotes.take(request)
        site = Site(home, nestlings=nestlings)
        return _verdict(run_job(request, site), site.cold)
    except OSError as error:
        return f"a probe could not run: {error}"
    finally:
        folder.remove(home)


def _try_warm(name: str, environment: dict, scratch: str, drop_user: bool) -> str:
    """Why trials must start cold under a layer that works; an empty string if they need not."""
    if name not in layers.WITH_ZYGOTES:
        return "only a PID namespace is sure to end a trial that another process started"
    zygotes = Zygotes(tempfile.mkdtemp(dir=scratch, prefix="zygotes-"))
    try:
        return _try(name, environment, scratch, drop_user, zygotes)
    finally:
        zygotes.close()


def _request(name: str, environment: dict, drop_user: bool, canary: str) -> dict:
    module = layers.get(name)
    stage = {"name": "probe", "command": ["python", "probe.py"], "files": {"probe.py": "probe"}, "inputs": [],
             "request": {"canary": canary, "walls": module.MOUNTS or name == "sandlock"},
             "outputs": ["out"], "limits": _LIMITS}  # fmt: skip
    return {"job": {"stages": [stage]}, "blobs": {"probe": _QUICK}, "environment": environment, "layer": name,
            "drop_user": drop_user, "warm": True}  # fmt: skip


def _verdict(result: dict, cold: str) -> str:
    """An empty string if all is well; `cold` says why a stage that was to start warm did not."""
    stage = result["stages"][0]
    if result["lost"]:
        return result["lost"]
    if stage["status"] != "ok":
        return f"a probe could not run: {stage['detail'] or stage['status']}"
    if cold:
        return cold
    return stage["stdout"].strip()
