"""A warm start cannot be told from a cold one, holds what it promises, and fails towards the cold one."""

import asyncio
import importlib.util
import json
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from msgspec import structs

from novum.compute.environment import environment
from novum.compute.executors.local import LocalExecutor
from novum.compute.layers import examine
from novum.compute.node import isolate, limits, tree
from novum.compute.node import zygotes as node_zygotes
from novum.compute.node.job import Site, run_job
from novum.compute.node.script import Interpreter
from novum.compute.node.watch import Pipes
from novum.compute.node.zygotes import Nestling, Refused, Zygote, Zygotes
from novum.compute.sandbox.layers import WITH_ZYGOTES
from novum.errors import UserError
from novum.journal.blobs import FileBlobs
from novum.records import Job, JobResult, Stage
from novum.testing.executors import LIMITS, output, python_stage, run, trial

LOOK = """
import gc, json, locale, os, resource, signal, sys, threading
from pathlib import Path
limits = ("DATA", "FSIZE", "CPU", "NPROC", "NOFILE", "CORE")
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
found = {
    "arguments": [sys.argv, sys.orig_argv[1:], sys.path, sys.executable, list(sys.flags), sys.warnoptions],
    "main": [__name__, __file__, __spec__, __package__, __doc__, sorted(globals())],
    "main is": sys.modules["__main__"].__dict__ is globals(),
    "environment": sorted(os.environ.items()),
    "folder": [os.getcwd(), *(sorted(os.listdir(path)) for path in (".", "/tmp", "/dev/shm"))],
    "process": [os.getpid(), os.getppid(), os.getsid(0), os.umask(0o022), os.listdir("/proc/self/fd")],
    "command line": Path("/proc/self/cmdline").read_text().rstrip("\\0").split("\\0")[1:],
    "rights": [status[k].split() for k in ("CapEff", "CapPrm", "CapInh", "NoNewPrivs", "Seccomp")],
    "threads": [threading.active_count(), threading.main_thread().name],
    "signals": [str(signal.getsignal(s)) for s in sorted(signal.valid_signals())],
    "blocked": [str(s) for s in signal.pthread_sigmask(signal.SIG_BLOCK, ())],
    "limits": [resource.getrlimit(getattr(resource, f"RLIMIT_{name}")) for name in limits],
    "streams": [[s.encoding, s.errors, s.line_buffering, s.write_through, s.isatty(), s.name]
                for s in (sys.stdin, sys.stdout, sys.stderr)],
    "input": sys.stdin.read(),
    "hash": hash("a text"),
    "state": [gc.isenabled(), gc.get_threshold(), sys.getrecursionlimit(), locale.setlocale(locale.LC_ALL)],
    "ours": [name for name in sys.modules if "novum" in name],
}
Path("out/found.json").write_text(json.dumps(found, sort_keys=True, default=str))
"""
ENDINGS = {
    "look": LOOK,
    "numbers": """
import numpy
rng = numpy.random.default_rng(3)
a = rng.normal(size=(40, 40))
numpy.save("out/a.npy", numpy.linalg.solve(a, rng.normal(size=40)))
numpy.save("out/b.npy", numpy.fft.rfft(a).real)
""",
    "error": """
def inner():
    raise ValueError("not so")
def outer():
    try:
        inner()
    except ValueError as error:
        raise RuntimeError("because") from error
print("before", flush=True)
outer()
""",
    "syntax": "x = 1\ndef f(:\n    pass\n",
    "exit text": "import sys\nsys.exit('a word')\n",
    "exit code": "raise SystemExit(300)\n",
    "exit early": "import os\nprint('no newline', end='')\nos._exit(9)\n",
    "interrupt": "raise KeyboardInterrupt\n",
    "abort": "import os\nos.abort()\n",
    "memory": "held = b'x' * 10_000_000_000\n",
    "unclosed": "handle = open('out/text', 'w')\nhandle.write('kept')\n",
    "at the end": """
import atexit, pathlib, threading, time
class Last:
    def __del__(self, path=pathlib.Path("out/last")):
        path.write_text("deleted")
last, ring = Last(), Last()
ring.ring = ring
atexit.register(print, "at exit")
threading.Thread(target=lambda: (time.sleep(0.05), print("thread"))).start()
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
print("main")
""",
    "children": """
import multiprocessing, subprocess, sys
def square(x):
    return x * x
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(pool.map(square, range(5)))
    print(subprocess.run([sys.executable, "-c", "import sys; print(sys.argv)"], capture_output=True).stdout)
""",
}
ALIKE = ("status", "exit_code", "signal", "outputs", "refused", "stdout", "stderr", "detail")


def usable() -> list[str]:
    """Layers under which trials can start warm here."""
    reports = [examine(layer) for layer in WITH_ZYGOTES]
    return [report.layer for report in reports if not report.problem and not report.warm_problem]


@pytest.fixture(scope="module")
def layer() -> str:
    if not usable():
        pytest.skip("; ".join(examine(name).warm_problem or examine(name).problem for name in WITH_ZYGOTES))
    return usable()[0]


@pytest_asyncio.fixture
async def warm(blobs: FileBlobs, tmp_path: Path) -> AsyncIterator[LocalExecutor]:
    made = LocalExecutor(blobs, tmp_path / "warm")
    yield made
    await made.close()


@pytest_asyncio.fixture
async def cold(blobs: FileBlobs, tmp_path: Path) -> AsyncIterator[LocalExecutor]:
    made = LocalExecutor(blobs, tmp_path / "cold", warm=False)
    yield made
    await made.close()


def job(stage: Stage, layer: str) -> Job:
    return Job(stages=(stage,), requirements=("numpy",), sandbox=layer, shipped=True)


async def both(
    stage: Stage, layer: str, warm: LocalExecutor, cold: LocalExecutor, key: str
) -> tuple[JobResult, JobResult]:
    return await run(warm, job(stage, layer), key), await run(cold, job(stage, layer), key)


async def test_endings_are_alike(
    layer: str, blobs: FileBlobs, warm: LocalExecutor, cold: LocalExecutor
) -> None:
    for name, source in ENDINGS.items():
        one, other = await both(python_stage("only", source, blobs), layer, warm, cold, name)
        assert one.warm == ("only",), (name, one)
        assert other.warm == ()
        for field in ALIKE:
            if name == "look" and field == "outputs":
                shown = [json.loads(output(r, "only", "out/found.json", blobs)) for r in (one, other)]
                assert shown[0] == shown[1]
            assert getattr(one.stages[0], field) == getattr(other.stages[0], field), (name, field)


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_ZYGOTES)
async def test_endings_are_alike_under_every_layer(
    name: str, blobs: FileBlobs, warm: LocalExecutor, cold: LocalExecutor
) -> None:
    if name not in usable():
        pytest.skip(examine(name).problem or examine(name).warm_problem)
    await test_endings_are_alike(name, blobs, warm, cold)


async def test_a_program_keeps_its_own_modules(
    layer: str, blobs: FileBlobs, warm: LocalExecutor, cold: LocalExecutor
) -> None:
    """One named like a module that the zygote has imported starts cold, and is found."""
    files = {"csv.py": blobs.put(b"MINE = 'mine'")}
    stage = python_stage("only", "import csv; print(csv.MINE)", blobs, files=files)
    one, other = await both(stage, layer, warm, cold, "k")
    assert one.warm == ()
    assert one.stages[0].stdout == other.stages[0].stdout == "mine\n"


@pytest.mark.parametrize("command", [("python", "-c", "print(1)"), ("sh", "-c", "echo 1")])
async def test_other_commands_start_cold(command: tuple[str, ...], layer: str, warm: LocalExecutor) -> None:
    result = await run(warm, job(Stage(name="only", command=command, limits=LIMITS), layer), "k")
    assert result.warm == ()
    assert result.stages[0].stdout == "1\n"


RANDOM = """
import random, uuid
import numpy
print(numpy.random.random(), random.random(), uuid.uuid4(), numpy.random.default_rng().random())
"""


async def test_trials_of_one_zygote_draw_their_own_numbers(
    layer: str, blobs: FileBlobs, warm: LocalExecutor
) -> None:
    """A program that forgot to seed is not the same in every trial."""
    stage = python_stage("only", RANDOM, blobs)
    drawn = [(await run(warm, job(stage, layer), f"{i}")).stages[0].stdout.split() for i in range(3)]
    assert len({number for numbers in drawn for number in numbers}) == 12


INSIDE = """
import ctypes, json, os
from pathlib import Path
def read(path):
    try:
        return Path(path).read_text(errors="replace")
    except OSError as error:
        return type(error).__name__
libc = ctypes.CDLL(None)
found = {
    "mounts": sorted({line.split()[3] for line in read("/proc/self/mountinfo").splitlines()
                      if line.split()[4] in ("/work", "/tmp", "/dev/shm")}),
    "processes": sorted(int(n) for n in os.listdir("/proc") if n.isdigit()),
    "of the first": [read(f"/proc/1/{name}") for name in ("environ", "maps", "mem")],
    "pts": os.path.exists("/dev/pts") or os.path.exists("/dev/ptmx"),
    "namespaces": read("/proc/sys/user/max_user_namespaces").strip(),
    "unmounted": [libc.umount2(path, 2) for path in (b"/dev/shm", b"/proc", b"/tmp", b"/work")],
    "devices": read("/proc/net/dev").count(":"),
    "maps": read("/proc/self/uid_map").split()[2],
}
os.kill(1, 9)
Path("out/found.json").write_text(json.dumps(found))
"""


async def test_inside_there_is_nothing_of_others(layer: str, blobs: FileBlobs, warm: LocalExecutor) -> None:
    result = await run(warm, job(python_stage("only", INSIDE, blobs), layer), "k")
    assert result.warm == ("only",), result
    found = json.loads(output(result, "only", "out/found.json", blobs))
    assert found == {
        "mounts": ["/"],
        "processes": [1, 2],
        "of the first": ["PermissionError"] * 3,
        "pts": False,
        "namespaces": "0",
        "unmounted": [-1] * 4,
        "devices": 1,
        "maps": "1",
    }


def zygotes(executor: LocalExecutor) -> list[tree.Process]:
    """The zygotes below an executor's server: their first children keep their command line."""
    assert executor._server is not None
    found = [p for p in tree.below(executor._server.pid) if b"\0zygote\0" in command_line(p.pid)]
    above = {p.pid for p in found if b"bwrap" not in command_line(p.pid)}
    return [p for p in found if p.pid in above and p.parent not in above]


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


async def test_roles_have_zygotes_of_their_own(layer: str, blobs: FileBlobs, warm: LocalExecutor) -> None:
    first = structs.replace(trial(blobs, (1,)), sandbox=layer)
    for key in ("a", "b"):
        assert (await run(warm, first, key)).warm == ("prepare", "program", "evaluator")
    assert len(zygotes(warm)) == 3, "one for each role, and the same ones again"
    if os.geteuid() == 0:
        held = [len(list(Path(f"/proc/{p.pid}/fd").iterdir())) for p in zygotes(warm)]
        assert held == [4] * 3, "its streams and its socket, and nothing of a job's"
    other = structs.replace(first, requirements=("numpy",))
    assert (await run(warm, other, "c")).ok
    assert len(zygotes(warm)) == 6, "an environment has zygotes of its own"


async def test_a_zygote_that_dies_is_no_failure_of_a_program(
    layer: str, blobs: FileBlobs, warm: LocalExecutor
) -> None:
    """What it ran is lost, since no candidate can end it; the next trial has another."""
    sleeper = python_stage("only", "import time\ntime.sleep(60)\n", blobs)
    assert (await run(warm, job(python_stage("only", "", blobs), layer), "before")).warm == ("only",)
    await warm.submit(job(sleeper, layer), "killed", 0)
    [found] = zygotes(warm)
    deadline = time.monotonic() + 20
    while not any(b"main.py" in command_line(p.pid) for p in tree.below(found.pid)):
        assert time.monotonic() < deadline, [command_line(p.pid)[:60] for p in tree.below(found.pid)]
        await asyncio.sleep(0.01)
    os.kill(found.pid, signal.SIGKILL)
    assert "ended from outside" in (await warm.wait("killed", 0)).lost
    after = await run(warm, job(python_stage("only", "print(1)", blobs), layer), "after")
    assert after.ok, after


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["main.py", "request.json"], ""),
        (["-m", "main.py"], "not a Python file"),
        (["main", "request.json"], "not a Python file"),
        (["missing.py"], "no file"),
        (["folder.py"], "no file"),
        (["inner/main.py"], "json is imported"),
        ([], "not a Python file"),
    ],
)
def test_what_a_forked_interpreter_can_run(tmp_path: Path, argv: list[str], told: str) -> None:
    (tmp_path / "main.py").touch()
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "inner" / "json").mkdir(parents=True)
    (tmp_path / "inner" / "main.py").touch()
    said = Interpreter().objection(argv, str(tmp_path))
    assert told in said
    assert bool(told) is bool(said)


def test_a_complaint_is_read_though_the_process_is_handed_over_after_it() -> None:
    """The child may complain before the zygote hands it over, and the kernel give both in one piece."""
    pipes = Pipes()
    channel = socket.socket(fileno=os.dup(pipes.theirs[1]))
    channel.sendall(b'{"error": "mount: no room"}\n')
    handle = os.pidfd_open(os.getpid())
    socket.send_fds(channel, [b"\n"], [handle])
    channel.close()
    os.close(handle)
    pipes.let_go()
    nestling = Nestling(Zygote(socket.socket(), os.open(os.devnull, os.O_RDONLY), None), pipes)
    before = len([*Path("/proc/self/fd").iterdir()])
    with pytest.raises(Refused, match="mount: no room"):
        nestling.meet(None)
    assert len([*Path("/proc/self/fd").iterdir()]) == before
    nestling.abandon()
    nestling._zygote.close()


@pytest.mark.parametrize("failing", [False, True])
def test_walls_that_cannot_be_made_mean_a_cold_start(
    layer: str, failing: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first process says that it could not show the folder; nothing of the program has run by then."""
    (tmp_path / "zygotes").mkdir()
    (tmp_path / "attempt").mkdir()
    exposed = environment(())
    (tmp_path / "program").write_text("print(len(__import__('os').listdir('out')))\nopen('out/x', 'w')\n")
    stage = Stage(name="only", command=("python", "main.py"), files={"main.py": "blob"}, limits=LIMITS)
    request = {
        "job": msgspec.to_builtins(Job(stages=(stage,))),
        "blobs": {"blob": str(tmp_path / "program")},
        "environment": exposed.request(exposed.farm(tmp_path)),
        "layer": layer,
        "drop_user": examine(layer).drop_user,
        "warm": True,
    }
    tmp_path.chmod(0o755)
    kept = Zygotes(str(tmp_path / "zygotes"))
    kept.prepare(request)
    if failing:
        refused = {"work": 1 << 20, "entries": "many", "tmp": 1 << 20}
        monkeypatch.setattr(limits, "memory_sizes", lambda limits: refused)
    site = Site(str(tmp_path / "attempt"), nestlings=kept.take(request))
    result = run_job(request, site)
    kept.close()
    assert result["warm"] == ([] if failing else ["only"])
    assert ("mount" in site.cold) is failing
    assert (result["lost"], result["stages"][0]["stdout"]) == ("", "0\n")


def test_a_stage_that_could_fill_the_memory_starts_cold(monkeypatch: pytest.MonkeyPatch) -> None:
    stages = [{"name": "one", "command": ["python", "a.py"], "limits": msgspec.to_builtins(LIMITS)}]
    request = {"warm": True, "layer": "bwrap", "job": {"stages": stages}}
    needed = limits.memory_sizes(stages[0]["limits"])["work"]
    for free, expected in ((4 * needed, stages), (4 * needed - 4, [])):
        monkeypatch.setattr(limits, "memory_available", lambda free=free: free)
        assert node_zygotes._eligible(request) == expected


async def test_a_folder_that_is_full_is_a_limit_and_no_failure(
    layer: str, blobs: FileBlobs, warm: LocalExecutor
) -> None:
    """Faster than the watch looks: the program meets the end of its file system, and fails."""
    bound = structs.replace(LIMITS, output_mb=2, file_mb=100)
    source = "open('out/x', 'wb').write(bytes(60_000_000))\n"
    stage = structs.replace(python_stage("only", source, blobs), limits=bound)
    result = await run(warm, job(stage, layer), "k")
    assert (result.warm, result.stages[0].status, result.stages[0].outputs) == (("only",), "output_limit", {})


def test_every_namespace_is_new() -> None:
    assert isolate.NAMESPACES.bit_count() == 7


JAX = """
import json, time
from pathlib import Path
import jax, jax.numpy as jnp
began = time.perf_counter()
value = jax.jit(lambda x: jnp.sum(jnp.sin(x) ** 2))(jnp.arange(5.0)).block_until_ready()
Path("out/found.json").write_text(json.dumps([float(value), time.perf_counter() - began]))
"""


@pytest.mark.slow
async def test_jax_works_warm(layer: str, blobs: FileBlobs, warm: LocalExecutor, cold: LocalExecutor) -> None:
    if importlib.util.find_spec("jax") is None:
        pytest.skip("JAX is not installed")
    bound = structs.replace(LIMITS, memory_mb=2048, processes=64)
    stage = structs.replace(python_stage("program", JAX, blobs), limits=bound)
    asked = Job(stages=(stage,), requirements=("jax",), sandbox=layer, shipped=True)
    one, other = await run(warm, asked, "k"), await run(cold, asked, "k")
    assert one.warm == ("program",), one
    values = [json.loads(output(result, "program", "out/found.json", blobs))[0] for result in (one, other)]
    assert values[0] == values[1]


async def test_a_missing_library_is_still_the_users_error(blobs: FileBlobs, warm: LocalExecutor) -> None:
    asked = Job(stages=(python_stage("only", "", blobs),), requirements=("no-such-thing",), shipped=True)
    with pytest.raises(UserError):
        await warm.submit(asked, "k", 0)
