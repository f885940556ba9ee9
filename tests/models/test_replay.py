"""A recording as the model: what was answered is answered again, what was not is an error."""

import time
from pathlib import Path

import pytest

from novum.asking import Panel
from novum.errors import NovumError, ReplayDiverged, UserError
from novum.journal import JOURNAL, FileBlobs, Journal
from novum.models import FakeModel, Surroundings, open_model
from novum.recording import Recorder
from novum.records import Prices
from novum.steps.typed import propose
from novum.testing.memory import MemoryLog
from novum.testing.models import question
from tests.histories import created
from tests.steps.test_typed import TEXT, WANTED, Proposed


def recorder(folder: Path) -> tuple[Recorder, Journal]:
    folder.mkdir(parents=True, exist_ok=True)
    journal = Journal(folder / JOURNAL, time.time)
    made = Recorder(journal, FileBlobs(folder / "blobs"))
    if not made.state.study:
        made.commit(created())
    return made, journal


@pytest.fixture
async def lab(tmp_path: Path) -> Path:
    """A lab with a recording in which an answer had to be mended once."""
    made, journal = recorder(tmp_path / "lab" / "studies" / "toy-abc1")
    model = FakeModel(["no json", TEXT], name="openai:then", prices=Prices(input=1, output=1))
    assert await propose(Panel(made.calls, {"ideate": [model]}), question(), Proposed) == WANTED
    journal.close()
    return tmp_path / "lab"


def around(lab: Path) -> Surroundings:
    folder = lab / "studies" / "toy-2"
    return Surroundings(blobs=FileBlobs(folder / "blobs"), folder=folder)


@pytest.mark.parametrize("name", ["toy-abc1", "toy-a", "{lab}/studies/toy-abc1"])
async def test_the_whole_conversation_comes_again(lab: Path, name: str) -> None:
    model = open_model(f"replay:{name.format(lab=lab)}", around(lab))
    again = Recorder(MemoryLog(), FileBlobs(lab / "blobs"))
    again.commit(created())
    assert await propose(Panel(again.calls, {"ideate": [model]}), question(), Proposed) == WANTED
    assert again.state.charged.usd == 0
    assert (await model.ask(question_of(again))).model == "openai:then"


def question_of(recorder: Recorder):
    import msgspec

    from novum.events import ModelAsked
    from novum.records import ModelRequest

    body = next(e.body for e in recorder.log.read() if isinstance(e.body, ModelAsked))
    return msgspec.json.decode(recorder.blobs.get(body.request), type=ModelRequest)


async def test_another_question_diverges(lab: Path) -> None:
    model = open_model("replay:toy-abc1", around(lab))
    with pytest.raises(ReplayDiverged) as raised:
        await model.ask(question("What is 6 × 9?"))
    assert raised.value.exit_code == 5 and "holds no answer to ideate call" in str(raised.value)


async def test_a_study_that_is_not_there(lab: Path) -> None:
    with pytest.raises(UserError, match="no such study"):
        open_model("replay:nothing", around(lab))
    recorder(lab / "studies" / "toy-abc2")[1].close()
    with pytest.raises(UserError, match="several studies begin so"):
        open_model("replay:toy-a", around(lab))
    unknown = open_model(
        "replay:toy-abc1", Surroundings(blobs=FileBlobs(lab / "blobs"))
    )  # no lab is known yet
    with pytest.raises(NovumError, match="no such study"):
        await unknown.ask(question())
