"""Counted progress: few lines where nobody watches, none when quiet."""

import io

from rich.console import Console

from novum.telemetry.counting import Counting
from novum.telemetry.progress import EVERY_SECONDS


def counted(*moments: tuple[float, int], quiet: bool = False) -> str:
    """What is written when so many of five are done at these times."""
    out, now = io.StringIO(), [0.0]
    with Counting("trials", Console(file=out, width=80), quiet=quiet, clock=lambda: now[0]) as told:
        for at, done in moments:
            now[0] = at
            told(done, 5)
    return out.getvalue()


def test_the_end_is_told_and_what_comes_in_quick_succession_is_not():
    assert counted((0.1, 1), (0.2, 2), (0.3, 5)) == "novum: 5/5 trials, 0:00\n"


def test_slow_work_is_told_every_few_seconds():
    lines = counted((EVERY_SECONDS, 1), (EVERY_SECONDS + 1, 2), (2.5 * EVERY_SECONDS, 3)).splitlines()
    assert lines == ["novum: 1/5 trials, 0:10", "novum: 3/5 trials, 0:25"]


def test_quiet_says_nothing():
    assert counted((100.0, 3), (200.0, 5), quiet=True) == ""


def test_at_a_terminal_a_live_line_stands_and_is_taken_down():
    out = io.StringIO()
    console = Console(file=out, width=80, force_terminal=True)
    with Counting("trials", console) as told:
        told(2, 5)
        assert told._live is not None
        console.print(told._render())
    assert told._live is None and "2/5 trials" in out.getvalue()
