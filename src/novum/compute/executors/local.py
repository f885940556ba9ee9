"""Runs jobs on this machine: one runner process per job, which confines and watches it.

Everything dies with the coordinator: each runner's standard input is a lifeline that ends when we end,
however we end. A result that was written before is a durable file and is adopted after a restart.
"""

import asyncio
import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from novum.compute.environment import environment
from novum.compute.layers import resolve, runner_command
from novum.compute.node import folder
from novum.errors import MachineError, UserError
from novum.protocols import Blobs
from novum.records import Job, JobResult

_STDERR = "runner.stderr"
_ROOM = 1 << 20  # bytes; a trial that fails with less than this left on the disk is not believed


class LocalExecutor:
    """`protocols.Executor` on this machine.

    `scratch` takes one folder per attempt (and the links to libraries); one coordinator at a time may use
    it. `hidden` names folders that no trial may see even where they lie inside the system's.
    """

    name = "local"

    def __init__(self, blobs: Blobs, scratch: Path, *, hidden: Sequence[Path] = ()):
        self._blobs = blobs
        self._scratch = scratch.resolve()
        self._hidden = tuple(str(path) for path in (*hidden, self._scratch))
        self._running: dict[tuple[str, int], asyncio.Task[JobResult]] = {}
        self._processes: dict[tuple[str, int], asyncio.subprocess.Process] = {}

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
        process = self._processes.get((key, attempt))
        if process is not None and process.stdin is not None:
            process.stdin.close()
        if (key, attempt) in self._running:
            await asyncio.wait([self._running[key, attempt]])

    def find(self, key: str, attempt: int) -> bool:
        """Whether `wait` can answer for an attempt without submitting it again."""
        return (key, attempt) in self._running or self._result_file(key, attempt).is_file()

    async def close(self) -> None:
        """Kill what still runs."""
        await asyncio.gather(*(self.kill(key, attempt) for key, attempt in list(self._processes)))

    def sweep(self) -> None:
        """Remove what attempts cut short by a dead coordinator left; call it as the study's only writer."""
        live = {self._place(key, attempt) for key, attempt in self._running}
        for place in self._scratch.glob("*-*"):
            begun = (place / "job.json").is_file() and not (place / "result.json").is_file()
            if begun and place not in live:
                folder.remove(str(place))

    # --- one attempt ---

    def _place(self, key: str, attempt: int) -> Path:
        return self._scratch / f"{key}-{attempt}"

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
            raise MachineError(f"cannot make {place}: {error.strerror}") from error
        (place / "job.json").write_text(json.dumps(request))
        with (place / _STDERR).open("wb") as stderr:
            self._processes[key, attempt] = await asyncio.create_subprocess_exec(
                *runner_command(), str(place / "job.json"), "--lifeline", "0", stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL, stderr=stderr, env={}, cwd=place, start_new_session=True,
            )  # fmt: skip

    def _request(self, job: Job) -> dict[str, object]:
        if job.device != "cpu":
            raise UserError(
                f"device {job.device!r} is not offered by the local executor", fix="use --device cpu"
            )
        layer = resolve(job.sandbox, job.shipped)
        exposed = environment(job.requirements, self._hidden)
        blobs = {
            sha: str(self._blobs.path(sha).resolve()) for stage in job.stages for sha in stage.files.values()
        }
        return {
            "job": msgspec.to_builtins(job),
            "blobs": blobs,
            "environment": exposed.request(exposed.farm(self._scratch)),
            "layer": layer.layer,
            "drop_user": layer.drop_user,
        }

    def _follow(self, key: str, attempt: int) -> None:
        self._running[key, attempt] = asyncio.create_task(self._finish(key, attempt))

    async def _finish(self, key: str, attempt: int) -> JobResult:
        process = self._processes.get((key, attempt))
        code = await process.wait() if process is not None else 0
        self._processes.pop((key, attempt), None)
        try:
            return await asyncio.to_thread(self._collect, key, attempt, code)
        finally:
            with contextlib.suppress(FileNotFoundError):
                folder.remove(str(self._place(key, attempt)))

    def _collect(self, key: str, attempt: int, code: int) -> JobResult:
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
        for sha in sorted({sha for stage in result.stages for sha in stage.outputs.values()}):
            if not self._blobs.has(sha) and self._blobs.put((place / "frozen" / sha).read_bytes()) != sha:
                return JobResult(
                    stages=(), sandbox=result.sandbox, lost=f"frozen file {sha[:12]} was damaged"
                )
        full = disk_full(place)
        return msgspec.structs.replace(result, lost=full) if full and not result.ok else result


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
        said = (place / _STDERR).read_text(errors="replace").strip().rsplit("\n", 1)[-1][:300]
    except FileNotFoundError:
        said = ""
    return f"the runner ended with {code} and no result{': ' + said if said else ''}"
