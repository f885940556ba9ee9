"""A study's folder as a broken disk or a meddler may leave it: every command that reads says so in a line."""

import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from novum.journal import link
from tests.fuzz.mutations import HOSTILE, cut, edited, told

COMMANDS = (
    *(["list"], ["show"], ["show", "--tree", "--json"], ["log", "--json"], ["audit"]),
    ["list", "--report"],
)


def rounds(many: int, by_default: int = 0) -> list[object]:
    """Numbers of rounds, most of them slow."""
    return [pytest.param(n, marks=pytest.mark.slow) if n >= by_default else n for n in range(many)]


@pytest.fixture
def copy(toy_study: Path, tmp_path: Path) -> Path:
    return shutil.copytree(toy_study, tmp_path / "lab" / "studies" / toy_study.name)


def all_said(study: Path, *more: list[str]) -> list[int]:
    """Exit codes of every command that reads; `told` has looked at their words."""
    lab = str(study.parent.parent)
    return [told(*words, "--lab", lab)[0] for words in (*COMMANDS, *more)]


def spoil_bytes(data: bytes, luck: random.Random) -> bytes:
    if luck.random() < 0.3:
        return cut(data, luck)
    pieces = [luck.choice((*HOSTILE, luck.randbytes(4))) for _ in range(luck.randint(1, 6))]
    return edited(data, [(luck.random(), luck.choice((0, 1, 8)), piece) for piece in pieces])


@pytest.mark.parametrize("number", rounds(12, by_default=1))
def test_a_spoilt_journal_file(copy: Path, number: int) -> None:
    luck = random.Random(number)
    path = copy / "journal.sqlite"
    path.write_bytes(spoil_bytes(path.read_bytes(), luck))
    assert all_said(copy, ["resume", copy.name], ["write"], ["review"])[0] == 0  # a list hides no other study


def forge(study: Path, luck: random.Random, change: Callable[[dict, random.Random], None]) -> str:
    """Change what one event says and link the chain anew; the kind of the event."""
    with sqlite3.connect(study / "journal.sqlite") as db:
        rows = db.execute("SELECT seq, text, prev FROM events ORDER BY seq").fetchall()
        place, prev, kind = luck.randrange(len(rows)), rows[0][2], ""
        for i, (seq, text, _) in enumerate(rows):
            if i == place:
                event = json.loads(text)
                kind = event["body"]["type"]
                change(event, luck)
                text = json.dumps(event, sort_keys=True, separators=(",", ":"))
            digest = link(prev, text)
            db.execute("UPDATE events SET text=?, prev=?, hash=? WHERE seq=?", (text, prev, digest, seq))
            prev = digest
    db.close()
    return kind


VALUES = (None, True, 0, -1, 1e308, 10**30, "", "x", "\u202e", [], {}, [[]], {"a": 1}, "../../x", "0" * 64)


def odd_value(event: dict, luck: random.Random) -> None:
    """Another value somewhere in an event."""
    holder: object = event["body"]
    while True:
        assert isinstance(holder, dict | list)
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        if not keys:
            return
        key = luck.choice(keys)
        inner = holder[key]
        if isinstance(inner, dict | list) and inner and luck.random() < 0.8:
            holder = inner
            continue
        holder[key] = luck.choice(VALUES)
        return


@pytest.mark.parametrize("number", rounds(40, by_default=1))
def test_a_forged_event(copy: Path, number: int) -> None:
    forge(copy, random.Random(1000 + number), odd_value)
    codes = all_said(copy)
    assert codes[0] == 0


@pytest.mark.parametrize("number", rounds(8))
def test_an_event_is_missing_or_out_of_place(copy: Path, number: int) -> None:
    luck = random.Random(number)
    with sqlite3.connect(copy / "journal.sqlite") as db:
        most = db.execute("SELECT max(seq) FROM events").fetchone()[0]
        gone = luck.randint(1, most)
        db.execute("DELETE FROM events WHERE seq = ?", (gone,))
        if luck.random() < 0.5:  # the rest closes up, numbers inside them too
            later = db.execute("SELECT seq, text FROM events WHERE seq > ? ORDER BY seq", (gone,)).fetchall()
            for seq, text in later:
                event = json.loads(text) | {"seq": seq - 1}
                plain = json.dumps(event, sort_keys=True, separators=(",", ":"))
                db.execute("UPDATE events SET seq = ?, text = ? WHERE seq = ?", (seq - 1, plain, seq))
    db.close()
    codes = all_said(copy)
    assert codes[0] == 0 and codes[4] == 1


@pytest.mark.parametrize("number", rounds(8))
def test_a_spoilt_file_of_the_folder(copy: Path, number: int) -> None:
    luck = random.Random(number)
    files = [p for p in copy.rglob("*") if p.is_file() and "blobs" not in p.parts]
    for path in luck.sample(sorted(p for p in files if p.suffix != ".sqlite"), 5):
        path.write_bytes(spoil_bytes(path.read_bytes() or b"x", luck))
    for name in ("protocol.json", "claims.json", "audit.json", "review.json", "measurements.csv"):
        if luck.random() < 0.5:
            (copy / name).write_bytes(spoil_bytes((copy / name).read_bytes(), luck))
    assert set(all_said(copy)) <= {0, 1}


@pytest.mark.parametrize("number", rounds(8))
def test_spoilt_blobs(copy: Path, number: int) -> None:
    luck = random.Random(number)
    blobs = sorted(p for p in (copy / "blobs").rglob("*") if p.is_file())
    for path in luck.sample(blobs, luck.choice((1, 5, len(blobs)))):
        spoilt = spoil_bytes(path.read_bytes() or b"x", luck)
        path.unlink() if luck.random() < 0.2 else path.write_bytes(spoilt)
    codes = all_said(copy, ["write"], ["review"])
    assert codes[4] == 1
    told("resume", copy.name, "--lab", str(copy.parent.parent))


@pytest.mark.parametrize("number", rounds(8))
def test_a_spoilt_archive_and_lock(copy: Path, number: int) -> None:
    luck = random.Random(number)
    lab = copy.parent.parent
    (lab / "archive.sqlite").write_bytes(spoil_bytes(b"SQLite format 3\x00" + luck.randbytes(200), luck))
    (copy / "writer.lock").write_bytes(spoil_bytes(b'{"host": "here", "pid": 1}', luck))
    (lab / "studies" / "junk").mkdir()
    (lab / "studies" / "junk" / "journal.sqlite").write_bytes(luck.choice(HOSTILE))
    assert all_said(copy)[0] == 0
