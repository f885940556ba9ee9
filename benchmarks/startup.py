"""What Novum costs before it does anything: `python benchmarks/startup.py`.

`novum --help` beside a bare interpreter, in turn; and `novum list` of an empty lab, which reads settings too.
"""

import argparse
import sys

from measuring import NOVUM, in_turn, row, show

from novum.bench.rows import Row

HELP_S, HELP_MIB = 0.25, 100.0


def rows(repeats: int) -> list[Row]:
    commands = {
        "bare": [sys.executable, "-c", "pass"],
        "help": [NOVUM, "--help"],
        "list": [NOVUM, "list", "--json"],
    }
    used = in_turn(commands, repeats)
    cpu = {name: [u.cpu for u in found] for name, found in used.items()}
    return [
        row("`python -c pass`, CPU-s", cpu["bare"]),
        row("`novum --help`, CPU-s", cpu["help"], at_most=HELP_S),
        row("`novum --help`, times the CPU of `python -c pass`",
            [h / b for h, b in zip(cpu["help"], cpu["bare"], strict=True)]),
        row("`novum --help`, peak MiB", [u.peak for u in used["help"]], at_most=HELP_MIB),
        row("`novum list --json` of an empty lab, CPU-s", cpu["list"]),
    ]  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--json", action="store_true", help="print JSON lines")
    given = parser.parse_args()
    show(rows(given.repeats), given.json)
