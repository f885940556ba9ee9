"""Runs jobs on this machine: one runner process per job, which confines and watches it.

Runners are forked by one that stays, and their stages by zygotes, where the layer allows it; else they
start cold. Everything dies with the coordinator: each runner holds a lifeline that ends when we end, however
we end. A result that was written before is a durable file and is adopted after a restart.
"""

import asyncio
import contextlib
import functools
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import msgspec

from novum.compute.environment import MEND, environment, gpu_libraries
from novum.compute.executors.runners import SERVER, STDERR, OwnRunner, Runner, RunnerServer
from novum.compute.layers import resolve
from novum.compute.node import devices, folder
from novum.errors import MachineError, UserError
from novum.protocols import Blobs
from novum.records import Job, JobResult

_SALT, _SALT_BYTES = "salt", 32
_ROOM = 1 << 20  # bytes; a trial that fails with less than this left on the disk is not believed


class LocalExecutor:
    """`protocols.Executor` on this machine.

    `scratch` takes one folder per attempt (and the links to libraries); one coordinator at a time may use
    it. `hidden` names folders that no trial may see even where they lie inside the system's. Without `warm`
    every job and every stage starts from nothing, with equal results.
    """

    name = "local"

    def __init__(self, blobs: Blobs, scratch: Path, *, hidden: Sequence[Path] = (), warm: bool = True):
        self._blobs = blobs
        self._scratch = scratch.resolve()
        self._hidden = tuple(str(path) for path in (*hidden, self._scratch))
        self._running: dict[tuple[str, int], asyncio.Task[JobResult]] = {}
        self._runners: dict[tuple[str, int], Runner] = {}
        self._removals: set[asyncio.Task[None]] = set()
        self._warm = warm
        self._server: RunnerServer | None = None
        self._environments: dict[tuple[str, ...], dict[str, object]] = {}

    async def submit(self, job: Job, key: str, attempt: int) -> None:
        """Start a job unless this attempt is running or done already.

        Raises:
            NoSandbox: nothing here confines it well enough.
            UserError: a library it needs is missing, or the device is not offered here.
            MachineError: the attempt was begun by an earlier coordinator and never ended, or the disk failed.
        """
        if (key, attempt) in self._running:
            return
        if not self._result_file(key, attempt).is_file():
            await self._start(job, key, attempt)
        self._follow(key, attempt)

    async def wait(self, key: str, attempt: int) -> JobResult:
        """The result; also of an attempt that finished under an earlier coordinator (see `find`).

        Raises:
            MachineError: no such attempt was submitted.
        """
        if (key, attempt) not in self._running:
            if not self._result_file(key, attempt).is_file():
                raise MachineError(f"attempt {attempt} of job {key[:12]} was never submitted here")
            self._follow(key, attempt)
        return await asyncio.shield(self._running[key, attempt])

    async def kill(self, key: str, attempt: int) -> None:
        """End an attempt and all its processes; its `wait` then returns a lost result."""
        runner = self._runners.get((key, attempt))
        if runner is not None:
            runner.kill()
        if (key, attempt) in self._running:
            await asyncio.wait([self._running[key, attempt]])

    def find(self, key: str, attempt: int) -> bool:
        """Whether `wait` can answer for an attempt without submitting it again."""
        return (key, attempt) in self._running or self._result_file(key, attempt).is_file()

    async def close(self) -> None:
        """Kill what still runs, and wait until nothing of ours is left."""
        await asyncio.gather(*(self.kill(key, attempt) for key, attempt in list(self._runners)))
        await asyncio.gather(*self._removals)
        if self._server is not None:
            await asyncio.to_thread(self._server.close)
            self._server = None

    def sweep(self) -> None:
        """Remove what attempts cut short by a dead coordinator left; call it as the study's only writer."""
        live = {self._place(key, attempt) for key, attempt in self._running}
        for place in self._scratch.glob("*-*"):
            begun = (place / "job.json").is_file() and not (place / "result.json").is_file()
            if begun and place not in live:
                folder.remove(str(place))
        if self._server is None and (self._scratch / SERVER).is_dir():
            folder.remove(str(self._scratch / SERVER))

    # --- one attempt ---

    def _place(self, key: str, attempt: int) -> Path:
        """The folder of an attempt, by a name that tells nothing of the key to who does not know the salt.

        A trial may read where its folder lies on this machine (`/proc/self/mountinfo`), and a key is a hash
        of things that a program can guess, the phase among them.
        """
        name = hmac.new(self._salt, key.encode(), "sha256").hexdigest()[:32]
        return self._scratch / f"{name}-{attempt}"

    @functools.cached_property
    def _salt(self) -> bytes:
        """Drawn once for the scratch folder, so that a later coordinator finds what was left here."""
        kept = self._scratch / _SALT
        try:
            found = kept.read_bytes() if kept.is_file() else b""
            if len(found) != _SALT_BYTES:
                found = secrets.token_bytes(_SALT_BYTES)
                self._scratch.mkdir(parents=True, exist_ok=True)
                kept.touch(mode=0o600)
                kept.write_bytes(found)
            return found
        except OSError as error:
            raise MachineError(f"cannot write to {self._scratch}: {error.strerror}", fix=MEND) from error

    def _result_file(self, key: str, attempt: int) -> Path:
        return self._place(key, attempt) / "result.json"

    async def _start(self, job: Job, key: str, attempt: int) -> None:
        request = self._request(job)
        place = self._place(key, attempt)
        try:
            place.mkdir(parents=True)
        except FileExistsError:
            raise MachineError(f"attempt {attempt} of job {key[:12]} was begun before and never ended",
                               fix="submit the next attempt") from None  # fmt: skip
        except OSError as error:
            raise MachineError(f"cannot make {place}: {error.strerror}", fix=MEND) from error
        try:
            (place / "job.json").write_text(json.dumps(request))
            self._runners[key, attempt] = await self._runner(place / "job.json")
        except OSError as error:
            await asyncio.to_thread(_remove_if_there, place)
            raise MachineError(f"cannot start a trial in {place}: {error.strerror}", fix=MEND) from error

    async def _runner(self, job_file: Path) -> Runner:
        """From the server, which is started at the first job and again if it died."""
        for _ in range(2 if self._warm else 0):
            with contextlib.suppress(OSError):
                self._server = self._server or RunnerServer(self._scratch)
                return self._server.start(job_file)
            if self._server is not None:
                await asyncio.to_thread(self._server.close)
                self._server = None
        return await OwnRunner.start(job_file)

    def _request(self, job: Job) -> dict[str, object]:
        layer = resolve(job.sandbox, job.shipped)
        shown = devices_of(job.device, layer.layer)
        blobs = {
            sha: str(self._blobs.path(sha).absolute()) for stage in job.stages for sha in stage.files.values()
        }
        return {
            "job": msgspec.to_builtins(job),
            "blobs": blobs,
            "environment": self._environment(job.requirements, job.device),
            "devices": shown,
            "layer": layer.layer,
            "drop_user": layer.drop_user,
            "warm": self._warm and not layer.warm_problem and not shown,
        }

    def _environment(self, requirements: tuple[str, ...], device: str) -> dict[str, object]:
        """What the runner is told of the libraries, made out once for each set of them."""
        requirements += gpu_libraries(requirements) if device == "gpu" else ()
        if requirements not in self._environments:
            exposed = environment(requirements, self._hidden)
            self._environments[requirements] = exposed.request(exposed.farm(self._scratch))
        return self._environments[requirements]

    def _follow(self, key: str, attempt: int) -> None:
        self._running[key, attempt] = asyncio.create_task(self._finish(key, attempt))

    async def _finish(self, key: str, attempt: int) -> JobResult:
        runner = self._runners.get((key, attempt))
        code = await runner.wait() if runner is not None else 0
        self._runners.pop((key, attempt), None)
        try:
            return await self._collect(key, attempt, code)
        finally:
            self._remove(self._place(key, attempt))

    async def _collect(self, key: str, attempt: int, code: int) -> JobResult:
        """Read the result and take over what was frozen; a result without its bytes is a lost one."""
        place = self._place(key, attempt)
        try:
            text = (place / "result.json").read_bytes()
        except FileNotFoundError:
            return JobResult(stages=(), sandbox="", lost=_why_no_result(place, code))
        try:
            result = msgspec.json.decode(text, type=JobResult)
        except (msgspec.DecodeError, RecursionError):
            return JobResult(stages=(), sandbox="", lost="its result.json is torn")
        found = {sha for stage in result.stages for sha in stage.outputs.values()}
        # at once, since what takes long is to wait for the disk
        taken = [asyncio.to_thread(self._take_over, place / sha) for sha in sorted(found)]
        for sha, whole in zip(sorted(found), await asyncio.gather(*taken), strict=True):
            if not whole:
                return JobResult(
                    stages=(), sandbox=result.sandbox, lost=f"frozen file {sha[:12]} was damaged"
                )
        full = disk_full(place)
        return msgspec.structs.replace(result, lost=full) if full and not result.ok else result

    def _take_over(self, frozen: Path) -> bool:
        """Store a frozen file; whether its bytes are those that it is named by."""
        return self._blobs.has(frozen.name) or self._blobs.take(frozen) == frozen.name

    def _remove(self, place: Path) -> None:
        """Remove an attempt's folder while nobody waits for it: a disk may take milliseconds for each."""
        removal = asyncio.create_task(asyncio.to_thread(_remove_if_there, place))
        self._removals.add(removal)
        removal.add_done_callback(self._removals.discard)


def devices_of(device: str, layer: str) -> list[str]:
    """The device files that a job's program is to see under a layer.

    Raises:
        UserError: no such device is present, or the layer cannot show it.
    """
    if device == "cpu":
        return []
    if device != "gpu":
        raise UserError(f"device {device!r} is not offered by the local executor", fix="use --device cpu")
    if not (found := devices.gpu()):
        raise UserError("no GPU is present here: there is no /dev/nvidia0", fix="use --device cpu")
    if layer == "sandlock":
        raise UserError("the sandbox sandlock shows programs no GPU", fix="use --sandbox bwrap")
    return found


def _remove_if_there(place: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        folder.remove(str(place))


def disk_full(place: Path) -> str:
    """That there is no room where trials work, so that no failure of theirs is their own; "" if there is."""
    try:
        found = os.statvfs(place)
    except OSError:
        return ""
    if found.f_bavail * found.f_frsize < _ROOM:
        return f"the disk under {place.parent} is full"
    return f"no more files fit under {place.parent}" if found.f_files and not found.f_favail else ""


def _why_no_result(place: Path, code: int) -> str:
    if code == 3:
        return "killed"
    if full := disk_full(place):
        return full
    try:
        said = (place / STDERR).read_text(errors="replace").strip().rsplit("\n", 1)[-1][:300]
    except FileNotFoundError:
        said = ""
    return f"the runner ended with {code} and no result{': ' + said if said else ''}"
