"""Start-up beside other systems: `python benchmarks/peers.py`.

Each of them is installed from the package index, in the version named here, into an environment of its own
that is removed afterwards (8 GB in all, and some minutes; `--keep DIR` keeps them for the next time).
Then every command is asked for its help in turn with `novum --help`. That of `aide` ends with an error,
because it has no help; it has loaded by then.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from measuring import NOVUM, in_turn, row, show

from novum.bench.rows import Row


class Peer(NamedTuple):
    package: str
    version: str
    command: str


PEERS = (
    Peer("openevolve", "0.4.0", "openevolve-run"),
    Peer("shinka-evolve", "0.0.7", "shinka_run"),
    Peer("aideml", "0.2.2", "aide"),
)


def installed(peer: Peer, home: Path) -> Path:
    """The peer's command in an environment of its own, made unless it is there."""
    place = home / peer.package
    command = place / "bin" / peer.command
    if not command.is_file():
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        wanted = f"{peer.package}=={peer.version}"
        subprocess.run([place / "bin" / "python", "-m", "pip", "install", "--quiet", wanted], check=True)
    return command


def rows(repeats: int, keep: Path | None = None) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="novum-peers-") as home:
        commands = {peer.command: [installed(peer, keep or Path(home)), "--help"] for peer in PEERS}
        used = in_turn({"novum": [NOVUM, "--help"], **commands}, repeats, fails=True)
    named = {"novum": "`novum`"} | {p.command: f"`{p.command}` ({p.package} {p.version})" for p in PEERS}
    found = []
    for command, name in named.items():
        found.append(row(f"{name} starts, CPU-s", [u.cpu for u in used[command]]))
        found.append(row(f"{name} starts, peak MiB", [u.peak for u in used[command]]))
        pairs = zip(used[command], used["novum"], strict=True)
        found += [row(f"{name} over `novum`, CPU", [a.cpu / b.cpu for a, b in pairs])] * (command != "novum")
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="where environments are kept and looked for")
    parser.add_argument("--json", action="store_true", help="print JSON lines")
    given = parser.parse_args()
    show(rows(given.repeats, given.keep), given.json)
