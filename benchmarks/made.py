"""Trials that nobody ran: outcomes of the usual shape and size, to measure what surrounds trials alone."""

import json
import random
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

from novum import events as ev
from novum.events import Draft
from novum.journal import JOURNAL, FileBlobs, Journal
from novum.protocols import Blobs
from novum.records import Domain, Job, JobResult, Node, Settings, StageResult
from novum.steps import run
from novum.testing.memory import MemoryBlobs
from novum.testing.studies import made_domain

BATCH = 5000  # events of one commit where a journal is written in one go


class Instant:
    """`protocols.Executor` whose jobs have ended before they began. Every metric is uniform from 0 to 1."""

    name = "instant"

    def __init__(self, domain: Domain, blobs: Blobs):
        self._domain, self._blobs = domain, blobs
        self._results: dict[tuple[str, int], JobResult] = {}

    async def submit(self, job: Job, key: str, attempt: int) -> None:
        seeds = [int(str(seed)) for seed in job.stages[-1].request["seeds"]]  # type: ignore[attr-defined]
        self._results[key, attempt] = made_result(self._domain, self._blobs, seeds)

    async def wait(self, key: str, attempt: int) -> JobResult:
        return self._results.pop((key, attempt))

    async def kill(self, key: str, attempt: int) -> None:
        """Nothing runs."""

    def find(self, key: str, attempt: int) -> bool:
        return (key, attempt) in self._results

    async def close(self) -> None:
        """Nothing is held."""


def made_result(domain: Domain, blobs: Blobs, seeds: Sequence[int]) -> JobResult:
    """What a job of three stages leaves: inputs, held-out data, an artefact and measurements of each seed."""
    lines = [
        json.dumps(
            {"seed": seed, "metric": metric.name, "value": random.Random(f"{seed} {metric.name}").random()}
        )
        for seed in seeds
        for metric in domain.metrics
    ]
    measured, some = blobs.put("\n".join(lines).encode()), blobs.put(b"an array")
    made = {f"out/{seed}/{where}/x.npy": some for seed in seeds for where in ("in", "heldout")}
    left = {f"out/{seed}/y.npy": blobs.put(f"an array for {seed}".encode()) for seed in seeds}
    stages = (
        _stage("prepare", made),
        _stage("program", left),
        _stage("evaluator", {"out/measurements.jsonl": measured}
               | {f"out/series/{domain.primary.name}/{seed}.csv": some for seed in seeds}),
    )  # fmt: skip
    return JobResult(stages=stages, sandbox="bwrap", host="here")


def _stage(name: str, outputs: dict[str, str]) -> StageResult:
    return StageResult(name=name, status="ok", exit_code=0, cpu_seconds=0.05, wall_seconds=0.06, peak_mb=32.0,
                       outputs=outputs)  # fmt: skip


# --- a long journal ---------------------------------------------------------------------------------------


def long_study(folder: Path, events: int) -> None:
    """A study in `folder` that explored until its journal held so many events, and was cut short there."""
    clock = count()
    journal = Journal(folder / JOURNAL, lambda: 1.7e9 + next(clock) / 10)
    waiting: list[Draft] = []
    for draft in _history():
        waiting.append(draft)
        full = journal.head[0] + len(waiting) == events
        if full or len(waiting) == BATCH:
            journal.append(waiting)
            waiting = []
        if full:
            break
    journal.close()
    FileBlobs(folder / "blobs").put(b"an array")


def _history() -> Iterator[Draft]:
    """The events of a study without an end: its beginning, then trial after trial with two seeds each."""
    blobs = MemoryBlobs()
    domain = made_domain(blobs)
    settings = Settings(domain="made")
    yield Draft(body=ev.StudyCreated(study="made-long", domain=domain, settings=settings, seed=1,
                                     novum_version="0", environment={}))  # fmt: skip
    yield Draft(body=ev.CoordinatorStarted(host="here", pid=1, sandbox="bwrap"))
    yield Draft(body=ev.StepStarted(step="explore", view_seq=2))
    for index in count():
        yield from _trial(domain, blobs, index)


def _trial(domain: Domain, blobs: Blobs, index: int) -> Iterator[Draft]:
    node = Node.make("tune", "main", domain.workspace(), {"rate": 0.1 + index, "kind": "plain"})
    seeds = (2 * index, 2 * index + 1)
    limits = run.limits_for(domain.budgets["default"], len(seeds))
    asked = run.trial_request(domain, node, "explore", seeds, limits)
    yield Draft(body=ev.NodeProposed(node=node, index=index, phase="explore", seeds=seeds, trial=asked.id))
    yield Draft(
        body=ev.TrialStarted(trial=asked.id, key=asked.key, attempt=0, request=asked, executor="local")
    )
    yield from run.outcome_events(domain, asked, 0, made_result(domain, blobs, seeds), blobs)
