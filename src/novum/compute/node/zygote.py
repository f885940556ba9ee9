"""A zygote: an interpreter inside a sandbox, with trusted libraries imported, that forks trials.

One zygote serves one role in one environment. It runs no program itself and never reads what a trial is
about: its child does. It has one thread, which is looked at before every fork, since a child has only a
copy of the forking one. Its end of file is the end of whoever started it; being process 1 of its
namespaces, its own end is that of all its trials.
"""

import gc
import importlib
import json
import os
import signal
import socket
import sys

from novum.compute.node import descriptors, first, isolate, script, seccomp, syscalls, view

TRUSTED: dict[str, tuple[str, ...]] = {
    "numpy": ("numpy", "numpy.random", "numpy.linalg", "numpy.fft", "numpy.lib.format"),
    "scipy": ("scipy",),
    "jax": ("jax", "jax.numpy"),
}
"""Library -> what is imported of it beforehand: nothing that starts threads or touches a device."""
STANDARD = ("argparse", "collections", "csv", "dataclasses", "functools", "hashlib", "itertools", "json",
            "math", "pathlib", "random", "re", "struct", "time", "typing", "zipfile")  # fmt: skip
ROOM = 1024
"""Bytes that a zygote's command line keeps free for that of a trial."""
MESSAGE = 256
"""Most bytes of what a zygote is asked."""


def serve(words: list[str]) -> script.Script:
    """The life of a zygote: `words` are the descriptor it hears from, its user, libraries, and padding.

    Each message is the sizes of a trial's file systems, as `isolate.wall_in` takes them, with its lifeline,
    report and streams, as `first.supervise` does. Returns only in the children, walled in and confined, with
    the program that they are to run.
    """
    control = socket.socket(fileno=int(words[0]))
    control.set_inheritable(False)
    _become(words[1])
    first.reset_signals()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps for us
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)
    _import(words[2].split(","))
    fresh = script.Interpreter()
    seccomp.build(local_sockets=True)  # remembered
    gc.collect()
    gc.freeze()  # neither collected nor copied for it in the children
    while True:
        data, given = descriptors.receive(control, MESSAGE, 4)
        if not data:
            os._exit(0)
        _stay_single()
        known, told = os.pipe()
        user = os.geteuid(), os.getegid()
        child = _fork(given)
        if child == 0:
            control.close()
            os.close(told)
            return _begin(fresh, user, json.loads(data), known, given)
        for number in (*given, known, told):
            os.close(number)


def _become(user: str) -> None:
    """A root runner's zygote becomes another user; from then on it has no rights that a plain user lacks."""
    if user:
        os.setgroups([])
        os.setresgid(int(user), int(user), int(user))
        os.setresuid(int(user), int(user), int(user))


def _fork(given: list[int]) -> int:
    """Fork the first process of a trial, and hand its runner a descriptor of it."""
    with socket.socket(fileno=os.dup(given[1])) as channel:
        try:
            child = syscalls.fork_into(isolate.NAMESPACES)
            if child:
                handle = os.pidfd_open(child)
                socket.send_fds(channel, [b"\n"], [handle])
                os.close(handle)
            return child
        except OSError as error:
            first.tell(given[1], {"error": str(error)})
            return -1


def _import(libraries: list[str]) -> None:
    sys.path.pop(0)  # our own folder: no library may take our modules for its own
    for name in (*STANDARD, *(module for library in libraries for module in TRUSTED.get(library, ()))):
        try:
            importlib.import_module(name)
        except ImportError as error:  # a program that needs it will say so itself
            print(f"{name}: {error}", file=sys.stderr)


def _stay_single() -> None:
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        print(f"{threads} threads in a zygote", file=sys.stderr)
        os._exit(71)


def _begin(
    fresh: script.Interpreter, user: tuple[int, int], sizes: dict, known: int, given: list[int]
) -> script.Script:
    """Be the first process of a trial; returns in its candidate."""
    lifeline, report, out, err = given

    def orders() -> dict:
        isolate.wall_in(*user, sizes)
        os.read(known, 1)  # end of file: the runner has been told of us, and what we say comes after it
        _hand_over_work(report)
        spec = _read(report)
        isolate.resize(sizes, spec["sizes"])
        problem = fresh.objection(spec["argv"][1:], view.WORK)
        if problem:
            raise OSError(problem)
        return spec

    spec = first.supervise_waiting(orders, lifeline, report, (out, err))
    return fresh.script(spec["argv"][1:], spec["env"])


def _hand_over_work(report: int) -> None:
    """Give the runner a descriptor of the trial's folder, which has no name outside."""
    work = os.open(view.WORK, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    with socket.socket(fileno=os.dup(report)) as channel:
        socket.send_fds(channel, [b"\n"], [work])
    os.close(work)


def _read(report: int) -> dict:
    """What the runner wants, one line of JSON."""
    data = b""
    while not data.endswith(b"\n"):
        more = os.read(report, 1 << 16)
        if not more:
            os._exit(0)
        data += more
    return json.loads(data)
