"""A person as the model of a study: interrupted and resumed, each letter is written once, answered once."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from novum import api, wiring
from novum.domains import new_domain
from novum.events import Draft
from novum.models.mailbox import waiting
from novum.protocols import Services
from novum.records import Settings
from novum.scientists.systematic import SystematicScientist
from novum.state import State
from novum.testing.models import question


class Asking(SystematicScientist):
    """The systematic scientist, who asks somebody three questions at once and goes by its own ideas."""

    name = "language"

    async def ideate(self, view: State, services: Services) -> Sequence[Draft]:  # type: ignore[override]
        answers = await services.models.ask_all([question(sample=i) for i in range(3)])
        assert [a.text for a in answers] == ["answer 1", "answer 2", "answer 3"]
        return super().ideate(view, services)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setitem(wiring.SCIENTISTS, "language", Asking)
    new_domain(tmp_path / "toy", "toy")
    return Settings(
        domain=str(tmp_path / "toy"), budget="smoke", seed=1, executor="inline", sandbox="none",
        until="ideas", scientist="language", model="mailbox:mail", budget_usd=1.0,
    )  # fmt: skip


def answer(mail: Path, number: int) -> None:
    (mail / "draft").write_text(f"answer {number}")
    (mail / "draft").rename(mail / f"{number:04d}-ideate.answer.md")


def test_interrupted_it_goes_on_where_it_was(tmp_path: Path, settings: Settings) -> None:
    mail = tmp_path / "lab" / "mail"

    def interrupt() -> None:
        while not mail.is_dir() or len(waiting(mail)) < 3:
            time.sleep(0.02)
        answer(mail, 2)
        while (mail / "0002-ideate.answer.md").stat().st_mtime > time.time() - 1:
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    person = threading.Thread(target=interrupt, daemon=True)
    person.start()
    first = api.run(settings, lab=tmp_path / "lab")
    person.join()
    assert first.exit_code == 130 and "novum resume" in first.message
    letters = {path.name: path.read_bytes() for path in mail.glob("*.request.md")}
    assert sorted(letters) == [f"{n:04d}-ideate.request.md" for n in (1, 2, 3)]
    for number in (1, 3):  # while nobody waits
        answer(mail, number)
    second = api.resume(first.path)
    assert second.exit_code == 0, second
    assert {path.name: path.read_bytes() for path in mail.glob("*.request.md")} == letters
    state = api.open_study(second.path).state
    assert all(call.answered for call in state.model_calls.values()) and state.charged.usd == 0


async def test_a_stop_of_the_loop_stops_the_waiting(tmp_path: Path, blobs) -> None:
    """Cancelled, a question stays open in the folder and nobody looks for its answer any more."""
    from novum.models import Surroundings, open_model

    model = open_model(f"mailbox:{tmp_path / 'mail'}", Surroundings(blobs=blobs))
    asked = asyncio.ensure_future(model.ask(question()))
    await asyncio.sleep(0.05)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert len(waiting(tmp_path / "mail")) == 1
