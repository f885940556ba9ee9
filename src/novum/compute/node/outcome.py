"""Says truthfully how a stage ended, from its wait status, the limit it broke and its last words."""

import os

from novum.compute.node.watch import Ending

_SIGXCPU, _SIGXFSZ = 24, 25


def decoded(wait_status: int | None) -> tuple[int | None, int | None]:
    """(exit code, signal) of a wait status."""
    if wait_status is None:
        return None, None
    code = os.waitstatus_to_exitcode(wait_status)
    return (code, None) if code >= 0 else (None, -code)


def status(ending: Ending, started: bool, err: str) -> tuple[str, str]:
    """(status, detail) of a stage; see `records.StageStatus`."""
    if ending.lost:
        return "not_started" if ending.wait_status is None and not started else "crashed", ending.lost
    if ending.refused:
        return "not_started", ending.refused
    if ending.limit:
        return ending.limit, ending.detail
    code, signal = decoded(ending.wait_status)
    if code == 0:
        return "ok", ""
    if signal == _SIGXCPU:
        return "cpu_limit", "ended by the kernel at the limit of one process"
    if signal == _SIGXFSZ:
        return "output_limit", "ended by the kernel at the size limit of one file"
    return crash(code, signal, err)


def crash(code: int | None, signal: int | None, err: str) -> tuple[str, str]:
    """(status, detail) of a stage that ended badly by itself.

    A Python program that met the limit of its own memory ends with MemoryError; that is all that can be
    seen of it from outside, so here its last line is believed.
    """
    last = err.rstrip().rsplit("\n", 1)[-1][:300]
    name = last.split(":", 1)[0].rsplit(".", 1)[-1]
    if code is not None and name.endswith("MemoryError") and " " not in name:
        return "memory_limit", last
    if code is None and signal is None:
        return "crashed", "ended without a word"
    return "crashed", last or (f"signal {signal}" if signal else f"exit code {code}")
