"""Misuses one resource, named by `config.mode`, until something stops it."""

import json
import os
import signal
import sys
import time
from pathlib import Path

CONFIG = json.loads(Path(sys.argv[-1]).read_text())["config"]
MB = 1 << 20


def memory() -> None:
    held = []
    for _ in range(CONFIG["mb"]):
        held.append(b"\1" * MB)


def memory_of_children() -> None:
    """Several processes, each within its own limit."""
    for _ in range(CONFIG["children"]):
        if os.fork() == 0:
            held = [b"\1" * MB for _ in range(CONFIG["mb"])]
            time.sleep(30)
            os._exit(len(held) > 0)
    time.sleep(30)


def processor() -> None:
    while True:
        pass


def processor_of_children() -> None:
    """Burns time in children that nobody waits for."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        if os.fork() == 0:
            until = time.process_time() + 0.1
            while time.process_time() < until:
                pass
            os._exit(0)
        time.sleep(0.12)


def patience() -> None:
    """Ignores every signal it can and sleeps."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(5)


def processes() -> None:
    """A fork bomb that stops at `config.most`, so that a broken layer does not break the machine."""
    made = 0
    while made < CONFIG["most"]:
        try:
            if os.fork() == 0:
                time.sleep(30)
                os._exit(0)
            made += 1
        except BlockingIOError:
            time.sleep(0.05)
            break
    Path("out/made.txt").write_text(str(made))
    time.sleep(3)


def print_much() -> None:
    for _ in range(CONFIG["mb"]):
        sys.stdout.write("x" * MB)


def write_much() -> None:
    for index in range(CONFIG["mb"]):
        Path(f"out/{index}").write_bytes(b"x" * MB)
    time.sleep(5)


def one_large_file() -> None:
    with Path("out/large").open("wb") as handle:
        for _ in range(CONFIG["mb"]):
            handle.write(b"x" * MB)


def detach() -> None:
    """Leaves a grandchild in a session of its own, told apart by a mark on its command line."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
                signal.signal(number, signal.SIG_IGN)
            os.execv(
                sys.executable, [sys.executable, "-S", "-c", "import time; time.sleep(60)", CONFIG["mark"]]
            )
        os._exit(0)
    time.sleep(0.2)


def linger() -> None:
    """As `detach`, but stays as well."""
    detach()
    patience()


def main() -> None:
    globals()[CONFIG["mode"]]()


if __name__ == "__main__":
    main()
