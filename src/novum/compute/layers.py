"""Which layers of confinement work on this machine, asked once per process, and what they may run."""

import functools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from novum.compute.environment import Environment, base_interpreter, environment
from novum.compute.node import folder, syscalls
from novum.compute.sandbox.layers import ORDER
from novum.errors import MachineError, NoSandbox, UserError

RUNNER = Path(__file__).with_name("runner.py")
CHOICES = ("auto", *ORDER, "none")


class LayerReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the probe of a layer found: `problem` is empty if it works, `mend` says how to make it work.

    `drop_user` says that candidates become another user under it (only where we are root). `warm_problem`
    says why trials must start cold under it, and is empty if they need not.
    """

    layer: str
    drop_user: bool
    problem: str = ""
    mend: str = ""
    warm_problem: str = ""


def runner_command() -> list[str]:
    """The start of a command line that runs the runner, without site-packages and start-up files."""
    return [base_interpreter(), "-I", "-S", str(RUNNER)]


def keep_private() -> None:
    """Make this process unreadable to others of the same user, with the keys in its environment.

    For the command line to call at its start: where only the process layer or none confines a trial, its
    programs could otherwise read `/proc/<pid>/environ` of the coordinator. It also turns off core dumps.
    """
    if sys.platform == "linux":
        syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)


@functools.cache
def examine(name: str) -> LayerReport:
    """Try a layer on this machine by running a program under it (about 60 ms; remembered).

    It happens in a process of its own, since a process with threads must not fork.
    """
    if sys.platform != "linux":
        return LayerReport(layer=name, drop_user=False, problem="needs Linux", mend="use a Linux machine")
    scratch = Path(tempfile.mkdtemp(prefix="novum-probe-"))
    try:
        scratch.chmod(0o755)
        return _examine(name, environment(()), scratch)
    finally:
        folder.remove(str(scratch))


def _examine(name: str, exposed: Environment, scratch: Path) -> LayerReport:
    request = {"examine": [name], "environment": exposed.request(exposed.farm(scratch))}
    (scratch / "job.json").write_text(json.dumps(request))
    done = subprocess.run(
        [*runner_command(), str(scratch / "job.json")], env={}, stdin=subprocess.DEVNULL, capture_output=True
    )
    if done.returncode != 0:
        raise MachineError(
            f"the probe of layer {name} ended with {done.returncode}: {_last_line(done.stderr)}"
        )
    found = json.loads((scratch / "result.json").read_text())["choices"]
    return msgspec.convert(found[0], LayerReport)


def _last_line(output: bytes) -> str:
    return output.decode(errors="replace").strip().rsplit("\n", 1)[-1][:300]


def resolve(wanted: str, shipped: bool) -> LayerReport:
    """The layer that a job runs under.

    Raises:
        UserError: there is no layer of that name.
        NoSandbox: it does not work here, or is too weak for a program that is not shipped.
    """
    if wanted not in CHOICES:
        raise UserError(f"no sandbox layer {wanted!r}", fix=f"choose one of {', '.join(CHOICES)}")
    if wanted == "none":
        return LayerReport(layer="none", drop_user=False)
    candidates = ORDER if wanted == "auto" else (wanted,)
    reports = [report for report in _strongest_first(candidates) if shipped or report.layer != "process"]
    if reports and not reports[-1].problem:
        return reports[-1]
    raise NoSandbox(_why_none(wanted, reports, shipped), fix=_how_to_mend(reports))


def _strongest_first(candidates: tuple[str, ...]) -> list[LayerReport]:
    """Reports up to and including the first layer that works."""
    reports = []
    for name in candidates:
        reports.append(examine(name))
        if not reports[-1].problem:
            break
    return reports


def _why_none(wanted: str, reports: list[LayerReport], shipped: bool) -> str:
    found = "; ".join(f"{report.layer}: {report.problem}" for report in reports)
    if wanted == "process" and not shipped:
        return "the layer process confines too little for a program that Novum does not ship unmodified"
    return f"nothing here can confine the program that is to run ({found})"


def _how_to_mend(reports: list[LayerReport]) -> str:
    mends = [report.mend for report in reports if report.mend]
    first = f"{mends[0]}, or " if mends else ""
    return f"{first}accept the risk with --sandbox none on a machine you can lose"
