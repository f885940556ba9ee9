"""Reproducing a study: the same trials on the same seeds and data, run again and compared.

Everything comes from the study's own journal and blobs: programs, evaluator, configuration, seeds, salt. On
the same machine with the same libraries the values should be equal to the last bit; elsewhere floating-point
libraries may differ, so the largest relative difference is reported too.
"""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct, structs

from novum.errors import UserError
from novum.journal import FileBlobs
from novum.protocols import Blobs, Executor
from novum.records import Domain, Measurement, Phase
from novum.state import State, Trial
from novum.steps.run import artefact_hashes, build_job, measurements, read_measurements
from novum.steps.seeds import data_salt
from novum.wiring import make_executor


class Reproduced(Struct, frozen=True, kw_only=True):
    """What came of running trials again. `differ` names trial, metric and seed with both values."""

    trials: int
    values: int
    equal: int
    largest: float
    differ: tuple[str, ...]
    artefacts_equal: int

    @property
    def exact(self) -> bool:
        return self.equal == self.values


def reproduce(
    state: State,
    blobs: FileBlobs,
    *,
    phase: Phase = "confirm",
    workers: int = 2,
    sandbox: str = "",
    told: Callable[[int, int], None] = lambda done, planned: None,
) -> Reproduced:
    """Run the ended trials of a phase again and compare every measurement.

    `told` is called after each trial with how many of how many are done.

    Raises:
        UserError: the study has no ended trial in that phase.
    """
    trials = [t for t in state.trials_in(phase) if t.status in ("done", "failed")]
    if not trials or state.domain is None or state.settings is None:
        raise UserError(
            f"{state.study} has no ended trial in the phase {phase}", fix="finish it with novum resume"
        )
    settings = structs.replace(state.settings, sandbox=sandbox or state.settings.sandbox)
    with tempfile.TemporaryDirectory(prefix="novum-reproduce-") as scratch:
        where = Path(scratch)
        where.chmod(0o755)
        copies = _Overlay(blobs, FileBlobs(where / "blobs"))
        placement = make_executor(settings, state.domain, where / "studies" / "again", copies)
        pairs = asyncio.run(_all(state, trials, placement.executor, copies, settings.sandbox, workers, told))
    return _compared(len(trials), pairs)


class _Overlay:
    """Reads from a study's blobs, writes to a store of its own: a reproduction changes nothing."""

    def __init__(self, below: FileBlobs, above: FileBlobs):
        self._below, self._above = below, above

    def _of(self, sha: str) -> FileBlobs:
        return self._above if self._above.has(sha) else self._below

    def put(self, data: bytes) -> str:
        return self._above.put(data)

    def get(self, sha: str) -> bytes:
        return self._of(sha).get(sha)

    def has(self, sha: str) -> bool:
        return self._of(sha).has(sha)

    def path(self, sha: str) -> Path:
        return self._of(sha).path(sha)


Pair = tuple[Measurement, Measurement]


async def _all(
    state: State,
    trials: Sequence[Trial],
    executor: Executor,
    blobs: Blobs,
    sandbox: str,
    workers: int,
    told: Callable[[int, int], None],
) -> list[Pair]:
    free, done, pairs = asyncio.Semaphore(workers), 0, []

    async def one(trial: Trial) -> None:
        nonlocal done
        async with free:
            pairs.extend(await _again(state, trial, executor, blobs, sandbox))
        done += 1
        told(done, len(trials))

    try:
        await asyncio.gather(*(one(trial) for trial in trials))
    finally:
        await executor.close()
    return sorted(pairs, key=lambda pair: pair[0].id)


async def _again(state: State, trial: Trial, executor: Executor, blobs: Blobs, sandbox: str) -> list[Pair]:
    """One trial's measurements: as recorded, and as they come out now."""
    assert trial.request is not None
    domain: Domain = state.domain  # type: ignore[assignment]
    request, node = trial.request, state.nodes[trial.node]
    salt = data_salt(state.seed, trial.phase, state.nonce)
    job = build_job(domain, node, request, sandbox, salt=salt)
    await executor.submit(job, request.key, 0)
    result = await executor.wait(request.key, 0)
    readings, _ = read_measurements(domain, request, result, blobs)
    fresh = measurements(domain, request, readings, artefact_hashes(request.seeds, result))
    return [(state.measurements[m.id], m) for m in fresh if m.id in state.measurements]


def _compared(trials: int, pairs: Sequence[Pair]) -> Reproduced:
    same = [(a.value, a.status) == (b.value, b.status) for a, b in pairs]
    return Reproduced(
        trials=trials,
        values=len(pairs),
        equal=sum(same),
        largest=max((_gap(a.value, b.value) for a, b in pairs), default=0.0),
        differ=tuple(_difference(a, b) for (a, b), equal in zip(pairs, same, strict=True) if not equal),
        artefacts_equal=sum(a.artefact_hash == b.artefact_hash for a, b in pairs),
    )


def _gap(a: float | None, b: float | None) -> float:
    """The relative difference of two values; 1 where only one of them is there."""
    if a is None or b is None:
        return 0.0 if a is b else 1.0
    return abs(a - b) / max(abs(a), abs(b)) if a != b else 0.0


def _difference(a: Measurement, b: Measurement) -> str:
    return (
        f"trial {a.trial}, {a.metric}, seed {a.seed}: {a.value} ({a.status}) was {b.value} ({b.status}) now"
    )
