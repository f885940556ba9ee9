"""Commands that carry out a finished study again: reproduce on the same seeds, replicate on new ones."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from novum import api
from novum.cli import summary, tables
from novum.cli.border import say
from novum.cli.output import Output, console, number, plural, print_json
from novum.cli.running import watcher
from novum.config import from_command_line
from novum.reproduce import Reproduced
from novum.telemetry.counting import Counting

SHOWN = 20  # values that came out differently, one a line


def reproduce(
    lab: Path, ref: str, changes: Mapping[str, Any], tolerance: float | None, output: Output
) -> int:
    """The confirmation once more, from the study's own record."""
    path, given = api.find_study(lab, ref), _given(changes)
    with Counting("trials", quiet=output.quiet) as told:
        found = api.reproduce(
            path,
            tolerance=tolerance,
            workers=int(given.get("workers", 2)),
            sandbox=str(given.get("sandbox", "")),
            told=told,
        )
    if output.json:
        print_json({"id": path.name, "passed": found.passed, "exact": found.exact, **to_builtins(found)})
    else:
        for line in _lines(found):
            console().print(line, markup=False)
    return int(not found.passed)


def _given(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Options of the command line that were given, as the values that settings have."""
    return {key: value for key, (value, _) in from_command_line(changes).items()}


def _lines(found: Reproduced) -> list[str]:
    total = f"{found.values} values of {plural(found.trials, 'trial')}"
    lines = [f"{found.equal} of {total} are equal to the last bit"]
    if not found.exact:
        allowed = f"{found.within} within a relative {found.tolerance:g}"
        lines.append(f"{allowed}; the largest difference is {number(found.largest)}")
    changed = ", ".join(f"{n} {b or 'none'} (was {a or 'none'})" for n, (a, b) in found.changed.items())
    lines += [f"other than when it was run: {changed}"] if changed else []
    more = len(found.differ) - SHOWN
    return [*lines, *found.differ[:SHOWN], *([f"and {more} more"] if more > 0 else [])]


def replicate(
    lab: Path, ref: str, times: int, seed: int | None, changes: Mapping[str, Any], output: Output
) -> int:
    """The frozen protocol on new seeds and data, as a study of its own."""
    path = api.find_study(lab, ref)
    with watcher(output) as progress:
        outcome = api.replicate(path, times, seed, _given(changes), [progress])
    told = summary.describe(api.open_study(outcome.path))
    if output.json:
        print_json(told)
    else:
        tables.print_report(console(), told)
    if outcome.exit_code and outcome.message:
        say(outcome.message)
    return outcome.exit_code
