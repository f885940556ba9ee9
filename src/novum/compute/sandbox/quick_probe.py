"""Runs inside a sandbox and prints what it could do but should not; prints nothing if all is well."""

import json
import os
import socket
import sys


def _read(path: str) -> bool:
    try:
        with open(path, "rb") as handle:
            return bool(handle.read(1))
    except OSError:
        return False


def _write(folder: str) -> bool:
    path = os.path.join(folder, f"novum-probe-{os.getpid()}")
    try:
        with open(path, "w"):
            pass
        os.unlink(path)
    except OSError:
        return False
    return True


def _connect() -> bool:
    """Whether a connection to ourselves over the loopback device works with a server of the host's kind."""
    try:
        with socket.socket() as server, socket.socket() as client:
            server.bind(("127.0.0.1", 0))
            server.listen()
            client.connect(server.getsockname())
    except OSError:
        return False
    return True


def main() -> None:
    with open("request.json") as handle:
        request = json.load(handle)
    with open("out/works", "w") as handle:
        handle.write("yes")
    found = {
        "the network answers": _connect(),
        "the environment holds more than it was given": "NOVUM_CANARY" in os.environ,
    }
    if request["walls"]:
        found["files outside can be read"] = _read(request["canary"]) or _read("/etc/shadow")
        found["folders outside can be written"] = any(
            _write(place) for place in ("/", "/usr", "/etc", "/var")
        )
    print("; ".join(text for text, leaked in found.items() if leaked))


if __name__ == "__main__":
    sys.exit(main())
