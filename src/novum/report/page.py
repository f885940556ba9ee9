"""The lab report laid out: tables of text, a page of Markdown, a drawing of all claims."""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from novum.errors import MachineError
from novum.evidence import account
from novum.report.gather import VERDICTS, Reported

REPORT, FIGURE = "report.md", "report.svg"


class Table(Struct, frozen=True):
    """A titled table of text; `note` says how to read it."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def tables(report: dict[str, Any]) -> list[Table]:
    """The report in rows of text; tables that would be empty are left out."""
    made = [_of_studies(report), _of_claims(report), _of_replications(report), _of_account(report),
            _of_failures(report)]  # fmt: skip
    return [t for t in made if t.rows]


def _of_studies(report: dict[str, Any]) -> Table:
    rows = [
        (
            s["id"],
            f"{datetime.fromtimestamp(s['created'], UTC):%Y-%m-%d}",
            f"replication of {s['replicates']}" if s["replicates"] else s["question"],
            s["status"].replace("_", " "),
            _tally(s["claims"]),
            {True: "passed", False: "found faults", None: "not done"}[s["audit"]],
        )
        for s in report["studies"]
    ]
    return Table("Studies", ("study", "begun", "question", "status", "claims", "audit"), tuple(rows))


def _of_claims(report: dict[str, Any]) -> Table:
    rows = [
        (s["id"], c["text"], c["verdict"] or "undecided", estimate(c), _number(c["margin"]), _text(c["n"]))
        for s in report["studies"]
        for c in s["claims"]
    ]
    note = (
        "Every registered claim. An interval is at the level that its verdict used, adjusted over its study."
    )
    return Table(
        "Claims", ("study", "claim", "verdict", "estimate, interval", "margin", "n"), tuple(rows), note
    )


def _of_replications(report: dict[str, Any]) -> Table:
    rows = [
        (r["text"], f"{r['of']}: {r['original']['verdict']}, {estimate(r['original'])}",
         f"{r['study']}: {r['replication']['verdict']}, {estimate(r['replication'])}", r["outcome"])
        for r in report["replications"]
    ]  # fmt: skip
    return Table("Replications", ("claim", "original", "replication", "outcome"), tuple(rows))


def _of_account(report: dict[str, Any]) -> Table:
    rows = [
        (_asked(q["question"]), ", ".join(f"{s['id']} {s['alpha']:.2g}" for s in q["studies"]),
         f"{q['spent']:.4g}", f"{q['next']:.2g}")
        for q in report["account"]
    ]  # fmt: skip
    note = (
        f"Each question has {account.ALPHA:g} of alpha in this lab; a study draws a share by registering it, "
        "a replication only for what its original did not support."
    )
    head = ("question", "drawn by", "spent", "left for the next")
    return Table("Account of alpha", head, tuple(rows), note)


def _asked(question: str) -> str:
    """`toy: steps by kind, size`"""
    domain, metric, factors = question.split(":", 2)
    return f"{domain}: {metric} by {factors.replace(',', ', ')}"


def _of_failures(report: dict[str, Any]) -> Table:
    rows = [(s["id"], s["reason"] or s["status"].replace("_", " ")) for s in report["studies"]
            if s["status"] not in ("done", "running")]  # fmt: skip
    rows += [
        (s["id"], f"{f['trials']} trials: {f['reason']}") for s in report["studies"] for f in s["failures"]
    ]
    rows += [(d["id"], d["problem"]) for d in report["damaged"]]
    return Table("What failed or did not end", ("study", "what"), tuple(rows))


def _tally(claims: Sequence[dict[str, Any]]) -> str:
    found = Counter(c["verdict"] or "undecided" for c in claims)
    return ", ".join(f"{found[v]} {v}" for v in (*VERDICTS, "undecided") if found[v]) or "none"


def estimate(claim: dict[str, Any]) -> str:
    """`0.206 m, 0.021 to 0.392 at 98.8 %`, or a dash."""
    if claim["estimate"] is None:
        return "–"
    value = f"{_number(claim['estimate'])} {claim.get('unit', '')}".rstrip()
    if claim["low"] is None or claim["high"] is None:
        return value
    return f"{value}, {_number(claim['low'])} to {_number(claim['high'])} at {100 * claim['level']:.4g} %"


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 999.5 else f"{value:.3g}"


def _text(value: object) -> str:
    return "–" if value is None else str(value)


# --- Markdown -----------------------------------------------------------------------------------------


def markdown(report: dict[str, Any], title: str = "Lab report", figure: str = "") -> str:
    """The report as a page; `figure` is the path of a drawing of its claims, if there is one."""
    parts = [f"# {title}", _sums(report)]
    if figure:
        parts.append(f"![Every decided claim with its adjusted interval, in units of its margin]({figure})")
    for table in tables(report):
        parts += [f"## {table.title}", *([table.note] if table.note else []), _grid(table)]
    return "\n\n".join(parts) + "\n"


def _sums(report: dict[str, Any]) -> str:
    studies, verdicts = len(report["studies"]), report["verdicts"]
    copies = sum(s["replicates"] is not None for s in report["studies"])
    claims = ", ".join(f"{n} {v}" for v, n in verdicts.items() if n or v != "undecided")
    repeats = "replicates" if copies == 1 else "replicate"
    return (
        f"{studies} studies, of which {copies} {repeats} another, with {sum(verdicts.values())} registered "
        f"claims: {claims}. Nothing is left out."
    )


def _grid(table: Table) -> str:
    lines = [table.head, tuple("---" for _ in table.head), *table.rows]
    return "\n".join(
        "| " + " | ".join(" ".join(c.split()).replace("|", "\\|") for c in line) + " |" for line in lines
    )


def drawing(studies: Iterable[Reported]) -> bytes | None:
    """An SVG of every decided claim, oldest study first, in units of its margin; None without matplotlib."""
    from novum.evidence.figures.forest import draw_forest, forest_row

    rows = []
    for study in sorted(studies, key=lambda s: (s.state.created, s.state.study)):
        state = study.state
        decided = [(c, d) for c in (state.protocol.contrasts if state.protocol else ())
                   if (d := state.decisions.get(c.id))]  # fmt: skip
        rows += [forest_row(c, d, False) | {"label": f"{state.study}: {c.text}"} for c, d in decided]
    if not rows:
        return None
    data = {"kind": "forest", "axis": "Effect in units of the claim's margin", "ratio": False, "rows": rows}
    return draw_forest(data).get("svg")


def write(lab: Path, report: dict[str, Any], svg: bytes | None) -> Path:
    """Put the report into the lab as `report.md`, with its drawing; returns the path.

    Raises:
        MachineError: the lab cannot be written.
    """
    try:
        if svg is not None:
            _replace(lab / FIGURE, svg)
        _replace(lab / REPORT, markdown(report, figure=FIGURE if svg is not None else "").encode())
    except OSError as error:
        raise MachineError(
            f"cannot write {lab / REPORT}: {error.strerror}", fix="make the lab writable"
        ) from error
    return lab / REPORT


def _replace(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_bytes(data)
    part.replace(path)
