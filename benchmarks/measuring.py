"""What the scripts of this folder share: processor time of commands, rows of repeats, how they are shown.

Processor time hardly depends on what else the machine does, wall time does; so nearly every row is of the
former. Commands that are compared take turns in one run. A row's `value` is the median of its repeats; `low`
and `high` hold the middle four fifths of them. Only the median is judged.
"""

import contextlib
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import structs

from novum.bench.rows import Row

NOVUM = Path(sys.executable).with_name("novum")
MEMORY = Path("/dev/shm")  # scratch that no disk slows down, where there is one


class Use(NamedTuple):
    """What a command used: CPU seconds of it and its children, wall seconds, peak memory in MiB."""

    cpu: float
    wall: float
    peak: float


def plain_environment() -> dict[str, str]:
    """The process's own, without options of Novum and with one thread for numerical libraries."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("NOVUM_", "PYTHON"))}
    return kept | {"OMP_NUM_THREADS": "1"}


def use_of(command: Sequence[str | Path], cwd: Path | None = None, *, fails: bool = False) -> Use:
    """Run a command to its end; what it prints is dropped. `fails`: whatever its exit code."""
    began = time.perf_counter()
    process = subprocess.Popen(command, env=plain_environment(), cwd=cwd, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode and not fails:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {process.returncode}")
    return Use(used.ru_utime + used.ru_stime, time.perf_counter() - began, used.ru_maxrss / 1024)


def in_turn(commands: Mapping[str, Sequence[str | Path]], repeats: int, *, fails: bool = False
            ) -> dict[str, list[Use]]:  # fmt: skip
    """What each command uses, `repeats` times in turn, after a run of each that is not counted."""
    found: dict[str, list[Use]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory(prefix="novum-speed-") as cwd:
        for round in range(repeats + 1):
            for name, command in commands.items():
                used = use_of(command, Path(cwd), fails=fails)
                found[name] += [used] if round else []
    return found


def own_cpu() -> float:
    """CPU seconds of this process so far, all its threads and none of its children."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Group:
    """A control group of this process and all that it starts, which counts also what nobody waits for.

    `cpu()` is its CPU seconds so far, None where no such group can be had: it takes root.
    """

    PLACES = (Path("/sys/fs/cgroup/cpuacct"), Path("/sys/fs/cgroup"))

    def __init__(self) -> None:
        self._place: Path | None = None
        for above in self.PLACES:
            place = above / f"novum-benchmark-{os.getpid()}"
            with contextlib.suppress(OSError):
                place.mkdir()
                self._place, self._above = place, above
                (place / "cgroup.procs").write_text(str(os.getpid()))
                return

    def cpu(self) -> float | None:
        if self._place is None:
            return None
        with contextlib.suppress(OSError):
            return int((self._place / "cpuacct.usage").read_text()) / 1e9
        with contextlib.suppress(OSError):
            stat = dict(line.split() for line in (self._place / "cpu.stat").read_text().splitlines())
            return int(stat["usage_usec"]) / 1e6
        return None

    def close(self) -> None:
        """Leave it, once everything else in it has ended."""
        if self._place is not None:
            with contextlib.suppress(OSError):
                (self._above / "cgroup.procs").write_text(str(os.getpid()))
                self._place.rmdir()


def scratch() -> "tempfile.TemporaryDirectory[str]":
    """A folder in memory, if that can be had, that others may enter (a sandbox has to)."""
    home = tempfile.TemporaryDirectory(
        prefix="novum-speed-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None
    )
    Path(home.name).chmod(0o755)
    return home


# --- rows -------------------------------------------------------------------------------------------------


def row(
    name: str, values: Sequence[float], at_most: float | None = None, at_least: float | None = None
) -> Row:
    """The median of repeats with the middle four fifths, judged by its target."""
    middle = statistics.median(values)
    low, *_, high = (
        statistics.quantiles(values, n=10, method="inclusive") if len(values) > 1 else [middle] * 2
    )
    target, met = "", None
    if at_most is not None:
        target, met = f"≤ {at_most:g}", middle <= at_most
    elif at_least is not None:
        target, met = f"≥ {at_least:g}", middle >= at_least
    return Row(name=name, value=middle, low=low, high=high, n=len(values), target=target, met=met)


def rounded(one: Row) -> Row:
    """Three significant digits: more would be noise."""
    shown = {name: getattr(one, name) for name in ("value", "low", "high")}
    return structs.replace(one, **{n: v if v is None else float(f"{v:.3g}") for n, v in shown.items()})


def number(value: float | None) -> str:
    """As it is written, without a needless exponent or point."""
    return "" if value is None else f"{value:.0f}" if abs(value) >= 100 else f"{value:g}"


def table(rows: Sequence[Row]) -> Iterator[str]:
    """The rows as a Markdown table."""
    yield "| row | value | middle four fifths | n | target | met |"
    yield "| --- | ---: | ---: | ---: | --- | --- |"
    for one in map(rounded, rows):
        met = "" if one.met is None else "yes" if one.met else "**no**"
        spread = "" if one.n < 2 else f"{number(one.low)} to {number(one.high)}"
        yield f"| {one.name} | {number(one.value)} | {spread} | {one.n} | {one.target} | {met} |"


def show(rows: Sequence[Row], as_json: bool) -> None:
    """On standard output: JSON lines, or the table."""
    for line in (msgspec.json.encode(rounded(one)).decode() for one in rows) if as_json else table(rows):
        print(line)
