"""A person as the model: letters that can be read, answers that are taken whole, nothing asked twice."""

import asyncio
import json
import re
from pathlib import Path

import msgspec
import pytest

from novum.asking import Panel
from novum.errors import MachineError, UserError
from novum.journal import FileBlobs
from novum.models import Surroundings, open_model
from novum.models.examples import example
from novum.models.mailbox import Mailbox, waiting
from novum.recording import Recorder
from novum.records import ModelRequest, Part
from novum.steps.typed import Failed, propose, read_answer, schema_of
from novum.testing.memory import MemoryLog
from novum.testing.models import SCHEMA, question
from tests.histories import created
from tests.steps.test_typed import GOOD, WANTED, Proposed


class Post:
    """A mailbox, and somebody who acts whenever it sleeps."""

    def __init__(self, home: Path, study: str = "toy-1"):
        self.lab, self.study, self.slept = home / "lab", study, 0.0
        self.folder = self.lab / "mail"
        self.acts: list = []
        around = Surroundings(
            blobs=FileBlobs(home / "blobs"), folder=self.lab / "studies" / study, sleep=self._sleep
        )
        self.model: Mailbox = open_model("mailbox:mail", around)  # type: ignore[assignment]

    async def _sleep(self, seconds: float) -> None:
        self.slept += seconds
        assert self.slept < 1e4, "nobody answers"
        if self.acts:
            self.acts.pop(0)()
        await asyncio.sleep(0)

    def put(self, name: str, text: str | bytes) -> None:
        data = text if isinstance(text, bytes) else text.encode()
        (self.folder / "draft").write_bytes(data)
        (self.folder / "draft").rename(self.folder / name)

    def names(self) -> list[str]:
        return sorted(p.name for p in self.folder.iterdir() if not p.name.startswith("."))


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path)


async def test_a_letter_says_all_that_is_needed(post: Post) -> None:
    picture = post.model._around.blobs.put(b"\x89PNG")
    parts = (*question("What does ```python\n1/0``` do?").parts, Part(image=picture, media_type="image/png"))
    post.acts = [lambda: post.put("0001-vision.answer.json", '{"title": "it fails", "score": 0}')]
    asked = ModelRequest(role="vision", parts=parts, output=SCHEMA, output_name="Verdict", sample=1)
    answer = await post.model.ask(asked)
    assert answer.data == {"title": "it fails", "score": 0} and answer.usd == 0
    assert post.names() == ["0001-vision.answer.json", "0001-vision.image-1.png", "0001-vision.request.md"]
    letter = (post.folder / "0001-vision.request.md").read_text()
    assert asked.key in letter.splitlines()[0]
    told = ["You answer briefly.", "We do arithmetic.", "1/0", "![0001-vision.image-1.png]", "Verdict"]
    places = [letter.index(text) for text in told]
    assert places == sorted(places)
    for text in ("0001-vision.answer.json", "`0001-vision.draft`", "study `toy-1`", "an answer of its own"):
        assert text in letter
    shown, schema = (json.loads(b) for b in re.findall(r"```json\n(.*?)\n```", letter, re.S)[-2:])
    assert schema == SCHEMA and set(shown) == {"title", "score"}


async def test_text_is_asked_for_as_text(post: Post) -> None:
    post.acts = [lambda: post.put("0001-ideate.answer.md", "\ufeff forty-two\r\n")]
    assert (await post.model.ask(question())).text == "forty-two"
    letter = (post.folder / "0001-ideate.request.md").read_text()
    assert "answer.json" not in letter and "Text. At most about" in letter


async def test_waiting_is_patient_and_cheap(post: Post) -> None:
    looks = 0

    def nothing() -> None:
        nonlocal looks
        looks += 1

    post.acts = [nothing] * 2000 + [lambda: post.put("0001-ideate.answer.md", "at last")]
    assert (await post.model.ask(question())).text == "at last"
    assert post.model.patience is None
    assert looks == 2000 and post.slept > 1.9 * looks  # a look every two seconds, for over an hour


async def test_what_is_not_whole_is_waited_for(post: Post) -> None:
    """An empty file, JSON that is being written, and a file that still grows are no answers."""
    name = "0001-ideate.answer.json"
    path = post.folder / name
    post.acts = [
        lambda: path.write_text(""),
        lambda: path.write_text('{"title": "a", '),
        *[lambda: None] * 5,
        lambda: path.write_text('{"title": "a", "score": 1}'),
    ]
    answer = await post.model.ask(question(output=SCHEMA))
    assert answer.data == {"title": "a", "score": 1} and not post.acts


async def test_json_that_stays_broken_is_taken_for_what_was_meant(post: Post) -> None:
    post.acts = [lambda: post.put("0001-ideate.answer.json", '{"title": "a"')]
    answer = await post.model.ask(question(output=SCHEMA))
    assert (answer.text, answer.data) == ('{"title": "a"', None)
    assert 10 <= post.slept < 12


@pytest.mark.parametrize(
    "text", ["\xff\xfe".encode("latin-1") + "naïve".encode("utf-16-le"), "naïve".encode()]
)
async def test_encodings_of_editors(post: Post, text: bytes) -> None:
    post.acts = [lambda: post.put("0001-ideate.answer.md", text)]
    assert (await post.model.ask(question())).text == "naïve"


async def test_numbers_and_answers_outlive_us(tmp_path: Path) -> None:
    """Interrupted with three requests open and one answered, the next session asks no new one."""
    first = Post(tmp_path)
    first.acts = [*[lambda: None] * 3, lambda: first.put("0002-ideate.answer.md", "two")]
    asked = [asyncio.ensure_future(first.model.ask(question(sample=i))) for i in range(3)]
    done, left = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    letters = {p.name: p.read_bytes() for p in first.folder.glob("*.request.md")}
    assert (len(done), len(letters)) == (1, 3)
    second = Post(tmp_path)
    second.put("0001-ideate.answer.md", "one")
    second.put("0003-ideate.answer.md", "three")
    answers = await asyncio.gather(*(second.model.ask(question(sample=i)) for i in (2, 0, 1)))
    assert [a.text for a in answers] == ["three", "one", "two"]
    assert {p.name: p.read_bytes() for p in second.folder.glob("*.request.md")} == letters


async def test_studies_may_share_a_folder(tmp_path: Path) -> None:
    """The same question of another study is another letter: nobody's answer is taken for another's."""
    one, two = Post(tmp_path), Post(tmp_path, "toy-2")
    one.acts = [lambda: one.put("0001-ideate.answer.md", "for one")]
    assert (await one.model.ask(question())).text == "for one"
    two.acts = [lambda: two.put("0002-ideate.answer.md", "for two")]
    assert (await two.model.ask(question())).text == "for two"


async def test_an_answer_left_over_is_no_answer(post: Post) -> None:
    post.folder.mkdir(parents=True)
    post.put("0001-ideate.answer.md", "of a request that was deleted")
    post.acts = [lambda: post.put("0002-ideate.answer.md", "this one")]
    assert (await post.model.ask(question())).text == "this one"


async def test_an_answer_that_does_not_fit_comes_back_with_why(post: Post, blobs: FileBlobs) -> None:
    bad, good = json.dumps(GOOD | {"direction": "sideways"}), json.dumps(GOOD)
    post.acts = [
        lambda: post.put("0001-ideate.answer.md", f"I think:\n```json\n{bad}\n```\n"),
        *[lambda: None] * 3,
        lambda: post.put("0002-ideate.answer.json", good),
    ]
    recorder = Recorder(MemoryLog(), blobs)
    recorder.commit(created())
    panel = Panel(recorder.calls, {"ideate": [post.model]})
    assert await propose(panel, question(), Proposed) == WANTED
    letter = (post.folder / "0002-ideate.request.md").read_text()
    assert "The answer to `0001-ideate` could not be used" in letter
    assert "sideways" in letter.partition("## What was answered before")[2]
    assert "Invalid enum value" in letter.partition("## The question, again")[2]
    assert [c.answered for c in recorder.state.model_calls.values()] == [True, True]


async def test_a_person_who_never_fits_is_asked_a_bounded_number_of_times(
    post: Post, blobs: FileBlobs
) -> None:
    for i in range(3):
        post.acts += [*[lambda: None] * 3, lambda i=i: post.put(f"{i + 1:04d}-ideate.answer.md", f"no {i}")]
    recorder = Recorder(MemoryLog(), blobs)
    recorder.commit(created())
    failed = await propose(Panel(recorder.calls, {"ideate": [post.model]}), question(), Proposed)
    assert isinstance(failed, Failed) and failed.asked == 3


async def test_open_requests_are_listed(post: Post) -> None:
    post.acts = [lambda: post.put("0001-ideate.answer.md", "one")]
    await post.model.ask(question())
    asked = asyncio.ensure_future(post.model.ask(question(sample=1)))
    await asyncio.sleep(0)
    assert [(w.path.name, w.study) for w in waiting(post.folder)] == [("0002-ideate.request.md", "toy-1")]
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)


async def test_a_folder_that_cannot_be_is_said(tmp_path: Path, blobs: FileBlobs) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="is a file"):
        open_model(f"mailbox:{tmp_path}/file", Surroundings(blobs=blobs))
    model = open_model(f"mailbox:{tmp_path}/file/below", Surroundings(blobs=blobs))
    with pytest.raises(MachineError, match="make the folder writable"):
        await model.ask(question())


def test_opening_leaves_nothing(post: Post) -> None:
    assert not post.lab.exists()


class Odd(msgspec.Struct, kw_only=True):
    """Fields of every kind that a schema can have."""

    whole: int
    share: float = 0.0
    pair: tuple[int, str]
    either: int | str | None
    deeper: list[Proposed] = []


@pytest.mark.parametrize("kind", [Proposed, Odd])
def test_an_example_fits_its_schema(kind) -> None:
    shown = example(schema_of(kind))
    answer = read_answer(msgspec.convert({"model": "m", "data": shown}, _Answer), kind)  # type: ignore[arg-type]
    assert isinstance(answer, kind)


class _Answer(msgspec.Struct):
    model: str
    data: object
    text: str = ""
    finish: str = "stop"


@pytest.mark.parametrize(
    ("schema", "shown"),
    [
        ({"type": "integer", "minimum": 3}, 4),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 1}, 0.5),
        ({"type": "string", "minLength": 10}, "(text)...."),
        ({"type": ["null", "boolean"]}, True),
        ({"enum": ["b", "a"]}, "b"),
        ({"const": None}, None),
        ({"anyOf": [{"type": "null"}, {"type": "integer", "maximum": 0}]}, -1),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [1, 1]),
        ({"type": "object", "additionalProperties": {"type": "number"}}, {"name": 1}),
        ({"properties": {"to_do": {}}}, {"to_do": "(to do)"}),
        (
            {"$ref": "#/$defs/T", "$defs": {"T": {"type": "array", "items": {"$ref": "#/$defs/T"}}}},
            [[[[[]]]]],
        ),
    ],
)
def test_examples(schema, shown) -> None:
    assert example(schema) == shown
