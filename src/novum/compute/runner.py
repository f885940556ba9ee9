"""Runs jobs on the machine it is started on: `python -I -S runner.py job.json [--lifeline FD]` a single one,
`python -I -S runner.py FOLDER --serve FD` all that are asked for over a socket (see `node.server`), warm.

Needs the standard library alone; whatever starts it (the local executor, Slurm, Ray) waits for it to end
and reads `result.json` beside `job.json`, which appears whole or not at all. With `--lifeline` the end of
file on that descriptor means that the coordinator is gone: everything is killed and nothing is written.
A request with `examine` asks which layers work here instead. Exit status: 0 when there is a result, 3 when
the coordinator was gone.
"""

import json
import os
import sys
import types


def _make_importable(folder: str) -> None:
    """Let `novum.compute` lead to this folder without importing Novum, which a node need not have."""
    for name, path in (("novum", []), ("novum.compute", [folder])):
        shell = types.ModuleType(name)
        shell.__path__ = path
        sys.modules[name] = shell


def main(words: list[str]) -> int:
    path = os.path.abspath(words[0])
    if set(os.environ) - {"LC_CTYPE"}:  # a scheduler's may hold keys, and ours can be read in /proc
        os.execve(sys.executable, [sys.executable, "-I", "-S", os.path.abspath(__file__), *words], {})
    os.umask(0o022)
    if words[1:2] == ["--serve"]:
        return _serve(path, int(words[2]))
    coordinator = int(words[2]) if words[1:2] == ["--lifeline"] else None
    with open(path) as handle:
        request = json.load(handle)
    return _run_alone(request, os.path.dirname(path), coordinator)


def _serve(place: str, control: int) -> int:
    import socket

    from novum.compute.node import job, server  # noqa: F401 - imported once, for all that is forked later
    from novum.compute.sandbox import layers

    for name in layers.WITH_ZYGOTES:
        layers.get(name)
    ours = socket.socket(fileno=os.dup(control))
    os.dup2(os.open("/dev/null", os.O_RDONLY), control)  # nobody is to inherit it as their standard input
    server.serve(ours, place, _run)
    return 0


def _run_alone(request: dict, home: str, coordinator: int | None) -> int:
    from novum.compute.node import syscalls

    syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
    return _run(request, home, coordinator)


def _run(request: dict, home: str, coordinator: int | None, nestlings=None) -> int:
    from novum.compute.node.job import Site, run_job
    from novum.compute.node.watch import CoordinatorGone

    if "examine" in request:
        return _examine(request, home)
    try:
        problem = _choose_layer(request, home) if request["layer"] == "auto" else ""
        if problem:
            result = {"stages": [], "sandbox": "", "lost": problem}
        else:
            result = run_job(request, Site(home, coordinator, alone=True, nestlings=nestlings))
    except CoordinatorGone:
        return 3
    write_result(result, home)
    return 0


def _examine(request: dict, home: str) -> int:
    """Say of each named layer whether it works here."""
    from novum.compute.sandbox import select

    choices = [select.examine(name, request["environment"], home) for name in request["examine"]]
    write_result({"choices": [vars(choice) for choice in choices]}, home)
    return 0


def _choose_layer(request: dict, home: str) -> str:
    """Settle on the strongest layer of this node; why none will do, or an empty string."""
    from novum.compute.sandbox import layers, select

    allowed = [name for name in layers.ORDER if name != "process" or request["job"]["shipped"]]
    try:
        chosen = select.strongest(request["environment"], home, tuple(allowed))
    except select.NothingWorks as error:
        return f"nothing on this node can confine the program: {error}"
    request["layer"], request["drop_user"] = chosen.layer, chosen.drop_user
    return ""


def write_result(result: dict, home: str) -> None:
    """Write `result.json` so that it is either absent or whole and on disk."""
    part = os.path.join(home, ".result.part")
    with open(part, "w") as handle:
        handle.write(json.dumps(result))  # much faster than to dump it there
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(part, os.path.join(home, "result.json"))
    place = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(place)
    os.close(place)


if __name__ == "__main__":
    _make_importable(os.path.dirname(os.path.abspath(__file__)))
    sys.exit(main(sys.argv[1:]))
