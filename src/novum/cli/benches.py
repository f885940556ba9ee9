"""The commands `bench NAME`: rows with limits and targets; the exit code is 1 if a target is missed."""

import os
import sys
import time
from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from novum.bench.rows import Row
from novum.bench.truth import CONFINED, DEFAULT, FULL, REPLICATED, truth
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
    parts = {"confined": min(count, CONFINED[full]), "replicated": min(count, REPLICATED[full])}
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


def _known(policy: str, against: str) -> None:
    for name in (policy, against):
        if name and name not in POLICIES:
            raise UserError(
                f"there is no search policy {name!r}", fix=f"choose {' or '.join(sorted(POLICIES))}"
            )
    if policy == against:
        raise UserError(f"{policy} cannot be compared with itself", fix="give another --against")


class Progress:
    """A line on standard error now and then."""

    def __init__(self) -> None:
        self._began = self._last = time.monotonic()

    def __call__(self, done: int, of: int) -> None:
        now = time.monotonic()
        if now - self._last >= EVERY or done == of:
            self._last = now
            left = (now - self._began) / done * (of - done)
            print(f"{done} of {of} studies, {left:.0f} s left", file=sys.stderr)


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
