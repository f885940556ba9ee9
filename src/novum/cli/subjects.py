"""Commands about domains: list, show, check, new."""

import tempfile
from pathlib import Path

import msgspec
from rich import box
from rich.table import Table
from rich.text import Text

from novum import domains
from novum.cli.output import console, print_json
from novum.cli.tables import checks_table
from novum.compute.executors.local import LocalExecutor
from novum.journal import FileBlobs


def list_domains(as_json: bool) -> int:
    """What is installed; a domain that does not load is listed with its problem."""
    rows = domains.list_domains()
    if as_json:
        print_json({"domains": rows})
        return 0
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("domain", no_wrap=True, style="bold")
    table.add_column("question", ratio=1)
    for row in rows:
        what = Text(row["problem"], "red") if row["problem"] else Text(row["question"] or row["title"])
        table.add_row(row["name"], what)
    console().print(table)
    return 0


def show_domain(name: str, as_json: bool) -> int:
    """One domain's question, factors, metrics and budgets."""
    data = domains.show_domain(name)
    if as_json:
        print_json(data)
    else:
        console().print(domains.domain_text(data), soft_wrap=True, markup=False)
    return 0


def check_domain(name: str, as_json: bool) -> int:
    """Every line of the contract's conformance suite; 1 if one fails."""
    folder = domains.find_domain(name)
    with tempfile.TemporaryDirectory(prefix="novum-check-") as scratch:
        blobs = FileBlobs(Path(scratch) / "blobs")
        checks = domains.check_domain(folder, blobs, LocalExecutor(blobs, Path(scratch) / "attempts"))
    passed = all(check.passed for check in checks)
    rows = [{"id": c.id, "passed": c.passed, "detail": c.detail} for c in checks]
    if as_json:
        print_json({"domain": name, "passed": passed, "checks": rows})
    else:
        console().print(checks_table(rows))
        print(f"{name}: {'passed' if passed else 'does not keep the contract'}")
    return 0 if passed else 1


def adopt(path: str, as_json: bool) -> int:
    """A domain beside somebody's own code, and what only its author can say."""
    from novum.domains.adopt import adopt as adopted

    made = adopted(Path(path))
    if as_json:
        print_json(msgspec.structs.asdict(made) | {"folder": str(made.folder)})
        return 0
    print(f"{made.script} is taken for the program; it was looked at and not run")
    for label, names in (("written", made.written), ("kept as it is", made.kept)):
        print(f"{label}: {', '.join(names)}") if names else None
    for line in made.to_do:
        print(f"to do: {line}")
    print("metrics are self-reported until novum_evaluator.py measures by itself; see docs/own-code.md")
    print(f"next: edit domain.toml, novum domains check {path}, then novum run {path}")
    return 0


def new_domain(path: str) -> int:
    """A small working domain to start from, and what to do next with it."""
    made = domains.new_domain(Path(path))
    print(f"made {made}\nnext: novum domains check {path}, then novum run {path}")
    return 0
