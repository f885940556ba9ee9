"""The commands `bench NAME`: rows with limits and targets; the exit code is 1 if a target is missed."""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import convert, to_builtins
from rich import box
from rich.table import Table
from rich.text import Text

from novum.bench.rows import Row
from novum.bench.truth import ASKED, CONFINED, DEFAULT, FULL, LARGER, REPLICATED, truth
from novum.cli.output import console, print_json
from novum.errors import UserError
from novum.search import POLICIES

EVERY = 5.0  # seconds between two lines of progress


def bench_truth(
    full: bool,
    studies: int | None,
    seed: int | None,
    as_json: bool,
    policy: str = "design",
    against: str = "",
) -> int:
    """0 if every row reaches its target.

    Raises:
        UserError: there is no such search policy, or one is to be compared with itself.
    """
    _known(policy, against)
    seed = int.from_bytes(os.urandom(4), "big") if seed is None else seed
    count = studies or (FULL if full else DEFAULT)
    parts = {"confined": min(count, CONFINED[full]), "replicated": min(count, REPLICATED[full]),
             "asked": min(count, ASKED[full]), "larger": min(count, LARGER[full])}  # fmt: skip
    rows = truth(seed, count, **parts, told=Progress(), policy=policy, against=against)
    met = all(row.met is not False for row in rows)
    if as_json:
        told = {"bench": "truth", "seed": seed, "studies": count, "policy": policy, "met": met, "rows": rows}
        print_json(told)
    else:
        console().print(rows_table(rows))
        missed = sum(row.met is False for row in rows)
        aimed = sum(row.met is not None for row in rows)
        ended = "every target is met" if met else f"{missed} of {aimed} targets are missed"
        print(f"{count} studies, seed {seed}: {ended}")
    return 0 if met else 1


def bench_search(
    parts: str, full: bool, seed: int | None, as_json: bool, discs: int = 26, out: Path | None = None
) -> int:
    """0 if every row reaches its target.

    `out` is written after each part, beside parts of the same seed and size that it holds already.

    Raises:
        UserError: there is no such part, or `out` cannot be written.
    """
    from novum.bench.search import PARTS, play

    if not parts or (unknown := sorted(set(parts) - set(PARTS))):
        told = f"there is no part {', '.join(unknown)}" if parts else "no part is named"
        raise UserError(told, fix=f"choose of {', '.join(PARTS)}")
    seed = int.from_bytes(os.urandom(4), "big") if seed is None else seed
    run = {"bench": "search", "seed": seed, "full": full}
    done = _kept(out, run)
    for part in sorted(set(parts)):
        done[part] = to_builtins(play(part, seed, full, Progress(f"runs of part {part}"), discs=discs))
        told = run | {"met": _all_met(done), "parts": dict(sorted(done.items()))}
        if out is not None:
            _write(out, told)
    if as_json:
        print_json(told)
    else:
        rows = [convert(row, Row) for part in told["parts"].values() for row in part["rows"]]
        console().print(rows_table(rows))
        missed = sum(row.met is False for row in rows)
        aimed = sum(row.met is not None for row in rows)
        ended = "every target is met" if missed == 0 else f"{missed} of {aimed} targets are missed"
        print(f"seed {seed}, part{'s' * (len(done) > 1)} {', '.join(told['parts'])}: {ended}")
    return 0 if told["met"] else 1


def _all_met(parts: dict[str, Any]) -> bool:
    return all(row["met"] is not False for part in parts.values() for row in part["rows"])


def _kept(out: Path | None, run: dict[str, Any]) -> dict[str, Any]:
    """The parts that a file holds of such a run; none of another, or of what is no file of this kind."""
    try:
        held = json.loads(out.read_text(encoding="utf-8")) if out is not None and out.is_file() else {}
    except (OSError, ValueError):
        return {}
    alike = isinstance(held, dict) and all(held.get(key) == value for key, value in run.items())
    return dict(held["parts"]) if alike and isinstance(held.get("parts"), dict) else {}


def _write(out: Path, told: dict[str, Any]) -> None:
    """Puts the whole file in its place at once, so that an interrupt leaves the old one."""
    fresh = out.with_name(f".{out.name}.new")
    try:
        fresh.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        fresh.replace(out)
    except OSError as error:
        raise UserError(f"{out} cannot be written: {error.strerror}", fix="name another file") from error


def _known(policy: str, against: str) -> None:
    for name in (policy, against):
        if name and name not in POLICIES:
            raise UserError(
                f"there is no search policy {name!r}", fix=f"choose {' or '.join(sorted(POLICIES))}"
            )
    if policy == against:
        raise UserError(f"{policy} cannot be compared with itself", fix="give another --against")


def bench_findings(domain: str, seeds: int, seed: int | None, as_json: bool) -> int:
    """0: what holds and what does not are both results.

    Raises:
        UserError: there is no such domain, or a library that it needs is missing.
    """
    from novum.bench import findings

    seed = int.from_bytes(os.urandom(4), "big") if seed is None else seed
    tested = [t for folder in findings.domains_with_findings(domain)
              for t in findings.try_domain(folder, seeds, seed, told=_tell)]  # fmt: skip
    if as_json:
        rows = findings.rows_of(tested)
        print_json({"bench": "findings", "seed": seed, "seeds": seeds, "rows": rows, "findings": tested})
    else:
        console().print(findings_table(tested))
        counts = Counter(t.verdict for t in tested)
        told = ", ".join(f"{counts[word]} {word}" for word in findings.WORDS.values())
        print(f"{len(tested)} findings, {seeds} seeds an arm, seed {seed}: {told}")
    return 0


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def findings_table(tested: Sequence[Any]) -> Table:
    """System, finding, effect with its limits, the verdict and what it cost."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("system", no_wrap=True)
    table.add_column("finding", ratio=1)
    for head in ("effect", "95 % limits", "delta"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("CPU-s", justify="right", no_wrap=True)
    colours = {"holds": "green", "does not": "bold red"}
    for t in tested:
        effect = "none" if t.value is None else f"{t.value:.3f}"
        limits = t.why if t.low is None else f"{t.low:.3f} to {t.high:.3f}"
        text = f"{t.text} ({t.variant})" if t.variant else t.text
        word = Text(t.verdict, colours.get(t.verdict, ""))
        table.add_row(
            t.system, f"{t.domain}: {text}", effect, limits, f"{t.delta:g}", word, f"{t.cpu_seconds:.1f}"
        )
    return table


class Progress:
    """A line on standard error now and then."""

    def __init__(self, what: str = "studies") -> None:
        self._began = self._last = time.monotonic()
        self._what = what

    def __call__(self, done: int, of: int) -> None:
        now = time.monotonic()
        if now - self._last >= EVERY or done == of:
            self._last = now
            left = (now - self._began) / done * (of - done)
            print(f"{done} of {of} {self._what}, {left:.0f} s left", file=sys.stderr)


def rows_table(rows: Sequence[Row]) -> Table:
    """Name, value, limits, what it counts, target and whether it is met."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("row", ratio=1)
    for head in ("value", "95 % limits", "n"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("target", max_width=16)
    table.add_column("met", no_wrap=True)
    for row in rows:
        limits = "" if row.low is None else f"{row.low:.3f} to {row.high:.3f}"
        value = "none" if row.value is None else f"{row.value:.3f}"
        table.add_row(row.name, value, limits, str(row.n), row.target, _met(row))
    return table


def _met(row: Row) -> Text:
    if row.met is None:
        return Text("")
    return Text("yes", "green") if row.met else Text("no", "bold red")
