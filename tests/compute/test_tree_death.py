"""Nothing survives: the coordinator or the runner is killed with SIGKILL at moments around the start.

The stand-in for the coordinator starts the runner as `LocalExecutor` does, in a few milliseconds rather than
in the half second that importing Novum takes. What it runs leaves a child in a session of its own that
ignores all signals. Every process of a try carries its mark on the command line.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from novum.compute.environment import base_interpreter, environment
from novum.compute.layers import examine, runner_command
from novum.compute.node import tree
from novum.compute.probes.suite import PROGRAMS
from novum.compute.probes.world import marked
from novum.compute.sandbox.layers import WITH_ZYGOTES
from novum.records import Job, Limits, Stage

Try = Callable[[Path, str, float, str], list[int]]
AROUND_THE_START = [i * 0.0005 for i in range(20)]
WHILE_IT_STARTS = [0.015, 0.03, 0.045, 0.06, 0.08, 0.12, 0.2]

COORDINATOR = """
import os, subprocess, sys, time
runner = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, env={}, start_new_session=True)
os.write(1, f"{runner.pid}\\n".encode())
time.sleep(60)
"""


WARM_COORDINATOR = """
import os, socket, subprocess, sys, time
before, job, *command = sys.argv[1:]
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
server = subprocess.Popen(command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, env={}, start_new_session=True)
theirs.close()
def ask(path):
    mine, given = socket.socketpair()
    socket.send_fds(ours, [path.encode()], [given.fileno()])
    given.close()
    return mine
ask(before).recv(1)
lifeline = ask(job)
os.write(1, f"{server.pid}\\n".encode())
time.sleep(60)
"""


def lay_out(folder: Path, layer: str, mark: str, mode: str = "linger") -> list[str]:
    """An attempt's folder for a job that misbehaves, and the command that runs it."""
    folder.mkdir(parents=True)
    program = PROGRAMS / "misuse.py"
    request = {"config": {"mode": mode, "mark": mark, "mb": 1}}
    stage = Stage(name="only", command=("python", "misuse.py", mark), files={"misuse.py": "blob"},
                  request=request, limits=Limits(cpu_seconds=20, wall_seconds=50))  # fmt: skip
    exposed = environment(())
    job = {
        "job": msgspec.to_builtins(Job(stages=(stage,))),
        "blobs": {"blob": str(program)},
        "environment": exposed.request(exposed.farm(folder.parent)),
        "layer": layer,
        "drop_user": examine(layer).drop_user,
        "warm": True,
    }
    (folder / "job.json").write_text(json.dumps(job))
    return [*runner_command(), str(folder / "job.json"), "--lifeline", "0"]


def survivors(marks: tuple[str, ...], patience: float, folder: Path | None = None) -> list[int]:
    """Processes with one of the marks, or with a folder mounted, that are there after `patience` seconds.

    None of them is left.
    """

    def look() -> list[int]:
        return [pid for mark in marks for pid in marked(mark)] + (mounted(folder) if folder else [])

    deadline = time.monotonic() + patience
    while (found := look()) and time.monotonic() < deadline:
        time.sleep(0.01)
    for pid in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return found


def one_try(folder: Path, layer: str, delay: float, victim: str) -> list[int]:
    """Start a coordinator, kill it (or its runner) `delay` seconds after the runner started."""
    mark = f"novum-death-{os.getpid()}-{folder.name}-"
    command = lay_out(folder, layer, mark)
    coordinator = subprocess.Popen(
        [base_interpreter(), "-I", "-S", "-c", COORDINATOR, *command], stdout=subprocess.PIPE
    )
    assert coordinator.stdout is not None
    runner = int(coordinator.stdout.readline())
    time.sleep(delay)
    os.kill(coordinator.pid if victim == "coordinator" else runner, signal.SIGKILL)
    time.sleep(0.1)  # what was about to start has started by now
    left = survivors((mark, str(folder)) if victim == "coordinator" else (mark,), patience=10)
    coordinator.kill()
    coordinator.communicate()
    return left


def one_warm_try(folder: Path, layer: str, delay: float, victim: str) -> list[int]:
    """As above, once a trial has warmed up the zygote: the coordinator dies, and the victim before it."""
    mark = f"novum-death-{os.getpid()}-{folder.name}-"
    lay_out(folder / "first-0", layer, "novum-death-quick", "memory")
    lay_out(folder / "second-0", layer, mark)
    (folder / "server").mkdir()
    jobs = [str(folder / name / "job.json") for name in ("first-0", "second-0")]
    command = [*runner_command(), str(folder / "server"), "--serve", "0"]
    coordinator = subprocess.Popen(
        [base_interpreter(), "-I", "-S", "-c", WARM_COORDINATOR, *jobs, *command], stdout=subprocess.PIPE
    )
    assert coordinator.stdout is not None
    server = int(coordinator.stdout.readline())
    time.sleep(delay)
    left = outliving_zygotes(folder) if victim == "zygote" else []
    if victim == "server":
        os.kill(server, signal.SIGKILL)
    coordinator.kill()
    coordinator.communicate()
    time.sleep(0.1)
    return left + survivors((mark, str(folder)), 10, folder)


def outliving_zygotes(folder: Path) -> list[int]:
    """Kill the zygotes; which of what they had started is there ten seconds later."""
    found = zygotes(folder)
    assert found
    inside = {(p.pid, p.start) for pid in found for p in tree.below(pid)}
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        now = {pid: tree.read(pid) for pid, _ in inside}
        left = [pid for pid, start in inside if (p := now[pid]) and p.start == start and p.state != "Z"]
        if not left:
            return []
        time.sleep(0.01)
    return left


def zygotes(folder: Path) -> list[int]:
    """Processes in a view that was made in a folder which are not of a trial: those have a `/work`."""
    return [pid for pid in mounted(folder) if " /work " not in mounts(pid)]


def mounts(pid: int) -> str:
    """What a process sees mounted; nothing of one that ends."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/mountinfo").read_text()
    return ""


def mounted(folder: Path) -> list[int]:
    """Processes that have a folder, or one in it, mounted."""
    pids = [int(place.name) for place in Path("/proc").glob("[0-9]*")]
    name = name_in_mounts(folder)
    return [pid for pid in pids if name in mounts(pid)]


def name_in_mounts(folder: Path) -> str:
    """What a folder is called where its mounts are listed: its path inside its file system."""
    top = next(above for above in (folder, *folder.parents) if above.is_mount())
    return f"/{folder.relative_to(top)}"


def many_tries(
    folder: Path, layer: str, delays: list[float], victim: str, one_try: Try = one_try
) -> dict[str, list[int]]:
    """What each try left, by its delay, and what was there half a second after all of them."""
    left = {f"{i}: {d}": one_try(folder / f"{i}", layer, d, victim) for i, d in enumerate(delays)}
    time.sleep(0.5)
    left["later"] = survivors((str(folder), f"novum-death-{os.getpid()}-"), 0, folder)
    return {when: pids for when, pids in left.items() if pids}


def skip_if_cold(layer: str) -> None:
    if layer not in WITH_ZYGOTES or examine(layer).warm_problem:
        pytest.skip(f"{layer}: {examine(layer).warm_problem}")


@pytest.mark.parametrize("victim", ["coordinator", "runner"])
def test_nothing_survives(layer: str, victim: str, tmp_path: Path) -> None:
    assert many_tries(tmp_path, layer, AROUND_THE_START[::3] + WHILE_IT_STARTS[2::2], victim) == {}


@pytest.mark.parametrize("victim", ["coordinator", "server", "zygote"])
def test_nothing_survives_a_warm_start(layer: str, victim: str, tmp_path: Path) -> None:
    skip_if_cold(layer)
    assert many_tries(tmp_path, layer, [0.0, 0.004, 0.03], victim, one_warm_try) == {}


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["coordinator", "server", "zygote"])
def test_nothing_survives_a_warm_start_at_any_moment(layer: str, victim: str, tmp_path: Path) -> None:
    skip_if_cold(layer)
    assert many_tries(tmp_path, layer, AROUND_THE_START + WHILE_IT_STARTS * 2, victim, one_warm_try) == {}


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["coordinator", "runner"])
def test_nothing_survives_at_any_moment(layer: str, victim: str, tmp_path: Path) -> None:
    assert many_tries(tmp_path, layer, AROUND_THE_START + WHILE_IT_STARTS * 3, victim) == {}


def test_the_program_would_survive_by_itself(tmp_path: Path) -> None:
    """The tests above can fail: without a runner, the child outlives its parent."""
    mark = f"novum-death-control-{os.getpid()}"
    (tmp_path / "request.json").write_text(json.dumps({"config": {"mode": "detach", "mark": mark}}))
    program = [sys.executable, str(PROGRAMS / "misuse.py"), "request.json"]
    subprocess.run(program, cwd=tmp_path, check=True)
    assert len(survivors((mark,), patience=0)) == 1
