"""The conformance suite of executors: what every one must do, whether it confines or not.

    @pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
    async def test_my_executor(check, tmp_path):
        blobs = FileBlobs(tmp_path / "blobs")
        await check(MyExecutor(blobs), blobs)

Each check submits small Python programs as a shipped job and raises AssertionError if the executor breaks
the contract of `novum.protocols.Executor`.
"""

import json
from collections.abc import Awaitable, Callable

from novum.errors import MachineError
from novum.protocols import Blobs, Executor
from novum.records import Job, JobResult, Limits, Stage

Check = Callable[[Executor, Blobs], Awaitable[None]]

LIMITS = Limits(cpu_seconds=20, wall_seconds=60, memory_mb=512, file_mb=1, output_mb=2, output_files=20)

_PREPARE = """
import json, sys
from pathlib import Path
for seed in json.loads(Path(sys.argv[1]).read_text())["seeds"]:
    for name, text in (("in", f"data {seed}"), ("heldout", f"label {seed}")):
        folder = Path("out", str(seed), name)
        folder.mkdir(parents=True)
        (folder / f"{name}.txt").write_text(text)
"""
_PROGRAM = """
import json, sys
from pathlib import Path
from helper import double
request = json.loads(Path(sys.argv[1]).read_text())
for seed in request["seeds"]:
    text = Path(request["in"], str(seed), "in.txt").read_text()
    if seed == request["config"].get("crash_at"):
        raise RuntimeError(f"cannot do {seed}")
    Path("out", str(seed)).mkdir()
    Path("out", str(seed), "answer.txt").write_text(double(text))
"""
_HELPER = "def double(text):\n    return text + text\n"
_EVALUATOR = """
import json
from pathlib import Path
lines = []
for folder in sorted(Path("artefacts").iterdir()):
    seed = folder.name
    labelled = Path("heldout", seed, "heldout.txt").read_text() == f"label {seed}"
    right = (folder / "answer.txt").read_text() == f"data {seed}" * 2
    lines.append(json.dumps({"seed": int(seed), "metric": "right", "value": float(right and labelled)}))
Path("out/measurements.jsonl").write_text("\\n".join(lines))
"""
_TOKEN = "import os; from pathlib import Path; Path('out/token').write_text(os.urandom(8).hex())"


def python_stage(name: str, source: str, blobs: Blobs, **fields: object) -> Stage:
    """A stage that runs one Python program, given as text."""
    files = {"main.py": blobs.put(source.encode())} | dict(fields.pop("files", {}))  # type: ignore[call-overload]
    return Stage(name=name, command=("python", "main.py"), files=files, limits=LIMITS, **fields)  # type: ignore[arg-type]


def trial(blobs: Blobs, seeds: tuple[int, ...], **config: object) -> Job:
    """Prepare, program and evaluator over some seeds; `crash_at` names a seed that breaks the program."""
    request = {"schema": 1, "config": config, "seeds": seeds, "in": "in", "out": "out"}
    inputs = tuple(("prepare", f"out/{seed}/in", f"in/{seed}") for seed in seeds)
    heldout = tuple(("prepare", f"out/{seed}/heldout", f"heldout/{seed}") for seed in seeds)
    stages = (
        python_stage("prepare", _PREPARE, blobs, request=request, trusted=True),
        python_stage("program", _PROGRAM, blobs, request=request, inputs=inputs,
                     files={"helper.py": blobs.put(_HELPER.encode())}),
        python_stage("evaluator", _EVALUATOR, blobs, request=request, trusted=True,
                     inputs=(("program", "out", "artefacts"), *heldout)),
    )  # fmt: skip
    return Job(stages=stages, shipped=True)


async def run(executor: Executor, job: Job, key: str, attempt: int = 0) -> JobResult:
    await executor.submit(job, key, attempt)
    return await executor.wait(key, attempt)


def output(result: JobResult, stage: str, path: str, blobs: Blobs) -> str:
    """The text of a frozen output."""
    found = result.stage(stage)
    assert found is not None, f"no stage {stage}"
    assert path in found.outputs, f"{stage} handed over {sorted(found.outputs)}, not {path}: {found.stderr}"
    return blobs.get(found.outputs[path]).decode()


def values(result: JobResult, blobs: Blobs) -> dict[int, float]:
    """Seed -> value of what the evaluator measured."""
    lines = output(result, "evaluator", "out/measurements.jsonl", blobs).splitlines()
    return {line["seed"]: line["value"] for line in map(json.loads, lines)}


# --- the checks --------------------------------------------------------------------------------------------


async def check_a_trial_is_measured(executor: Executor, blobs: Blobs) -> None:
    """Stages run in order, each sees what it is given, and the outputs are in the blobs."""
    result = await run(executor, trial(blobs, (3, 5)), "measured")
    assert result.ok, result
    assert [stage.name for stage in result.stages] == ["prepare", "program", "evaluator"]
    assert values(result, blobs) == {3: 1.0, 5: 1.0}
    assert output(result, "program", "out/5/answer.txt", blobs) == "data 5data 5"


async def check_a_crash_keeps_finished_seeds(executor: Executor, blobs: Blobs) -> None:
    """The evaluator still runs on what was frozen, and each status is true."""
    result = await run(executor, trial(blobs, (1, 2, 3), crash_at=3), "crash")
    assert not result.ok
    assert not result.lost
    assert [stage.status for stage in result.stages] == ["ok", "crashed", "ok"]
    assert values(result, blobs) == {1: 1.0, 2: 1.0}
    program = result.stages[1]
    assert "cannot do 3" in program.stderr
    assert "cannot do 3" in program.detail
    assert program.exit_code == 1


async def check_nothing_to_take_is_not_started(executor: Executor, blobs: Blobs) -> None:
    """A stage whose source handed over nothing does not run; that is the candidate's failure."""
    result = await run(executor, trial(blobs, (1,), crash_at=1), "nothing")
    assert [stage.status for stage in result.stages] == ["ok", "crashed", "not_started"]
    assert "program" in result.stages[2].detail
    assert not result.lost


async def check_submit_is_idempotent(executor: Executor, blobs: Blobs) -> None:
    """The same attempt submitted twice runs once, and can be waited for twice."""
    job = Job(stages=(python_stage("only", _TOKEN, blobs),), shipped=True)
    first = await run(executor, job, "twice")
    again = await run(executor, job, "twice")
    assert first.ok
    assert first == again


async def check_attempts_are_apart(executor: Executor, blobs: Blobs) -> None:
    """Another attempt of the same key is another run; `find` knows those that exist and no others."""
    job = Job(stages=(python_stage("only", _TOKEN, blobs),), shipped=True)
    assert not executor.find("apart", 0)
    first, second = [await run(executor, job, "apart", attempt) for attempt in (0, 1)]
    assert first.stages[0].outputs != second.stages[0].outputs
    assert executor.find("apart", 0)
    assert executor.find("apart", 1)
    assert not executor.find("apart", 2)


async def check_unknown_attempts_are_refused(executor: Executor, blobs: Blobs) -> None:
    try:
        await executor.wait("never", 0)
    except MachineError:
        return
    raise AssertionError("waiting for an attempt that was never submitted must raise MachineError")


async def check_streams_and_exit_code_are_kept(executor: Executor, blobs: Blobs) -> None:
    """What a program printed comes back, head and tail of it if it is long."""
    source = "import sys; print('begin' + 'x' * 100_000 + 'end'); print('why', file=sys.stderr); sys.exit(7)"
    result = await run(executor, Job(stages=(python_stage("only", source, blobs),), shipped=True), "streams")
    stage = result.stages[0]
    assert (stage.status, stage.exit_code) == ("crashed", 7)
    assert stage.stdout.startswith("begin")
    assert stage.stdout.endswith("end\n")
    assert len(stage.stdout) < 20_000
    assert stage.stderr == "why\n"


async def check_only_plain_files_are_taken(executor: Executor, blobs: Blobs) -> None:
    """Links, pipes and files beyond the bounds are refused by name; honest files beside them stay."""
    source = """
import os
from pathlib import Path
Path("out/honest").write_text("1")
Path("out/link").symlink_to("/etc/hostname")
Path("out/folder").symlink_to("/etc")
os.mkfifo("out/pipe")
Path("twin").write_text("2")
Path("out/twin").hardlink_to("twin")
Path("out/large").write_bytes(b"x" * 1_200_000)
"""
    result = await run(executor, Job(stages=(python_stage("only", source, blobs),), shipped=True), "plain")
    stage = result.stages[0]
    assert set(stage.outputs) <= {"out/honest", "out/large"}, stage.outputs
    assert "out/honest" in stage.outputs
    refused = {line.split(":")[0] for line in stage.refused}
    assert refused >= {"out/link", "out/folder", "out/pipe", "out/twin"}, stage.refused
    if "out/large" in stage.outputs:  # where the kernel stopped it at the limit, what is there is small
        assert len(blobs.get(stage.outputs["out/large"])) <= LIMITS.file_mb * 2**20


async def check_only_declared_outputs_are_taken(executor: Executor, blobs: Blobs) -> None:
    source = "from pathlib import Path; Path('a').write_text('a'); Path('out/b').write_text('b')"
    result = await run(executor, Job(stages=(python_stage("only", source, blobs),), shipped=True), "declared")
    assert set(result.stages[0].outputs) == {"out/b"}


async def check_killing_what_is_done_is_harmless(executor: Executor, blobs: Blobs) -> None:
    job = trial(blobs, (1,))
    result = await run(executor, job, "kill")
    await executor.kill("kill", 0)
    await executor.kill("unknown", 0)
    assert await executor.wait("kill", 0) == result


CHECKS: tuple[Check, ...] = (
    check_a_trial_is_measured,
    check_a_crash_keeps_finished_seeds,
    check_nothing_to_take_is_not_started,
    check_submit_is_idempotent,
    check_attempts_are_apart,
    check_unknown_attempts_are_refused,
    check_streams_and_exit_code_are_kept,
    check_only_plain_files_are_taken,
    check_only_declared_outputs_are_taken,
    check_killing_what_is_done_is_harmless,
)
