"""Progress on standard error: a live line at a terminal, single plain lines anywhere else.

A watcher is told of every event after it is committed. What it shows is a function of the folded state
(`novum.telemetry.glance`); confirmation is shown as counts alone, never by what it measured.
"""

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Literal

from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from novum import events as ev
from novum.state import State
from novum.telemetry.glance import Glance, glance

Verbosity = Literal["quiet", "normal", "verbose"]
EVERY_SECONDS = 10.0  # between two plain lines of one stage
UNCONFINED = {
    "process": "limits on time and memory only: no wall around files and network",
    "none": "no confinement at all",
}


class Progress:
    """Shows a study under way; use it as a context manager, so that the live line is taken down.

    Args:
        console: where to write; standard error unless given.
        verbosity: `quiet` gives one line per stage, `verbose` one per trial.
        clock: seconds that never go back; an argument so that a test can set it.
    """

    def __init__(
        self,
        console: Console | None = None,
        verbosity: Verbosity = "normal",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.console = console or Console(file=sys.stderr, highlight=False, markup=False)
        self.verbosity = verbosity
        self.clock = clock
        self._began = clock()
        self._rest_until = 0.0
        self._said_stage = ""
        self._said_at = -EVERY_SECONDS
        self._glance: Glance | None = None
        self._live: Live | None = None
        self._mailboxes: set[str] = set()

    def __enter__(self) -> "Progress":
        self._began = self.clock()
        if self.console.is_terminal and self.verbosity != "quiet":
            self._live = Live(
                get_renderable=self._render,
                console=self.console,
                refresh_per_second=4,
                transient=True,
                redirect_stdout=False,
            )
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def saw(self, event: ev.Event, state: State) -> None:
        """Take one committed event and the state after it."""
        self._warn(event)
        self._call(event)
        if self.verbosity == "verbose" and isinstance(event.body, ev.TrialFinished | ev.TrialFailed):
            self._print(f"  {_outcome(event.body)}")
        milestone = isinstance(event.body, ev.StepStarted | ev.StepFinished)
        if not milestone and self.clock() < self._rest_until:
            return
        self._glance = now = self._look(state)
        if isinstance(event.body, ev.StepFinished):
            self._say_done(event.body.step, now)
        elif self._stage_changed(event, now):
            self._say_stage(now)
        elif self._live is None and self.verbosity != "quiet" and _counts(now) and self._due():
            self._print(self.line(now))
            self._said_at = self.clock()

    def _look(self, state: State) -> Glance:
        """A glance, after which we rest twenty times as long as it took: large studies stay fast."""
        began = self.clock()
        found = glance(state)
        ended = self.clock()
        self._rest_until = ended + 20 * (ended - began)
        return found

    def line(self, now: Glance) -> str:
        """One line of plain text, in ASCII."""
        return f"{now.stage}: " + ", ".join([*_counts(now), *self._times(now)])

    # --- plain ----------------------------------------------------------------------------------------

    def _stage_changed(self, event: ev.Event, now: Glance) -> bool:
        return isinstance(event.body, ev.StepStarted) and now.stage != self._said_stage

    def _say_stage(self, now: Glance) -> None:
        self._said_stage, self._said_at = now.stage, self.clock()
        if self._live is None:
            self._print(f"{now.stage} ({duration(self.clock() - self._began)})")

    def _say_done(self, step: str, now: Glance) -> None:
        """At a terminal a finished stage stays as a line above the live one; elsewhere, if it had trials."""
        failed = f", {now.failed} failed" if now.failed else ""
        trials = f"{now.ended} trials{failed}" if step == now.phase else ""
        elapsed = duration(self.clock() - self._began)
        if self._live is not None:
            mark = "+" if self.console.options.ascii_only else "✓"
            line = Text.assemble((mark, "green"), f" {step:<9}", (f" {elapsed:>6}  {trials}".rstrip(), "dim"))
            self.console.print(line)
        elif trials and self.verbosity != "quiet":
            self._print(f"{step} ended ({elapsed}), {trials}")

    def _due(self) -> bool:
        return self.clock() - self._said_at >= EVERY_SECONDS

    def _warn(self, event: ev.Event) -> None:
        if isinstance(event.body, ev.CoordinatorStarted) and event.body.sandbox in UNCONFINED:
            layer = event.body.sandbox
            self._print(
                f"warning: sandbox '{layer}': {UNCONFINED[layer]}; 'novum doctor' says how to mend it"
            )

    def _call(self, event: ev.Event) -> None:
        """Tell a person that it is their turn, once for each mailbox."""
        name = event.body.model if isinstance(event.body, ev.ModelAsked) else ""
        if name.startswith("mailbox:") and name not in self._mailboxes:
            self._mailboxes.add(name)
            folder = name.partition(":")[2]
            self._print(f"questions wait for answers in {folder}; 'novum mailbox {folder}' lists them")

    def _print(self, text: str) -> None:
        self.console.print(Text(f"novum: {text}"), soft_wrap=True)

    def _times(self, now: Glance) -> list[str]:
        left = [f"about {duration(now.left_seconds)} left"] if now.left_seconds else []
        return [duration(self.clock() - self._began), *left, f"{now.cpu_seconds:.0f} CPU-s", *_spent(now)]

    # --- live -----------------------------------------------------------------------------------------

    def _render(self) -> Table:
        now = self._glance
        grid = Table.grid(padding=(0, 1))
        grid.add_column(no_wrap=True)
        if now is None:
            grid.add_row(Text("starting", "bold cyan"))
            return grid
        separator = " | " if self.console.options.ascii_only else " · "
        cells: list[RenderableType] = [Text(f"{now.stage:<9}", "bold cyan")]
        if now.runs_trials:
            cells.append(ProgressBar(total=max(now.planned, 1), completed=now.ended, width=12))
        rest = [*_counts(now), *self._times(now)]
        grid.add_row(*cells, Text(separator.join(rest), "dim", no_wrap=True, overflow="ellipsis"))
        return grid


def duration(seconds: float) -> str:
    """`m:ss`, or `h:mm:ss` from an hour up."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _counts(now: Glance) -> list[str]:
    """Trials, in a stage that runs some, and calls of models in one that makes some."""
    failed = [f"{now.failed} failed"] if now.failed else []
    trials = [f"{now.ended}/{now.planned} trials", f"{now.running} running", *failed]
    here = now.asked_here
    calls = [f"{here.answered}/{here.calls} calls"] if here.calls else []
    return [*(trials if now.runs_trials else []), *calls]


def _spent(now: Glance) -> list[str]:
    """Money and tokens of the whole study so far, once there are any."""
    asked = now.asked
    return [f"{asked.usd:.2f} USD", f"{asked.tokens / 1000:.0f}k tokens"] if asked.calls else []


def _outcome(body: ev.TrialFinished | ev.TrialFailed) -> str:
    if isinstance(body, ev.TrialFailed):
        return f"trial {body.trial} failed: {body.reason}"
    return f"trial {body.trial} done, {body.seeds_ok} seed{'s' if body.seeds_ok != 1 else ''}"
