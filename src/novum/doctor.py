"""What this machine can do before a study begins: one finding a line, each with its mend.

A measurement (`examine`) is kept apart from the judgement of it (`judge_*`, pure), so that every verdict
can be tested on machines that we do not have. `fail` means that a default run cannot work here.
"""

import importlib.util
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal, Protocol

from msgspec import Struct

from novum.compute.environment import gpu_plugins
from novum.compute.node import devices, seccomp

MB = 1 << 20
PYTHON = (3, 11)
SQLITE = (3, 31)
DISK_MB = (500, 5000)  # below the first a default run may not end; below the second it is said
MEMORY_MB = (700, 2200)  # the coordinator with its figures, beside one or two trials of up to 1 GiB
LIBRARIES = ("msgspec", "typer", "rich", "numpy", "scipy", "matplotlib", "bibtexparser")
WEAKEST = "process"
PDF = ("typst", "pypandoc", "pypdfium2")

Status = Literal["ok", "warn", "fail"]


class Finding(Struct, frozen=True, kw_only=True):
    """One line: what was looked at, what was found, and, unless all is well, how to mend it."""

    name: str
    status: Status
    detail: str
    mend: str = ""


def examine(lab: Path) -> list[Finding]:
    """All findings about this machine and lab (which need not exist), in the order in which they are read."""
    return [
        judge_python(sys.version_info[:3], sqlite3.sqlite_version_info),
        judge_libraries({name: _version(name) for name in LIBRARIES}),
        judge_lab(*_probe_lab(lab)),
        judge_disk(shutil.disk_usage(_existing(lab)).free / MB),
        judge_cores(cores()),
        judge_memory(memory_mb()),
        *judge_layers(probe_layers()),
        judge_limits(seccomp.supported(), control_group()),
        judge_gpu(devices.gpu(), next(iter(gpu_plugins()), "")),
        judge_pdf({name: _installed(name) for name in PDF}, _trial_pdf),
        judge_models(_version("pydantic-ai-slim"), _keys_here(os.environ)),
        judge_locale(sys.stdout.encoding or "", sys.getfilesystemencoding()),
    ]


def passes(findings: Iterable[Finding]) -> bool:
    """Whether a default run can work."""
    return all(f.status != "fail" for f in findings)


# --- judging ------------------------------------------------------------------------------------------


def judge_python(python: tuple[int, ...], sqlite: tuple[int, ...]) -> Finding:
    detail = f"Python {_dotted(python)}, SQLite {_dotted(sqlite)}"
    if tuple(python[:2]) < PYTHON:
        return Finding(name="python", status="fail", detail=detail, mend="install Python 3.11 or later")
    if tuple(sqlite[:2]) < SQLITE:
        mend = "use a Python with SQLite 3.31 or later"
        return Finding(name="python", status="fail", detail=detail, mend=mend)
    return Finding(name="python", status="ok", detail=detail)


def judge_libraries(found: Mapping[str, str]) -> Finding:
    """`found` maps each needed distribution to its version, or to an empty text."""
    missing = [name for name, number in found.items() if not number]
    if missing:
        return Finding(name="libraries", status="fail", detail=f"missing: {', '.join(missing)}",
                       mend="pip install --force-reinstall novum")  # fmt: skip
    return Finding(name="libraries", status="ok", detail=", ".join(f"{n} {v}" for n, v in found.items()))


def judge_lab(lab: Path, fault: str, network: bool) -> Finding:
    if fault:
        return Finding(name="lab", status="fail", detail=f"{lab} cannot be written: {fault}",
                       mend="name a writable folder with --lab DIR")  # fmt: skip
    if network:
        return Finding(name="lab", status="warn", detail=f"{lab} is on a network file system: slower commits",
                       mend="a local folder is faster: --lab DIR")  # fmt: skip
    return Finding(name="lab", status="ok", detail=f"{lab} can be written")


def judge_disk(free_mb: float) -> Finding:
    return _by_size("disk", free_mb, DISK_MB, "free where the lab is", "free some space, or use --lab DIR")


def judge_memory(available_mb: float) -> Finding:
    return _by_size("memory", available_mb, MEMORY_MB, "available", "close other programs, or --workers 1")


def judge_cores(count: float) -> Finding:
    detail = f"{count:g} usable"
    if count < 2:
        mend = "two workers would share one core: --workers 1"
        return Finding(name="cores", status="warn", detail=detail, mend=mend)
    return Finding(name="cores", status="ok", detail=detail)


def judge_limits(filtered: bool, group: str) -> Finding:
    """`filtered`: system calls of trials are filtered here; `group` is what `control_group` says."""
    calls = "a filter of system calls" if filtered else "no filter of system calls on this architecture"
    watched = "CPU time, memory, processes and output by a watch over all of a trial"
    detail = f"{watched}, behind it limits of each process; {calls}; no control group around it ({group})"
    return Finding(name="limits", status="ok", detail=detail)


def judge_gpu(nodes: Sequence[str], plugin: str) -> Finding:
    """`nodes` are the device files of GPUs, `plugin` names what lets JAX use one.

    No default run needs a GPU, so that nothing here is a warning.
    """
    cards = sum(node[-1].isdigit() for node in nodes)
    if not cards:
        detail = "none present; --device gpu would be refused"
    elif not plugin:
        detail = f"{cards} present, of no use to JAX: pip install 'jax[cuda12]', then --device gpu"
    else:
        detail = f"{cards} present, and {plugin}: --device gpu"
    return Finding(name="gpu", status="ok", detail=detail)


def judge_pdf(found: Mapping[str, str], trial: Callable[[], str]) -> Finding:
    """`found` maps each package of the extra to its version; `trial` makes a PDF and says what went wrong."""
    missing = [name for name, number in found.items() if not number]
    if missing:
        forms = "Markdown and HTML only" if found.get("pypandoc") else "Markdown only"
        return Finding(name="pdf", status="warn", detail=f"{forms}; missing: {', '.join(missing)}",
                       mend="pip install 'novum[pdf]'")  # fmt: skip
    detail = ", ".join(f"{name} {number}" for name, number in found.items())
    if fault := trial():
        return Finding(name="pdf", status="warn", detail=f"{detail}, but a PDF cannot be made: {fault}",
                       mend="pip install --force-reinstall 'novum[pdf]'")  # fmt: skip
    return Finding(name="pdf", status="ok", detail=f"{detail}; fonts are inside typst")


def judge_models(client: str, keys: Iterable[str]) -> Finding:
    """`client` is the version of the client library, empty without it; `keys` the backends with a key.

    Novum works without either, so that nothing here is a warning.
    """
    there = ", ".join(f"{scheme}:" for scheme in keys)
    if not client:
        with_keys = f"; keys are set for {there}" if there else ""
        detail = f"providers need the extra models{with_keys}; the systematic scientist asks no model"
        return Finding(name="models", status="ok", detail=detail)
    detail = f"client {client}; " + (
        f"keys are set for {there}" if there else "no key is set, and none is needed"
    )
    return Finding(name="models", status="ok", detail=detail)


def _keys_here(environ: Mapping[str, str]) -> list[str]:
    """The backends of which a key is in the environment."""
    from novum.models.hosted import keyed

    return [scheme for scheme, names in keyed().items() if any(environ.get(name) for name in names)]


def judge_locale(output: str, files: str) -> Finding:
    detail = f"output {output or 'unknown'}, file names {files}"
    if "utf" not in output.lower():
        return Finding(name="locale", status="warn", detail=f"{detail}: tables are drawn in ASCII",
                       mend="export LC_ALL=C.UTF-8")  # fmt: skip
    return Finding(name="locale", status="ok", detail=detail)


def _by_size(name: str, mb: float, bounds: tuple[int, int], what: str, mend: str) -> Finding:
    least, wanted = bounds
    detail = f"{mb / 1024:.1f} GiB {what}"
    if mb >= wanted:
        return Finding(name=name, status="ok", detail=detail)
    status: Status = "warn" if mb >= least else "fail"
    return Finding(name=name, status=status, detail=f"{detail}, {wanted / 1024:.1f} wanted", mend=mend)


# --- measuring ----------------------------------------------------------------------------------------


def cores(cgroup: Path = Path("/sys/fs/cgroup")) -> float:
    """Cores this process may use, by affinity and by the control group's quota."""
    allowed = float(len(os.sched_getaffinity(0)))
    try:
        quota, period = (cgroup / "cpu.max").read_text().split()
        return allowed if quota == "max" else min(allowed, int(quota) / int(period))
    except (OSError, ValueError):
        return allowed


def memory_mb(proc: Path = Path("/proc/meminfo"), cgroup: Path = Path("/sys/fs/cgroup")) -> float:
    """Memory that can still be had, by the kernel and by the control group's limit, in MiB."""
    available = next(int(line.split()[1]) / 1024 for line in proc.read_text().splitlines()
                     if line.startswith("MemAvailable"))  # fmt: skip
    try:
        limit = (cgroup / "memory.max").read_text().strip()
        used = int((cgroup / "memory.current").read_text())
        return available if limit == "max" else min(available, (int(limit) - used) / MB)
    except (OSError, ValueError):
        return available


def control_group(
    listed: Path = Path("/proc/self/cgroup"), mounted: Path = Path("/sys/fs/cgroup")
) -> str:
    """What there is of control groups for this process, in words."""
    try:
        path = next(line[3:] for line in listed.read_text().splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        return "this system has none of version 2"
    place = mounted / path.lstrip("/")
    try:
        controllers = (place / "cgroup.controllers").read_text().split()
    except OSError:
        return "this system has none of version 2 with controllers"
    if not {"memory", "pids"} <= set(controllers):
        return "none with memory and pids is delegated to this process"
    if not os.access(place / "cgroup.subtree_control", os.W_OK):
        return "ours may not be divided by this user"
    return "ours could be divided, which Novum does not do"


def _probe_lab(lab: Path) -> tuple[Path, str, bool]:
    """(lab, why it cannot be written or nothing, whether it lies on a network file system)."""
    from novum.journal.store import on_network

    place = _existing(lab)
    try:
        with tempfile.TemporaryFile(dir=place):
            return lab, "", on_network(place)
    except OSError as error:
        return lab, error.strerror or str(error), False


def _existing(path: Path) -> Path:
    """The path, or the nearest folder above it that exists."""
    here = path.absolute()
    return next(p for p in (here, *here.parents) if p.exists())


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def _installed(module: str) -> str:
    """The version of an importable module, whichever of its distributions carries it."""
    if importlib.util.find_spec(module) is None:
        return ""
    return _version(module) or _version(f"{module}_binary") or "installed"


def _trial_pdf() -> str:
    """Turn a line of Markdown into a PDF; what went wrong, or nothing."""
    import pypandoc
    import typst

    try:
        text = pypandoc.convert_text("# It *works*", "typst", format="markdown")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "main.typ"
            path.write_text(text, encoding="utf-8")
            made = typst.compile(str(path), ignore_system_fonts=True)
    except (OSError, RuntimeError) as error:
        return " ".join(str(error).split())[:120]
    return "" if bytes(made).startswith(b"%PDF") else "what was made is no PDF"


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))


# --- confinement --------------------------------------------------------------------------------------


class Probed(Protocol):
    """What the probe of a layer reports: no `problem` if it works, no `warm_problem` if trials start warm."""

    @property
    def layer(self) -> str: ...
    @property
    def problem(self) -> str: ...
    @property
    def mend(self) -> str: ...
    @property
    def warm_problem(self) -> str: ...


def probe_layers() -> list[Probed]:
    """Run the probe of every layer, from the strongest to the weakest."""
    from novum.compute.layers import examine
    from novum.compute.sandbox.layers import ORDER

    return [examine(name) for name in ORDER]


def judge_layers(reports: Iterable[Probed]) -> list[Finding]:
    """One finding a layer: which one `auto` takes, and what each of the others is good for or lacks."""
    findings: list[Finding] = []
    taken = ""
    for report in reports:
        if report.problem:
            findings.append(_unusable(report, bool(taken)))
        elif taken:
            findings.append(_sandbox(report.layer, "ok", f"works; {_start(report)}"))
        else:
            taken = report.layer
            findings.append(_taken(report))
    if not taken:
        findings.append(_sandbox("auto", "fail", "nothing here can limit a trial", findings[0].mend))
    return findings


def _taken(report: Probed) -> Finding:
    layer = report.layer
    if layer != WEAKEST:
        return _sandbox(layer, "ok", f"works; --sandbox auto takes it; {_start(report)}")
    detail = "works, with limits only: no wall around files and network; edited programs are refused"
    return _sandbox(layer, "warn", detail, "mend one of the layers above")


def _start(report: Probed) -> str:
    """How trials start under a layer, and why they do not start faster."""
    return f"trials start cold: {report.warm_problem}" if report.warm_problem else "trials start warm"


def _unusable(report: Probed, stronger: bool) -> Finding:
    """A layer that does not work is worth a warning only if no stronger one stands in for it."""
    if stronger:
        return _sandbox(report.layer, "ok", f"does not work, and need not: {report.problem}")
    return _sandbox(report.layer, "warn", f"does not work: {report.problem}", report.mend)


def _sandbox(layer: str, status: Status, detail: str, mend: str = "") -> Finding:
    return Finding(name=f"sandbox {layer}", status=status, detail=detail, mend=mend)
