"""Learners that cheat, run through the real stages: prepare, program, evaluator."""

import asyncio
import json
import sys
import time
from pathlib import Path

import pytest

from novum.compute.executors.local import LocalExecutor
from novum.domains import find_domain, forbidden_edits, load_domain
from novum.domains.stages import trial_job
from novum.errors import NoSandbox
from novum.protocols import Blobs
from novum.records import Domain, JobResult, Limits

LIMITS = Limits(cpu_seconds=20, wall_seconds=60)
SEEDS = (11, 12)
SHORT = ("HORIZON = 3000", "HORIZON = 300")  # the probes need no long runs

HONEST = (find_domain("grokking") / "learner.py").read_text()


@pytest.fixture
def domain(blobs: Blobs) -> Domain:
    return load_domain(find_domain("grokking"), blobs)


def run(domain: Domain, blobs: Blobs, executor, *, seeds=SEEDS, **edits: str) -> JobResult:
    """A trial with some files replaced (`learner="…"`), on a short horizon."""
    schedule = (find_domain("grokking") / "schedule.py").read_text().replace(*SHORT)
    given = {"schedule.py": blobs.put(schedule.encode())}
    given |= {f"{name}.py": blobs.put(text.encode()) for name, text in edits.items()}
    job = trial_job(domain, "train", domain.baseline | {"train_fraction": 0.7}, seeds, LIMITS)
    stages = tuple(_with(stage, given) for stage in job.stages)
    return executor.run(type(job)(stages=stages), executor.root / "probe")


def _with(stage, given: dict[str, str]):
    from msgspec.structs import replace

    return replace(stage, files=stage.files | {p: sha for p, sha in given.items() if p in stage.files})


def measured(result: JobResult, blobs: Blobs) -> dict[tuple[int, str], dict]:
    evaluator = result.stage("evaluator")
    assert evaluator is not None and evaluator.status == "ok", result.stages[-1].stderr
    lines = blobs.get(evaluator.outputs["out/measurements.jsonl"]).decode().splitlines()
    return {(row["seed"], row["metric"]): row for row in map(json.loads, lines)}


def test_the_honest_learner_is_measured(domain, blobs, executor) -> None:
    rows = measured(run(domain, blobs, executor), blobs)
    assert all(rows[seed, "updates_to_fit"]["status"] == "observed" for seed in SEEDS)


SEARCH = """
import os, sys

def start(parameters, config):
    files = sorted(os.path.join(f, n) for f, _, names in os.walk(".") for n in names)
    print("FILES", *files, file=sys.stderr)
    frame, held = sys._getframe(), []
    while frame:
        held += list(frame.f_locals)
        frame = frame.f_back
    names = {"request", "tasks", "task", "labels", "inputs", "seeds"}
    print("HELD", sorted(set(held) & names), file=sys.stderr)
    return honest_start(parameters, config)
"""


def test_a_learner_that_looks_for_the_table_finds_nothing(domain, blobs, executor) -> None:
    """Neither files nor frames of its process hold inputs, labels, seeds or scores."""
    learner = HONEST.replace("def start(", "def honest_start(") + SEARCH
    program = run(domain, blobs, executor, learner=learner).stage("program")
    assert program.status == "ok", program.stderr
    files = next(line for line in program.stderr.splitlines() if line.startswith("FILES"))
    seen = {Path(name).name for name in files.split()[1:] if not name.endswith(".pyc")}
    assert seen == {"driver.py", "isolation.py", "learner.py", "network.py", "schedule.py"}
    assert "HELD []" in program.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps children out")
def test_a_learner_cannot_read_the_drivers_memory(domain, blobs, tmp_path: Path) -> None:
    """Confined as trials are: outside a sandbox, root may read any process."""
    peek = '\nimport os\nopen(f"/proc/{os.getppid()}/mem", "rb")\nprint("read it")\n'
    workspace = domain.workspace() | {"learner.py": blobs.put((HONEST + peek).encode())}
    job = trial_job(domain, "train", domain.baseline, (11,), LIMITS, workspace=workspace)

    async def confined() -> JobResult:
        executor = LocalExecutor(blobs, tmp_path / "attempts")
        await executor.submit(job, "peek", 0)
        return await executor.wait("peek", 0)

    try:
        program = asyncio.run(confined()).stage("program")
    except NoSandbox as missing:
        pytest.skip(str(missing))
    assert "PermissionError" in program.stderr and "read it" not in program.stdout


def test_training_on_the_held_out_table_stays_at_chance(domain, blobs, executor) -> None:
    """The files it asks for are not there; what it falls back to does not know the held-out pairs."""
    cheat = (
        HONEST.replace("def update(", "def honest(")
        + """
import glob
def update(parameters, gradients, state, config, step):
    if step % 100 == 1:
        for pattern in ("**/labels.npy", "/work/**/heldout/*"):
            for path in glob.glob(pattern, recursive=True):
                raise SystemExit(f"found {path}")
    honest(parameters, gradients, state, config | {"weight_decay": 0.0}, step)
"""
    )
    rows = measured(run(domain, blobs, executor, learner=cheat), blobs)
    for seed in SEEDS:
        assert rows[seed, "updates_to_fit"]["status"] == "observed"
        assert rows[seed, "updates_to_generalise"]["status"] == "censored"
        assert rows[seed, "final_heldout_accuracy"]["value"] < 0.3


def test_writing_artefacts_or_measurements_itself_ends_the_trial(domain, blobs, executor) -> None:
    forge = """
from pathlib import Path
Path("out/11").mkdir(parents=True, exist_ok=True)
Path("out/measurements.jsonl").write_text('{"seed": 11, "metric": "updates_to_generalise", "value": 1}')
Path("out/11/updates.npy").write_bytes(b"")
"""
    result = run(domain, blobs, executor, learner=HONEST + forge)
    assert result.stage("program").status == "crashed"
    assert "something wrote to out/" in result.stage("program").stderr
    assert result.stage("evaluator") is None


DETACH = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while not os.path.exists("out/12/predictions.npy"):
            time.sleep(0.001)
        time.sleep(0.05)
        for seed in (11, 12):
            open(f"out/{seed}/updates.npy", "wb").write(b"forged")
    os._exit(0)
os.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted on Linux alone")
def test_a_process_left_behind_is_gone_before_artefacts_are_written(domain, blobs, executor) -> None:
    result = run(domain, blobs, executor, learner=HONEST + DETACH)
    time.sleep(0.3)  # long enough for what was left behind to write, were it alive
    written = [path.read_bytes()[:6] for path in executor.root.rglob("program/out/*/updates.npy")]
    assert written == [b"\x93NUMPY"] * 2
    assert all(row["status"] != "failed" for row in measured(result, blobs).values())


FORGED = """
import json, sys
from pathlib import Path
import numpy as np
request = json.loads(Path(sys.argv[1]).read_text())
for seed in request["seeds"]:
    folder = Path(request["out"]) / str(seed)
    folder.mkdir(parents=True)
    inputs = np.load(Path(request["in"]) / str(seed) / "inputs.npy")
    np.save(folder / "updates.npy", np.array([0, 1, 2, 3]))
    np.save(folder / "predictions.npy", np.zeros((4, len(inputs)), np.uint8))
"""


def test_mislabelled_steps_fail(domain, blobs, executor) -> None:
    """A driver with a schedule of its own: refused as an edit, and its artefacts fail every seed."""
    edited = domain.workspace() | {"driver.py": blobs.put(FORGED.encode())}
    assert forbidden_edits(domain, "train", edited) == ("driver.py",)
    rows = measured(run(domain, blobs, executor, driver=FORGED), blobs)
    assert {row["status"] for row in rows.values()} == {"failed"}


def test_only_the_learner_may_be_edited(domain, blobs) -> None:
    ours, other = domain.workspace(), blobs.put(b"x = 1\n")
    assert forbidden_edits(domain, "train", ours | {"learner.py": other}) == ()
    assert forbidden_edits(domain, "train", ours | {"numpy.py": other}) == ("numpy.py",)
    without = {path: sha for path, sha in ours.items() if path != "network.py"}
    assert forbidden_edits(domain, "train", without) == ("network.py",)


def test_a_claim_of_being_done_early_fails(domain, blobs, executor) -> None:
    """A driver that follows the schedule and stops short, though not every pair was right."""
    short = FORGED.replace("np.array([0, 1, 2, 3])", "np.array([0, 5, 10, 15])")
    rows = measured(run(domain, blobs, executor, driver=short), blobs)
    assert {row["status"] for row in rows.values()} == {"failed"}


def test_a_learner_that_raises_for_one_seed_fails_that_seed_alone(domain, blobs, executor) -> None:
    """What distinguishes seeds inside the learner is only how often it was started."""
    flaky = HONEST.replace("def start(parameters", "STARTED = []\n\n\ndef start(parameters").replace(
        '    return {"mean"', '    STARTED.append(1)\n    assert len(STARTED) != 1, "no"\n    return {"mean"'
    )
    result = run(domain, blobs, executor, learner=flaky)
    rows = measured(result, blobs)
    assert "AssertionError: no" in result.stage("program").stderr
    assert rows[11, "updates_to_fit"]["status"] == "failed"
    assert rows[12, "updates_to_fit"]["status"] == "observed"


def test_a_learner_that_leaves_ends_the_trial_with_its_reason(domain, blobs, executor) -> None:
    result = run(domain, blobs, executor, learner=HONEST + "\nimport os\nos._exit(0)\n")
    assert result.stage("program").status == "crashed"
    assert "ended without answering" in result.stage("program").stderr


def test_a_diverging_learner_is_censored_not_lost(domain, blobs, executor) -> None:
    rule = HONEST.replace(
        "    if step % SWEEP == 0:", "    parameters[0][:] = np.nan\n    if step % SWEEP == 0:"
    )
    rows = measured(run(domain, blobs, executor, learner=rule), blobs)
    assert rows[11, "updates_to_fit"]["status"] == "censored" and rows[11, "lag"]["status"] == "undefined"
