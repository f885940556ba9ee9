"""All figures of speed: `python benchmarks/speed.py`; or some of them: `… startup reading`.

Each group is a script of this folder and can be run alone. `--out docs/speed.json` puts the rows beside those
of groups that were not measured again; `scripts/docs.py` then makes the tables of docs/benchmarks.md from
them. `peers` needs a package index, `suite` runs all default tests, `batches` and `diffusion` train for
minutes: they are measured only when they are named, or with `--all`; `diffusion` needs an interpreter with
PyTorch, named by `--torch`. The exit code is 1 if a target is missed.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from measuring import plain_environment, table

from novum.bench.rows import Row
from novum.records import Record

NAMED = {"diffusion": ("--torch PYTHON",)}  # what a command needs that differs from machine to machine
HERE = Path(__file__).resolve().parent
EXTRA = ("batches", "diffusion", "suite", "peers")
GROUPS = ("startup", "coordinator", "trials", "reading", "grokking", "asking", *EXTRA)


class Group(Record, kw_only=True):
    """The rows of one script of this folder, when and on what machine they were measured."""

    name: str
    title: str
    command: str
    date: str
    machine: str
    rows: tuple[Row, ...]


def measured(name: str, options: tuple[str, ...], unsaid: tuple[str, ...] = ()) -> Group:
    """Run one script; whatever it says on standard error is seen, a failure ends everything.

    Options `unsaid` are of this machine and not part of the command that the group names.
    """
    words = [str(HERE / f"{name}.py"), *options, *unsaid]
    done = subprocess.run([sys.executable, *words, "--json"], env=plain_environment(), stdout=subprocess.PIPE)
    if done.returncode:
        raise SystemExit(f"{name}.py ended with {done.returncode}")
    return Group(
        name=name,
        title=title_of(name),
        command=" ".join(["python", f"benchmarks/{name}.py", *options, *NAMED.get(name, ())]),
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=machine(),
        rows=tuple(msgspec.json.decode(line, type=Row) for line in done.stdout.splitlines()),
    )


def title_of(name: str) -> str:
    """What a script says that it measures."""
    return (HERE / f"{name}.py").read_text().split('"""')[1].split(":", 1)[0]


def machine() -> str:
    kernel = ".".join(platform.release().split(".")[:2])
    return f"{os.cpu_count()} cores, {platform.system()} {kernel}, Python {platform.python_version()}"


def joined(out: Path, fresh: list[Group]) -> list[Group]:
    """The groups of a file with those measured now in place of their like, in the usual order."""
    old = msgspec.json.decode(out.read_bytes(), type=list[Group]) if out.is_file() else []
    known = {group.name: group for group in [*old, *fresh]}
    return [known[name] for name in GROUPS if name in known]


def write(out: Path, groups: list[Group]) -> None:
    plain: list[Any] = msgspec.to_builtins(groups)
    out.write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}")
    parser.add_argument("--all", action="store_true", help=f"{' and '.join(EXTRA)} as well")
    parser.add_argument("--repeats", type=int, help="of everything, where a script has repeats")
    parser.add_argument("--keep", type=Path, help="where `peers` keeps what it installs")
    parser.add_argument("--torch", metavar="PYTHON", help="an interpreter that has PyTorch, for `diffusion`")
    parser.add_argument("--out", type=Path, help="a file of rows to renew")
    parser.add_argument("--json", action="store_true", help="print the groups as JSON")
    given = parser.parse_args()
    if odd := sorted(set(given.groups) - set(GROUPS)):
        parser.error(f"there is no group {odd[0]!r}; they are {', '.join(GROUPS)}")
    if "diffusion" in given.groups and not given.torch:
        parser.error("diffusion needs --torch PYTHON, an interpreter that has PyTorch")
    names = given.groups or [name for name in GROUPS if given.all or name not in EXTRA]
    names = [name for name in names if name != "diffusion" or given.torch]
    fresh = []
    for name in names:
        unsaid = ("--keep", str(given.keep)) if given.keep and name == "peers" else ()
        unsaid = ("--torch", given.torch) if name == "diffusion" else unsaid
        fresh.append(measured(name, _repeats(name, given.repeats), unsaid))
        if not given.json:
            print("\n".join([f"\n{fresh[-1].title}\n", *table(fresh[-1].rows)]), flush=True)
    if given.json:
        print(msgspec.json.encode(fresh).decode())
    if given.out:
        write(given.out, joined(given.out, fresh))
    return int(any(one.met is False for group in fresh for one in group.rows))


def _repeats(name: str, asked: int | None) -> tuple[str, ...]:
    if asked is None or name == "suite":
        return ()
    return ("--rounds" if name == "trials" else "--repeats", str(asked))


if __name__ == "__main__":
    sys.exit(main())
