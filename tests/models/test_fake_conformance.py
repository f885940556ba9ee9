"""The fakes pass the suite that every backend passes."""

from pathlib import Path

import pytest

from novum.errors import UserError
from novum.journal import FileBlobs
from novum.models import FakeModel, Surroundings, open_model
from novum.records import Prices
from novum.testing.models import CHECKS, question


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
async def test_a_model_in_memory(check) -> None:
    await check(lambda said: FakeModel(said, prices=Prices(input=1, output=5)))


SCRIPT = """
from novum.records import Prices
PRICES = Prices(input=2, output=8)
def answer(request):
    return {"title": request.parts[-1].text, "score": 0.5} if request.output else request.role
"""


async def test_a_scripted_file_answers(tmp_path: Path, blobs: FileBlobs) -> None:
    (tmp_path / "s.py").write_text(SCRIPT)
    model = open_model(f"scripted:{tmp_path / 's.py'}", Surroundings(blobs=blobs))
    answer = await model.ask(question())
    assert (answer.text, answer.model) == ("ideate", "scripted:s.py")
    assert answer.usd and answer.usd <= (model.worst_case(question()).usd or 0)
    assert (await model.ask(question(output={"type": "object"}))).data["title"] == "What is 6 × 7?"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "names no model"),
        ("gpt-x", "names no model"),
        ("scripted:", "names no model"),
        ("scriptd:x.py", "did you mean scripted:?"),
        ("nobody:x", "the backends are"),
        ("scripted:/nowhere.py", "there is no such file"),
    ],
)
def test_a_name_that_leads_nowhere_says_what_to_do(name: str, says: str, blobs: FileBlobs) -> None:
    with pytest.raises(UserError) as raised:
        open_model(name, Surroundings(blobs=blobs))
    assert says in str(raised.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [("1/0", "ZeroDivisionError"), ("x = (", "SyntaxError"), ("a = 1", "no function answer")],
)
def test_a_script_that_fails_is_the_users_error(tmp_path: Path, blobs: FileBlobs, text, says) -> None:
    (tmp_path / "s.py").write_text(text)
    with pytest.raises(UserError, match=says):
        open_model(f"scripted:{tmp_path / 's.py'}", Surroundings(blobs=blobs))
