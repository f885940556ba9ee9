"""Tries a domain out: runs its jobs at the smoke budget and reads what its evaluator wrote."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from novum import tokens
from novum.canonical import digest
from novum.domains.stages import trial_job
from novum.protocols import Blobs, Executor
from novum.records import Config, Domain, Job, JobResult, Limits

SAID_TOKENS = 500  # of what one failing command said
MOST_SAID = 8
Rows = dict[tuple[int, str], tuple]
"""(seed, metric) -> (status, value, censored_at)."""


@dataclass(frozen=True)
class Tryout:
    """A domain with what it takes to run it."""

    domain: Domain
    blobs: Blobs
    executor: Executor
    sandbox: str
    results: list[tuple[str, JobResult]] = field(default_factory=list)
    """Every job that ran, by its purpose, in the order in which they ended."""

    @property
    def lost(self) -> str:
        """Why the machine lost a job, if it did."""
        return next((result.lost for _, result in self.results if result.lost), "")

    @property
    def log(self) -> str:
        """What failing commands said, head and tail, and the evaluator where it said anything; in an order
        that does not depend on which job ended first."""
        told = sorted({line for purpose, result in self.results for line in _said(purpose, result)})
        return "\n\n".join(text for _, text in told[:MOST_SAID])

    def limits(self, seeds: int) -> Limits:
        budget = self.domain.budgets["smoke"]
        cpu = budget.seconds * seeds
        return Limits(cpu_seconds=cpu, wall_seconds=max(30.0, 8 * cpu), memory_mb=budget.memory_mb)

    async def run(self, job: Job, purpose: str) -> JobResult:
        key = digest(["domain check", purpose, job])
        await self.executor.submit(msgspec.structs.replace(job, sandbox=self.sandbox), key, 0)
        result = await self.executor.wait(key, 0)
        self.results.append((purpose, result))
        return result

    async def trial(self, config: Config, seeds: Sequence[int], purpose: str) -> JobResult:
        program = str(config.get("program", next(iter(self.domain.programs))))
        return await self.run(
            trial_job(self.domain, program, config, seeds, self.limits(len(seeds))), purpose
        )

    def rows(self, result: JobResult) -> Rows:
        """What the evaluator wrote."""
        return read_rows(result, self.blobs)


def read_rows(result: JobResult, blobs: Blobs) -> Rows:
    """What the evaluator wrote, line by line; nothing where it wrote nothing."""
    stage = result.stage("evaluator")
    sha = stage.outputs.get("out/measurements.jsonl") if stage else None
    lines = blobs.get(sha).decode("utf-8", "replace").splitlines() if sha else ()
    rows: Rows = {}
    for seed, metric, row in map(_parse, lines):
        rows[seed, metric] = row if (seed, metric) not in rows else ("repeated", None, None)
    return rows


def _said(purpose: str, result: JobResult) -> Iterator[tuple[bool, str]]:
    """(it ran well all the same, what a stage said), so that failures sort first."""
    for stage in result.stages:
        talk = "\n".join(text.strip() for text in (stage.stdout, stage.stderr) if text.strip())
        well = stage.status == "ok"
        if not well or (stage.name == "evaluator" and talk):
            ended = f"[{stage.name}, {purpose}: {stage.status.replace('_', ' ')}] {stage.detail}".strip()
            yield well, f"{ended}\n{tokens.clip(talk, SAID_TOKENS)}".strip()


def _parse(line: str) -> tuple[int, str, tuple]:
    """Seed, metric and measurement of a line; what cannot be read is of seed -1 and `invalid`."""
    try:
        row = json.loads(line)
        return int(row["seed"]), str(row["metric"]), _reading(row)
    except (ValueError, KeyError, TypeError):
        return -1, line[:40], ("invalid", None, None)


def _reading(row: dict) -> tuple:
    return row.get("status") or "observed", row.get("value"), row.get("censored_at")
