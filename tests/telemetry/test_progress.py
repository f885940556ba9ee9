"""What a person sees while a study runs."""

import io
import re

import pytest
from rich.console import Console

from novum.events import CoordinatorStarted, Event, ModelAnswered, ModelAsked, StepStarted, TrialFinished
from novum.records import Cost
from novum.state import State, apply
from novum.telemetry.glance import glance, seconds_left
from novum.telemetry.progress import Progress, duration
from tests import story


class Clock:
    """Goes on by a fixed step each time an event is told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def told(until: str = "done", *, step: float = 1.0, tty: bool = False, verbosity: str = "normal",
         encoding: str = "utf-8") -> str:  # fmt: skip
    """Everything a watcher writes about a study whose events lie `step` seconds apart."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, errors="strict", write_through=True)
    console = Console(file=file, force_terminal=tty, width=110, highlight=False, color_system=None)
    clock, state = Clock(), State()
    with Progress(console, verbosity, clock) as progress:  # type: ignore[arg-type]
        for event in story.events(until):
            apply(state, event)
            progress.saw(event, state)
            clock.now += step
    return raw.getvalue().decode(encoding)


def test_a_glance_counts_the_phase_under_way():
    state = State()
    for event in story.events("done"):
        apply(state, event)
        if isinstance(event.body, TrialFinished):
            break
    now = glance(state)
    assert (now.stage, now.phase, now.done, now.running, now.failed) == ("explore", "explore", 1, 0, 0)
    assert now.planned == 4 and now.cpu_seconds == 1.5


def test_counts_of_a_whole_study_are_those_of_its_last_phase():
    state = State()
    for event in story.events("done"):
        apply(state, event)
    now = glance(state)
    assert (now.phase, now.done, now.failed, now.planned) == ("confirm", 3, 0, 3)
    assert now.cpu_seconds == pytest.approx(7 * 1.5) and now.left_seconds == 0


def test_time_left_falls_as_registered_seeds_are_run():
    state, seen = State(), []
    for event in story.events("done"):
        apply(state, event)
        if state.protocol is not None and isinstance(event.body, TrialFinished):
            seen.append(seconds_left(state))
    assert seen == sorted(seen, reverse=True) and seen[-1] == 0 and seen[0] > 0


def test_nothing_to_go_by_gives_no_time_left():
    assert seconds_left(State()) is None


def test_without_a_terminal_it_writes_plain_lines_and_nothing_but_ascii():
    text = told(step=12.0)
    assert text.isascii() and "\x1b" not in text and "\r" not in text
    lines = text.splitlines()
    assert lines[0].startswith("novum: ideate (")
    assert any(
        re.search(r"explore: 1/4 trials, 0 running, \d:\d\d, about \d:\d\d left, 2 CPU-s$", line)
        for line in lines
    )
    assert any("1 failed" in line for line in lines)


def test_plain_lines_are_no_more_than_one_in_ten_seconds_within_a_stage():
    lines = told(step=0.01).splitlines()
    assert len(lines) == 7 + 2  # the stages of the story, and the ends of the two that have trials
    assert "novum: explore ended (0:00), 4 trials, 1 failed" in lines


def test_quiet_gives_one_line_per_stage_whatever_the_pace():
    text = told(step=60.0, verbosity="quiet", tty=True)
    stages = ["ideate", "explore", "register", "confirm", "conclude", "audit", "review"]
    assert [line.split()[1] for line in text.splitlines()] == stages


def test_verbose_names_each_trial_that_ended():
    text = told(verbosity="verbose")
    assert text.count(" done, 2 seeds") == 3 and text.count(" done, 8 seeds") == 3
    assert text.count("failed: the program crashed") == 1


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_terminal_of_any_encoding_is_served(encoding):
    text = told(tty=True, encoding=encoding, step=0.3)
    assert "explore" in text and "trials" in text
    assert ("✓" in text) == (encoding == "utf-8")


def test_confirmation_shows_counts_and_never_a_measured_value():
    for verbosity in ("quiet", "normal", "verbose"):
        for tty in (False, True):
            assert not re.search(r"\b7[78]\d\b", told("confirm", verbosity=verbosity, tty=tty, step=11.0))


@pytest.mark.parametrize(("layer", "loud"), [("bwrap", False), ("process", True), ("none", True)])
def test_a_weak_sandbox_is_said_loudly(layer, loud):
    file = io.StringIO()
    progress, state = Progress(Console(file=file, width=100), "quiet"), State()
    event = story.events("ideate")[1]
    assert isinstance(event.body, CoordinatorStarted)
    weak = type(event)(
        seq=2, time=0.0, actor="novum", body=CoordinatorStarted(host="h", pid=1, sandbox=layer)
    )
    progress.saw(weak, state)
    assert ("warning: sandbox" in file.getvalue()) == loud


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (59.6, "1:00"), (3599, "59:59"), (3661, "1:01:01")]
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_a_stage_that_asks_models_tells_calls_money_and_tokens():
    out, clock, state = io.StringIO(), Clock(), State()
    console = Console(file=out, width=110, highlight=False, color_system=None)
    cost = Cost(usd=0.25, tokens=1500)
    bodies = [(StepStarted(step="ideate", view_seq=0), None)]
    for key in "abc":
        asked = ModelAsked(
            key=key, attempt=0, role="ideate", model="m", request="r", step="ideate", worst_case=cost
        )
        bodies.append((asked, None))
    bodies.append((ModelAnswered(key="a", attempt=0, answer="x"), Cost(usd=0.05, tokens=500)))
    with Progress(console, "normal", clock) as progress:
        for seq, (body, paid) in enumerate(bodies, 1):
            event = Event(seq=seq, time=1.0, actor="novum", body=body, cost=paid)
            apply(state, event)
            clock.now += 6
            progress.saw(event, state)
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("novum: ideate (")
    assert "0/2 calls" in lines[1] and "0.50 USD" in lines[1]
    # one answered, two without an outcome at their worst case
    assert "1/3 calls" in lines[-1] and "0.55 USD, 4k tokens" in lines[-1] and "trials" not in lines[-1]


def test_a_person_is_told_once_that_it_is_their_turn():
    file = io.StringIO()
    progress, state = Progress(Console(file=file, width=100), "quiet"), State()
    for attempt, model in enumerate(["openai:x", "mailbox:mail", "mailbox:mail"]):
        asked = ModelAsked(key="k", attempt=attempt, role="ideate", model=model, request="r")
        progress.saw(Event(seq=attempt + 1, time=0.0, actor="novum", body=asked), state)
    assert file.getvalue().count("questions wait for answers in mail; 'novum mailbox mail' lists them") == 1
