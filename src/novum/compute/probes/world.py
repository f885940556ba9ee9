"""The surroundings of a probe: a stranger's process with a key, listeners, and what must not survive."""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def stranger() -> Iterator[tuple[int, str]]:
    """Another process of this user, with a key in its environment and on its command line."""
    key = secrets.token_hex(16)
    program = f"import sys; sys.stdin.read()  # {key[:12]}"
    process = subprocess.Popen(
        [sys.executable, "-S", "-c", program], env={"API_KEY": key}, stdin=subprocess.PIPE
    )
    try:
        yield process.pid, key
    finally:
        process.communicate()


@contextlib.contextmanager
def listeners(folder: Path) -> Iterator[tuple[int, str]]:
    """A TCP server on the loopback device and one on a local socket that everyone may use."""
    path = str(folder / "socket")
    with socket.socket() as tcp, socket.socket(socket.AF_UNIX) as local:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        local.bind(path)
        Path(path).chmod(0o777)
        local.listen()
        yield tcp.getsockname()[1], path


def own_files() -> list[str]:
    """Some files of this user's home, if there are any."""
    names = (".bashrc", ".profile", ".gitconfig", ".ssh/known_hosts", ".ssh/id_ed25519", ".netrc")
    return [str(path) for name in names if (path := Path.home() / name).is_file()]


def marked(mark: str) -> list[int]:
    """Processes other than ourselves with a mark on their command line."""
    found: list[int] = []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark.encode() in (place / "cmdline").read_bytes() and int(place.name) != os.getpid():
                found.append(int(place.name))
    return found


def end_survivors(mark: str) -> list[int]:
    """Processes that still carry our mark after their trial ended; they are ours, so they are killed."""
    found = marked(mark)
    for pid in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 9)
    return found
