"""The one place where every error becomes one line on standard error and an exit code.

0 done   1 the study failed   2 the input is wrong   3 out of budget   4 machine or provider
5 our bug   130 interrupted
"""

import contextlib
import errno
import io
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer

from novum.errors import NovumError

MACHINE = 4
OUR_BUG = 5
INTERRUPTED = 130
USAGE = 2
# typer carries click inside itself since 0.26 and names the base of its errors nowhere in public
UsageFault: type[Exception] = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")
LONGEST = 1200  # signs of one line
ISSUES = "the project's issue tracker"
EXHAUSTED = dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "free some disk") | {
    errno.EACCES: "make it readable and writable",
    errno.EPERM: "make it readable and writable",
    errno.EROFS: "choose a place that can be written",
    errno.EIO: "look after the disk",
    errno.ENOMEM: "free some memory",
    errno.EAGAIN: "end some processes",
    errno.EMFILE: "allow more open files (ulimit -n)",
    errno.ENFILE: "close some files",
}
"""Errors of the operating system that are nobody's bug, and how to mend each."""


def guarded(argv: Sequence[str]) -> int:
    """Run a command line; never raises but for what ends the interpreter itself."""
    _tolerate_plain_terminals()
    try:
        with _termination_as_interrupt():
            return _dispatch(argv)
    except NovumError as error:
        say(str(error))
        return error.exit_code
    except UsageFault as error:
        say(_usage(error))
        return USAGE
    except (KeyboardInterrupt, typer.Abort):
        say("interrupted; novum resume goes on from here")
        return INTERRUPTED
    except BrokenPipeError:
        return _reader_went_away()
    except (OSError, MemoryError) as error:
        if getattr(error, "errno", 0) == errno.ENAMETOOLONG:
            say("a name on the command line is too long for any file; give a shorter one")
            return USAGE
        if why := _of_the_machine(error):
            say(why)
            return MACHINE
        return _our_bug(error, argv)
    except Exception as error:  # the border: whatever else arrives here is a bug of ours
        return _our_bug(error, argv)


def say(text: str) -> None:
    """One line on standard error, without secrets."""
    from novum.secrecy import of_environment

    words = of_environment().text(" ".join(text.split()))
    with contextlib.suppress(OSError):  # nobody may be there to hear it
        print(f"novum: {_clipped(words)}", file=sys.stderr, flush=True)


def _clipped(words: str) -> str:
    """At most `LONGEST` signs: what a person mistyped may be a file's worth of text."""
    half = LONGEST // 2
    return words if len(words) <= LONGEST else f"{words[:half]} ... {words[-half:]}"


def _our_bug(error: Exception, argv: Sequence[str]) -> int:
    say(f"this is our bug: {_brief(error)}; please report {_keep(argv)} on {ISSUES}")
    return OUR_BUG


def _of_the_machine(error: OSError | MemoryError) -> str:
    """What to say of an error that no care of ours could have kept away; "" of any other."""
    if isinstance(error, MemoryError):
        return "the machine has no memory left; free some, then novum resume"
    if error.errno not in EXHAUSTED:
        return ""
    where = f" at {error.filename}" if error.filename else ""
    mend = f"{EXHAUSTED[error.errno]}, then novum resume"
    return f"the machine failed: {os.strerror(error.errno)}{where}; {mend}"


def _dispatch(argv: Sequence[str]) -> int:
    from novum.cli.app import app

    command = typer.main.get_command(app)
    try:
        # not command.main(), which turns Ctrl-C into an exit of its own before we can say a word
        with command.make_context("novum", list(argv) or ["--help"]) as context:
            code = command.invoke(context)
    except typer.Exit as early:
        code = early.exit_code
    sys.stdout.flush()
    return code if isinstance(code, int) else 0


def _usage(error: Exception) -> str:
    """What is wrong with the command line, and whom to ask."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "novum"
    message = getattr(error, "format_message", lambda: str(error))()
    told = message.rstrip(".")
    return f"{told}{' ' if told.endswith('?') else '; '}see {command} --help"


def _brief(error: Exception) -> str:
    words = " ".join(str(error).split())
    return f"{type(error).__name__}{': ' + words[:200] if words else ''}"


def _keep(argv: Sequence[str]) -> Path:
    """Write the traceback being handled to a file, in the lab if there is one."""
    from novum.secrecy import of_environment

    lab = Path(_lab_named(argv))
    folder = lab if lab.is_dir() and os.access(lab, os.W_OK) else Path(tempfile.gettempdir())
    path = folder / f"novum-bug-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    with contextlib.suppress(OSError):
        path.write_text(of_environment().text(traceback.format_exc()), "utf-8", "backslashreplace")
    return path


def _lab_named(argv: Sequence[str]) -> str:
    for i, word in enumerate(argv):
        if word == "--lab" and i + 1 < len(argv):
            return argv[i + 1]
        if word.startswith("--lab="):
            return word.removeprefix("--lab=")
    return os.environ.get("NOVUM_LAB") or "lab"


@contextlib.contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """SIGTERM takes the path of Ctrl-C, so that whoever handles that one ends the study in good order.

    A shell that starts a command in the background has it ignore SIGINT; SIGTERM is to end it all the same.
    """

    def forward(number: int, frame: object) -> None:
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            raise KeyboardInterrupt
        signal.raise_signal(signal.SIGINT)

    try:
        before = signal.signal(signal.SIGTERM, forward)
    except ValueError:  # not the main thread: the host program keeps its own handlers
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _tolerate_plain_terminals() -> None:
    """A locale without our signs, or a path that is no text, must not turn a table into a crash."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _reader_went_away() -> int:
    """`novum log | head` is no error; keep the interpreter from complaining when it flushes at the end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
