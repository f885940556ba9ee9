"""Kill -9 in whole studies of the language scientist, from the first idea to the audited paper.

As `test_kill_models` does with a conversation: here it is a study, with trials in sandboxes beside the calls,
and the answers come from a provider over real HTTP, or from somebody who answers letters.
"""

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from novum import api
from novum.events import TrialFailed, TrialFinished, TrialStarted
from novum.journal import read_events
from novum.models.mailbox import waiting
from novum.records import ModelRequest, Settings
from novum.testing.server import Behaviour, Say, Seen, Server
from novum.wiring import SystemClock
from tests.journeys import flows, minds
from tests.journeys.cradle import Child, Cradle
from tests.journeys.killing import survivors
from tests.journeys.test_kill_models import Person, journaled

pytest.importorskip("pydantic_ai")

KILLS, SHARDS, AT_ONCE = 100, 4, 6
LONGEST = 1.2  # seconds from a sign of work to a kill
SHARES = [
    pytest.param(number, KILLS // SHARDS, id=f"shard{number}", marks=pytest.mark.slow)
    for number in range(1, SHARDS + 1)
]
Question = tuple[str, ...]
"""What a request asks: its parts in turn, the system's left out."""


@pytest.fixture(scope="module")
def cradle() -> Iterator[Cradle]:
    with Cradle() as cradle:
        yield cradle


class Provider(Server):
    """Answers as `minds` does, after a while, and counts what it is asked."""

    def __init__(self) -> None:
        super().__init__([])
        self.counts: Counter[Question] = Counter()

    def next(self, seen: Seen) -> Behaviour:
        told = seen.body["messages"]
        with self._lock:
            self.counts[tuple(t for m in told if m["role"] != "system" for t in _texts(m["content"]))] += 1
        return Say(minds.says("\n\n".join(t for m in told for t in _texts(m["content"]))), pause=0.01)


def _texts(content: str | list[dict[str, str]]) -> list[str]:
    return [content] if isinstance(content, str) else [piece["text"] for piece in content]


def question(request: ModelRequest) -> Question:
    return tuple(part.text for part in request.parts if part.speaker != "system")


class Killer:
    """Kills one study after the other at random moments, until its share is used up."""

    def __init__(self, cradle: Cradle, seed: int, kills: int, work: Callable[[], int]):
        self.cradle, self.left, self.work = cradle, kills, work
        self.luck = random.Random(seed)
        self.stages: Counter[str] = Counter()

    def through(self, study: Path, look: Callable[[Path], None]) -> None:
        """Carry one study to its end; `look` looks after each kill, when all that was started is gone."""
        before = self.work()
        child = self.cradle.start("study", str(study))
        while not self._ends(child, before):
            child.kill()
            self.left -= 1
            assert survivors(set(), study.parents[1]) == {}
            self.stages[journaled(study)[0].stage] += 1
            look(study)
            before = self.work()
            child = self.cradle.start("study", str(study))
        assert (study.parents[1] / flows.DONE).exists(), "it failed; see the standard error above"

    def _ends(self, child: Child, before: int) -> bool:
        if not self.left:
            assert child.ended(400), "it does not end"
            return True
        if self.luck.random() < 2 / 3:
            while self.work() == before and not child.ended(0.002):
                pass
        return child.ended(self.luck.uniform(0, LONGEST))


def begun(lab: Path, toy: Path, model: str, seed: int) -> Path:
    from novum.beginning import create_study

    settings = Settings(domain=str(toy), budget="smoke", seed=seed, workers=2, scientist="language",
                        model=model, proposals=2, calls_at_once=AT_ONCE)  # fmt: skip
    return create_study(lab, settings, SystemClock())


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    from novum.domains import new_domain

    new_domain(tmp_path / "toy", "toy")
    toml = (tmp_path / "toy" / "domain.toml").read_text()
    (tmp_path / "toy" / "domain.toml").write_text(toml.replace("explore_trials = 4", "explore_trials = 6", 1))
    return tmp_path / "toy"


@pytest.mark.parametrize(("shard", "kills"), SHARES)
def test_nothing_answered_is_asked_again(
    cradle: Cradle, tmp_path: Path, toy: Path, shard: int, kills: int
) -> None:
    with Provider() as provider:
        killer = Killer(cradle, shard, kills, provider.counts.total)
        settled: dict[str, int] = {}
        doubtful = repeats = 0

        def look(study: Path) -> None:
            """After a kill: nobody goes on calling; what is answered was not asked again."""
            time.sleep(0.02)  # what was sent before the kill arrives
            before = provider.counts.total()
            time.sleep(0.05)
            assert provider.counts.total() == before, "somebody still calls"
            state, requests = journaled(study)
            assert sum(not call.answered for call in state.model_calls.values()) <= AT_ONCE
            intended: Counter[Question] = Counter()
            for key, call in state.model_calls.items():
                intended[question(requests[key])] += call.attempts
                if call.answered:
                    assert settled.setdefault(key, call.attempts) == call.attempts
            assert all(provider.counts[asked] <= attempts for asked, attempts in intended.items())

        for number in range(100):
            if number and not killer.left:
                break
            settled = {}
            provider.counts.clear()
            study = begun(tmp_path / str(number), toy, f"{provider.url}#any", shard)
            killer.through(study, look)
            doubts = check_the_end(study)
            repeats += check_the_counts(study, provider, doubts)
            doubtful += len(doubts)
        print(f"{kills} kills ({dict(killer.stages)}): {doubtful} attempts in doubt, {repeats} asked again")
        assert repeats <= doubtful


def check_the_end(study: Path) -> list[tuple[str, int]]:
    """The study is whole and audited, and no trial ran again after its end; the attempts in doubt."""
    state, _ = journaled(study)
    assert state.finished == "done" and state.audit_passed
    assert api.audit(study).exit_code == 0
    told = next(check.detail for check in state.audit if check.id == "in-doubt")
    doubts = state.calls_in_doubt
    given_up = sum(not call.answered for call in state.model_calls.values())
    assert state.decisions and given_up <= AT_ONCE  # over all kills, what one can find in flight
    assert _trials_again(study) == 0
    assert all(f"model call {key[:12]}, attempt {attempt}" in told for key, attempt in doubts)
    return doubts


def _trials_again(study: Path) -> int:
    ended: set[str] = set()
    again = 0
    for event in read_events(study / "journal.sqlite"):
        if isinstance(event.body, TrialStarted | TrialFinished | TrialFailed):
            again += event.body.trial in ended
        if isinstance(event.body, TrialFinished | TrialFailed):
            ended.add(event.body.trial)
    return again


def check_the_counts(study: Path, provider: Provider, doubts: list[tuple[str, int]]) -> int:
    """Each question was asked once for each of its calls, and once more at most for each attempt in doubt."""
    _, requests = journaled(study)
    doubtful = Counter(question(requests[key]) for key, _ in doubts)
    wanted = Counter(question(request) for request in requests.values())
    assert set(provider.counts) <= set(wanted)
    for asked, calls in wanted.items():
        assert calls - doubtful[asked] <= provider.counts[asked] <= calls + doubtful[asked]
    return sum(max(0, provider.counts[asked] - calls) for asked, calls in wanted.items())


@pytest.mark.parametrize(("shard", "kills"), SHARES)
def test_nobody_gets_the_same_letter_twice(
    cradle: Cradle, tmp_path: Path, toy: Path, shard: int, kills: int
) -> None:
    mail = tmp_path / "mail"
    person = Correspondent(mail, shard)
    person.start()
    killer = Killer(cradle, 1000 + shard, kills, lambda: len(list(mail.glob("*.request.md"))))
    seen: dict[str, bytes] = {}

    def look(study: Path) -> None:
        """Letters stay as they were, under the numbers they had."""
        for path in mail.glob("*.request.md"):
            assert seen.setdefault(path.name, path.read_bytes()) == path.read_bytes()

    try:
        for number in range(100):
            if number and not killer.left:
                break
            study = begun(tmp_path / str(number), toy, f"mailbox:{mail}", 100 * shard + number)
            killer.through(study, look)
            check_the_end(study)
            _check_letters(mail, study)
        print(f"{kills} kills ({dict(killer.stages)}): {len(seen)} letters, none twice")
    finally:
        person.ending.set()
        person.join()


def _check_letters(mail: Path, study: Path) -> None:
    """One letter for each request of a study, however often it was killed."""
    _, requests = journaled(study)
    firsts = [path.read_text().splitlines()[0].split() for path in mail.glob("*.request.md")]
    keys = [words[3] for words in firsts if words[6] == study.name]
    assert sorted(keys) == sorted(requests) and len(keys) > 10


class Correspondent(Person):
    """Answers letters as `minds` does."""

    def run(self) -> None:
        while not self.ending.wait(self.leisure.uniform(0, 0.05)):
            for letter in waiting(self.folder) if self.folder.is_dir() else ():
                stem = letter.path.name.removesuffix(".request.md")
                said = minds.says(letter.path.read_text())
                draft = self.folder / f"{stem}.draft"
                draft.write_text(said if isinstance(said, str) else json.dumps(said))
                draft.rename(self.folder / f"{stem}.answer.{'md' if isinstance(said, str) else 'json'}")
