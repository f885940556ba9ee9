"""An executor that runs nothing: what a trial gives is a function of its configuration and seed."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable

from novum.protocols import Blobs
from novum.records import Job, JobResult, StageResult

Answer = Callable[[dict[str, object], int], float | None]


class ScriptedExecutor:
    """Answers each job from `answer(config, seed)`; `lose` names how often each key is lost first."""

    name = "scripted"

    def __init__(self, blobs: Blobs, answer: Answer, *, lose: int = 0, delay: float = 0.0, metric: str = "y"):
        self.blobs = blobs
        self.answer = answer
        self.lose = lose
        self.delay = delay
        self.metric = metric
        self.submitted: list[tuple[str, int]] = []
        self.jobs: dict[str, Job] = {}
        self.closed = False
        self.running = 0
        self.most_running = 0
        self.lost: Counter[str] = Counter()

    async def submit(self, job: Job, key: str, attempt: int) -> None:
        self.submitted.append((key, attempt))
        self.jobs[key] = job

    async def wait(self, key: str, attempt: int) -> JobResult:
        self.running += 1
        self.most_running = max(self.running, self.most_running)
        try:
            await asyncio.sleep(self.delay)
        finally:
            self.running -= 1
        if self.lost[key] < self.lose:
            self.lost[key] += 1
            return JobResult(stages=(), sandbox="none", lost="the node went away")
        return self._result(self.jobs[key])

    async def kill(self, key: str, attempt: int) -> None:
        return None

    def find(self, key: str, attempt: int) -> bool:
        return False

    async def close(self) -> None:
        self.closed = True

    def _result(self, job: Job) -> JobResult:
        request = next(s for s in job.stages if s.name == "program").request
        config, seeds = request["config"], request["seeds"]
        values = {seed: self.answer(config, seed) for seed in seeds}  # type: ignore[arg-type, union-attr]
        good = {seed: value for seed, value in values.items() if value is not None}
        lines = "\n".join(json.dumps({"seed": s, "metric": self.metric, "value": v}) for s, v in good.items())
        artefacts = {f"out/{s}/y": self.blobs.put(f"{s} {v}".encode()) for s, v in good.items()}
        measured = {"out/measurements.jsonl": self.blobs.put(lines.encode())}
        status = "ok" if good else "crashed"
        return JobResult(
            stages=(
                StageResult(
                    name="program",
                    status=status,
                    exit_code=int(not good),
                    cpu_seconds=0.25,
                    outputs=artefacts,
                    stderr="boom",
                ),
                StageResult(name="evaluator", status="ok", outputs=measured),
            ),
            sandbox="none",
        )
