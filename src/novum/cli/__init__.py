"""The command `novum`. Nothing heavy is imported before a command runs: start-up is a feature."""

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command line and end the process with its exit code (see `novum.errors`)."""
    from novum.cli.border import guarded

    sys.exit(guarded(sys.argv[1:] if argv is None else list(argv)))
