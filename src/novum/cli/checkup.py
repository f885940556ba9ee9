"""The command `doctor`: findings about this machine, one a line."""

from collections.abc import Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from novum import __version__
from novum.cli.output import console, print_json
from novum.doctor import Finding, examine, passes
from novum.errors import OutsideError

STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def doctor(lab: Path, as_json: bool) -> int:
    """0 if a default run can work here, else the exit code of a failing machine."""
    findings = examine(lab)
    good = passes(findings)
    if as_json:
        print_json({"novum": __version__, "passed": good, "findings": findings})
    else:
        console().print(findings_table(findings))
        print("a default run can work here" if good else "a default run cannot work here")
    return 0 if good else OutsideError.exit_code


def findings_table(findings: Sequence[Finding]) -> Table:
    """Status, name, what was found; beneath it how to mend it."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(ratio=1)
    for finding in findings:
        text = Text(finding.detail)
        if finding.mend:
            text.append(f"\nmend: {finding.mend}", "yellow")
        table.add_row(Text(finding.status, STYLES[finding.status]), finding.name, text)
    return table
