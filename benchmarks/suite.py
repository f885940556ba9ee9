"""What the default tests cost: `python benchmarks/suite.py`.

One run of them as `./novum test` runs them, on two processes. Its target is of wall time on two free cores.
"""

import argparse
import sys
from pathlib import Path

from measuring import row, show, use_of

from novum.bench.rows import Row

ROOT = Path(__file__).resolve().parent.parent
COMMAND = ("-m", "pytest", "--numprocesses", "2", "--dist", "worksteal", "-q", "-p", "no:cacheprovider")
SUITE_S = 180.0


def rows() -> list[Row]:
    used = use_of([sys.executable, *COMMAND], ROOT)
    return [
        row("default tests on two cores, wall s", [used.wall], at_most=SUITE_S),
        row("default tests, CPU-s", [used.cpu]),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--json", action="store_true", help="print JSON lines")
    show(rows(), parser.parse_args().json)
