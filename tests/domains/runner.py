"""A trial without a sandbox: each stage a subprocess in a folder of its own. For tests of domains only."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

from novum.protocols import Blobs
from novum.records import Job, JobResult, Stage, StageResult


class Subprocesses:
    """An executor whose stages see their own folder and, unconfined, everything else."""

    name = "subprocesses"

    def __init__(self, root: Path, blobs: Blobs):
        self.root, self.blobs = root, blobs
        self.done: dict[tuple[str, int], JobResult] = {}

    async def submit(self, job: Job, key: str, attempt: int) -> None:
        if (key, attempt) not in self.done:
            self.done[key, attempt] = await asyncio.to_thread(self.run, job, self.root / f"{key}.{attempt}")

    async def wait(self, key: str, attempt: int) -> JobResult:
        return self.done[key, attempt]

    async def kill(self, key: str, attempt: int) -> None: ...

    def find(self, key: str, attempt: int) -> bool:
        return (key, attempt) in self.done

    async def close(self) -> None: ...

    def run(self, job: Job, root: Path) -> JobResult:
        results: dict[str, StageResult] = {}
        for stage in job.stages:
            results[stage.name] = self.stage(stage, root / stage.name, results)
            if results[stage.name].status != "ok":
                break
        return JobResult(stages=tuple(results.values()), sandbox="none")

    def stage(self, stage: Stage, folder: Path, earlier: dict[str, StageResult]) -> StageResult:
        files = dict(stage.files)
        for name, here, there in stage.inputs:
            for path, sha in earlier[name].outputs.items():
                if path == here or path.startswith(f"{here}/"):
                    files[there + path.removeprefix(here)] = sha
        for path, sha in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(self.blobs.get(sha))
        (folder / "request.json").write_text(json.dumps(stage.request))
        command = [sys.executable if word == "python" else word for word in stage.command]
        env = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1"}
        ran = subprocess.run([*command, "request.json"], cwd=folder, env=env, capture_output=True, text=True,
                             timeout=stage.limits.wall_seconds)  # fmt: skip
        frozen = [p for out in stage.outputs for p in sorted((folder / out).rglob("*")) if p.is_file()]
        outputs = {p.relative_to(folder).as_posix(): self.blobs.put(p.read_bytes()) for p in frozen}
        return StageResult(name=stage.name, status="crashed" if ran.returncode else "ok", outputs=outputs,
                           exit_code=ran.returncode, stdout=ran.stdout, stderr=ran.stderr)  # fmt: skip
