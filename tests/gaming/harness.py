"""Runs a variant of the program through the real stages of a trial and reads the outcome as the loop does."""

import asyncio
from pathlib import Path

from msgspec import Struct

from novum import events as ev
from novum.domains.contract import load_domain
from novum.events import Draft, EventBody
from novum.journal import FileBlobs
from novum.protocols import Blobs, Executor
from novum.records import Check, Config, Domain, Job, JobResult, Limits, Measurement, Node, Phase, Settings
from novum.steps import run
from novum.steps.audit import CHECKS, build_case
from novum.testing.memory import MemoryLog

HERE = Path(__file__).parent
LIMITS = Limits(
    cpu_seconds=10.0, wall_seconds=20.0, memory_mb=512.0, output_files=200, output_mb=4.0, file_mb=2.0
)
CHANCE = 0.8  # a guess stays far below; the honest program is far above


def program(name: str) -> str:
    """The text of a hack."""
    return (HERE / "hacks" / f"{name}.py").read_text()


HONEST = (HERE / "labels" / "solve.py").read_text()


class Ran(Struct, frozen=True):
    """A trial that was run: what was asked, what came back, what the journal would hold of it."""

    domain: Domain
    node: Node
    request: object
    result: JobResult
    bodies: tuple[EventBody, ...]

    @property
    def measurements(self) -> tuple[Measurement, ...]:
        return next(b for b in self.bodies if isinstance(b, ev.MeasurementsRecorded)).measurements

    def of(self, metric: str, seed: int) -> Measurement:
        return next(m for m in self.measurements if (m.metric, m.seed) == (metric, seed))

    def accuracy(self) -> list[float | None]:
        return [m.value for m in self.measurements if m.metric == "accuracy"]

    def stage(self, name: str):
        return self.result.stage(name)


class Game:
    """The domain with its files, and an executor to play it on."""

    def __init__(self, scratch: Path, executor: Executor, blobs: Blobs, sandbox: str):
        self.blobs, self.executor, self.sandbox = blobs, executor, sandbox
        self.scratch = scratch
        self.domain = load_domain(HERE / "labels", blobs)
        self._once: Ran | None = None

    def workspace(self, changes: dict[str, str | None]) -> dict[str, str]:
        """The program's files with some replaced, added or (None) removed."""
        files = dict(self.domain.workspace())
        for path, text in changes.items():
            if text is None:
                files.pop(path, None)
            else:
                files[path] = self.blobs.put(text.encode())
        return files

    def node(self, changes: dict[str, str | None], config: Config | None = None) -> Node:
        return Node.make("draft", "main", self.workspace(changes), config or {"neighbours": 5.0})

    def play(
        self,
        solve: str | None = None,
        *,
        seeds: tuple[int, ...] = (1, 2),
        config: Config | None = None,
        phase: Phase = "explore",
        limits: Limits = LIMITS,
        salt: str = "the salt of this game",
        **files: str,
    ) -> Ran:
        """Run one trial; `solve` replaces the program, `files` are further modules of its workspace."""
        changes: dict[str, str | None] = {f"{name}.py": text for name, text in files.items()}
        if solve is not None:
            changes["solve.py"] = solve
        node = self.node(changes, config)
        request = run.trial_request(self.domain, node, phase, seeds, limits)
        job = run.build_job(self.domain, node, request, self.sandbox, salt=salt)
        result = asyncio.run(self._run(job, request.key))
        assert not result.lost, result.lost
        drafts = run.outcome_events(self.domain, request, 0, result, self.blobs)
        return Ran(self.domain, node, request, result, tuple(d.body for d in drafts))

    def unconfined(self) -> "Game":
        """The same game with no walls around a program."""
        return Game(self.scratch, self.executor, self.blobs, "none")

    def play_once(self) -> Ran:
        """An honest trial of seed 1, run at the first call."""
        if self._once is None:
            self._once = self.play(seeds=(1,))
        return self._once

    def run_only(self, solve: str, limits: Limits) -> JobResult:
        """What came of a job, for one that may be lost to the machine's clock."""
        node = self.node({"solve.py": solve})
        request = run.trial_request(self.domain, node, "explore", (1,), limits)
        job = run.build_job(self.domain, node, request, self.sandbox)
        return asyncio.run(self._run(job, request.key))

    def domain_file(self, path: str) -> str:
        return self.blobs.get(self.domain.files[path]).decode()

    async def _run(self, job: Job, key: str) -> JobResult:
        await self.executor.submit(job, key, 0)
        return await self.executor.wait(key, 0)

    def audit(self, check: str, *trials: Ran) -> Check:
        """One check of the audit on a journal that holds these trials."""
        log = MemoryLog()
        settings = Settings(domain="labels", sandbox=self.sandbox)
        bodies: list[EventBody] = [
            ev.StudyCreated(
                study="labels-1",
                domain=self.domain,
                settings=settings,
                seed=1,
                novum_version="0",
                environment={},
            )
        ]
        for index, trial in enumerate(trials):
            asked = trial.request
            bodies += [
                ev.NodeProposed(
                    node=trial.node, index=index, phase=asked.phase, seeds=asked.seeds, trial=asked.id
                ),
                ev.TrialStarted(trial=asked.id, key=asked.key, attempt=0, request=asked, executor="local"),
                *trial.bodies,
            ]
        log.append([Draft(body=b) for b in bodies])
        case = build_case(log.events, self.blobs, rows=log.stored)
        return next(c for c in CHECKS if c.id == check)(case)


def blobs_in(folder: Path) -> FileBlobs:
    return FileBlobs(folder / "blobs")
