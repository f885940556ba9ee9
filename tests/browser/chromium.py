"""A headless Chromium, driven through a pair of pipes by the DevTools protocol: no further dependency.

The browser reads commands from descriptor 3 and writes answers and events to descriptor 4, each a line of
JSON that ends in a NUL byte.
"""

import base64
import itertools
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--hide-scrollbars", "--force-color-profile=srgb", "--remote-debugging-pipe")  # fmt: skip
PATIENCE = 60.0  # seconds for one answer, on a loaded machine


def executable() -> str | None:
    """The browser of this machine, if it has one."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Browser:
    """A browser process with one page; use it in a `with`."""

    def __init__(self, program: str):
        self._profile = tempfile.TemporaryDirectory(prefix="novum-chromium-", ignore_cleanup_errors=True)
        read_here, write_there = os.pipe()
        read_there, self._write = os.pipe()
        self._read = read_here
        command = [program, *FLAGS, f"--user-data-dir={self._profile.name}", "about:blank"]
        joined = ["bash", "-c", f'exec "$@" 3<&{read_there} 4>&{write_there}', "bash", *command]
        self._process = subprocess.Popen(joined, pass_fds=(read_there, write_there), stdin=subprocess.DEVNULL,
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        os.close(read_there)
        os.close(write_there)
        self._numbers = itertools.count(1)
        self._rest = b""
        self.events: list[dict[str, Any]] = []
        target = self._ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        attached = self._ask("Target.attachToTarget", {"targetId": target, "flatten": True})
        self._session: str | None = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "Security"):
            self.ask(f"{domain}.enable")

    def __enter__(self) -> "Browser":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._read)
        os.close(self._write)
        self._profile.cleanup()

    # --- the protocol ---------------------------------------------------------------------------------

    def ask(self, method: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
        """The answer of the page to a command."""
        return self._ask(method, parameters or {}, self._session)

    def _ask(self, method: str, parameters: dict[str, Any], session: str | None = None) -> dict[str, Any]:
        number = next(self._numbers)
        said = {"id": number, "method": method, "params": parameters}
        os.write(self._write, json.dumps(said | ({"sessionId": session} if session else {})).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE
        while True:
            message = self._next(deadline - time.monotonic())
            if message.get("id") == number:
                assert "error" not in message, f"{method}: {message['error']}"
                return message["result"]

    def _next(self, seconds: float) -> dict[str, Any]:
        """The next message; events are kept."""
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], max(0.0, seconds))
            data = os.read(self._read, 1 << 20) if ready else b""
            assert data, "the browser says nothing"
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\0")
        message = json.loads(line)
        if "method" in message:
            self.events.append(message)
        return message

    def of(self, method: str) -> list[dict[str, Any]]:
        """The parameters of all events of a kind so far."""
        return [e["params"] for e in self.events if e["method"] == method]

    # --- what a reader does ---------------------------------------------------------------------------

    def open(self, path: Path, fragment: str = "") -> None:
        """Load a file as if for the first time, and wait until it has loaded."""
        self.ask("Page.navigate", {"url": "about:blank"})
        self.events.clear()
        self.ask("Page.navigate", {"url": path.as_uri() + fragment})
        self.until("document.readyState === 'complete' && location.protocol === 'file:'")

    def see(self, expression: str) -> Any:
        """The value of an expression of JavaScript in the page, as JSON has it."""
        told = self.ask("Runtime.evaluate", {"expression": expression, "returnByValue": True,
                                             "awaitPromise": True})  # fmt: skip
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def until(self, expression: str, seconds: float = 20.0) -> None:
        """Wait for an expression to become true."""
        _wait(lambda: self.see(f"!!({expression})"), seconds, expression)

    def click(self, selector: str) -> None:
        """Bring the first match into view and press the mouse on it."""
        place = self.see(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " if (!e) return null; e.scrollIntoView({block: 'center', behavior: 'instant'});"
            " const b = e.getClientRects()[0]; return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        assert place, f"nothing matches {selector}"
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", {"type": kind, "x": place[0], "y": place[1],
                                                  "button": "left", "clickCount": 1})  # fmt: skip

    def press(self, key: str, code: int) -> None:
        """Press and release a key; `code` is its virtual key code."""
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", {"type": kind, "key": key, "code": key,
                                                "windowsVirtualKeyCode": code, **text})  # fmt: skip

    def size(self, width: int, height: int, *, phone: bool = False) -> None:
        self.ask("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "mobile": phone,
                                                        "deviceScaleFactor": 1})  # fmt: skip

    def scheme(self, name: str, media: str = "") -> None:
        """Ask for `light` or `dark`; `media` may be `print`."""
        wanted = [{"name": "prefers-color-scheme", "value": name},
                  {"name": "prefers-reduced-motion", "value": "reduce"}]  # fmt: skip
        self.ask("Emulation.setEmulatedMedia", {"media": media, "features": wanted})

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """Save what is seen (or the whole page) as PNG."""
        told = self.ask("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": whole})
        path.write_bytes(base64.b64decode(told["data"]))


def _wait(done: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for: {what}"
        time.sleep(0.05)
