# ruff: noqa: E501 (questions stand on long lines)
"""A recording as the model: what was answered is answered again, what was not is an error."""

import time
from pathlib import Path

import pytest

from novum.asking import Panel
from novum.errors import NovumError, ReplayDiverged, UserError
from novum.journal import JOURNAL, FileBlobs, Journal
from novum.models import FakeModel, Surroundings, open_model
from novum.models.recordings import Recorded, Recording, wide_key
from novum.recording import Recorder
from novum.records import ModelAnswer, ModelRequest, Part, Prices
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


async def test_a_file_of_answers_is_a_recording_too(lab: Path, tmp_path: Path) -> None:
    from novum.events import ModelAsked
    from novum.journal import read_events
    from novum.models import recordings

    folder = lab / "studies" / "toy-abc1"
    events = list(read_events(folder / JOURNAL))
    answers = list(recordings.of_journal(iter(events), FileBlobs(folder / "blobs")))
    assert len(answers) == len({e.body.key for e in events if isinstance(e.body, ModelAsked)}) > 0
    path = tmp_path / "answers.jsonl"
    path.write_bytes(recordings.written(recordings.Title(study="toy-1"), iter(answers)))
    model = open_model(f"replay:{path}", Surroundings(blobs=FileBlobs(tmp_path / "blobs")))
    heard = await propose(Panel(recorder(tmp_path / "again")[0].calls, {"ideate": [model]}), question(), Proposed)
    assert heard == WANTED
    assert recordings.title_of(path).study == "toy-1"
    path.write_text("no recording\n")
    with pytest.raises(UserError, match="is no recording"):
        await open_model(f"replay:{path}", Surroundings(blobs=FileBlobs(tmp_path / "blobs"))).ask(question())


def asked(text: str, stable: str = "Seven of 7.", sample: int = 0) -> ModelRequest:
    parts = (Part(speaker="system", text="Rule 1."), Part(text=stable, stable=True), Part(text=text))
    return ModelRequest(role="code", parts=parts, sample=sample)


def recording(*questions: tuple[ModelRequest, str]) -> Recording:
    return Recording(iter(
        [Recorded(key=q.key, wide=wide_key(q), role="code", answer=ModelAnswer(text=said, model="m"))
         for q, said in questions]))  # fmt: skip


def test_other_numbers_are_the_same_question_and_the_answer_says_so() -> None:
    held = recording((asked("mean 0.2737 of 12 seeds, node a327df"), "yes"))
    exact, near = held.answer(asked("mean 0.2737 of 12 seeds, node a327df")), held.answer(asked("mean 2.7e-1 of 12 seeds, node a327df"))
    assert exact is not None and (exact.text, exact.model) == ("yes", "m")
    assert near is not None and (near.text, near.model) == ("yes", "m (said of other numbers)")


@pytest.mark.parametrize(
    "other",
    [asked("mean 1 of 12 seeds, node b327df"), asked("mean 1 of 12 pears, node a327df"), asked("mean 1 of 12 seeds, node a327df", "Seven of 8."),
     asked("mean 1 of 12 seeds, node a327df", sample=1)],
)  # fmt: skip
def test_anything_else_is_another_question(other: ModelRequest) -> None:
    assert recording((asked("mean 0.2737 of 12 seeds, node a327df"), "yes")).answer(other) is None


def test_which_of_two_was_meant_is_not_guessed() -> None:
    held = recording((asked("mean 1"), "yes"), (asked("mean 2"), "no"))
    assert held.answer(asked("mean 3")) is None
    found = held.answer(asked("mean 2"))
    assert found is not None and found.text == "no"
