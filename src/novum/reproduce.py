"""Reproducing a study: the same trials on the same seeds and data, run again and compared.

Everything comes from the study's own journal and blobs: programs, evaluator, configuration, seeds, salt. On
the same machine (the same platform, interpreter and libraries as the study recorded) every value has to be
equal to the last bit. Elsewhere numerical libraries may sum in another order, so values may differ by a
relative `ELSEWHERE`; whoever knows better says so. What is censored, undefined or failed has to be so again.
"""

import asyncio
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, structs

from novum.compute.environment import versions_here
from novum.errors import MachineError, UserError
from novum.journal import FileBlobs
from novum.protocols import Blobs, Executor
from novum.records import Domain, JobResult, Measurement, Phase, Settings, TrialRequest
from novum.state import State, Trial
from novum.steps.run import artefact_hashes, build_job, measurements, read_measurements
from novum.steps.seeds import data_salt
from novum.wiring import make_executor

ELSEWHERE = 1e-6
"""Relative difference allowed by default on another machine: far above what a reordered sum of doubles makes
of a well-conditioned result, far below what a reader would see."""

ATTEMPTS = 3  # of one trial that the machine may lose


class Reproduced(Struct, frozen=True, kw_only=True):
    """What came of running trials again.

    `equal` values are so to the last bit, `within` differ by at most `tolerance` (relative; 0 asks for bit
    equality). `largest` is the largest relative difference, 1 where only one run has a value. `differ` names
    trial, metric and seed of each value beyond the tolerance. `changed` holds what is another version here
    than the study recorded, as (then, now).
    """

    trials: int
    values: int
    equal: int
    within: int
    tolerance: float
    largest: float
    differ: tuple[str, ...]
    artefacts_equal: int
    changed: dict[str, tuple[str, str]] = {}

    @property
    def exact(self) -> bool:
        return self.equal == self.values

    @property
    def passed(self) -> bool:
        return self.within == self.values


def reproduce(
    state: State,
    blobs: FileBlobs,
    *,
    phase: Phase = "confirm",
    workers: int = 2,
    sandbox: str = "",
    tolerance: float | None = None,
    told: Callable[[int, int], None] = lambda done, planned: None,
) -> Reproduced:
    """Run the ended trials of a phase again and compare every measurement.

    `told` is called after each trial with how many of how many are done. Without a `tolerance` it is 0 where
    nothing that the study recorded of its machine has changed, else `ELSEWHERE`.

    Raises:
        UserError: the study has no ended trial in that phase, or the tolerance is negative.
        MachineError: the machine lost a trial again and again.
    """
    trials = [t for t in state.trials_in(phase) if t.status in ("done", "failed")]
    if not trials or state.domain is None or state.settings is None:
        raise UserError(
            f"{state.study} has no ended trial in the phase {phase}", fix="finish it with novum resume"
        )
    if tolerance is not None and not tolerance >= 0:
        raise UserError(f"the tolerance {tolerance:g} is negative", fix="give 0 for equality to the last bit")
    settings = structs.replace(state.settings, sandbox=sandbox or state.settings.sandbox)
    with tempfile.TemporaryDirectory(prefix="novum-reproduce-") as scratch:
        where = Path(scratch)
        where.chmod(0o755)
        copies = _Overlay(blobs, FileBlobs(where / "blobs"))
        placement = make_executor(settings, state.domain, where / "studies" / "again", copies)
        pairs = asyncio.run(_all(state, trials, placement.executor, copies, settings, workers, told))
    changed = changes(state.environment, versions_here(state.domain.requirements))
    allowed = (ELSEWHERE if changed else 0.0) if tolerance is None else tolerance
    return _compared(len(trials), pairs, allowed, changed)


def changes(then: Mapping[str, str], now: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """What is another version now: name -> (then, now), empty where there is none."""
    names = sorted({*then, *now})
    return {n: (then.get(n, ""), now.get(n, "")) for n in names if then.get(n) != now.get(n)}


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


Pair = tuple[Measurement | None, Measurement]
"""A measurement as recorded (None where the journal has none of it) and as it came out now."""


async def _all(
    state: State,
    trials: Sequence[Trial],
    executor: Executor,
    blobs: Blobs,
    settings: Settings,
    workers: int,
    told: Callable[[int, int], None],
) -> list[Pair]:
    free, done, pairs = asyncio.Semaphore(workers), 0, []

    async def one(trial: Trial) -> None:
        nonlocal done
        async with free:
            pairs.extend(await _again(state, trial, executor, blobs, settings))
        done += 1
        told(done, len(trials))

    try:
        await asyncio.gather(*(one(trial) for trial in trials))
    finally:
        await executor.close()
    return sorted(pairs, key=lambda pair: pair[1].id)


async def _again(
    state: State, trial: Trial, executor: Executor, blobs: Blobs, settings: Settings
) -> list[Pair]:
    """One trial's measurements: as recorded, and as they come out now."""
    assert trial.request is not None
    domain: Domain = state.domain  # type: ignore[assignment]
    request, node = trial.request, state.nodes[trial.node]
    salt = data_salt(state.seed, trial.phase, state.nonce)
    job = build_job(domain, node, request, settings.sandbox, salt=salt, device=settings.device)
    for attempt in range(ATTEMPTS):
        await executor.submit(job, request.key, attempt)
        result = await executor.wait(request.key, attempt)
        if not result.lost:
            return _pairs(state, domain, request, result, blobs)
    raise MachineError(f"trial {trial.id} was lost {ATTEMPTS} times: {result.lost}", fix="see novum doctor")


def _pairs(
    state: State, domain: Domain, request: TrialRequest, result: JobResult, blobs: Blobs
) -> list[Pair]:
    readings, _ = read_measurements(domain, request, result, blobs)
    fresh = measurements(domain, request, readings, artefact_hashes(request.seeds, result))
    return [(state.measurements.get(m.id), m) for m in fresh]


def _compared(
    trials: int, pairs: Sequence[Pair], tolerance: float, changed: dict[str, tuple[str, str]]
) -> Reproduced:
    near = [_alike(old, new, tolerance) for old, new in pairs]
    return Reproduced(
        trials=trials,
        values=len(pairs),
        equal=sum(_alike(old, new, 0.0) for old, new in pairs),
        within=sum(near),
        tolerance=tolerance,
        largest=max((_gap(old and old.value, new.value) for old, new in pairs), default=0.0),
        differ=tuple(_difference(old, new) for (old, new), ok in zip(pairs, near, strict=True) if not ok),
        artefacts_equal=sum(old is not None and old.artefact_hash == new.artefact_hash for old, new in pairs),
        changed=changed,
    )


def _alike(old: Measurement | None, new: Measurement, tolerance: float) -> bool:
    return old is not None and old.status == new.status and _gap(old.value, new.value) <= tolerance


def _gap(a: float | None, b: float | None) -> float:
    """The relative difference of two values; 1 where only one of them is there."""
    if a is None or b is None:
        return 0.0 if a is b else 1.0
    return abs(a - b) / max(abs(a), abs(b)) if a != b else 0.0


def _difference(old: Measurement | None, new: Measurement) -> str:
    then = "not recorded" if old is None else f"{old.value} ({old.status})"
    return f"trial {new.trial}, {new.metric}, seed {new.seed}: {then} then, {new.value} ({new.status}) now"
