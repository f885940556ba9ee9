"""The runner stands alone: no Novum, no third-party package, no inherited environment."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from novum.compute.environment import base_interpreter, environment
from novum.compute.layers import RUNNER
from novum.compute.node import limits
from novum.compute.node.job import Site, run_job
from novum.compute.node.meters import Meters, folder_use, starved
from novum.compute.node.tree import Process
from novum.records import Job, JobResult, Limits, Stage

PROGRAM = """
import os, pathlib
pathlib.Path("out/env").write_text(" ".join(os.environ.values()))
"""


def request(folder: Path, layer: str) -> dict[str, object]:
    """A job's folder content for a one-stage job."""
    (folder / "program").write_text(PROGRAM)
    stage = Stage(name="only", command=("python", "main.py"), files={"main.py": "blob"},
                  limits=Limits(cpu_seconds=10, wall_seconds=30))  # fmt: skip
    exposed = environment(())
    return {
        "job": msgspec.to_builtins(Job(stages=(stage,))),
        "blobs": {"blob": str(folder / "program")},
        "environment": exposed.request(exposed.farm(folder)),
        "layer": layer,
        "drop_user": False,
    }


def result_of(folder: Path) -> JobResult:
    return msgspec.json.decode((folder / "result.json").read_bytes(), type=JobResult)


def test_it_runs_where_novum_is_not_installed(tmp_path: Path) -> None:
    """Copied to another place, with the bare interpreter and secrets in its environment."""
    alone = tmp_path / "alone"
    for name in ("node", "sandbox"):
        shutil.copytree(RUNNER.parent / name, alone / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(RUNNER, alone)
    (tmp_path / "job.json").write_text(json.dumps(request(tmp_path, "auto")))
    done = subprocess.run(
        [base_interpreter(), "-I", "-S", str(alone / "runner.py"), str(tmp_path / "job.json")],
        env={"API_KEY": "very secret", "HOME": "/root"}, capture_output=True, text=True, cwd="/",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    result = result_of(tmp_path)
    assert result.ok, result
    assert result.sandbox in ("bwrap", "namespaces", "sandlock", "process")
    frozen = (tmp_path / result.stages[0].outputs["out/env"]).read_text()
    assert "very secret" not in frozen
    assert "C.UTF-8" in frozen


def test_it_needs_the_standard_library_alone() -> None:
    for file in (RUNNER, *RUNNER.parent.glob("node/*.py"), *RUNNER.parent.glob("sandbox/*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                ours = name.startswith(("novum.compute.node", "novum.compute.sandbox"))
                known = name.split(".")[0] in sys.stdlib_module_names
                assert known or ours or (name == "sandlock" and file.name == "sandlock.py"), (file, name)


def test_the_end_of_its_lifeline_ends_it_without_a_result(tmp_path: Path) -> None:
    (tmp_path / "job.json").write_text(json.dumps(request(tmp_path, "process")))
    done = subprocess.run(
        [base_interpreter(), "-I", "-S", str(RUNNER), str(tmp_path / "job.json"), "--lifeline", "0"],
        env={}, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 3
    assert not (tmp_path / "result.json").exists()


def test_a_sandbox_that_does_not_start_is_the_machines_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from novum.compute.sandbox import bwrap

    refusing = tmp_path / "refuses"
    refusing.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setattr(bwrap, "program", lambda: str(refusing))
    result = run_job(request(tmp_path, "bwrap"), Site(str(tmp_path)))
    assert "uid map: Permission denied" in result["lost"]
    assert result["stages"][0]["status"] == "not_started"


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a//b", "a/../b", ".", ""])
def test_paths_out_of_the_folder_are_refused(tmp_path: Path, path: str) -> None:
    asked = request(tmp_path, "process")
    asked["job"]["stages"][0]["files"] = {path: "blob"}  # type: ignore[index]
    with pytest.raises(ValueError, match="not a path inside"):
        run_job(asked, Site(str(tmp_path)))


def test_the_coordinator_can_hide_its_environment(tmp_path: Path) -> None:
    """A process of the same user without special rights cannot read it any more."""
    program = """
import os, sys
from novum.compute.layers import keep_private
if os.geteuid() == 0:
    os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)
    import ctypes; ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
def readable(pid):
    child = os.fork()
    if child == 0:
        try:
            os._exit(open(f"/proc/{pid}/environ").read() != "")
        except PermissionError:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
before = readable(os.getpid())
keep_private()
print(before, readable(os.getpid()))
"""
    environment = {"API_KEY": "very secret", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert done.stdout.split() == ["1", "0"], done.stderr


@pytest.mark.parametrize(("capabilities", "drops"), [(0x1FF, True), (0x1FF & ~(1 << 7), False), (0, False)])
def test_only_a_whole_root_changes_user(
    monkeypatch: pytest.MonkeyPatch, capabilities: int, drops: bool
) -> None:
    monkeypatch.setattr(limits.os, "geteuid", lambda: 0)
    monkeypatch.setattr(limits, "_capabilities", lambda: capabilities)
    monkeypatch.setattr(limits, "_mapped", lambda table, number: True)
    assert (limits.unprivileged_user(5) is not None) is drops


# --- candidate or machine ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cpu", "queued", "wall", "lost"),
    [
        (0.1, 0.0, 60.0, False),  # it slept
        (0.1, 55.0, 60.0, True),  # it stood in the queue all the time
        (9.0, 45.0, 60.0, False),  # it had most of its time
        (2.0, 10.0, 60.0, False),  # it stood in the queue a little and slept for the rest
        (4.0, 29.0, 60.0, True),
    ],
)
def test_who_is_to_blame_at_the_wall_limit(cpu: float, queued: float, wall: float, lost: bool) -> None:
    assert starved(cpu, 10.0, queued, wall) is lost


def process(pid: int, cpu: int, of_dead: int = 0, start: int = 1) -> Process:
    ticks = os.sysconf("SC_CLK_TCK")
    times = [str(cpu * ticks), "0", str(of_dead * ticks), "0"]
    fields = ["S", "1", *["0"] * 9, *times, *["0"] * 4, str(start), "0", "0"]
    return Process(pid, f"{pid} (a) b) {' '.join(fields)}")


def test_cpu_time_counts_the_dead_whether_waited_for_or_not() -> None:
    meters = Meters()
    meters.take([process(1, 1), process(2, 3)])
    assert meters.cpu == 4
    meters.take([process(1, 1)])  # 2 ended and nobody waited for it
    assert meters.cpu == 4
    meters.take([process(1, 2, of_dead=7)])  # another one came and went between two looks, and was waited for
    assert meters.cpu == 9
    meters.take([process(1, 2, of_dead=7), process(2, 5, start=9)])  # a number used again is another process
    assert meters.cpu == 14


def test_folder_use_counts_and_stops(tmp_path: Path) -> None:
    for index in range(30):
        (tmp_path / f"{index}").write_bytes(b"x" * 5000)
    size, files = folder_use(str(tmp_path), 100)
    assert files == 30
    assert size >= 150_000
    assert folder_use(str(tmp_path / "missing"), 10) == (0, 0)
