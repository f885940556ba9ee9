"""Progress of work that is only counted: so many of so many done. A live bar at a terminal."""

import sys
import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from novum.telemetry.progress import EVERY_SECONDS, duration


class Counting:
    """Call it with (done, planned); use it as a context manager, so that the live line is taken down.

    Args:
        what: the things counted, in the plural.
        console: where to write; standard error unless given.
        quiet: say nothing at all.
        clock: seconds that never go back; an argument so that a test can set it.
    """

    def __init__(
        self,
        what: str,
        console: Console | None = None,
        *,
        quiet: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.what = what
        self.console = console or Console(file=sys.stderr, highlight=False, markup=False)
        self.quiet = quiet
        self.clock = clock
        self._began = self._said_at = clock()
        self._done, self._planned = 0, 0
        self._live: Live | None = None

    def __enter__(self) -> "Counting":
        if self.console.is_terminal and not self.quiet:
            self._live = Live(get_renderable=self._render, console=self.console, refresh_per_second=4,
                              transient=True, redirect_stdout=False)  # fmt: skip
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def __call__(self, done: int, planned: int) -> None:
        self._done, self._planned = done, planned
        due = self.clock() - self._said_at >= EVERY_SECONDS or done == planned
        if self._live is None and not self.quiet and due:
            self._said_at = self.clock()
            self.console.print(Text(f"novum: {self._line()}"), soft_wrap=True)

    def _line(self) -> str:
        return f"{self._done}/{self._planned} {self.what}, {duration(self.clock() - self._began)}"

    def _render(self) -> Table:
        grid = Table.grid(padding=(0, 1))
        bar = ProgressBar(total=max(self._planned, 1), completed=self._done, width=12)
        grid.add_row(bar, Text(self._line(), "dim", no_wrap=True))
        return grid
