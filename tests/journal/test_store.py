import json
import multiprocessing
import os
import signal
import sqlite3
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from novum import events as ev
from novum.canonical import canonical
from novum.errors import JournalDamaged, MachineError, UserError
from novum.journal import Journal, link, read_events, verify
from novum.journal.migrations import upcast
from novum.journal.store import decode, encode, on_network
from novum.records import Cost
from tests.histories import created, trial_history


def clock() -> float:
    return 1000.5


def history() -> list[list[ev.Draft]]:
    return [[created()], *trial_history(0, {"x": 0.0, "z": "a"}, (3, 4), 1.5)]


def filled(path: Path) -> Path:
    journal = Journal(path, clock)
    for drafts in history():
        journal.append(drafts)
    journal.close()
    return path


def edit(path: Path, statement: str, *values: object) -> None:
    db = sqlite3.connect(path)
    db.execute(statement, values)
    db.commit()
    db.close()


def test_what_was_appended_is_read_back_in_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite", clock)
    events = [e for drafts in history() for e in journal.append(drafts)]
    journal.close()
    assert list(read_events(tmp_path / "j.sqlite")) == events
    assert [e.seq for e in events] == list(range(1, len(events) + 1))
    assert list(read_events(tmp_path / "j.sqlite", after=2, until=3)) == events[2:3]


def test_a_closed_journal_is_one_self_contained_file(tmp_path: Path) -> None:
    filled(tmp_path / "j.sqlite")
    assert [p.name for p in tmp_path.iterdir()] == ["j.sqlite"]


def test_a_batch_that_cannot_be_stored_leaves_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite", clock)
    journal.append([created()])
    good = ev.Draft(body=ev.StepFinished(step="a"))
    bad = ev.Draft(body=ev.StepFinished(step="b"), cost=Cost(usd=float("nan")))
    with pytest.raises(ValueError, match="JSON compliant"):
        journal.append([good, bad])
    assert journal.head[0] == 1
    assert len(list(journal.read())) == 1
    journal.close()


def test_an_intact_chain_verifies_to_its_head(tmp_path: Path) -> None:
    path = filled(tmp_path / "j.sqlite")
    last = list(read_events(path))[-1]
    assert verify(path) == (last.seq, last.hash)


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("UPDATE events SET text = replace(text, '1.5', '1.6') WHERE seq = 5", "event 5 was altered"),
        ("DELETE FROM events WHERE seq = 3", "event 3 is missing"),
        ("UPDATE events SET hash = prev WHERE seq = 2", "event 2 was altered"),
        ("UPDATE events SET prev = hash WHERE seq = 4", "event 4 is not linked"),
        ("UPDATE events SET seq = 99 WHERE seq = 5", "event 5 is missing"),
    ],
)
def test_damage_is_found_and_named(tmp_path: Path, statement: str, names: str) -> None:
    path = filled(tmp_path / "j.sqlite")
    edit(path, statement)
    with pytest.raises(JournalDamaged, match=names):
        verify(path)


def test_an_edit_with_a_recomputed_chain_moves_the_head(tmp_path: Path) -> None:
    path = filled(tmp_path / "j.sqlite")
    before = verify(path)
    db = sqlite3.connect(path)
    rows = db.execute("SELECT seq, text, prev FROM events ORDER BY seq").fetchall()
    prev = rows[0][2]
    for seq, text, _ in rows:
        text = text.replace('"value":1.5', '"value":9.5')
        db.execute(
            "UPDATE events SET text=?, prev=?, hash=? WHERE seq=?", (text, prev, link(prev, text), seq)
        )
        prev = link(prev, text)
    db.commit()
    db.close()
    assert verify(path) != before


@pytest.mark.parametrize("keep", [0, 50, 3000, -200])
def test_a_torn_file_is_damage_in_one_line(tmp_path: Path, keep: int) -> None:
    path = filled(tmp_path / "j.sqlite")
    data = path.read_bytes()
    path.write_bytes(data[:keep] if keep else b"not a database at all" * 20)
    with pytest.raises(JournalDamaged) as found:
        verify(path)
    assert "\n" not in str(found.value)


@given(st.binary(max_size=300), st.integers(0, 4000))
@settings(max_examples=60, deadline=None)
def test_mutated_bytes_never_raise_anything_else(tmp_path_factory, noise: bytes, at: int) -> None:
    path = filled(tmp_path_factory.mktemp("j") / "j.sqlite")
    data = bytearray(path.read_bytes())
    at = at % len(data)
    data[at : at + len(noise)] = noise
    path.write_bytes(bytes(data))
    try:
        verify(path)
        list(read_events(path))
    except JournalDamaged as error:
        assert "\n" not in str(error)


def test_no_journal_is_the_users_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no journal"):
        list(read_events(tmp_path / "nowhere.sqlite"))


def test_a_reader_sees_committed_events_while_a_writer_works(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite", clock)
    journal.append([created()])
    seen = [len(list(read_events(tmp_path / "j.sqlite")))]
    journal.append([ev.Draft(body=ev.StepFinished(step="a"))])
    seen.append(len(list(read_events(tmp_path / "j.sqlite"))))
    journal.close()
    assert seen == [1, 2]


def test_a_closed_journal_can_be_read_where_nothing_can_be_written(tmp_path: Path) -> None:
    path = filled(tmp_path / "lab" / "j.sqlite") if (tmp_path / "lab").mkdir() is None else None
    assert path is not None
    path.chmod(0o444)
    path.parent.chmod(0o555)
    try:
        assert len(list(read_events(path))) == 5
    finally:
        path.parent.chmod(0o755)


def _append_forever(path: str, ready: object) -> None:
    journal = Journal(Path(path), time.time)
    journal.append([created()])
    ready.set()  # type: ignore[attr-defined]
    while True:
        journal.append([ev.Draft(body=ev.StepFinished(step="s")) for _ in range(3)])


@pytest.mark.parametrize("wait", [0.0, 0.02, 0.05])
def test_after_kill_9_the_journal_is_whole_and_batches_are_too(tmp_path: Path, wait: float) -> None:
    path = tmp_path / "j.sqlite"
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    writer = context.Process(target=_append_forever, args=(str(path), ready))
    writer.start()
    assert ready.wait(20)
    time.sleep(wait)
    os.kill(writer.pid, signal.SIGKILL)  # type: ignore[arg-type]
    writer.join()
    seq, _ = verify(path)
    assert seq % 3 == 1
    journal = Journal(path, clock)
    journal.append([ev.Draft(body=ev.StepFinished(step="after"))])
    journal.close()
    assert verify(path)[0] == seq + 1


def test_a_full_disk_is_the_machines_failure(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite", clock)
    journal.append([created()])
    journal._db.execute("PRAGMA max_page_count=1")
    big = ev.Draft(body=ev.StepFinished(step="x" * 2_000_000))
    with pytest.raises(MachineError, match=r"full.*free some disk"):
        journal.append([big])
    assert journal.head[0] == 1
    journal._db.execute("PRAGMA max_page_count=1073741823")
    assert journal.append([ev.Draft(body=ev.StepFinished(step="a"))])[0].seq == 2
    journal.close()


def test_a_journal_that_cannot_be_folded_is_let_go_of(tmp_path: Path) -> None:
    """Else whoever goes on in the same process would find its file locked."""
    path = filled(tmp_path / "j.sqlite")
    journal = Journal(path, clock)
    journal.append([created()])
    with sqlite3.connect(path, timeout=0) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        with pytest.raises(MachineError, match="locked"):
            journal.close()
        reader.execute("ROLLBACK")
    reader.close()
    with pytest.raises(JournalDamaged, match="closed"):
        list(journal.read())
    Journal(path, clock).close()


def test_every_event_type_round_trips() -> None:
    bodies = msgspec.json.schema_components([ev.Event])[1]
    tags = {
        info["properties"]["type"]["enum"][0]
        for info in bodies.values()
        if "type" in info.get("properties", {})
    }
    assert {cls.__struct_config__.tag for cls in ev.EventBody.__args__} == tags
    assert len(tags) == len(ev.EventBody.__args__)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_event_survives_storing(data: st.DataObject) -> None:
    from tests.strategies import bodies

    body = data.draw(bodies())
    event = ev.Event(seq=data.draw(st.integers(1, 9)), time=1.25, actor="novum", body=body)
    text = encode(event)
    assert decode(text, event.prev, event.hash) == event
    assert canonical(json.loads(text)) == text


def test_old_versions_are_lifted_and_newer_ones_refused() -> None:
    lifted = upcast({"v": 1, "a": 1}, {1: lambda d: {"b": d["a"]}, 2: lambda d: d | {"c": 2}}, version=3)
    assert lifted == {"b": 1, "c": 2}
    with pytest.raises(JournalDamaged, match="update novum"):
        upcast({"v": 9})
    with pytest.raises(JournalDamaged, match="no migration leads from event version 1"):
        upcast({"v": 1}, {}, version=2)


def test_network_file_systems_are_known_by_their_longest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/x / ext4 rw 0 0\nserver:/home {tmp_path} nfs4 rw 0 0\n")
    assert on_network(tmp_path / "lab" / "j.sqlite", mounts)
    assert not on_network(Path("/usr/x"), mounts)


def test_a_draft_keeps_cost_actor_and_cause(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite", clock)
    draft = ev.Draft(body=ev.StepFinished(step="a"), actor="me", cost=Cost(usd=1.0), cause=7)
    event = journal.append([draft])[0]
    journal.close()
    assert (event.actor, event.cost, event.cause) == ("me", Cost(usd=1.0), 7)
    assert structs.replace(event, hash="", prev="") != event
