"""Writes src/novum/domains/manifest.toml, the hashes of the domains that ship; `--check` only compares.

Run it when a shipped domain changes. A domain whose folder does not give its hash counts as foreign: its
programs run under a sandbox that confines them, or not at all.
"""

import sys
import tempfile
from pathlib import Path

from novum.domains import domain_hash, load_domain, shipped
from novum.domains.contract import MANIFEST
from novum.journal import FileBlobs

HEAD = "# The hash of each domain that ships with Novum; written by scripts/manifest.py.\n"


def manifest() -> str:
    with tempfile.TemporaryDirectory() as scratch:
        blobs = FileBlobs(Path(scratch))
        rows = [
            f'{folder.name} = "{domain_hash(load_domain(folder, blobs))}"\n' for folder in sorted(shipped())
        ]
    return HEAD + "".join(rows)


def main() -> int:
    current = MANIFEST.read_text("utf-8") if MANIFEST.is_file() else ""
    wanted = manifest()
    if "--check" in sys.argv:
        return 0 if current == wanted else 1
    MANIFEST.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
