"""The fake: runs a job's Python programs in this very process, one after the other, with no walls at all.

For tests and for stepping through a program with a debugger. What is laid down and frozen is the same as
elsewhere, so results are equal; limits are not kept. Only shipped programs, or with sandbox "none".
"""

import contextlib
import io
import os
import runpy
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import msgspec

from novum.compute.node import folder, freeze, outcome
from novum.compute.node.output import HeadAndTail
from novum.errors import MachineError, NoSandbox
from novum.protocols import Blobs
from novum.records import Job, JobResult, Stage, StageResult

_MB = 1 << 20


class InlineExecutor:
    """`protocols.Executor` in this process: `submit` returns when the job is done."""

    name = "inline"

    def __init__(self, blobs: Blobs):
        self._blobs = blobs
        self._results: dict[tuple[str, int], JobResult] = {}

    async def submit(self, job: Job, key: str, attempt: int) -> None:
        """Run a job. Raises NoSandbox for programs that must be confined."""
        if not job.shipped and job.sandbox != "none":
            raise NoSandbox("the inline executor confines nothing and runs shipped programs only",
                            fix="use the local executor")  # fmt: skip
        if (key, attempt) not in self._results:
            self._results[key, attempt] = self._run(job)

    async def wait(self, key: str, attempt: int) -> JobResult:
        try:
            return self._results[key, attempt]
        except KeyError:
            raise MachineError(f"attempt {attempt} of job {key[:12]} was never submitted here") from None

    async def kill(self, key: str, attempt: int) -> None:
        """Nothing can be running when this is called."""

    def find(self, key: str, attempt: int) -> bool:
        return (key, attempt) in self._results

    async def close(self) -> None:
        """Nothing is held."""

    def _run(self, job: Job) -> JobResult:
        with tempfile.TemporaryDirectory(prefix="novum-inline-") as home:
            store = os.path.join(home, "frozen")  # noqa: PTH118
            Path(store).mkdir()
            results: list[StageResult] = []
            for stage in job.stages:
                results.append(self._run_stage(stage, Path(home) / stage.name, store, results))
            self._take_over(results, Path(store))
        return JobResult(stages=tuple(results), sandbox="inline", host=os.uname().nodename)

    def _run_stage(self, stage: Stage, work: Path, store: str, earlier: list[StageResult]) -> StageResult:
        plain = msgspec.to_builtins(stage)
        blobs = {sha: str(self._blobs.path(sha)) for sha in stage.files.values()}
        try:
            folder.lay_down(plain, str(work), blobs, {r.name: r.outputs for r in earlier}, store)
        except folder.MissingInput as missing:
            return StageResult(name=stage.name, status="not_started", detail=str(missing))
        if stage.command[0] != "python":
            return StageResult(
                name=stage.name, status="not_started", detail=f"{stage.command[0]}: not a Python program"
            )
        ended = _run_program(stage.command, work)
        limit = stage.limits
        bounds = freeze.Bounds(int(limit.file_mb * _MB), int(limit.output_mb * _MB), limit.output_files)
        kept = freeze.freeze(str(work), list(stage.outputs), store, bounds)
        return msgspec.structs.replace(
            ended, name=stage.name, outputs=kept.outputs, refused=tuple(kept.refused)
        )

    def _take_over(self, results: list[StageResult], store: Path) -> None:
        for sha in sorted({sha for result in results for sha in result.outputs.values()}):
            if not self._blobs.has(sha):
                self._blobs.put((store / sha).read_bytes())


def _run_program(command: tuple[str, ...], work: Path) -> StageResult:
    out, err = io.StringIO(), io.StringIO()
    begun, cpu = time.perf_counter(), time.process_time()
    with _inside(command, work), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = _exit_code(command[1], err)
    said = _ends(err.getvalue())
    status, detail = ("ok", "") if code == 0 else outcome.crash(code, None, said)
    plain = {"name": "", "status": status, "exit_code": code, "detail": detail, "stderr": said,
             "stdout": _ends(out.getvalue()), "cpu_seconds": time.process_time() - cpu,
             "wall_seconds": time.perf_counter() - begun}  # fmt: skip
    return msgspec.convert(plain, StageResult)


def _exit_code(file: str, err: io.StringIO) -> int:
    """Run a file as `__main__` and say what exit code the interpreter would have ended with."""
    try:
        runpy.run_path(file, run_name="__main__")
    except SystemExit as leaving:
        if leaving.code is None or isinstance(leaving.code, int):
            return (leaving.code or 0) & 0xFF
        print(leaving.code, file=err)
        return 1
    except Exception:  # the border: whatever a program raises is its own failure
        err.write(traceback.format_exc())
        return 1
    return 0


@contextlib.contextmanager
def _inside(command: tuple[str, ...], work: Path) -> Iterator[None]:
    """The folder as working directory, the program's arguments, and its modules only while it runs."""
    before, path, arguments, modules = Path.cwd(), list(sys.path), sys.argv, set(sys.modules)
    os.chdir(work)
    sys.path.insert(0, str(work))
    sys.argv = [*command[1:], "request.json"]
    try:
        yield
    finally:
        os.chdir(before)
        sys.path[:], sys.argv = path, arguments
        for name in set(sys.modules) - modules:
            if str(getattr(sys.modules[name], "__file__", None) or "").startswith(f"{work}/"):
                del sys.modules[name]
        sys.path_importer_cache.pop(str(work), None)


def _ends(text: str) -> str:
    kept = HeadAndTail()
    kept.feed(text.encode("utf-8", errors="replace"))
    return kept.text()
