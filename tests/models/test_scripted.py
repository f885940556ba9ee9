"""A Python file as the model: functions by role, and one line for whatever is wrong with it."""

from pathlib import Path

import pytest
from msgspec import structs

from novum.errors import NovumError, Overloaded, UserError
from novum.journal import FileBlobs
from novum.models import FakeModel, Surroundings, open_model
from novum.testing.models import question

ROLES = """
from novum.errors import Overloaded
def ideate(request): return {"title": "an idea"}
async def code(request): return "pass"
def judge(request): raise Overloaded("busy")
def write(request): return None
def review(request):
    x = {}
    return x["verdict"]
"""


@pytest.fixture
def model(tmp_path: Path, blobs: FileBlobs) -> FakeModel:
    (tmp_path / "s.py").write_text(ROLES)
    return open_model(f"scripted:{tmp_path / 's.py'}", Surroundings(blobs=blobs))  # type: ignore[return-value]


def asked(role: str):
    return structs.replace(question(), role=role)


async def test_each_role_has_its_function(model: FakeModel) -> None:
    assert (await model.ask(asked("ideate"))).data == {"title": "an idea"}
    assert (await model.ask(asked("code"))).text == "pass"


@pytest.mark.parametrize(
    ("role", "kind", "says"),
    [
        ("judge", Overloaded, "busy"),
        ("write", UserError, "s.py: write returned a NoneType; return a text or a dict"),
        ("review", UserError, "s.py fails to review: KeyError: 'verdict' (line 9)"),
        ("vision", UserError, "s.py has no function vision(request)"),
    ],
)
async def test_what_fails_says_so_in_one_line(model: FakeModel, role, kind, says) -> None:
    with pytest.raises(NovumError) as raised:
        await model.ask(asked(role))
    assert type(raised.value) is kind
    assert says in str(raised.value) and "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def ideate(request)\n    pass", "SyntaxError: expected ':'"),
        ("a = 1\n1/0", "ZeroDivisionError: division by zero (line 2)"),
        ("ideate = 7", "no function answer"),
        ("def answer(r): return ''\nPRICES = 5", "PRICES is a int"),
    ],
)
def test_a_bad_file_is_one_line(tmp_path: Path, blobs: FileBlobs, text, says) -> None:
    (tmp_path / "s.py").write_text(text)
    with pytest.raises(UserError) as raised:
        open_model(f"scripted:{tmp_path / 's.py'}", Surroundings(blobs=blobs))
    assert says in str(raised.value) and "\n" not in str(raised.value)
