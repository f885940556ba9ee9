import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novum.events import PersonActed
from novum.inbox import FileInbox, leave


def taken(folder: Path) -> list[PersonActed]:
    return [act for act, _ in FileInbox(folder).take()]


def test_decisions_arrive_in_order_and_stay_until_they_are_journaled(tmp_path: Path) -> None:
    acts = [
        PersonActed(person="ada", action="edit", detail={"seeds": "20"}),
        PersonActed(person="ada", action="approve"),
    ]
    for act in acts:
        leave(tmp_path, act)
    inbox = FileInbox(tmp_path)
    assert taken(tmp_path) == acts
    (_, first_done), _ = inbox.take()
    first_done()
    assert taken(tmp_path) == acts[1:]


def test_a_half_written_decision_is_not_seen(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "0000-x.part").write_text('{"person": "a"')
    assert taken(tmp_path) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"person": "a"}',
        '{"person": "a", "action": "publish"}',
        '{"action": 3, "person": "a"}',
    ],
)
def test_what_is_no_decision_is_set_aside(tmp_path: Path, text: str) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "0000-x.json").write_text(text)
    assert taken(tmp_path) == []
    assert [p.name for p in (tmp_path / "inbox").iterdir()] == ["0000-x.refused"]


@given(st.binary(max_size=60))
def test_any_bytes_are_a_decision_or_set_aside(tmp_path_factory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("inbox")
    (folder / "inbox").mkdir()
    (folder / "inbox" / "1.json").write_bytes(data)
    assert all(isinstance(act, PersonActed) for act in taken(folder))


def test_the_file_is_readable_by_people_and_programs(tmp_path: Path) -> None:
    path = leave(tmp_path, PersonActed(person="ada", action="stop"))
    assert json.loads(path.read_text()) == {"person": "ada", "action": "stop", "detail": {}}
