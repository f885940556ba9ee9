"""Runs the stages of a job in order and says truthfully what came of each.

A stage that broke down after finishing some of its seeds does not lose them: what it wrote is frozen all the
same, and a later stage runs as long as every stage it takes from handed over something.
"""

import os
import zlib

from novum.compute.node import devices, folder, freeze, limits, outcome, view
from novum.compute.node.watch import Pipes, Root, Watch
from novum.compute.node.zygotes import Nestling, Refused
from novum.compute.sandbox import layers

_MB = 1 << 20


class Site:
    """Where and for whom a job runs: its folder, what holds our lifeline, and whether we are alone.

    `alone` says that this process is a subreaper and has no children but the job's; `nestlings` are the first
    processes of stages that start warm, by the stage's name, and `cold` says why one of them did not.
    """

    def __init__(
        self,
        home: str,
        coordinator: int | None = None,
        alone: bool = False,
        nestlings: dict[str, Nestling] | None = None,
    ):
        self.home = home
        self.store = home  # not in a folder of its own: to make one takes a disk longer than the files in it
        self.coordinator = coordinator
        self.alone = alone
        self.nestlings = nestlings or {}
        self.cold = ""


def run_job(request: dict, site: Site) -> dict:
    """Run a job and return its result, a `records.JobResult` as plain values.

    `request` has `job`, `blobs` (SHA-256 -> file), `environment`, `layer`, `drop_user`, `warm` and
    `devices`, the device files that its program sees.

    Raises:
        watch.CoordinatorGone: the coordinator ended; nothing is left running.
    """
    results: list[dict] = []
    warm: list[str] = []
    lost = ""
    for stage in request["job"]["stages"]:
        if lost:
            results.append(_not_started(stage, "the machine failed before"))
            continue
        nestling = site.nestlings.pop(stage["name"], None)
        result, lost, started_warm = _run_stage(request, stage, site, results, nestling)
        results.append(result)
        warm += [stage["name"]] if started_warm else []
    for nestling in site.nestlings.values():
        nestling.abandon()
    return {"stages": results, "sandbox": request["layer"], "host": os.uname().nodename, "lost": lost,
            "warm": warm}  # fmt: skip


def _not_started(stage: dict, detail: str) -> dict:
    return {"name": stage["name"], "status": "not_started", "detail": detail}


def _run_stage(
    request: dict, stage: dict, site: Site, earlier: list[dict], nestling: Nestling | None
) -> tuple[dict, str, bool]:
    """One stage: (its result, why the machine is to blame or an empty string, whether it started warm)."""
    place = os.path.join(site.home, "stages", stage["name"])
    frozen = {result["name"]: result.get("outputs", {}) for result in earlier}
    watch = None
    try:
        if nestling is not None:
            watch = _watched_warm(request, stage, place, site, frozen, nestling)
        warm = watch is not None
        if watch is None:
            folder.lay_down(stage, os.path.join(place, "work"), request["blobs"], frozen, site.store)
            watch = _start(request, stage, place, site)
            watch.run()
    except folder.MissingInput as missing:
        return _not_started(stage, str(missing)), "", False
    watch.pipes.close()
    kept = freeze.freeze(watch.work, stage["outputs"], site.store, _bounds(stage["limits"]))
    if warm and nestling is not None:
        nestling.let_work_go()
    return _result(stage, watch, kept), watch.ending.lost, warm


def _bounds(limit: dict) -> freeze.Bounds:
    return freeze.Bounds(int(limit["file_mb"] * _MB), int(limit["output_mb"] * _MB), limit["output_files"])


def _watched_warm(
    request: dict, stage: dict, place: str, site: Site, frozen: dict[str, dict[str, str]], nestling: Nestling
) -> Watch | None:
    """A stage that a zygote ran, watched to its end; None if nothing of it ran and it must start cold."""
    spec = _spec(request, stage, place, layers.get(request["layer"]), None)
    try:
        root, work = nestling.meet(site.coordinator)
        folder.lay_down(stage, work, request["blobs"], frozen, site.store, nestling.uid)
        nestling.begin(spec | {"sizes": limits.memory_sizes(stage["limits"])})
    except folder.MissingInput:
        nestling.abandon()
        raise
    except (Refused, OSError) as reason:  # what does not fit into memory may still fit on the disk
        nestling.abandon()
        site.cold = str(reason)
        return None
    watch = _watch(stage, work, site, root, nestling.pipes, own_file_system=True)
    watch.run()
    if watch.declined:
        nestling.pipes.close()
        nestling.let_work_go()
        site.cold = watch.ending.lost
        return None
    return watch


def _start(request: dict, stage: dict, place: str, site: Site) -> Watch:
    """Start the first process of a stage under the chosen layer, and hand back who watches it."""
    layer, pipes = layers.get(request["layer"]), Pipes()
    uid = _user(request, layer, place)
    _prepare_place(place, uid)
    lifeline, report, out, err = pipes.theirs
    launch = layers.Launch(
        spec=_spec(request, stage, place, layer, uid),
        environment=request["environment"],
        devices=_devices(request, stage),
        folder=place,
        uid=uid,
        tmp_bytes=limits.tmp_bytes(stage["limits"]),
        lifeline=lifeline,
        report=report,
        streams=(out, err),
    )
    root = Root(layer.start(launch))
    pipes.let_go()
    work = os.path.join(place, "work")
    return _watch(stage, work, site, root, pipes, nested=layer.NAMESPACE, walled=layer.NAMESPACE)


def _watch(
    stage: dict,
    work: str,
    site: Site,
    root: Root,
    pipes: Pipes,
    *,
    nested: bool = False,
    walled: bool = True,
    own_file_system: bool = False,
) -> Watch:
    return Watch(
        root=root,
        nested=nested,
        walled=walled,
        work=work,
        own_file_system=own_file_system,
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
    if layer.MOUNTS:
        reachable = limits.others_may_read(libraries)
    else:
        needed = [*libraries, environment["python"], environment["farm"], os.path.dirname(place)]
        reachable = all(limits.others_may_enter(path) for path in needed)
    return limits.unprivileged_user(zlib.crc32(place.encode())) if reachable else None


def _prepare_place(place: str, uid: int | None) -> None:
    """What a cold start needs beside the work folder, owned by whom the stage will run as."""
    temporary = os.path.join(place, "tmp")
    os.makedirs(temporary, mode=0o700)
    if uid is not None:
        folder.give_to(os.path.join(place, "work"), uid)
        os.chown(temporary, uid, uid)
    inside = (os.geteuid(), os.getegid()) if uid is None else (uid, uid)
    view.write_etc(os.path.join(place, "etc"), *inside)


def _devices(request: dict, stage: dict) -> list[str]:
    """Those of the job for its program; what prepares and measures computes on the processor."""
    return request.get("devices", []) if stage["name"] == "program" else []


def _spec(request: dict, stage: dict, place: str, layer, uid: int | None) -> dict:
    environment = request["environment"]
    if layer.MOUNTS:
        variables = limits.clean_environment(view.WORK, "/tmp", view.LIBRARIES)
        cwd = view.WORK
    else:
        cwd = os.path.join(place, "work")
        variables = limits.clean_environment(cwd, os.path.join(place, "tmp"), environment["farm"])
        variables["PYTHONHOME"] = environment["farm"] + "/.python"  # a standard library without site-packages
    rlimits = limits.resource_limits(stage["limits"], layer.NAMESPACE)
    if _devices(request, stage):
        del variables["CUDA_VISIBLE_DEVICES"], rlimits["DATA"]  # a driver maps far more than is used
        variables |= devices.environment()
    command = [environment["python"] if stage["command"][0] == "python" else stage["command"][0]]
    return {
        "argv": [*command, *stage["command"][1:], "request.json"],
        "env": variables,
        "cwd": cwd,
        "uid": uid,
        "rlimits": rlimits,
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
