"""`novum mailbox`: what waits, and where the answer belongs."""

import json
from pathlib import Path

import pytest

from novum.canonical import digest
from novum.models.letters import Mark, letter
from novum.testing.models import SCHEMA, question


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    folder = tmp_path / "lab" / "mail"
    folder.mkdir(parents=True)
    for number, fields in ((1, {}), (2, {"output": SCHEMA}), (3, {})):
        stem = f"{number:04d}-ideate"
        text = letter(question(**fields), Mark(digest(number), "toy-1"), stem, {})
        (folder / f"{stem}.request.md").write_text(text)
    (folder / "0001-ideate.answer.md").write_text("done")
    (folder / "0009-notes.request.md").write_text("a file of somebody's own")
    return folder


@pytest.mark.parametrize("name", ["mail", "mailbox:mail"])
def test_open_requests_are_listed(novum, mail: Path, name: str) -> None:
    said = novum("mailbox", name)
    assert said.code == 0 and said.err == ""
    lines = said.out.split("\n")
    assert lines[0] == "2 requests without an answer in lab/mail"
    assert "lab/mail/0002-ideate.request.md" in lines[1] and "lab/mail/0002-ideate.answer.json" in lines[2]
    assert "lab/mail/0003-ideate.answer.md" in lines[4]


def test_as_json(novum, mail: Path) -> None:
    told = json.loads(novum("mailbox", "mail", "--json").out)
    assert told["folder"] == "lab/mail"
    assert [set(one) for one in told["waiting"]] == [{"request", "answer", "study"}] * 2
    assert told["waiting"][0]["study"] == "toy-1"


def test_no_such_folder(novum, tmp_path: Path) -> None:
    said = novum("mailbox", str(tmp_path / "nowhere"))
    assert said.code == 2 and "there is no mailbox" in said.err
