"""JSON lines: everything is there, the chain can be verified from it, and no change goes unseen."""

import hashlib
import json
from pathlib import Path

import pytest

from novum.errors import JournalDamaged
from novum.export import export
from novum.export.jsonlines import read_jsonl
from novum.journal import JOURNAL, read_events
from novum.state import fold


@pytest.fixture(scope="module")
def exported(made_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(made_once, "jsonl", tmp_path_factory.mktemp("out") / "study.jsonl").path


def test_it_comes_back_as_it_was(made_once, exported):
    told = read_jsonl(exported)
    events = tuple(read_events(made_once / JOURNAL))
    assert told.events == events and told.state == fold(iter(events))
    assert told.head == (events[-1].seq, events[-1].hash)
    assert {m["id"] for m in told.measurements} == set(told.state.measurements) and told.measurements


def test_the_chain_can_be_verified_with_nothing_of_ours(exported):
    """The recipe of the page `docs/export.md`."""
    with exported.open("rb") as file:
        first = json.loads(next(file))
        prev = "0" * 64
        for _ in range(first["events"]):
            head, _, rest = next(file).rstrip(b"\n").partition(b',"event":')
            row = json.loads(head + b"}")
            assert row["prev"] == prev
            prev = hashlib.sha256(prev.encode() + rest[:-1]).hexdigest()
            assert row["hash"] == prev
        assert prev == first["head"]["hash"]
        assert all(json.loads(line)["kind"] == "measurement" for line in file)


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
