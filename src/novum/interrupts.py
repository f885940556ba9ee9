"""SIGINT and SIGTERM while a study is carried on.

The first one ends the work in good order: a step that is thinking is broken off, which leaves nothing half
done since its events are committed as one at its end, and trials under way are cancelled. The second one ends
the process at once, as a kill would; what a kill leaves behind can be resumed just as well.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
INTERRUPTED = 130
MOMENT = 0.02  # seconds
LAST_WORDS = b"novum: interrupted twice, ended at once; novum resume goes on from here\n"


class Interrupts:
    """Takes both signals while in force, and puts back who had them before.

    Outside the main thread the host program keeps its handlers, and nothing here has an effect.
    """

    def __init__(self) -> None:
        self._came = self._thinking = self._again = False
        self._cancel: Callable[[], object] | None = None
        self._before: list[tuple[signal.Signals, object]] = []

    def __enter__(self) -> "Interrupts":
        with contextlib.suppress(ValueError):  # not the main thread
            for number in SIGNALS:
                self._before.append((number, signal.signal(number, self._arrived)))
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        before, self._before = self._before, []
        for number, handler in before:
            signal.signal(number, handler or signal.SIG_DFL)  # type: ignore[arg-type]

    def cancels(self, cancel: Callable[[], object]) -> None:
        """What the first signal is to call from now on; called now if it has come already."""
        self._cancel = cancel
        if self._came:
            cancel()

    @contextlib.contextmanager
    def thinking(self) -> Iterator[None]:
        """A stretch of work that the first signal breaks off.

        Raises:
            KeyboardInterrupt: the signal came, now or before.
        """
        if self._came:
            raise KeyboardInterrupt
        self._thinking = True
        try:
            yield
        finally:
            self._thinking = False

    def _arrived(self, number: int, frame: FrameType | None) -> None:
        if self._came and not self._again:
            _leave_at_once()
        self._came, self._again = True, False
        if self._thinking and _importing(frame):
            threading.Timer(MOMENT, self._send_again, [number]).start()
        elif self._thinking:
            raise KeyboardInterrupt
        elif self._cancel is not None:
            self._cancel()

    def _send_again(self, number: int) -> None:
        if self._before:  # still in force
            self._again = True
            os.kill(os.getpid(), number)


def _importing(frame: FrameType | None) -> bool:
    """Whether the machinery of imports is at work itself: what is raised in one of its callbacks is printed
    and goes no further."""
    return frame is not None and frame.f_code.co_filename.startswith("<frozen importlib")


def _leave_at_once() -> None:
    with contextlib.suppress(OSError):
        os.write(2, LAST_WORDS)
    os._exit(INTERRUPTED)
