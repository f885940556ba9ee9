"""What a program or an evaluator may write: measurements and curves of any kind."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from novum.evidence.figures.curves import parse_series
from novum.journal import FileBlobs
from novum.records import JobResult, StageResult
from novum.steps.run import limits_for, outcome_events, trial_request
from tests.fuzz.mutations import EXAMPLES, HOSTILE, edited, edits
from tests.histories import DOMAIN, node

SEEDS = (1, 2, 3)
LINE = {"seed": 1, "metric": "y", "value": 1.5, "status": "observed", "censored_at": None}
ROWS = [LINE | {"seed": s, "metric": m} for s in SEEDS for m in ("y", "share")]
VALID = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
scalars = st.sampled_from(
    [None, True, 0, 1, 1.5, -1, 10**400, 1e308, "y", "share", "1", "failed", [], {}, "\ud800"]
)
rows = st.dictionaries(st.sampled_from([*LINE, "extra"]), scalars | st.lists(scalars, max_size=2), max_size=6)


def ended(blobs: FileBlobs, measured: bytes) -> list[object]:
    """The events of a trial whose evaluator wrote these bytes."""
    artefacts = {f"out/{seed}/x": blobs.put(b"x%d" % seed) for seed in SEEDS}
    result = JobResult(
        stages=(
            StageResult(name="program", status="ok", exit_code=0, outputs=artefacts),
            StageResult(name="evaluator", status="ok", exit_code=0,
                        outputs={"out/measurements.jsonl": blobs.put(measured)}),
        ),
        sandbox="none",
    )  # fmt: skip
    limits = limits_for(DOMAIN.budgets["default"], len(SEEDS))
    asked = trial_request(DOMAIN, node({"x": 1.0, "z": "b"}), "explore", SEEDS, limits)
    return [draft.body for draft in outcome_events(DOMAIN, asked, 0, result, blobs)]


def check_complete(bodies: list[object]) -> None:
    """Every metric of every seed has one measurement, and none a value that is no number."""
    recorded = next(b for b in bodies if type(b).__name__ == "MeasurementsRecorded")
    assert sorted((m.seed, m.metric) for m in recorded.measurements) == sorted(
        (seed, metric.name) for seed in SEEDS for metric in DOMAIN.metrics
    )
    values = [m.value for m in recorded.measurements if m.value is not None]
    assert all(abs(value) < float("inf") for value in values)
    assert len(json.dumps([str(note) for note in recorded.notes])) < 10_000


@settings(max_examples=EXAMPLES, deadline=None)
@given(edits())
def test_any_bytes_for_measurements(tmp_path_factory, changes) -> None:
    blobs = FileBlobs(tmp_path_factory.getbasetemp() / "blobs")
    check_complete(ended(blobs, edited(VALID, changes)))


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(rows, max_size=8))
def test_any_rows_for_measurements(tmp_path_factory, lines) -> None:
    blobs = FileBlobs(tmp_path_factory.getbasetemp() / "blobs")
    check_complete(ended(blobs, "\n".join(json.dumps(line) for line in lines).encode()))


@settings(max_examples=EXAMPLES, deadline=None)
@given(edits(), st.sampled_from([b"x,y\n0,1\n1,2\n2,3\n", b"", b"x,y\n"]))
def test_any_bytes_for_a_curve(changes, text) -> None:
    xs, ys = parse_series(edited(text, changes))
    assert len(xs) == len(ys)
    assert all(abs(value) < float("inf") for value in (*xs, *ys))


def test_a_gigantic_line_is_refused_in_no_time(tmp_path) -> None:
    check_complete(ended(FileBlobs(tmp_path), b'{"seed": 1, "metric": "' + b"y" * (8 << 20) + b'"}'))


def test_every_hostile_piece_by_itself(tmp_path) -> None:
    for piece in HOSTILE:
        check_complete(ended(FileBlobs(tmp_path), piece))
        parse_series(b"x,y\n" + piece + b"," + piece)
