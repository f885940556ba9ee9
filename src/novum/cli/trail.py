"""The trail of a number: from a reference in the paper to the trials, their code and their logs."""

from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from novum.cli.output import console, print_json
from novum.errors import UserError
from novum.evidence.catalogue import Catalogue, catalogue
from novum.evidence.statistic import Statistic
from novum.opening import Study
from novum.records import Measurement

SHOWN = 40  # measurements listed on a terminal; --json lists all


def trail(study: Study, ref: str) -> dict[str, Any]:
    """What a reference leads to: the statistic, its measurements, and where their files lie.

    Raises:
        UserError: the study has no number of that id (or of one that begins so).
    """
    known = catalogue(study.state)
    found = _find(known, ref)
    measured = [known.measurements[i] for i in found.sources if i in known.measurements]
    return {
        "id": found.id,
        "what": found.label,
        "value": found.value,
        "unit": found.unit,
        "n": found.n,
        "claim": found.claim,
        "metric": found.metric,
        "phase": found.phase,
        "configuration": found.config or {},
        "measurements": [_measurement(m, study.path) for m in measured],
        "trials": sorted({m.trial for m in measured} | {i for i in found.sources if i in study.state.trials}),
    }


def _find(known: Catalogue, ref: str) -> Statistic:
    ids = [*known.statistics, *known.measurements]
    fitting = [i for i in ids if i == ref] or [i for i in ids if ref and i.startswith(ref)]
    if len(fitting) != 1:
        what = f"{len(fitting)} numbers begin with" if fitting else "there is no number"
        raise UserError(f"{what} {ref!r}", fix="take an id from the paper's last appendix or claims.json")
    return known.get(fitting[0])


def _measurement(m: Measurement, folder: Path) -> dict[str, Any]:
    node = folder / "nodes" / m.node
    return {
        "id": m.id,
        "metric": m.metric,
        "value": m.value,
        "status": m.status,
        "phase": m.phase,
        "seed": m.seed,
        "trial": m.trial,
        "code": str(node / "workspace"),
        "outputs": str(node / "outputs" / m.trial / str(m.seed)),
        "logs": str(node / "logs" / m.trial),
    }


def show(study: Study, ref: str, as_json: bool) -> int:
    """Print the trail of a number."""
    told = trail(study, ref)
    if as_json:
        print_json(told)
        return 0
    out = console()
    out.print(Text.assemble((f"{told['value']} {told['unit']}".strip(), "bold"), f"  {told['what']}"))
    facts = [f"{name} {told[name]}" for name in ("metric", "phase", "claim", "n") if told[name]]
    out.print(Text(f"{told['id']}; {', '.join(facts)}".rstrip("; "), "dim"))
    if told["measurements"]:
        out.print(_table(told["measurements"][:SHOWN]))
        left = len(told["measurements"]) - SHOWN
        out.print(f"and {left} more, with --json" if left > 0 else "", end="\n" if left > 0 else "")
        out.print(f"code, outputs and logs: {study.path}/nodes/NODE/{{workspace,outputs/TRIAL,logs/TRIAL}}")
    else:
        out.print("computed from the study's own record; see novum log")
    return 0


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("measurement", "value", "seed", "trial", "node"):
        table.add_column(name, justify="right" if name in ("value", "seed") else "left")
    for row in rows:
        value = f"{row['value']:g}" if row["value"] is not None else row["status"]
        mark = " (censored)" if row["status"] == "censored" else ""
        node = Path(row["code"]).parent.name
        table.add_row(row["id"], value + mark, str(row["seed"]), row["trial"], node)
    return table
