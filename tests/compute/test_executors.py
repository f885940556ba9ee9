"""Both executors keep the contract of the seam, and give equal results."""

import asyncio
import contextlib
import functools
import json
import os
import signal
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from msgspec import structs

from novum.compute import environment, layers
from novum.compute.executors.inline import InlineExecutor
from novum.compute.executors.local import LocalExecutor
from novum.compute.executors.runners import OwnRunner
from novum.compute.layers import LayerReport, resolve
from novum.compute.node import devices, tree
from novum.errors import MachineError, NoSandbox, UserError
from novum.journal.blobs import FileBlobs
from novum.protocols import Executor
from novum.records import Job, Limits, Stage
from novum.testing.executors import CHECKS, Check, output, python_stage, run, trial

REGISTRY: dict[str, Callable[[FileBlobs, Path], Executor]] = {
    "inline": lambda blobs, folder: InlineExecutor(blobs),
    "local": LocalExecutor,
    "cold": functools.partial(LocalExecutor, warm=False),
}


@pytest_asyncio.fixture(params=REGISTRY)
async def executor(
    request: pytest.FixtureRequest, blobs: FileBlobs, tmp_path: Path
) -> AsyncIterator[Executor]:
    made = REGISTRY[request.param](blobs, tmp_path / "scratch")
    yield made
    await made.close()


@pytest_asyncio.fixture
async def local(blobs: FileBlobs, tmp_path: Path) -> AsyncIterator[LocalExecutor]:
    made = LocalExecutor(blobs, tmp_path / "scratch")
    yield made
    await made.close()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_conformance(check: Check, executor: Executor, blobs: FileBlobs) -> None:
    await check(executor, blobs)


async def test_results_are_equal_wherever_a_job_runs(blobs: FileBlobs, local: LocalExecutor) -> None:
    job = trial(blobs, (1, 2, 3), crash_at=3)
    here, there = await run(InlineExecutor(blobs), job, "k"), await run(local, job, "k")
    same = ("name", "status", "exit_code", "signal", "outputs", "refused", "stdout", "detail")
    assert [[getattr(s, f) for f in same] for s in here.stages] == [
        [getattr(s, f) for f in same] for s in there.stages
    ]


async def test_attempt_folders_are_gone_afterwards(
    blobs: FileBlobs, local: LocalExecutor, tmp_path: Path
) -> None:
    source = "import os; os.makedirs('out/locked/in'); os.chmod('out/locked', 0o000)"
    result = await run(local, Job(stages=(python_stage("only", source, blobs),), shipped=True), "k")
    assert result.stages[0].status == "ok"
    await local.close()
    assert [
        path.name
        for path in (tmp_path / "scratch").iterdir()
        if not path.name.startswith(("libraries", "salt"))
    ] == []


async def test_a_result_outlives_its_coordinator(
    blobs: FileBlobs, local: LocalExecutor, tmp_path: Path
) -> None:
    """A durable result of an earlier coordinator is adopted, not run again."""
    place = local._place("key", 4)
    place.mkdir(parents=True)
    sha = blobs.put(b"kept")
    (place / sha).write_bytes(b"kept")
    stage = {"name": "only", "status": "ok", "outputs": {"out/a": sha}}
    (place / "result.json").write_text(json.dumps({"stages": [stage], "sandbox": "bwrap"}))
    assert local.find("key", 4)
    result = await local.wait("key", 4)
    assert output(result, "only", "out/a", blobs) == "kept"


async def test_damaged_frozen_files_are_a_lost_result(local: LocalExecutor, tmp_path: Path) -> None:
    place = local._place("key", 0)
    place.mkdir(parents=True)
    (place / ("0" * 64)).write_bytes(b"other bytes than the name says")
    stage = {"name": "only", "status": "ok", "outputs": {"out/a": "0" * 64}}
    (place / "result.json").write_text(json.dumps({"stages": [stage], "sandbox": "bwrap"}))
    assert "damaged" in (await local.wait("key", 0)).lost


async def test_an_attempt_begun_by_the_dead_is_not_taken_again(
    blobs: FileBlobs, local: LocalExecutor, tmp_path: Path
) -> None:
    place = local._place("key", 0)
    place.mkdir(parents=True)
    (place / "job.json").write_text("{}")
    job = trial(blobs, (1,))
    assert not local.find("key", 0)
    with pytest.raises(MachineError, match="next attempt"):
        await local.submit(job, "key", 0)
    assert (await run(local, job, "key", 1)).ok
    local.sweep()
    assert not place.exists()


async def test_killed_attempts_are_lost_not_failed(blobs: FileBlobs, local: LocalExecutor) -> None:
    source = "import time; time.sleep(60)"
    await local.submit(Job(stages=(python_stage("only", source, blobs),), shipped=True), "k", 0)
    await local.kill("k", 0)
    result = await local.wait("k", 0)
    assert result.lost == "killed"
    assert not result.ok


def runner_of(local: LocalExecutor, server: int, key: str) -> int:
    """The forked runner of a job, told by where its complaints go."""
    for process in tree.below(server):
        with contextlib.suppress(OSError):
            if f"/{local._place(key, 0).name}/" in str(Path(f"/proc/{process.pid}/fd/2").readlink()):
                return process.pid
    raise AssertionError(f"no runner of {key}")


SLEEPER = "import time; time.sleep(60)"


async def test_a_runner_that_dies_is_the_machines_failure(blobs: FileBlobs, local: LocalExecutor) -> None:
    await local.submit(Job(stages=(python_stage("only", SLEEPER, blobs),), shipped=True), "k", 0)
    assert local._server is not None
    while not (found := [p for p in tree.below(local._server.pid) if p.pid != local._server.pid]):
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    os.kill(runner_of(local, local._server.pid, "k"), signal.SIGKILL)
    assert found
    result = await local.wait("k", 0)
    assert "no result" in result.lost


async def test_a_cold_runner_that_dies_is_the_machines_failure(blobs: FileBlobs, tmp_path: Path) -> None:
    local = LocalExecutor(blobs, tmp_path / "scratch", warm=False)
    await local.submit(Job(stages=(python_stage("only", SLEEPER, blobs),), shipped=True), "k", 0)
    runner = local._runners["k", 0]
    assert isinstance(runner, OwnRunner)
    runner.process.kill()
    result = await local.wait("k", 0)
    assert "no result" in result.lost
    await local.close()


async def test_a_server_that_dies_is_started_again(blobs: FileBlobs, local: LocalExecutor) -> None:
    assert (await run(local, trial(blobs, (1,)), "before")).ok
    assert local._server is not None
    os.kill(local._server.pid, signal.SIGKILL)
    for attempt in range(20):
        result = await run(local, trial(blobs, (1,)), "after", attempt)
        if not result.lost:  # else it was handed to the dying
            break
    assert result.ok, result


async def test_a_missing_program_is_the_candidates_failure(blobs: FileBlobs, local: LocalExecutor) -> None:
    limits = Limits(cpu_seconds=1, wall_seconds=5)
    job = Job(stages=(Stage(name="only", command=("no-such-program",), limits=limits),), shipped=True)
    result = await run(local, job, "k")
    assert not result.lost
    assert result.stages[0].status == "not_started"
    assert "no-such-program" in result.stages[0].detail


async def test_any_language_may_run(blobs: FileBlobs, local: LocalExecutor) -> None:
    files = {"main.sh": blobs.put(b"cp $1 out/copy; echo done")}
    limits = Limits(cpu_seconds=5, wall_seconds=20)
    stage = Stage(name="only", command=("sh", "main.sh"), files=files, request={"a": 1}, limits=limits)
    result = await run(local, Job(stages=(stage,)), "k")
    assert result.ok, result
    assert json.loads(output(result, "only", "out/copy", blobs)) == {"a": 1}


async def test_other_devices_are_refused(blobs: FileBlobs, local: LocalExecutor) -> None:
    with pytest.raises(UserError, match="cuda"):
        await local.submit(structs.replace(trial(blobs, (1,)), device="cuda"), "k", 0)


async def test_without_a_gpu_it_is_said_in_one_line(
    blobs: FileBlobs, local: LocalExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "gpu", list)
    with pytest.raises(UserError, match=r"no GPU is present here.*--device cpu"):
        await local.submit(structs.replace(trial(blobs, (1,)), device="gpu"), "k", 0)


LOOK = b"""
import json, os, pathlib, resource
pathlib.Path("out").mkdir(exist_ok=True)
wanted = ("NOVUM_DEVICE", "JAX_PLATFORMS", "CUDA_VISIBLE_DEVICES")
told = {name: os.environ.get(name) for name in wanted}
try:
    os.close(os.open("/dev/nvidia0", os.O_RDWR))
    told["opened"] = True
except OSError as error:
    told["opened"] = error.strerror
told["data"] = resource.getrlimit(resource.RLIMIT_DATA)[0]
pathlib.Path("out/told.json").write_text(json.dumps(told))
"""


@pytest.mark.parametrize("layer", ["bwrap", "namespaces"])
async def test_the_program_alone_finds_the_device_it_asked_for(
    blobs: FileBlobs, local: LocalExecutor, layer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for a card: a character device that swallows what is written, of its name."""
    card = tmp_path / "nvidia0"
    try:
        os.mknod(card, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        card.chmod(0o666)
        os.close(os.open(card, os.O_RDWR))
    except OSError:
        pytest.skip("device files cannot be made here")
    monkeypatch.setattr(devices, "gpu", lambda: [str(card)])
    stages = tuple(
        Stage(name=name, command=("python", "look.py"), files={"look.py": blobs.put(LOOK)},
              limits=Limits(cpu_seconds=5, wall_seconds=20))
        for name in ("program", "evaluator")
    )  # fmt: skip
    told = {}
    for device in ("gpu", "cpu"):
        result = await run(local, Job(stages=stages, device=device, sandbox=layer), device)
        assert result.ok, result
        told[device] = [json.loads(output(result, s.name, "out/told.json", blobs)) for s in stages]
    plain = {"NOVUM_DEVICE": None, "JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": ""}
    program, evaluator = told["gpu"]
    asked = {"NOVUM_DEVICE": "gpu", "JAX_PLATFORMS": "cuda", "CUDA_VISIBLE_DEVICES": None}
    assert program.items() >= asked.items() and program["opened"] is True and program["data"] == -1
    for other in (evaluator, *told["cpu"]):
        assert other.items() >= plain.items() and other["opened"] == "No such file or directory"
        assert other["data"] > 0


def test_cards_are_found_by_their_device_files(tmp_path: Path) -> None:
    for name in ("nvidiactl", "nvidia-uvm", "null", "nvidia-caps"):
        (tmp_path / name).touch()
    assert devices.gpu(str(tmp_path)) == []  # a driver without a card
    (tmp_path / "nvidia0").touch()
    assert devices.gpu(str(tmp_path)) == [str(tmp_path / n) for n in ("nvidia0", "nvidiactl", "nvidia-uvm")]


def test_jax_without_a_plugin_for_a_gpu_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("jax")
    monkeypatch.setattr(environment, "gpu_plugins", list)
    assert environment.gpu_libraries(("numpy",)) == ()
    with pytest.raises(UserError, match=r"no plugin for a GPU here.*jax\[cuda12\]"):
        environment.gpu_libraries(("numpy", "jax"))


async def test_inline_runs_shipped_programs_only(blobs: FileBlobs) -> None:
    job = structs.replace(trial(blobs, (1,)), shipped=False)
    with pytest.raises(NoSandbox):
        await InlineExecutor(blobs).submit(job, "k", 0)
    assert (await run(InlineExecutor(blobs), structs.replace(job, sandbox="none"), "k")).ok


# --- policy ------------------------------------------------------------------------------------------------


@pytest.fixture
def only_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine where nothing but the process layer works."""

    def examined(name: str) -> LayerReport:
        problem = "" if name == "process" else "refused by the kernel"
        return LayerReport(
            layer=name, drop_user=False, problem=problem, mend="sysctl something" if problem else ""
        )

    monkeypatch.setattr(layers, "examine", examined)


def test_shipped_programs_may_run_with_bounds_alone(only_process: None) -> None:
    assert resolve("auto", shipped=True).layer == "process"


@pytest.mark.parametrize("wanted", ["auto", "process", "bwrap"])
def test_anything_else_refuses(only_process: None, wanted: str) -> None:
    with pytest.raises(NoSandbox, match="--sandbox none"):
        resolve(wanted, shipped=False)


def test_the_mend_is_named(only_process: None) -> None:
    with pytest.raises(NoSandbox, match="sysctl something"):
        resolve("auto", shipped=False)


def test_none_must_be_asked_for(only_process: None) -> None:
    assert resolve("none", shipped=False).layer == "none"


def test_auto_takes_the_first_that_works(monkeypatch: pytest.MonkeyPatch) -> None:
    works = {"namespaces", "process"}
    monkeypatch.setattr(
        layers, "examine", lambda n: LayerReport(layer=n, drop_user=False, problem="" if n in works else "no")
    )
    assert resolve("auto", shipped=False).layer == "namespaces"


def test_unknown_layers_are_the_users_error() -> None:
    with pytest.raises(UserError, match="bwrap"):
        resolve("docker", shipped=True)


async def test_a_trial_learns_nothing_of_its_key_from_where_it_lies(
    blobs: FileBlobs, local: LocalExecutor
) -> None:
    """A key is a hash of things that can be guessed, the phase among them."""
    key = "0123456789abcdef" * 4
    source = "from pathlib import Path\nPath('out/seen').write_text(Path('/proc/self/mountinfo').read_text())"
    await local.submit(Job(stages=(python_stage("only", source, blobs),), shipped=True), key, 0)
    result = await local.wait(key, 0)
    assert result.ok
    seen = blobs.get(result.stages[0].outputs["out/seen"]).decode()
    assert key[:12] not in seen


async def test_a_later_coordinator_finds_what_an_earlier_one_left(blobs: FileBlobs, tmp_path: Path) -> None:
    one, other = (LocalExecutor(blobs, tmp_path / "attempts") for _ in range(2))
    assert one._place("k", 0) == other._place("k", 0) != one._place("l", 0)
    elsewhere = LocalExecutor(blobs, tmp_path / "another")
    assert elsewhere._place("k", 0).name != one._place("k", 0).name
