"""SIGINT and SIGTERM while a study is carried on.

The first one ends the work in good order: a step that is thinking is broken off, which leaves nothing half
done since its events are committed as one at its end, and trials under way are cancelled. The second one ends
the process at once, as a kill would; what a kill leaves behind can be resumed just as well.
"""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
INTERRUPTED = 130
LAST_WORDS = b"novum: interrupted twice, ended at once; novum resume goes on from here\n"


class Interrupts:
    """Takes both signals while in force, and puts back who had them before.

    Outside the main thread the host program keeps its handlers, and nothing here has an effect.
    """

    def __init__(self) -> None:
        self._came = self._thinking = False
        self._cancel: Callable[[], object] | None = None
        self._before: list[tuple[signal.Signals, object]] = []

    def __enter__(self) -> "Interrupts":
        with contextlib.suppress(ValueError):  # not the main thread
            for number in SIGNALS:
                self._before.append((number, signal.signal(number, self._arrived)))
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._before:
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
        if self._came:
            _leave_at_once()
        self._came = True
        if self._thinking:
            raise KeyboardInterrupt
        if self._cancel is not None:
            self._cancel()


def _leave_at_once() -> None:
    with contextlib.suppress(OSError):
        os.write(2, LAST_WORDS)
    os._exit(INTERRUPTED)
