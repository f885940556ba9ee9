"""A study killed anywhere and resumed ends in the same bytes as one that never was."""

import difflib
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from msgspec import structs

from novum import api, wiring
from novum import events as ev
from novum.beginning import create_study
from novum.domains import new_domain
from novum.events import Draft, Event
from novum.evidence.catalogue import catalogue
from novum.evidence.tables import claims_data, measurements_csv
from novum.journal import FileBlobs, Journal
from novum.manuscript.references import resolve
from novum.manuscript.render.markdown import MarkdownRenderer
from novum.records import Cost, Settings
from novum.state import fold
from novum.steps.illustrate import plan
from novum.steps.lookup import StudyLookup
from novum.steps.trails import as_json, trails
from novum.testing.determinism import FILES, VOLATILE, comparable
from novum.wiring import SystemClock


class Killed(BaseException):
    """The process is gone: nothing after it reaches the disk."""


@pytest.fixture(scope="module", autouse=True)
def no_pdf() -> Iterator[None]:
    """What is compared is the paper's source; setting it in type every time would only cost."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(wiring, "renderers", lambda: [MarkdownRenderer()])
        yield


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that has been created and not carried on."""
    home = tmp_path_factory.mktemp("determinism")
    new_domain(home / "toy", "toy")
    settings = Settings(
        domain=str(home / "toy"), policy="design", budget="smoke", seed=5, executor="inline", sandbox="none"
    )
    return create_study(home / "lab", settings, SystemClock())


@pytest.fixture(scope="module")
def adaptive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One begun whose search follows results, of sixteen points: from the eighth on they are chosen so."""
    home = tmp_path_factory.mktemp("adaptive")
    new_domain(home / "toy", "toy")
    text = (home / "toy/domain.toml").read_text()
    (home / "toy/domain.toml").write_text(text.replace("explore_trials = 4", "explore_trials = 16"))
    settings = Settings(domain=str(home / "toy"), policy="adaptive", deterministic=True, workers=1,
                        budget="smoke", seed=5, executor="inline", sandbox="none")  # fmt: skip
    return create_study(home / "lab", settings, SystemClock())


def copied(begun: Path, lab: Path) -> Path:
    return shutil.copytree(begun, lab / "studies" / begun.name)


def bytes_of(folder: Path) -> dict[str, str]:
    return comparable(folder, api.open_study(folder).state)


@pytest.fixture(scope="module")
def whole(begun: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study that was never killed."""
    folder = copied(begun, tmp_path_factory.mktemp("whole"))
    outcome = api.resume(folder)
    assert outcome.exit_code == 0, outcome.message
    return folder


def trails_of(folder: Path) -> bytes:
    """What the HTML paper's numbers lead to, without what tells of the carrying out."""
    state = fold([], api.open_study(folder).state)
    state.spent = Cost()
    for trial in state.trials.values():
        trial.attempt = trial.interrupted = 0
        if trial.result is not None:
            idle = {"cpu_seconds": 0.0, "wall_seconds": 0.0, "peak_mb": 0.0}
            stages = tuple(structs.replace(stage, **idle) for stage in trial.result.stages)
            trial.result = structs.replace(trial.result, stages=stages)
    assert state.paper is not None
    used = resolve(state.paper.source, StudyLookup(state, {})).used
    return as_json(trails(state, used, FileBlobs(folder / "blobs")))


def carry(folder: Path, monkeypatch: pytest.MonkeyPatch, appends: int | None) -> bool:
    """Carry a study on, killed before its `appends`-th commit of this life; whether it came to its end."""
    left, append = [appends], Journal.append

    def dying(self: Journal, drafts: Sequence[Draft]) -> list[Event]:
        if left[0] is not None:
            if left[0] <= 0:
                raise Killed
            left[0] -= 1
        return append(self, drafts)

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "append", dying)
        try:
            return api.resume(folder).exit_code == 0
        except Killed:
            return False


def assert_same(left: dict[str, str], right: dict[str, str]) -> None:
    for name in FILES:
        diff = difflib.unified_diff(left[name].splitlines(), right[name].splitlines(), lineterm="", n=0)
        assert not (shown := list(diff)), f"{name}: " + "\n".join(shown[:12])


@pytest.mark.parametrize("luck", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_study_killed_again_and_again_ends_in_the_same_bytes(
    begun: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, luck: int
) -> None:
    folder, moments = copied(begun, tmp_path / "lab"), random.Random(luck)
    lives = 0
    while not carry(folder, monkeypatch, moments.randint(4, 40)):
        lives += 1
        assert lives < 60, "it does not get on"
    assert lives >= 3
    assert_same(bytes_of(whole), bytes_of(folder))
    assert trails_of(whole) == trails_of(folder)


def test_a_clock_that_is_set_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    day, real = 24 * 3600, time.time
    clock = SystemClock()
    first = clock.now()
    assert abs(first - real()) < day
    for jump in (-day, day):
        monkeypatch.setattr(time, "time", lambda jump=jump: real() + jump)
        assert first <= clock.now() < first + day / 2
        assert abs(SystemClock().now() - real() - jump) < day / 2


@pytest.mark.slow
def test_so_does_one_whose_machine_has_its_clock_set_back(
    begun: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By an hour at every commit of a session, and by a day before the next one."""
    folder, lost, real = copied(begun, tmp_path / "lab"), [0.0], time.time
    append = Journal.append

    def set_back(self: Journal, drafts: Sequence[Draft]) -> list[Event]:
        lost[0] += 3600
        return append(self, drafts)

    monkeypatch.setattr(Journal, "append", set_back)
    monkeypatch.setattr(time, "time", lambda: real() - lost[0])
    began = time.monotonic()
    assert not carry(folder, monkeypatch, 25)
    lost[0] += 24 * 3600
    assert carry(folder, monkeypatch, None)
    took = time.monotonic() - began
    assert lost[0] > 40 * 3600, "too few commits for the clock to have been set"
    events = list(api.open_study(folder).events())
    starts = [i for i, e in enumerate(events) if isinstance(e.body, ev.CoordinatorStarted)]
    assert [e.seq for e in events] == list(range(1, len(events) + 1))
    assert len(starts) == 2 and events[starts[1]].time < events[starts[1] - 1].time - 24 * 3600
    for session in (events[starts[0] : starts[1]], events[starts[1] :]):
        times = [event.time for event in session]
        assert times == sorted(times) and times[-1] - times[0] <= took
    first = events[starts[1] - 1].time - events[starts[0]].time
    state = api.open_study(folder).state
    assert first < state.active_seconds <= took + 0.001
    assert_same(bytes_of(whole), bytes_of(folder))
    assert api.audit(folder).exit_code == 0


def explored(folder: Path) -> list[tuple[str, str]]:
    """The exploration's configurations in order, each with how it came to be proposed."""
    state = api.open_study(folder).state
    return [(t.node, state.nodes[t.node].plan) for t in state.trials_in("explore")]


@pytest.mark.slow
@pytest.mark.parametrize("luck", [4, 5])
def test_so_does_one_whose_search_follows_results_if_it_is_to_be_deterministic(
    adaptive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, luck: int
) -> None:
    whole, cut = copied(adaptive, tmp_path / "whole"), copied(adaptive, tmp_path / "cut")
    assert carry(whole, monkeypatch, None)
    assert "the most informative point" in {plan for _, plan in explored(whole)}
    moments, lives = random.Random(luck), 0
    while not carry(cut, monkeypatch, moments.randint(3, 24)):
        lives += 1
        assert lives < 60, "it does not get on"
    assert lives >= 5
    assert explored(whole) == explored(cut)
    assert_same(bytes_of(whole), bytes_of(cut))


@pytest.mark.slow  # the test above kills it there too
def test_killed_once_while_it_thinks(begun: Path, whole: Path, tmp_path: Path, monkeypatch) -> None:
    """Before each commit of a step that follows the trials, once: a step runs again from its pinned view."""
    folder = copied(begun, tmp_path / "lab")
    lives = 0
    while "confirm" not in api.open_study(folder).state.steps_done:
        carry(folder, monkeypatch, 25)
        assert (lives := lives + 1) < 40
    while not carry(folder, monkeypatch, 3):  # it is back, a step begins, the step ends: then it dies
        assert (lives := lives + 1) < 60
    assert_same(bytes_of(whole), bytes_of(folder))


def test_what_is_masked_is_marked_and_little(whole: Path) -> None:
    """Masking hides a line of the paper and the costs in claims.json, nothing else."""
    shown, masked = (whole / "paper/paper.md").read_text(), bytes_of(whole)
    pairs = zip(shown.splitlines(), masked["paper/paper.md"].splitlines(), strict=True)
    changed = [(a, b) for a, b in pairs if a != b]
    assert len(changed) == 1 and '"Journal"' in changed[0][0]
    assert masked["measurements.csv"] == (whole / "measurements.csv").read_text()
    assert 0 < masked["claims.json"].count("‹") <= 2 * 4  # processor time, money, interruptions


def reordered(events: list[Event], rng: random.Random) -> list[Event]:
    """The same history, with the trials of each phase ending in another order."""
    kinds = (ev.TrialStarted, ev.TrialFinished, ev.TrialFailed, ev.MeasurementsRecorded, ev.SeriesRecorded)
    result, waiting = [], {}
    for event in events:
        if isinstance(event.body, kinds):
            waiting.setdefault(event.body.trial, []).append(event)
            continue
        if isinstance(event.body, ev.StepFinished) and waiting:
            groups = list(waiting.values())
            rng.shuffle(groups)
            result += [e for group in groups for e in group]
            waiting = {}
        result.append(event)
    return result


@pytest.mark.parametrize("luck", range(3))
def test_the_order_in_which_trials_end_changes_no_number(whole: Path, luck: int) -> None:
    events, blobs = list(api.open_study(whole).events()), FileBlobs(whole / "blobs")
    other = reordered(events, random.Random(luck))
    assert [e.seq for e in other] != [e.seq for e in events]
    first, second = fold(events), fold(other)
    assert measurements_csv(first) == measurements_csv(second)
    assert claims_data(first) == claims_data(second)
    ours, theirs = ([s for s in catalogue(state).statistics.values() if s.kind not in VOLATILE]
                    for state in (first, second))  # fmt: skip
    assert [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b] == []
    assert list(plan(first, blobs)) == list(plan(second, blobs))


@pytest.mark.slow
def test_kill_9_of_the_process_with_two_workers_changes_no_byte(begun: Path, tmp_path: Path) -> None:
    """The same with sandboxed trials side by side and a process that is killed from outside."""
    state = api.open_study(begun).state
    settings = structs.replace(state.settings, executor="local", sandbox="auto", workers=2)
    started = create_study(tmp_path / "lab", settings, SystemClock())
    whole, cut = (copied(started, tmp_path / name) for name in ("whole", "cut"))
    assert _resume(whole).wait(300) == 0
    moments, deaths = random.Random(3), 0
    for _ in range(8):
        process = _resume(cut)
        try:
            process.wait(moments.uniform(0.5, 5.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            deaths += 1
    assert deaths >= 2
    assert _resume(cut).wait(300) == 0
    assert_same(bytes_of(whole), bytes_of(cut))


def _resume(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "novum", "resume", "--lab", str(folder.parent.parent), folder.name, "-q"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
