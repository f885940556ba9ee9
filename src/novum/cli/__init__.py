"""The command `novum`. Nothing heavy is imported before a command runs: start-up is a feature."""

import os
import sys
from collections.abc import Sequence

THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What caps the threads of linear algebra here, as in trials: sums of several threads differ in the last bit,
and a study has to come out alike whatever the machine allows."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command line and end the process with its exit code (see `novum.errors`)."""
    from novum.cli.border import guarded

    os.environ.update(dict.fromkeys(THREADS, "1"))  # before numpy is there
    sys.exit(guarded(sys.argv[1:] if argv is None else list(argv)))
