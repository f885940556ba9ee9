"""What an agent may see and reach: the network, its copy of the files, its program and its own configuration.

Bubblewrap makes the walls. The home is empty but for the agent's configuration; of the system there are
programs, libraries and what it takes to find and trust servers. Novum itself is covered, since it holds
evaluators and known findings, and so is the lab. Where bubblewrap does not work, the agent runs like any
program of its user, and its answers say `unconfined`.
"""

import functools
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import novum
from novum.compute.environment import environment
from novum.compute.node import view
from novum.compute.sandbox import bwrap
from novum.models.agents import keeper
from novum.models.agents.programs import CERTIFICATES, Agent

SCRATCH_BYTES = 512 << 20  # of /tmp and of the home, each
NODE = Path(view.__file__).parent
KEEPER = "/.keeper.py"
_SETTINGS = (
    *("/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/ca-certificates.conf", "/etc/resolv.conf"),
    *("/etc/hosts", "/etc/nsswitch.conf", "/etc/passwd", "/etc/group", "/etc/localtime", "/etc/gai.conf"),
)

_MORE = ("/opt", "/snap")
_EVERYTHING = ("--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev")


@functools.cache
def works() -> bool:
    """Whether bubblewrap can make the walls here (tried once)."""
    if not bwrap.program():
        return False
    words = [bwrap.program(), *_namespaces(), *_EVERYTHING, "true"]
    return subprocess.run(words, env={}, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0


def command(agent: Agent, work: Path, lifeline: int, *, confined: bool) -> list[str]:
    """The words that start an agent under its keeper, with `work` as the folder that is its own."""
    python = environment(()).python
    start = [python, "-I", "-S"]
    if not confined:
        return [*start, keeper.__file__, str(NODE), str(lifeline), *agent.command]
    kept = [*start, KEEPER, view.RUNNER, str(lifeline), *agent.command]
    return [bwrap.program(), *_namespaces(), *_walls(agent, work), "--", *kept]


def _namespaces() -> list[str]:
    words = ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--as-pid-1",
             "--cap-drop", "ALL", "--hostname", "agent"]  # fmt: skip
    return words if os.geteuid() == 0 else [*words, "--unshare-user"]


def _walls(agent: Agent, work: Path) -> Iterator[str]:
    home, plan = _home(agent), view.Plan()
    shown = [*view.system_paths(plan), *_readable(agent, home)]
    for path, target in plan.links:
        yield from ("--symlink", target, path)
    yield from ("--proc", "/proc", "--dev", "/dev")  # before what may lie in /dev/shm
    for path in ("/tmp", home):
        yield from ("--size", str(SCRATCH_BYTES), "--tmpfs", path)
    for path in shown:
        yield from ("--ro-bind", path, path)
    for path in _hidden(agent, shown):
        yield from ("--tmpfs", path)
    for path in agent.folders:
        yield from ("--bind", path, path)
    yield from ("--ro-bind", keeper.__file__, KEEPER, "--ro-bind", str(NODE), view.RUNNER)
    yield from ("--bind", str(work), str(work), "--remount-ro", "/", "--chdir", str(work))


def _home(agent: Agent) -> str:
    home = os.path.normpath(agent.environ.get("HOME", "/root"))
    return home if os.path.isabs(home) and home != "/" else "/root"


def _readable(agent: Agent, home: str) -> list[str]:
    """What is shown besides programs and libraries of the system: what it takes to find and trust servers,
    further programs, our interpreter for the keeper, and where the agent itself is installed."""
    trusted = [agent.environ[name] for name in CERTIFICATES if name in agent.environ]
    found = [path for path in (*_SETTINGS, *_MORE, *trusted) if os.path.exists(path)]
    found += [os.path.realpath(path) for path in found if os.path.islink(path)]
    return _outermost([*found, *environment(()).exposed, *_installed(agent, home)])


def _outermost(paths: Iterable[str]) -> list[str]:
    """Paths without those that lie in another of them: they are shown with it, and bubblewrap cannot put
    anything where such a path is a link that leads outside."""
    kept = dict.fromkeys(paths)
    return [path for path in kept if not any(path.startswith(f"{tree.rstrip('/')}/") for tree in kept)]


def _hidden(agent: Agent, shown: Iterable[str]) -> list[str]:
    """What must not be seen, where it lies in something that is shown: Novum's own package, and the lab."""
    trees = [f"{tree.rstrip('/')}/" for tree in shown]
    hidden = (os.path.realpath(path) for path in (str(Path(novum.__file__).parent), *agent.hidden))
    return [path for path in hidden if any(path.startswith(tree) for tree in trees) and os.path.isdir(path)]


# --- where a program lies -------------------------------------------------------------------------------


def _installed(agent: Agent, home: str) -> list[str]:
    """The folders in which an agent's program and the interpreters that it names are installed."""
    found: set[str] = set()
    for program in _programs(agent):
        for path in (program, os.path.realpath(program)):
            found.add(_root_of(path, home))
    found |= {os.path.abspath(word) for word in agent.command[1:] if os.path.isfile(word)}
    return sorted(path for path in found if not path.startswith(("/usr/", "/bin/", "/lib", "/opt/")))


def _programs(agent: Agent) -> Iterator[str]:
    """The program, those among its arguments, and what its first line says it is run by."""
    yield agent.command[0]
    yield from (os.path.abspath(w) for w in agent.command[1:] if os.path.isfile(w) and os.access(w, os.X_OK))
    with open(agent.command[0], "rb") as file:
        line = file.readline(500)
    for word in line.removeprefix(b"#!").decode(errors="replace").split() if line.startswith(b"#!") else []:
        path = shutil.which(word, path=agent.environ.get("PATH", os.defpath))
        if path and os.path.basename(path) != "env":
            yield os.path.abspath(path)


def _root_of(path: str, home: str) -> str:
    """The folder to show for a program: its installation where that is one, else the folder it lies in.

    Of `~/bin` and `~/.local/bin` only the program itself is shown: what lies around it is the person's.
    """
    folder = os.path.dirname(path)
    above = os.path.dirname(folder)
    if "/node_modules/" in path:
        return path[: path.index("/node_modules/") + len("/node_modules")]
    if os.path.basename(folder) == "bin":
        personal = above in (home, os.path.join(home, ".local"), "/") or home.startswith(above + "/")
        return path if personal else above
    return path if folder == home or home.startswith(folder + "/") else folder
