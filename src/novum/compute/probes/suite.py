"""Runs the probe programs under a layer and judges from outside what they achieved."""

import json
import secrets
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

from novum.compute.environment import base_interpreter
from novum.compute.executors.local import LocalExecutor
from novum.compute.probes.world import end_survivors, listeners, own_files, stranger
from novum.compute.sandbox.layers import WITH_ZYGOTES
from novum.errors import UserError
from novum.journal.blobs import FileBlobs
from novum.records import Job, JobResult, Limits, Stage

PROGRAMS = Path(__file__).with_name("programs")

REACHING = {
    "environment": "a key of the coordinator's in the environment of the trial or of what started it",
    "other_processes": "a key in the environment of another process, through /proc",
    "network": "TCP to the loopback device, a local socket of the host",
    "write_outside": "writing in the lab, the home folder, /tmp of the host, the system",
    "read_outside": "reading the lab, another user's or the owner's files, /etc/shadow",
    "list_outside": "listing the lab and the home folder",
    "package": "Novum's own files, where evaluators and findings are",
    "signals": "sending a signal to a process outside",
    "process_list": "seeing processes outside",
    "system_calls": "namespaces, tracing, memory that nobody is charged for",
}
MISUSE = {
    "memory": "one process that takes more memory than allowed",
    "memory_of_children": "several processes, each within the limit, together beyond it",
    "processor": "an endless loop",
    "processor_of_children": "CPU time hidden in children that nobody waits for",
    "patience": "sleeping for ever and ignoring signals",
    "processes": "a fork bomb",
    "print_much": "printing without end",
    "write_much": "many files",
    "one_large_file": "one large file",
    "detach": "a child in a session of its own that outlives the trial",
}
FORGERY = {
    "links": "links, pipes, sockets and odd names among the artefacts, one link to the held-out labels",
    "forged_result": "writing the runner's result or the evaluator's measurements",
    "heldout": "finding the held-out labels of the stage before",
}
PROBES: dict[str, str] = REACHING | MISUSE | FORGERY

_SAME_USER = {"other_processes", "write_outside", "read_outside", "list_outside", "package", "signals"}
_SAME_USER |= {"process_list", "heldout"}
KNOWN_LEAKS: dict[str, frozenset[str]] = {
    "bwrap": frozenset(),
    "namespaces": frozenset(),
    "sandlock": frozenset(),
    "process": frozenset(_SAME_USER),
    "none": frozenset(_SAME_USER | {"network", "system_calls"}),
}
"""What a layer is known not to refuse (at most; as root some of it is refused, too)."""

_LIMITS = Limits(
    cpu_seconds=5, wall_seconds=20, memory_mb=96, processes=10, output_mb=8, output_files=100, file_mb=2
)
_MISUSES: dict[str, tuple[dict[str, object], dict[str, float], str]] = {
    "memory": ({"mb": 400}, {}, "memory_limit"),
    "memory_of_children": ({"mb": 80, "children": 8}, {}, "memory_limit"),
    "processor": ({}, {"cpu_seconds": 0.4}, "cpu_limit"),
    "processor_of_children": ({}, {"cpu_seconds": 0.5, "processes": 60}, "cpu_limit"),
    "patience": ({}, {"wall_seconds": 1.0}, "wall_limit"),
    "processes": ({"most": 60}, {}, "process_limit"),
    "print_much": ({"mb": 64}, {}, "output_limit"),
    "write_much": ({"mb": 40}, {}, "output_limit"),
    "one_large_file": ({"mb": 10}, {}, "crashed"),
    "detach": ({}, {}, "ok"),
}


class ProbeResult(msgspec.Struct, frozen=True, kw_only=True):
    """`refused`: the layer held. `leaked`: it did not, and `detail` says what got through."""

    probe: str
    layer: str
    verdict: Literal["refused", "leaked", "not run"]
    detail: str = ""


async def probe_layer(layer: str, names: Iterable[str] | None = None, warm: bool = True) -> list[ProbeResult]:
    """Try everything in `names` (all probes if none are given) under a layer; in the order of `PROBES`.

    With `warm`, under a layer that has zygotes, every program is forked by one; without, none is.

    Takes about four seconds for all. Nothing is left behind: no process, no file.

    Raises:
        NoSandbox: the layer does not work on this machine.
        UserError: there is no such probe.
    """
    wanted = set(PROBES) if names is None else set(names)
    if wanted - set(PROBES):
        raise UserError(
            f"no probe {sorted(wanted - set(PROBES))[0]!r}", fix=f"choose from {', '.join(PROBES)}"
        )
    with tempfile.TemporaryDirectory(prefix="novum-probes-") as folder:
        Path(folder).chmod(0o755)
        suite = _Suite(layer, Path(folder), warm)
        try:
            return await suite.run(wanted)
        finally:
            await suite.executor.close()


class _Suite:
    """One layer's probes in one folder, which plays the lab."""

    def __init__(self, layer: str, folder: Path, warm: bool):
        self.layer = layer
        self.warm = warm and layer in WITH_ZYGOTES
        self.lab = folder / "lab"
        self.lab.mkdir()
        self.blobs = FileBlobs(self.lab / "blobs")
        self.executor = LocalExecutor(self.blobs, folder / "scratch", warm=warm)
        self.mark = f"novum-probe-{secrets.token_hex(6)}"
        self.secret = f"held-out:{secrets.token_hex(8)}"
        (self.lab / "labels.txt").write_text(self.secret)

    async def run(self, wanted: set[str]) -> list[ProbeResult]:
        results: list[ProbeResult] = []
        if wanted & set(REACHING):
            results += await self._reach()
        for name in MISUSE:
            if name in wanted:
                results.append(await self._misuse(name))
        if wanted & set(FORGERY):
            results += await self._forge()
        return [result for result in results if result.probe in wanted]

    # --- jobs ---

    async def _submit(self, *stages: Stage) -> JobResult:
        job = Job(stages=stages, sandbox=self.layer, shipped=True)
        key = secrets.token_hex(16)
        await self.executor.submit(job, key, 0)
        result = await self.executor.wait(key, 0)
        ran = {stage.name for stage in result.stages if stage.status != "not_started"}
        if self.warm and set(result.warm) != ran and not result.lost:
            return JobResult(stages=(), sandbox=result.sandbox, lost="a stage started cold")
        return result

    def _stage(
        self,
        program: str,
        config: dict[str, object],
        inputs: tuple[tuple[str, str, str], ...] = (),
    ) -> Stage:
        return Stage(
            name=program,
            command=("python", f"{program}.py", self.mark),
            files={f"{program}.py": self.blobs.put((PROGRAMS / f"{program}.py").read_bytes())},
            inputs=inputs,
            request={"config": config},
            limits=_LIMITS,
        )

    def _text(self, result: JobResult, stage: str, path: str) -> str:
        found = result.stage(stage)
        if found is None or path not in found.outputs:
            return ""
        return self.blobs.get(found.outputs[path]).decode()

    def _verdict(self, probe: str, leaks: list[str]) -> ProbeResult:
        return ProbeResult(probe=probe, layer=self.layer, verdict="leaked" if leaks else "refused",
                           detail="; ".join(leaks)[:500])  # fmt: skip

    def _not_run(self, probes: Iterable[str], why: str) -> list[ProbeResult]:
        return [ProbeResult(probe=probe, layer=self.layer, verdict="not run", detail=why) for probe in probes]

    # --- the three groups ---

    async def _reach(self) -> list[ProbeResult]:
        with stranger() as (holder, key), listeners(self.lab) as (port, local):
            result = await self._submit(self._stage("reach", self._targets(holder, key, port, local)))
        text = self._text(result, "reach", "out/found.json")
        if not text:
            return self._not_run(REACHING, result.lost or result.stages[0].stderr[-300:])
        return [self._verdict(probe, leaks) for probe, leaks in json.loads(text).items()]

    def _targets(self, holder: int, key: str, port: int, local: str) -> dict[str, object]:
        package = Path(__file__).resolve().parents[2]
        readable = self.lab / "labels.txt"
        open_folder = self.lab / "open"
        open_folder.mkdir()
        open_folder.chmod(0o777)
        home = Path.home()
        strange = [path.name for path in home.iterdir() if not base_interpreter().startswith(f"{path}/")]
        return {
            "key": key,
            "port": port,
            "socket": local,
            "holder": holder,
            "holder_mark": key[:12],
            "mark": self.mark,
            "write": [str(open_folder), str(self.lab), str(home), "/usr", "/etc", "/", "/var/tmp"],
            "read": [str(readable), "/etc/shadow", *own_files()],
            "list": {str(self.lab): ["labels.txt"]} | ({} if home == Path("/") else {str(home): strange}),
            "package": [str(package / "records.py"), str(package / "compute" / "layers.py")],
        }

    async def _insist(self, stage: Stage) -> tuple[JobResult, list[int]]:
        """The result of a stage and what outlived it; a machine that is too busy is given another chance."""
        result, survivors = await self._submit(stage), end_survivors(self.mark)
        for _ in range(2):
            if result.lost and not survivors:
                result, survivors = await self._submit(stage), end_survivors(self.mark)
        return result, survivors

    async def _misuse(self, name: str) -> ProbeResult:
        config, limits, expected = _MISUSES[name]
        stage = self._stage("misuse", {"mode": name, "mark": self.mark, **config})
        stage = msgspec.structs.replace(stage, limits=msgspec.structs.replace(_LIMITS, **limits))
        result, survivors = await self._insist(stage)
        if result.lost:
            return self._not_run([name], result.lost)[0]
        ended = result.stages[0]
        leaks = [f"process {pid} outlived the trial" for pid in survivors]
        if ended.status != expected:
            leaks.append(f"ended as {ended.status} rather than {expected}: {ended.detail}")
        if ended.peak_mb > 3 * stage.limits.memory_mb:  # a watch sees the excess only at its next look
            leaks.append(f"took {ended.peak_mb} MiB of {stage.limits.memory_mb}")
        return self._verdict(name, leaks)

    async def _forge(self) -> list[ProbeResult]:
        begins = self.secret.split(":")[0] + ":"
        config: dict[str, object] = {"target": str(self.lab / "labels.txt"), "secret_begins": begins,
                                     "forged": '{"seed": 1, "metric": "error", "value": 0.0}\n'}  # fmt: skip
        result = await self._submit(
            self._stage("prepare", {"secret": self.secret}),
            self._stage("forge", config, (("prepare", "out/1/in", "in/1"),)),
            self._stage(
                "score", {}, (("forge", "out/1", "artefacts/1"), ("prepare", "out/1/heldout", "heldout"))
            ),
        )
        score, found = (
            self._text(result, "score", "out/measurements.jsonl"),
            self._text(result, "forge", "out/heldout.json"),
        )
        if not score or not found:
            return self._not_run(
                FORGERY, result.lost or "; ".join(f"{s.name}: {s.status} {s.detail}" for s in result.stages)
            )
        return [
            self._verdict("links", _bad_artefacts(result)),
            self._verdict("forged_result", _forged(result, score)),
            self._verdict("heldout", json.loads(found)),
        ]


def _bad_artefacts(result: JobResult) -> list[str]:
    """What was frozen of the forger beside its honest files and its own measurements, which nobody reads."""
    forger = result.stage("forge")
    honest = {"out/1/honest.txt", "out/1/measurements.jsonl", "out/heldout.json"}
    assert forger is not None
    leaks = sorted(set(forger.outputs) - honest)
    return leaks if len(forger.refused) >= 4 else [*leaks, f"only {forger.refused} refused"]


def _forged(result: JobResult, score: str) -> list[str]:
    names = [stage.name for stage in result.stages]
    leaks = [] if names == ["prepare", "forge", "score"] else [f"stages {names}"]
    return leaks if json.loads(score)["value"] == 1.0 else [*leaks, f"the evaluator wrote {score}"]
