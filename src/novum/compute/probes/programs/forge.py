"""Hands over what it should not: links to files it may not see, forged results, odd names."""

import contextlib
import json
import os
import socket
import sys
from pathlib import Path

SYSTEM = {
    "proc",
    "sys",
    "dev",
    "usr",
    "lib",
    "lib64",
    "bin",
    "sbin",
    "etc",
    "var",
    "run",
    "boot",
    "opt",
    "srv",
}
CONFIG = json.loads(Path(sys.argv[-1]).read_text())["config"]


def main() -> None:
    place = Path("out/1")
    place.mkdir(parents=True)
    (place / "honest.txt").write_text("0.5")
    tries = {
        "link.txt": lambda path: path.symlink_to(CONFIG["target"]),
        "folder": lambda path: path.symlink_to(Path(CONFIG["target"]).parent),
        "pipe": os.mkfifo,
        "request.txt": lambda path: os.link("request.json", path),
        "socket": lambda path: socket.socket(socket.AF_UNIX).bind(str(path)),
        "line\nbreak": lambda path: path.write_text("x"),
        "measurements.jsonl": lambda path: path.write_text(CONFIG["forged"]),
    }
    for name, attempt in tries.items():
        with contextlib.suppress(OSError):
            attempt(place / name)
    for up in ("..", "../..", "../../..", "../../../.."):
        for name in ("result.json", "measurements.jsonl", "frozen/forged"):
            with contextlib.suppress(OSError):
                (Path(up) / name).write_text(CONFIG["forged"])
    Path("out/heldout.json").write_text(json.dumps(search()))


def search() -> list[str]:
    """Files above and beside us that hold the held-out secret of the stage before."""
    found = []
    for root in (".", "..", "../..", "../../.."):
        for folder, inner, names in os.walk(Path(root).resolve()):
            if folder == "/":
                inner[:] = [name for name in inner if name not in SYSTEM]
            found += [f"{folder}/{name}" for name in names if holds_secret(Path(folder, name))]
    return sorted(set(found))


def holds_secret(path: Path) -> bool:
    if path.name == "request.json" or path.is_symlink():
        return False
    try:
        small = path.is_file() and path.stat().st_size < 1000
        return small and path.read_text(errors="replace").startswith(CONFIG["secret_begins"])
    except OSError:
        return False


if __name__ == "__main__":
    main()
