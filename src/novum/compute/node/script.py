"""Runs `python file.py …` in a forked interpreter so that the program cannot tell it from a fresh one.

What a fresh interpreter sets up is set up again, and what it does at its end is done for everything that
the program made. What the zygote had imported is left as it is: taking NumPy apart takes longer than most
small programs run.
"""

import atexit
import builtins
import contextlib
import ctypes
import gc
import io
import os
import signal
import sys
import threading
import types
import weakref
from collections.abc import Sequence
from importlib.machinery import SourceFileLoader
from itertools import islice
from typing import NoReturn


class Interpreter:
    """What an interpreter has imported before it runs anything; make it when that is done."""

    def __init__(self) -> None:
        self.modules = frozenset(name for name in sys.modules if name.split(".", 1)[0] != "novum")
        self.names = frozenset(name.split(".", 1)[0] for name in self.modules)
        self.others = {name: module for name, module in sys.modules.items() if name not in self.modules}
        self.environment = dict(os.environ)
        self.title = _place_of_title()

    def objection(self, argv: Sequence[str], work: str) -> str:
        """Why a command cannot be run in a fork of this interpreter; an empty string if it can.

        `argv` is the command without the interpreter. A module of the program that has the name of one which
        is imported already would not be found: a fresh interpreter takes the program's.
        """
        if not argv or not argv[0].endswith(".py") or argv[0].startswith("-"):
            return "not a Python file"
        path = os.path.join(work, argv[0])
        if not os.path.isfile(path):
            return f"{argv[0]} is no file"
        beside = {name.split(".", 1)[0] for name in os.listdir(os.path.dirname(path))}
        taken = sorted(beside & self.names)
        return f"{taken[0]} is imported already" if taken else ""

    def script(self, argv: list[str], environment: dict[str, str]) -> "Script":
        """The program to run in this fork, which looks freshly started from now on."""
        for name in self.others:  # to look through all would copy the memory that all their names are in
            del sys.modules[name]
        if environment != self.environment:
            os.environ.clear()
            os.environ.update(environment)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_IGN)
        if "numpy.random" in sys.modules:  # its global generator would be the same in every trial
            sys.modules["numpy.random"].seed()
        return Script(argv, self)


class Script:
    """A program in a fork of an interpreter, which is kept: to free it would copy the memory it is in."""

    def __init__(self, argv: list[str], interpreter: Interpreter):
        self.path = os.path.join(os.getcwd(), argv[0])
        self.interpreter = interpreter
        sys.argv = list(argv)
        sys.orig_argv = [sys.executable, *argv]
        sys.path.insert(0, os.path.dirname(os.path.realpath(self.path)))
        _set_title([os.fsencode(word) for word in sys.orig_argv], *interpreter.title)

    def run(self) -> NoReturn:
        """Run the program to its end and end this process as the interpreter would."""
        _finish(_execute(self.path), self.interpreter.modules)


def _place_of_title() -> tuple[int, int]:
    """Where this process's command line begins and ends in its memory; in a fork it is the same."""
    with open("/proc/self/stat") as handle:
        fields = handle.read().rpartition(")")[2].split()
    return int(fields[45]), int(fields[46])


def _set_title(words: list[bytes], begin: int, end: int) -> None:
    """Show the program's own command line in `/proc/self/cmdline`, in the room the zygote's took."""
    room = end - begin
    if begin and room:
        text = b"\0".join(words)[: room - 1]
        ctypes.memmove(begin, text.ljust(room, b"\0"), room)


def _execute(path: str) -> int:
    """Run a file as `__main__`; the exit code."""
    main = types.ModuleType("__main__")
    loader = SourceFileLoader("__main__", path)
    main.__dict__.update(__file__=path, __cached__=None, __builtins__=builtins, __loader__=loader,
                         __annotations__={})  # fmt: skip
    sys.modules["__main__"] = main
    try:
        with io.open_code(path) as handle:
            source = handle.read()
        exec(compile(source, path, "exec", dont_inherit=True), main.__dict__)
    except SystemExit as leaving:
        return _exit_code(leaving)
    except BaseException as error:  # the border: whatever a program raises is its own failure
        return _told(error)
    return 0


def _exit_code(leaving: SystemExit) -> int:
    if leaving.code is None:
        return 0
    if isinstance(leaving.code, int):
        return leaving.code & 0xFF
    print(leaving.code, file=sys.stderr)
    return 1


def _told(error: BaseException) -> int:
    """Report an uncaught exception without the frames of this module."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    sys.excepthook(type(error), error.with_traceback(trace), trace)
    if isinstance(error, KeyboardInterrupt):  # as the interpreter does
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    return 1


_SPARE = 16  # more modules than are new, should the program have removed some


# --- the end ----------------------------------------------------------------------------------------------


def _finish(code: int, before: frozenset[str]) -> NoReturn:
    """What the interpreter does at its end, for what the program made; then the C library's own end."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    _take_apart(before)
    code = _flush(code)
    ctypes.PyDLL(None).exit(code)  # holding the interpreter's lock, so that no thread goes on meanwhile
    os._exit(code)


def _take_apart(before: frozenset[str]) -> None:
    """Let go of the program's modules in the interpreter's order, so that its objects are finalised."""
    last = islice(reversed(sys.modules), max(0, len(sys.modules) - len(before)) + _SPARE)
    names = [name for name in last if name not in before and name != "__main__"]
    fresh = [sys.modules.pop(name, None) for name in ("__main__", *reversed(names))]
    left = [weakref.ref(module) for module in fresh if isinstance(module, types.ModuleType)]
    del fresh
    gc.collect()
    for module in (reference() for reference in reversed(left)):
        if module is not None:
            _clear(module.__dict__)
    gc.collect()


def _clear(names: dict[str, object]) -> None:
    """Set a module's names to None, private ones first, as the interpreter does."""
    for private in (True, False):
        for name in list(names):
            if name != "__builtins__" and (name[:1] == "_" and name[1:2] != "_") is private:
                names[name] = None


def _flush(code: int) -> int:
    """Flush what is still open (files kept alive by a library, say); the exit code that follows."""
    for found in gc.get_objects():
        if isinstance(found, io.IOBase) and not found.closed:
            with contextlib.suppress(Exception):  # the border: a program's own classes
                found.flush()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return 120
    return code
