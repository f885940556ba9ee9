"""Kill -9 while models are asked: what was answered is never asked again, what was in flight is listed.

A server on this machine counts what it is asked, by body. Each shard carries one conversation after the other
and kills it at random moments, until it has made its share of a hundred kills.
"""

import contextlib
import json
import os
import random
import shlex
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from novum.canonical import canonical
from novum.journal import JOURNAL, FileBlobs, read_events
from novum.models.mailbox import waiting
from novum.records import ModelRequest
from novum.state import State, fold
from novum.testing.server import Behaviour, Say, Seen, Server
from tests.journeys import flows
from tests.journeys.cradle import Child, Cradle

pytest.importorskip("pydantic_ai")

KILLS, SHARDS = 100, 5
LATENCY = 0.012  # seconds before each of an answer's six pieces
LONGEST = 0.3  # seconds to a kill
SHARES = [pytest.param(0, 5, id="default")]
for number in range(1, SHARDS + 1):
    SHARES.append(pytest.param(number, KILLS // SHARDS, id=f"shard{number}", marks=pytest.mark.slow))
shares = pytest.mark.parametrize(("shard", "kills"), SHARES)


@pytest.fixture(scope="module")
def cradle() -> Iterator[Cradle]:
    with Cradle() as cradle:
        yield cradle


class Provider(Server):
    """Answers after a while, and counts its requests by body."""

    def __init__(self) -> None:
        super().__init__([])
        self.counts: Counter[str] = Counter()

    def next(self, seen: Seen) -> Behaviour:
        body = json.dumps(seen.body["messages"], sort_keys=True)
        with self._lock:
            self.counts[body] += 1
        return Say(flows.says(body), pause=LATENCY)

    def about(self, request: ModelRequest) -> int:
        """How often a journaled request was asked."""
        with self._lock:
            found = [n for body, n in self.counts.items() if _which(body) == _which(canonical(request.parts))]
        assert len(found) <= 1, "two bodies for one request"
        return found[0] if found else 0


def _which(told: str) -> tuple[str, bool]:
    """The question that a text has in it, and whether it is asked for the second time."""
    return told.partition("question ")[2][:8], "cannot be used" in told


def journaled(study: Path) -> tuple[State, dict[str, ModelRequest]]:
    """The state of a study and, by key, every request of whose asking it knows."""
    if not (study / JOURNAL).exists():
        return State(), {}
    events = list(read_events(study / JOURNAL))
    blobs = FileBlobs(study / "blobs")
    asked = {e.body.key: e.body.request for e in events if hasattr(e.body, "worst_case")}
    return fold(events), {k: msgspec.json.decode(blobs.get(b), type=ModelRequest) for k, b in asked.items()}


class Killer:
    """Kills a conversation at random moments until its share is used up; `look` looks after each kill.

    One kill in three falls at random after the start, the others after the first sign of work, which `work`
    counts: how long a process takes until it asks depends on the machine.
    """

    def __init__(self, cradle: Cradle, seed: int, kills: int, work: Callable[[], int]):
        self.cradle, self.left, self.work = cradle, kills, work
        self.moments = random.Random(seed)

    def through(self, study: Path, model: str, look: Callable[[Path], None]) -> None:
        """Carry one conversation to its end."""
        child = self._start(study, model)
        while not self._ends(child):
            child.kill()
            self.left -= 1
            look(study)
            child = self._start(study, model)
        assert (study / flows.DONE).exists(), "it failed; see the standard error above"

    def _start(self, study: Path, model: str) -> Child:
        self._before = self.work()
        return self.cradle.start("conversation", str(study), model)

    def _ends(self, child: Child) -> bool:
        """Whether it ends before the moment of the next kill."""
        if not self.left:
            assert child.ended(120), "it does not end"
            return True
        if self.moments.random() < 2 / 3:
            while self.work() == self._before and not child.ended(0.002):
                pass
        return child.ended(self.moments.uniform(0, LONGEST))


@shares
def test_nothing_answered_is_asked_again(cradle: Cradle, tmp_path: Path, shard: int, kills: int) -> None:
    with Provider() as provider:
        killer = Killer(cradle, shard, kills, provider.counts.total)
        settled: dict[str, int] = {}
        repeats = 0
        doubtful = 0

        def look(study: Path) -> None:
            """After a kill: nobody goes on calling; remember what is answered, and what was in flight."""
            time.sleep(0.02)  # what was sent before the kill arrives
            before = provider.counts.total()
            time.sleep(0.05)
            assert provider.counts.total() == before, "somebody still calls"
            state, requests = journaled(study)
            in_flight = [k for k, call in state.model_calls.items() if not call.answered]
            assert len(in_flight) <= flows.AT_ONCE
            for key, call in state.model_calls.items():
                if call.answered:
                    assert settled.setdefault(key, provider.about(requests[key])) == provider.about(
                        requests[key]
                    )

        for number in range(1000):
            if number and not killer.left:
                break
            study, settled = tmp_path / f"study-{number}", {}
            provider.counts.clear()
            killer.through(study, f"{provider.url}#any", look)
            _check_the_end(study, provider, settled)
            repeats += provider.counts.total() - len(provider.counts)
            doubtful += len(journaled(study)[0].calls_in_doubt)
        assert doubtful, "no kill fell into a call"
        assert repeats <= doubtful
        print(f"{kills} kills: {doubtful} attempts in doubt, {repeats} of them asked again")


def _check_the_end(study: Path, provider: Provider, settled: dict[str, int]) -> None:
    state, requests = journaled(study)
    assert all(call.answered for call in state.model_calls.values())
    assert len(requests) == len(provider.counts) >= flows.STEPS * flows.AT_ONCE
    listed = Counter(key for key, _ in state.calls_in_doubt)
    for key, request in requests.items():
        asked = provider.about(request)
        assert asked == settled.get(key, asked), "asked again after its answer was journaled"
        assert 1 <= asked <= 1 + listed[key], "asked again, and not listed as in doubt"


class Person(threading.Thread):
    """Somebody who answers letters at leisure, whether anyone waits for the answers or not."""

    def __init__(self, folder: Path, seed: int):
        super().__init__(daemon=True)
        self.folder, self.leisure, self.ending = folder, random.Random(seed), threading.Event()

    def run(self) -> None:
        while not self.ending.wait(self.leisure.uniform(0, 0.05)):
            if not self.folder.is_dir():
                continue
            for letter in waiting(self.folder):
                stem = letter.path.name.removesuffix(".request.md")
                draft = self.folder / f"{stem}.draft"
                draft.write_text(json.dumps(flows.says(letter.path.read_text())))
                draft.rename(self.folder / f"{stem}.answer.json")


@shares
def test_nobody_gets_the_same_letter_twice(cradle: Cradle, tmp_path: Path, shard: int, kills: int) -> None:
    mail = tmp_path / "mail"
    person = Person(mail, shard)
    person.start()
    killer = Killer(cradle, 1000 + shard, kills, lambda: len(list(mail.glob("*.request.md"))))
    seen: dict[str, bytes] = {}

    def look(study: Path) -> None:
        """Letters stay as they were, under the numbers they had."""
        for path in mail.glob("*.request.md"):
            assert seen.setdefault(path.name, path.read_bytes()) == path.read_bytes()

    try:
        for number in range(1000):
            if number and not killer.left:
                break
            study = tmp_path / "lab" / "studies" / f"study-{number}"
            killer.through(study, f"mailbox:{mail}", look)
            _check_letters(mail, study)
    finally:
        person.ending.set()
        person.join()


def _check_letters(mail: Path, study: Path) -> None:
    """One letter for each request of a study, however often it was killed."""
    _, requests = journaled(study)
    firsts = [path.read_text().splitlines()[0] for path in mail.glob("*.request.md")]
    keys = [line.split()[3] for line in firsts if line.split()[6] == study.name]
    assert sorted(keys) == sorted(requests) and len(keys) >= flows.STEPS * flows.AT_ONCE


AGENT = Path(__file__).parents[1] / "models" / "agents" / "agent.py"


@pytest.mark.slow
def test_no_agent_outlives_us(cradle: Cradle, tmp_path: Path) -> None:
    """Five agents at a time, each with an orphan that left its session; all gone after every kill."""
    token = f"agent-of-{os.getpid()}"  # in the command line of every process that counts
    deeds = [
        ["orphan", f"trace-{token}", 60],
        ["sleep", 0.1],
        ["say", json.dumps({"title": "t", "score": 1})],
    ]
    (tmp_path / f"{token}.json").write_text(json.dumps({"do": deeds}))
    command = shlex.join([sys.executable, str(AGENT), str(tmp_path / f"{token}.json")])
    killer = Killer(cradle, 7, 30, lambda: len(_alive(token)))
    seen = []

    def look(study: Path) -> None:
        until = time.monotonic() + 5
        while left := _alive(token):
            assert time.monotonic() < until, left
            time.sleep(0.02)
        state, _ = journaled(study)
        seen.append(len(state.calls_in_doubt))

    killer.through(tmp_path / "study", f"acp:{command}", look)
    state, _ = journaled(tmp_path / "study")
    assert all(call.answered for call in state.model_calls.values()) and max(seen) >= flows.AT_ONCE


def _alive(word: str) -> list[str]:
    """The command lines that hold a word; those of coordinators, which are forked, hold none of ours."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            line = entry.read_bytes().decode(errors="replace")
            found += [line] if word in line else []
    return found
