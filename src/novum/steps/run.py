"""The verb *run*: from a node to a job, and from the job's outcome to measurements.

Both directions are pure. The stages of a job are laid out in `novum.domains.stages`. The evaluator alone
writes measurements: what a program writes that looks like one is an artefact and nothing more.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from novum.canonical import digest, short_id
from novum.domains.stages import trial_job
from novum.events import (
    Draft,
    MeasurementsRecorded,
    SeriesRecorded,
    TrialFailed,
    TrialFinished,
)
from novum.protocols import Blobs
from novum.records import (
    Budget,
    Cost,
    Domain,
    Job,
    JobResult,
    Limits,
    Measurement,
    MeasurementStatus,
    Metric,
    Node,
    Phase,
    TrialRequest,
)

MAX_LINES_PER_SEED = 200  # an evaluator that writes more measurements than this is refused
MAX_BYTES = 4 << 20


# --- from a node to a job -----------------------------------------------------------------------------


def limits_for(budget: Budget, seeds: int) -> Limits:
    """Limits of a stage that handles `seeds` seeds. CPU time decides; wall time is a generous backstop."""
    cpu = budget.seconds * seeds
    return Limits(cpu_seconds=cpu, wall_seconds=max(30.0, 8 * cpu), memory_mb=budget.memory_mb)


def trial_request(
    domain: Domain, node: Node, phase: Phase, seeds: tuple[int, ...], limits: Limits
) -> TrialRequest:
    """What names a trial: everything that could change its outcome, and nothing else."""
    return TrialRequest(
        node=node.id,
        program=node.program,
        workspace_hash=node.workspace_hash,
        config=node.config,
        seeds=seeds,
        phase=phase,
        prepare_hash=domain.prepare_hash,
        evaluator_hash=domain.evaluator_hash,
        limits=limits,
    )


def build_job(
    domain: Domain, node: Node, request: TrialRequest, sandbox: str, *, salt: str = "", device: str = "cpu"
) -> Job:
    """The job of a trial; see `novum.domains.stages`."""
    return trial_job(
        domain,
        node.program,
        request.config,
        request.seeds,
        request.limits,
        workspace=node.workspace,
        salt=salt,
        sandbox=sandbox,
        device=device,
    )


# --- from an outcome to events ------------------------------------------------------------------------


class Reading(Struct, frozen=True):
    """One line of `measurements.jsonl`, checked."""

    metric: str
    seed: int
    value: float | None
    status: MeasurementStatus
    censored_at: float | None


def outcome_events(
    domain: Domain, request: TrialRequest, attempt: int, result: JobResult, blobs: Blobs
) -> list[Draft]:
    """The events of a trial's end, to be committed together.

    A trial with at least one valid seed is finished, and its other seeds have failed; one without any
    is failed. Either way every declared metric of every seed has a measurement, so that nothing can
    drop out of a table unseen.
    """
    readings, notes = read_measurements(domain, request, result, blobs)
    artefacts = artefact_hashes(request.seeds, result)
    measured = measurements(domain, request, readings, artefacts)
    good = {m.seed for m in measured if m.metric == domain.primary.name and m.status != "failed"}
    cost = Cost(
        cpu_seconds=round(sum(s.cpu_seconds for s in result.stages), 4),
        wall_seconds=round(sum(s.wall_seconds for s in result.stages), 4),
    )
    trial = request.id
    if good:
        end = TrialFinished(trial=trial, attempt=attempt, result=result, seeds_ok=len(good))
    else:
        end = TrialFailed(trial=trial, attempt=attempt, result=result, reason=failure_reason(result, notes))
    drafts = [
        Draft(body=end, cost=cost),
        Draft(body=MeasurementsRecorded(trial=trial, measurements=measured, notes=notes)),
    ]
    series = series_of(result)
    return [*drafts, Draft(body=SeriesRecorded(trial=trial, series=series))] if series else drafts


def failure_reason(result: JobResult, notes: Sequence[str]) -> str:
    """Why no seed of a trial is valid, in one line."""
    for stage in result.stages:
        if stage.status != "ok":
            last = (stage.stderr.strip().splitlines() or [stage.detail])[-1]
            return f"{stage.name} {stage.status.replace('_', ' ')}: {last or stage.detail}"[:300].rstrip(": ")
    return (notes[0] if notes else "the evaluator wrote no measurement of the primary metric")[:300]


def read_measurements(
    domain: Domain, request: TrialRequest, result: JobResult, blobs: Blobs
) -> tuple[dict[tuple[int, str], Reading], tuple[str, ...]]:
    """Valid readings by (seed, metric), and what was wrong with the rest."""
    evaluator = result.stage("evaluator")
    sha = evaluator.outputs.get("out/measurements.jsonl") if evaluator else None
    if sha is None:
        return {}, ("the evaluator wrote no measurements.jsonl",)
    data = blobs.get(sha)
    lines = data[:MAX_BYTES].decode("utf-8", "replace").splitlines()
    most = MAX_LINES_PER_SEED * len(request.seeds)
    if len(data) > MAX_BYTES or len(lines) > most:
        return {}, (f"the evaluator wrote more than {most} measurements",)
    return _checked(lines, domain, request)


def _checked(
    lines: Iterable[str], domain: Domain, request: TrialRequest
) -> tuple[dict[tuple[int, str], Reading], tuple[str, ...]]:
    metrics = {m.name: m for m in domain.metrics}
    readings: dict[tuple[int, str], Reading] = {}
    faults: Counter[str] = Counter()
    for line in lines:
        if not line.strip():
            continue
        reading = parse_reading(line, metrics, request.seeds)
        if isinstance(reading, str):
            faults[reading] += 1
        elif (reading.seed, reading.metric) in readings:
            faults[f"{reading.metric} was measured more than once for a seed; the first value counts"] += 1
        else:
            readings[reading.seed, reading.metric] = reading
    return readings, tuple(f"{what} ({n} lines)" for what, n in sorted(faults.items()))


def parse_reading(line: str, metrics: Mapping[str, Metric], seeds: Sequence[int]) -> Reading | str:
    """One line of an evaluator's file, or what is wrong with it."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return "a line is not JSON"
    if not isinstance(data, dict) or not isinstance(data.get("metric"), str):
        return "a line names no metric"
    metric, seed = metrics.get(data["metric"]), data.get("seed")
    if metric is None:
        return "a metric is not declared in domain.toml"
    if isinstance(seed, bool) or not isinstance(seed, int) or seed not in seeds:
        return "a seed was not asked for"
    return _value_of(data, metric, seed)


def _value_of(data: Mapping[str, object], metric: Metric, seed: int) -> Reading | str:
    status = data.get("status", "observed")
    if status in ("undefined", "failed"):
        return Reading(metric.name, seed, None, status, None)  # type: ignore[arg-type]
    if status not in ("observed", "censored"):
        return "a status is unknown"
    value = _finite(data.get("censored_at") if status == "censored" else data.get("value"))
    if value is None:
        return f"{metric.name} is not a finite number"
    if metric.kind == "proportion" and not 0 <= value <= 1:
        return f"{metric.name} is not within 0 and 1"
    if metric.kind == "time_to_event" and (value < 0 or value > (metric.horizon or 0)):
        return f"{metric.name} lies outside its horizon"
    if status == "censored" and metric.kind != "time_to_event":
        return f"{metric.name} cannot be censored"
    return Reading(metric.name, seed, value, status, value if status == "censored" else None)  # type: ignore[arg-type]


def _finite(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def artefact_hashes(seeds: Sequence[int], result: JobResult) -> dict[int, str]:
    """Seed -> hash of what the program left for it; "" where it left nothing."""
    program = result.stage("program")
    outputs = program.outputs if program else {}
    found = {}
    for seed in seeds:
        prefix = f"out/{seed}/"
        files = {p.removeprefix(prefix): sha for p, sha in outputs.items() if p.startswith(prefix)}
        found[seed] = digest(files) if files else ""
    return found


def measurements(
    domain: Domain,
    request: TrialRequest,
    readings: Mapping[tuple[int, str], Reading],
    artefacts: Mapping[int, str],
) -> tuple[Measurement, ...]:
    """One measurement per seed and declared metric; `failed` where there is no valid reading.

    A seed for which the program left no artefact has nothing that could have been measured, so whatever
    the evaluator says of it is refused.
    """
    config_hash = digest(request.config)
    return tuple(
        _measurement(
            domain, metric, request, config_hash, seed, readings.get((seed, metric.name)), artefacts[seed]
        )
        for seed in request.seeds
        for metric in domain.metrics
    )


def _measurement(
    domain: Domain,
    metric: Metric,
    request: TrialRequest,
    config_hash: str,
    seed: int,
    reading: Reading | None,
    artefact: str,
) -> Measurement:
    if reading is None or not artefact:
        reading = Reading(metric.name, seed, None, "failed", None)
    return Measurement(
        id=short_id("measurement", request.key, seed, metric.name),
        metric=metric.name,
        value=reading.value,
        unit=metric.unit,
        status=reading.status,
        censored_at=reading.censored_at,
        self_reported=metric.self_reported,
        node=request.node,
        trial=request.id,
        phase=request.phase,
        seed=seed,
        config_hash=config_hash,
        evaluator_hash=domain.evaluator_hash,
        artefact_hash=artefact,
    )


def series_of(result: JobResult) -> dict[str, dict[str, str]]:
    """Curves the evaluator wrote: name -> seed -> blob of `out/series/<name>/<seed>.csv`."""
    evaluator = result.stage("evaluator")
    found: dict[str, dict[str, str]] = {}
    for path, sha in sorted(evaluator.outputs.items() if evaluator else ()):
        parts = path.split("/")
        if len(parts) == 4 and parts[:2] == ["out", "series"] and parts[3].endswith(".csv"):
            found.setdefault(parts[2], {})[parts[3].removesuffix(".csv")] = sha
    return found
