"""Every backend that needs no provider passes the suite that all backends pass."""

import asyncio
import inspect
import json
import os
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from novum import events as ev
from novum.canonical import canonical
from novum.errors import ProviderError
from novum.journal import JOURNAL, FileBlobs, Journal
from novum.models import BACKENDS, Surroundings, open_model
from novum.protocols import LanguageModel
from novum.records import ModelAnswer, ModelRequest
from novum.testing.models import CHECKS, FREE_OF_FAILURES, SCHEMA, question
from tests.histories import created

Said = Sequence[str | dict[str, object] | ProviderError]


def scripted(said: Said, home: Path) -> LanguageModel:
    """A file that says these things in turn, and raises what is an error."""
    plan = [{"error": s.what} if isinstance(s, ProviderError) else {"said": s} for s in said]
    (home / "model.py").write_text(
        "from novum.errors import Overloaded\n"
        f"left = {plan!r}\n"
        "def answer(request):\n"
        "    turn = left.pop(0)\n"
        "    if 'error' in turn:\n"
        "        raise Overloaded(turn['error'])\n"
        "    return turn['said']\n"
    )
    return open_model(f"scripted:{home / 'model.py'}", Surroundings(blobs=FileBlobs(home / "blobs")))


def mailbox(said: Said, home: Path) -> LanguageModel:
    """A folder in which somebody answers whenever time passes."""
    left, folder = list(said), home / "mail"

    async def sleep(seconds: float) -> None:
        for letter in sorted(folder.glob("*.request.md")):
            stem = letter.name.removesuffix(".request.md")
            if not list(folder.glob(f"{stem}.answer.*")):
                answer = left.pop(0)
                kind, text = ("md", answer) if isinstance(answer, str) else ("json", json.dumps(answer))
                (folder / f"{stem}.draft").write_text(text)
                (folder / f"{stem}.draft").rename(folder / f"{stem}.answer.{kind}")
        await asyncio.sleep(0)

    return open_model(f"mailbox:{folder}", Surroundings(blobs=FileBlobs(home / "blobs"), sleep=sleep))


def replay(said: Said, home: Path) -> LanguageModel:
    """A study in whose journal all questions of the suite were answered."""
    study = home / "lab" / "studies" / "toy-1"
    study.mkdir(parents=True)
    blobs, journal = FileBlobs(study / "blobs"), Journal(study / JOURNAL, time.time)
    journal.append([created()])
    for sample, answer in enumerate(said):
        assert not isinstance(answer, ProviderError)
        variants = [{}, {"output": SCHEMA}, {"max_output_tokens": 200}]
        for request in (question(sample=sample, **fields) for fields in variants):
            record(journal, blobs, request, answer)
    journal.close()
    return open_model(f"replay:{study}", Surroundings(blobs=blobs))


def record(journal: Journal, blobs: FileBlobs, request: ModelRequest, said: object) -> None:
    text, data = (said, None) if isinstance(said, str) else ("", said)
    answer = blobs.put(canonical(ModelAnswer(text=text, data=data, model="openai:then", usd=1.0)).encode())
    asked = ev.ModelAsked(
        key=request.key,
        attempt=0,
        role=request.role,
        model="openai:then",
        request=blobs.put(canonical(request).encode()),
    )
    answered = ev.ModelAnswered(key=request.key, attempt=0, answer=answer, model="openai:then")
    journal.append([ev.Draft(body=asked), ev.Draft(body=answered)])


def acp(said: Said, home: Path) -> LanguageModel:
    """A coding agent that says these things, each in a process of its own."""
    turns = [{"error": {"code": -32603, "message": s.what}} if isinstance(s, ProviderError)
             else {"say": s if isinstance(s, str) else json.dumps(s)} for s in said]  # fmt: skip
    (home / "shared").mkdir()
    (home / "plan.json").write_text(json.dumps({"in_turn": turns, "shared": str(home / "shared")}))
    command = shlex.join([sys.executable, str(AGENT), str(home / "plan.json")])
    environ = os.environ | {"NOVUM_AGENT_FOLDERS": str(home / "shared")}
    return open_model(f"acp:{command}", Surroundings(blobs=FileBlobs(home / "blobs"), environ=environ))


AGENT = Path(__file__).parent / "agents" / "agent.py"
MAKERS: dict[str, tuple[Callable[[Said, Path], LanguageModel], Sequence]] = {
    "acp": (acp, CHECKS),
    "scripted": (scripted, CHECKS),
    "mailbox": (mailbox, FREE_OF_FAILURES),
    "replay": (replay, FREE_OF_FAILURES),
}
CASES = [pytest.param(make, check, id=f"{scheme}-{check.__name__}")
         for scheme, (make, checks) in MAKERS.items() for check in checks]  # fmt: skip


@pytest.mark.parametrize(("make", "check"), CASES)
async def test_the_conformance_suite(make, check, tmp_path: Path) -> None:
    homes = iter(range(100))

    def made(said: Said) -> LanguageModel:
        home = tmp_path / str(next(homes))
        home.mkdir()
        return make(said, home)

    await check(made)


def test_every_backend_is_held_to_the_suite() -> None:
    """Those of providers are in `test_hosted`, over real HTTP."""
    hosted = {scheme for scheme, place in BACKENDS.items() if place.startswith("novum.models.hosted:")}
    assert set(BACKENDS) == hosted | set(MAKERS)


def test_every_check_of_the_suite_is_in_it() -> None:
    from novum.testing import models

    found = {f for name, f in inspect.getmembers(models) if name.startswith("check_")}
    assert found == set(CHECKS)
