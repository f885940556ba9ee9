"""Runs the stages of a job in order and says truthfully what came of each.

A stage that broke down after finishing some of its seeds does not lose them: what it wrote is frozen all the
same, and a later stage runs as long as every stage it takes from handed over something.
"""

import os
import zlib

from novum.compute.node import folder, freeze, limits, outcome, view
from novum.compute.node.watch import Pipes, Watch
from novum.compute.sandbox import layers

_MB = 1 << 20


class Site:
    """Where and for whom a job runs: its folder, what holds our lifeline, and whether we are alone.

    `alone` says that this process is a subreaper and has no children but the job's.
    """

    def __init__(self, home: str, coordinator: int | None = None, alone: bool = False):
        self.home = home
        self.store = os.path.join(home, "frozen")
        self.coordinator = coordinator
        self.alone = alone


def run_job(request: dict, site: Site) -> dict:
    """Run a job and return its result, a `records.JobResult` as plain values.

    `request` has `job`, `blobs` (SHA-256 -> file), `environment`, `layer` and `drop_user`.

    Raises:
        watch.CoordinatorGone: the coordinator ended; nothing is left running.
    """
    os.makedirs(site.store, exist_ok=True)
    results: list[dict] = []
    lost = ""
    for stage in request["job"]["stages"]:
        if lost:
            results.append(_not_started(stage, "the machine failed before"))
            continue
        result, lost = _run_stage(request, stage, site, results)
        results.append(result)
    return {"stages": results, "sandbox": request["layer"], "host": os.uname().nodename, "lost": lost}


def _not_started(stage: dict, detail: str) -> dict:
    return {"name": stage["name"], "status": "not_started", "detail": detail}


def _run_stage(request: dict, stage: dict, site: Site, earlier: list[dict]) -> tuple[dict, str]:
    """One stage: (its result, why the machine is to blame or an empty string)."""
    place = os.path.join(site.home, "stages", stage["name"])
    work = os.path.join(place, "work")
    frozen = {result["name"]: result.get("outputs", {}) for result in earlier}
    try:
        folder.lay_down(stage, work, request["blobs"], frozen, site.store)
    except folder.MissingInput as missing:
        return _not_started(stage, str(missing)), ""
    pipes = Pipes()
    watch = _start(request, stage, place, site, pipes)
    ending = watch.run()
    pipes.close()
    kept = freeze.freeze(work, stage["outputs"], site.store, _bounds(stage["limits"]))
    return _result(stage, watch, kept), ending.lost


def _bounds(limit: dict) -> freeze.Bounds:
    return freeze.Bounds(int(limit["file_mb"] * _MB), int(limit["output_mb"] * _MB), limit["output_files"])


def _start(request: dict, stage: dict, place: str, site: Site, pipes: Pipes) -> Watch:
    """Start the first process of a stage under the chosen layer, and hand back who watches it."""
    layer = layers.get(request["layer"])
    uid = _user(request, layer, place)
    _prepare_place(place, uid)
    lifeline, report, out, err = pipes.theirs
    launch = layers.Launch(
        spec=_spec(request, stage, place, layer, uid),
        environment=request["environment"],
        folder=place,
        uid=uid,
        tmp_bytes=int(min(256, max(16, stage["limits"]["memory_mb"] / 4)) * _MB),
        lifeline=lifeline,
        report=report,
        streams=(out, err),
        ours=(*pipes.ours, *([] if site.coordinator is None else [site.coordinator])),
    )
    pid = layer.start(launch)
    pipes.let_go()
    return Watch(
        pid=pid,
        nested=layer.NAMESPACE,
        work=launch.work,
        limits=stage["limits"],
        pipes=pipes,
        coordinator=site.coordinator,
        alone=site.alone,
    )


def _user(request: dict, layer, place: str) -> int | None:
    """The user the candidate becomes if we are root and that user can reach what it needs."""
    if not request["drop_user"] or layer.NAME == "none":
        return None
    environment = request["environment"]
    libraries = environment["libraries"].values()
    if layer.MOUNTS:  # mounted where anyone may enter; only their own rights matter
        reachable = all(os.stat(path).st_mode & 0o004 for path in libraries)
    else:
        needed = [*libraries, environment["python"], environment["farm"], os.path.dirname(place)]
        reachable = all(limits.others_may_enter(path) for path in needed)
    return limits.unprivileged_user(zlib.crc32(place.encode())) if reachable else None


def _prepare_place(place: str, uid: int | None) -> None:
    """Everything a stage finds beside its work folder, owned by whom it will run as."""
    inside = (os.geteuid(), os.getegid()) if uid is None else (uid, uid)
    view.write_etc(os.path.join(place, "etc"), *inside)
    temporary = os.path.join(place, "tmp")
    os.makedirs(temporary, mode=0o700)
    if uid is not None:
        folder.give_to(os.path.join(place, "work"), uid)
        os.chown(temporary, uid, uid)


def _spec(request: dict, stage: dict, place: str, layer, uid: int | None) -> dict:
    environment = request["environment"]
    if layer.MOUNTS:
        variables = limits.clean_environment(view.WORK, "/tmp", view.LIBRARIES)
        cwd = view.WORK
    else:
        cwd = os.path.join(place, "work")
        variables = limits.clean_environment(cwd, os.path.join(place, "tmp"), environment["farm"])
        variables["PYTHONHOME"] = environment["farm"] + "/.python"  # a standard library without site-packages
    command = [environment["python"] if stage["command"][0] == "python" else stage["command"][0]]
    return {
        "argv": [*command, *stage["command"][1:], "request.json"],
        "env": variables,
        "cwd": cwd,
        "uid": uid,
        "rlimits": limits.resource_limits(stage["limits"], layer.NAMESPACE),
        "filter": layer.SOCKETS,
        "landlock": None,
        "namespace": layer.NAMESPACE,
    }


# --- what to say of a stage -----------------------------------------------------------------------------


def _result(stage: dict, watch: Watch, kept: freeze.Frozen) -> dict:
    out, err = (text.text() for text in watch.texts.values())
    status, detail = outcome.status(watch.ending, watch.started, err)
    code, signal = outcome.decoded(watch.ending.wait_status)
    return {
        "name": stage["name"],
        "status": status,
        "exit_code": code,
        "signal": signal,
        "cpu_seconds": round(watch.meters.cpu, 4),
        "wall_seconds": round(watch.meters.wall, 4),
        "peak_mb": round(watch.meters.peak / _MB, 2),
        "outputs": kept.outputs,
        "refused": kept.refused,
        "stdout": out,
        "stderr": err,
        "detail": detail,
    }
