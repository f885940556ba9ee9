"""The first process of every sandbox: starts the candidate, waits for it, and ends with the runner.

It holds the read end of a lifeline whose other end the runner keeps. At end of file it exits: as process 1
of a PID namespace the kernel then kills everything inside; elsewhere it is the tree's subreaper and kills
what is left itself. The candidate gets neither the lifeline nor the report, and runs under its own limits.

A cold start under bubblewrap waits for this module to be imported, so it does without `json` and `typing`.
"""

import contextlib
import marshal
import os
import resource
import select
import signal
from collections.abc import Callable, Iterator

from novum.compute.node import seccomp, syscalls, tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGQUIT)


def supervise(spec: dict, lifeline: int, report: int, streams: tuple[int, int]) -> None:
    """Run `spec` to its end and exit this process. Never returns.

    `spec` has `argv`, `env`, `cwd`, `uid` (or null), `rlimits` (name -> soft and hard), `filter`
    (null, "local" or "none": which sockets the seccomp filter allows), `landlock` (null or readable
    and writable paths) and `namespace` (whether this is process 1 of a PID namespace).
    """
    try:
        woken = _make_subreaper()
        started, telling = os.pipe()
        child = os.fork()
        if child == 0:
            _execute(spec, telling, streams)
        for number in (telling, *streams):
            os.close(number)
        if spec["namespace"]:  # elsewhere a root runner needs the right to kill what runs as another user
            syscalls.drop_capabilities()
        _watch_over(child, started, lifeline, report, woken, spec["namespace"])
    except OSError as error:
        tell(report, {"error": f"{error.strerror or error} ({type(error).__name__})"})
    finally:
        os._exit(70)


def supervise_waiting(
    orders: Callable[[], dict], lifeline: int, report: int, streams: tuple[int, int]
) -> dict:
    """As `supervise` in a PID namespace, but with the candidate's process made before anything is to run.

    `orders` is called here, makes the walls that the two share, and returns the `spec` once all is ready for
    it; the candidate is forked before, when little memory is ours that either would have to copy. Returns the
    `spec` in the candidate's process alone, which is confined by then and left to the caller.
    """
    inside = False
    try:
        woken = _make_subreaper()
        (started, telling), (told, telling_it) = os.pipe(), os.pipe()
        child = os.fork()
        if child == 0:
            os.close(telling_it)
            spec = _wait_confined(told, telling, streams)
            inside = True
            return spec
        for number in (telling, told, *streams):
            os.close(number)
        spec = orders()
        syscalls.drop_capabilities()
        with os.fdopen(telling_it, "wb") as pipe:  # up to here an error means that nothing has run
            pipe.write(marshal.dumps(spec))
        _watch_over(child, started, lifeline, report, woken, True)
    except OSError as error:
        tell(report, {"error": str(error)})
        raise
    finally:
        if not inside:
            os._exit(70)


def _make_subreaper() -> int:
    """Prepare for a child; what becomes readable when one ends."""
    woken = _prepare_signals()
    syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)  # else a candidate of the same user may trace it
    return woken


def _watch_over(
    child: int, started: int, lifeline: int, report: int, woken: int, namespace: bool
) -> "NoReturn":
    """Say whether the candidate began, and how it ended."""
    problem = os.read(started, 4096)
    tell(report, {"refused": problem.decode()} if problem else {"started": child})
    _wait(child, lifeline, report, woken, namespace)


def _prepare_signals() -> int:
    """Ignore what a candidate might send; have SIGCHLD wake `poll` through a pipe."""
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    read, write = os.pipe()
    os.set_blocking(write, False)
    os.set_blocking(read, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return read


def _wait(child: int, lifeline: int, report: int, woken: int, namespace: bool) -> "NoReturn":
    poll = select.poll()
    poll.register(lifeline, select.POLLIN | select.POLLHUP)
    poll.register(woken, select.POLLIN)
    while True:
        ready = {number for number, _ in poll.poll()}
        if lifeline in ready:
            _leave(namespace)
        with contextlib.suppress(BlockingIOError):
            os.read(woken, 4096)
        status = _reap(child)
        if status is not None:
            tell(report, _ending(status))
            _leave(namespace)


def _reap(child: int) -> int | None:
    """Collect every process that ended; the candidate's wait status once it is among them."""
    status = None
    while True:
        try:
            pid, ended = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return status
        if pid == 0:
            return status
        if pid == child:
            status = ended


def _ending(status: int) -> dict:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"status": status, "cpu_seconds": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024}


def _leave(namespace: bool) -> "NoReturn":
    if not namespace:
        tree.kill_children()
    os._exit(0)


def tell(report: int, message: dict) -> None:
    """Send the runner one line of JSON; a runner that is gone needs no telling."""
    with contextlib.suppress(BrokenPipeError):
        os.write(report, _as_json(message).encode() + b"\n")


def _as_json(message: dict) -> str:
    """Numbers, which is what is told of all that goes well, are written without the help of `json`."""
    if all(isinstance(value, int | float) for value in message.values()):
        return "{" + ", ".join(f'"{name}": {value!r}' for name, value in message.items()) + "}"
    import json

    return json.dumps(message)


# --- the candidate's side ---------------------------------------------------------------------------------


def _execute(spec: dict, telling: int, streams: tuple[int, int]) -> None:
    """Confine this process and execute the program, or write why not to `telling`. Never returns."""
    try:
        with _telling(telling, spec["argv"][0]):
            _look_fresh(streams)
            reset_signals()
            _take_limits(spec, telling)
            os.execvpe(spec["argv"][0], spec["argv"], spec["env"])
    finally:
        os._exit(127)


def _wait_confined(told: int, telling: int, streams: tuple[int, int]) -> dict:
    """Wait for the `spec` and confine this process by it; end it if there is none."""
    confined = False
    try:
        with _telling(telling, "a zygote's child"):
            signal.set_wakeup_fd(-1)
            for number in (*_IGNORED, signal.SIGCHLD):  # the rest are the zygote's, and reset there
                signal.signal(number, signal.SIG_DFL)
            with os.fdopen(told, "rb") as pipe:
                spec = marshal.load(pipe)  # from here the walls stand
            _look_fresh(streams)
            _take_limits(spec, telling)
            os.close(telling)
            confined = True
    finally:
        if not confined:
            os._exit(127)
    return spec


@contextlib.contextmanager
def _telling(number: int, name: str) -> Iterator[None]:
    """Write what goes wrong to a pipe."""
    try:
        yield
    except OSError as error:
        os.write(number, f"{name}: {error.strerror or error}".encode())
    except (EOFError, ImportError, RuntimeError, ValueError) as error:
        os.write(number, f"confinement failed: {error}".encode())


def _look_fresh(streams: tuple[int, int]) -> None:
    """Undo what the first process set up for itself."""
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)  # /proc/self must be ours for the next line
    _offer_to_oom_killer()
    os.setsid()
    _take_streams(streams)


def _take_limits(spec: dict, telling: int) -> None:
    os.chdir(spec["cwd"])
    _set_limits(spec["rlimits"])
    _confine(spec)
    _close_all_but(telling)


def _offer_to_oom_killer() -> None:
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as handle:
        handle.write("1000")


def reset_signals() -> None:
    """Let every signal do what it does by default."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _take_streams(streams: tuple[int, int]) -> None:
    null = os.open("/dev/null", os.O_RDONLY)
    for source, target in ((null, 0), (streams[0], 1), (streams[1], 2)):
        os.dup2(source, target)


def _set_limits(limits: dict[str, list[int]]) -> None:
    for name, (soft, hard) in limits.items():
        number = getattr(resource, f"RLIMIT_{name}")
        _, ceiling = resource.getrlimit(number)
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(number, (soft, hard))


def _confine(spec: dict) -> None:
    if spec["landlock"] is not None:
        from novum.compute.sandbox import sandlock

        sandlock.confine(spec["landlock"])
    if spec["uid"] is not None:
        os.setgroups([])
        os.setresgid(spec["uid"], spec["uid"], spec["uid"])
        os.setresuid(spec["uid"], spec["uid"], spec["uid"])
    if spec["filter"] is None:
        return
    syscalls.drop_capabilities()
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    if seccomp.supported():
        syscalls.install_filter(seccomp.build(local_sockets=spec["filter"] == "local"))


def _close_all_but(kept: int) -> None:
    os.closerange(3, kept)
    os.closerange(kept + 1, 65536)
