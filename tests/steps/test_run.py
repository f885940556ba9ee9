import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from novum.events import MeasurementsRecorded, SeriesRecorded, TrialFailed, TrialFinished
from novum.journal import FileBlobs
from novum.records import Budget, Domain, JobResult, Metric, StageResult
from novum.steps.run import build_job, limits_for, outcome_events, parse_reading, trial_request
from tests.histories import DOMAIN, LIMITS, node

SEEDS = (11, 12)
TIMED = Metric(name="t", kind="time_to_event", horizon=100.0)
METRICS = {"y": Metric(name="y"), "share": Metric(name="share", kind="proportion"), "t": TIMED}


def outcome(
    blobs: FileBlobs, lines: list[object], *, artefacts: tuple[int, ...] = SEEDS, domain: Domain = DOMAIN
):
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    made = {f"out/{s}/a.npy": blobs.put(f"artefact {s}".encode()) for s in artefacts}
    result = JobResult(
        stages=(
            StageResult(name="program", status="ok", outputs=made, cpu_seconds=1.0),
            StageResult(
                name="evaluator",
                status="ok",
                cpu_seconds=0.5,
                outputs={
                    "out/measurements.jsonl": blobs.put(text.encode()),
                    "out/series/curve/11.csv": blobs.put(b"x,y\n1,2\n"),
                },
            ),
        ),
        sandbox="bwrap",
    )
    request = trial_request(domain, node({"x": 1.0, "z": "a"}), "explore", SEEDS, LIMITS)
    drafts = outcome_events(domain, request, 0, result, blobs)
    return {type(d.body): d for d in drafts}


def y(seed: int, value: object, **more: object) -> dict[str, object]:
    return {"seed": seed, "metric": "y", "value": value, **more}


def values(drafts: dict) -> dict[tuple[int, str], tuple[float | None, str]]:
    measured = drafts[MeasurementsRecorded].body.measurements
    return {(m.seed, m.metric): (m.value, m.status) for m in measured}


def test_every_declared_metric_of_every_seed_has_a_measurement(blobs: FileBlobs) -> None:
    drafts = outcome(blobs, [y(11, 1.5), y(12, 2), {"seed": 11, "metric": "share", "value": 0.5}])
    assert values(drafts) == {
        (11, "y"): (1.5, "observed"),
        (11, "share"): (0.5, "observed"),
        (12, "y"): (2.0, "observed"),
        (12, "share"): (None, "failed"),
    }
    assert drafts[TrialFinished].body.seeds_ok == 2
    assert drafts[TrialFinished].cost.cpu_seconds == 1.5
    assert drafts[SeriesRecorded].body.series["curve"].keys() == {"11"}


def test_a_seed_without_artefact_has_failed_whatever_the_evaluator_says(blobs: FileBlobs) -> None:
    drafts = outcome(blobs, [y(11, 1.5), y(12, 2.0)], artefacts=(11,))
    assert values(drafts)[12, "y"] == (None, "failed")
    assert drafts[TrialFinished].body.seeds_ok == 1


def test_a_trial_without_any_valid_seed_has_failed_with_a_reason(blobs: FileBlobs) -> None:
    drafts = outcome(blobs, ["not json", y(99, 1.0)])
    assert TrialFinished not in drafts
    assert drafts[TrialFailed].body.reason == "a line is not JSON (1 lines)"
    assert drafts[MeasurementsRecorded].body.notes == (
        "a line is not JSON (1 lines)",
        "a seed was not asked for (1 lines)",
    )


def test_a_second_value_for_the_same_seed_is_noted_and_ignored(blobs: FileBlobs) -> None:
    drafts = outcome(blobs, [y(11, 1.0), y(11, 99.0)])
    assert values(drafts)[11, "y"] == (1.0, "observed")
    assert "more than once" in drafts[MeasurementsRecorded].body.notes[0]


def test_a_million_metrics_are_refused_as_a_whole(blobs: FileBlobs) -> None:
    drafts = outcome(blobs, ['{"seed": 11, "metric": "y", "value": 1}'] * 100_000)
    assert drafts[TrialFailed].body.reason == "the evaluator wrote more than 400 measurements"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ({"seed": 11, "metric": "zzz", "value": 1}, "not declared"),
        ({"seed": True, "metric": "y", "value": 1}, "not asked for"),
        ({"seed": "11", "metric": "y", "value": 1}, "not asked for"),
        ({"seed": 11, "metric": "y", "value": True}, "not a finite number"),
        ({"seed": 11, "metric": "y", "value": "1"}, "not a finite number"),
        ({"seed": 11, "metric": "y"}, "not a finite number"),
        ({"seed": 11, "metric": "share", "value": 1.01}, "not within 0 and 1"),
        ({"seed": 11, "metric": "t", "value": 101}, "outside its horizon"),
        ({"seed": 11, "metric": "t", "value": -1}, "outside its horizon"),
        ({"seed": 11, "metric": "y", "status": "censored", "censored_at": 5}, "cannot be censored"),
        ({"seed": 11, "metric": "y", "status": "great", "value": 5}, "status is unknown"),
        ([1, 2], "names no metric"),
        ({"seed": 11, "metric": ["y"]}, "names no metric"),
    ],
)
def test_a_bad_reading_says_what_is_wrong(line: object, fault: str) -> None:
    found = parse_reading(json.dumps(line), METRICS, SEEDS)
    assert isinstance(found, str)
    assert fault in found


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1" * 400])
def test_numbers_that_are_none_are_refused(number: str) -> None:
    found = parse_reading(f'{{"seed": 11, "metric": "y", "value": {number}}}', METRICS, SEEDS)
    assert isinstance(found, str)


def test_censoring_and_absence_are_states_of_their_own() -> None:
    censored = parse_reading(
        '{"seed": 11, "metric": "t", "status": "censored", "censored_at": 100}', METRICS, SEEDS
    )
    absent = parse_reading('{"seed": 11, "metric": "y", "status": "undefined"}', METRICS, SEEDS)
    assert not isinstance(censored, str)
    assert not isinstance(absent, str)
    assert (censored.value, censored.status, censored.censored_at) == (100.0, "censored", 100.0)
    assert (absent.value, absent.status) == (None, "undefined")


@given(st.text() | st.binary().map(lambda b: b.decode("utf-8", "replace")))
def test_any_line_is_a_reading_or_a_fault(line: str) -> None:
    assert parse_reading(line, METRICS, SEEDS) is not None


def test_a_job_tells_a_program_neither_its_phase_nor_the_held_out_data() -> None:
    domain = structs.replace(
        DOMAIN, prepare=("python", "prepare.py"), prepare_files=("prepare.py",),
        files=DOMAIN.files | {"prepare.py": "a" * 64},
    )  # fmt: skip
    made = structs.replace(node({"x": 1.0, "z": "a"}), workspace=domain.workspace())
    jobs = {
        phase: build_job(domain, made, trial_request(domain, made, phase, SEEDS, LIMITS), "auto")
        for phase in ("explore", "select", "confirm")
    }
    assert jobs["explore"] == jobs["select"] == jobs["confirm"]
    program = next(s for s in jobs["explore"].stages if s.name == "program")
    assert set(program.files) == {"main.py", "model.py"}
    assert all("heldout" not in source for _, source, _ in program.inputs)
    assert not program.trusted


def test_the_trial_key_names_everything_that_could_change_its_outcome() -> None:
    made = node({"x": 1.0, "z": "a"})
    base = trial_request(DOMAIN, made, "explore", SEEDS, LIMITS)
    others = [
        trial_request(DOMAIN, made, "select", SEEDS, LIMITS),
        trial_request(DOMAIN, made, "explore", (11,), LIMITS),
        trial_request(DOMAIN, node({"x": 2.0, "z": "a"}), "explore", SEEDS, LIMITS),
        trial_request(
            structs.replace(DOMAIN, evaluator=("python", "other.py")), made, "explore", SEEDS, LIMITS
        ),
        trial_request(DOMAIN, made, "explore", SEEDS, structs.replace(LIMITS, cpu_seconds=9)),
    ]
    assert len({r.key for r in [base, *others]}) == len(others) + 1


def test_cpu_time_decides_and_wall_time_is_far_behind() -> None:
    limits = limits_for(Budget(explore_trials=1, confirm_seeds=1, seconds=10), 4)
    assert limits.cpu_seconds == 40
    assert limits.wall_seconds >= 4 * limits.cpu_seconds
