"""JSON lines: everything is there, the chain can be verified from it, and no change goes unseen."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from novum.errors import JournalDamaged
from novum.export import export
from novum.export.jsonlines import read_jsonl
from novum.journal import JOURNAL, read_events
from novum.state import fold

PAGE = Path(__file__).parents[2] / "docs" / "export.md"


@pytest.fixture(scope="module")
def exported(made_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(made_once, "jsonl", tmp_path_factory.mktemp("out") / "study.jsonl").path


def test_it_comes_back_as_it_was(made_once, exported):
    told = read_jsonl(exported)
    events = tuple(read_events(made_once / JOURNAL))
    assert told.events == events and told.state == fold(iter(events))
    assert told.head == (events[-1].seq, events[-1].hash)
    assert {m["id"] for m in told.measurements} == set(told.state.measurements) and told.measurements


def test_the_chain_can_be_verified_with_nothing_of_ours(exported, tmp_path):
    """The recipe of the page, as it stands there."""
    (recipe,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    scope: dict[str, Any] = {}
    exec(compile(recipe, str(PAGE), "exec"), scope)
    assert scope["verify"](exported)
    spoilt = tmp_path / "spoilt.jsonl"
    spoilt.write_bytes(exported.read_bytes().replace(b'"phase":"explore"', b'"phase":"confirm"', 1))
    with pytest.raises(AssertionError):
        scope["verify"](spoilt)


def test_every_line_is_json_with_documented_keys(exported):
    first, *lines = [json.loads(line) for line in exported.read_bytes().split(b"\n")[:-1]]
    assert list(first) == ["kind", "schema", "study", "events", "measurements", "head"]
    events = [line for line in lines if line["kind"] == "event"]
    measured = [line for line in lines if line["kind"] == "measurement"]
    assert (len(events), len(measured)) == (first["events"], first["measurements"])
    assert all(list(e) == ["kind", "seq", "prev", "hash", "event"] for e in events)
    assert [e["event"]["seq"] for e in events] == [e["seq"] for e in events]
    assert {"id", "metric", "value", "unit", "status", "seed", "trial", "phase"} <= set(measured[0])


@pytest.mark.parametrize("where", range(0, 100, 7))
def test_a_change_of_one_byte_is_found(exported, tmp_path, where):
    data = bytearray(exported.read_bytes())
    at = len(data) * where // 100
    data[at] = data[at] ^ 1
    (tmp_path / "x.jsonl").write_bytes(data)
    with pytest.raises(JournalDamaged, match=r"x\.jsonl"):
        read_jsonl(tmp_path / "x.jsonl")


@pytest.mark.parametrize("spoil", [
    lambda lines: lines[:-2] + lines[-1:],  # the last measurement
    lambda lines: lines[:5] + lines[6:],  # an event
    lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]],
    lambda lines: lines[:-1],  # the last line's end
    lambda lines: [lines[0].replace(b'"events":', b'"events":1'), *lines[1:]],
    lambda lines: [lines[0].replace(b'"schema":1', b'"schema":2'), *lines[1:]],
    lambda lines: [b""],
    lambda lines: [b"\xff", b""],
])  # fmt: skip
def test_missing_moved_and_cut_lines_are_found(exported, tmp_path, spoil):
    lines = exported.read_bytes().split(b"\n")
    (tmp_path / "x.jsonl").write_bytes(b"\n".join(spoil(lines)))
    with pytest.raises(JournalDamaged):
        read_jsonl(tmp_path / "x.jsonl")
