import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novum.canonical import sha256
from novum.errors import JournalDamaged, MachineError
from novum.journal import FileBlobs
from novum.secrecy import Redactor


@given(st.binary(max_size=200))
def test_bytes_come_back_under_their_hash(tmp_path_factory, data: bytes) -> None:
    blobs = FileBlobs(tmp_path_factory.mktemp("b"))
    assert blobs.get(blobs.put(data)) == data
    assert blobs.put(data) == sha256(data)


def test_a_file_is_taken_as_it_is(blobs: FileBlobs, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"kept")
    number = file.stat().st_ino
    sha = blobs.take(file)
    assert blobs.get(sha) == b"kept" and sha == sha256(b"kept")
    assert blobs.path(sha).stat().st_ino == number and not file.exists()


def test_a_file_with_a_secret_or_from_elsewhere_is_written_anew(tmp_path: Path, monkeypatch) -> None:
    blobs = FileBlobs(tmp_path / "blobs", Redactor({"API_KEY": "sk-not-for-anyone-1"}))
    file = tmp_path / "file"
    file.write_bytes(b"the key is sk-not-for-anyone-1")
    assert b"not-for-anyone" not in blobs.get(blobs.take(file))

    def elsewhere(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    far = tmp_path / "far"
    far.write_bytes(b"from another file system")
    with monkeypatch.context() as patch:
        patch.setattr(FarPath, "replace", elsewhere)
        assert blobs.get(blobs.take(FarPath(far))) == b"from another file system"


class FarPath(type(Path())):
    """A file on another file system."""


def test_altered_and_missing_blobs_are_named(blobs: FileBlobs) -> None:
    sha = blobs.put(b"one")
    blobs.path(sha).write_bytes(b"two")
    with pytest.raises(JournalDamaged, match=f"blob {sha[:12]}.*altered"):
        blobs.get(sha)
    with pytest.raises(JournalDamaged, match="missing"):
        blobs.get("0" * 64)


def test_a_failed_write_leaves_no_part_behind(blobs: FileBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MachineError, match="No space left"):
        blobs.put(b"data")
    assert [p for p in Path(blobs.root).rglob("*") if p.is_file()] == []


def test_disk_use_is_that_of_journal_and_blobs(tmp_path: Path) -> None:
    from novum.journal import JOURNAL
    from novum.journal.disk import AGAIN, DiskUse

    (tmp_path / JOURNAL).write_bytes(b"j" * 1000)
    blobs = FileBlobs(tmp_path / "blobs")
    blobs.put(b"a" * 500)
    use = DiskUse(tmp_path, blobs)
    assert use() * 2**20 == 1500
    blobs.put(b"b" * 300)
    blobs.put(b"b" * 300)  # held already
    assert use() * 2**20 == 1800
    FileBlobs(blobs.root).put(b"c" * 70)  # by somebody else: seen when the files are counted again
    assert [round(use() * 2**20) for _ in range(AGAIN - 1)][-2:] == [1800, 1870]


def test_what_goes_away_while_it_is_counted_does_not_count(tmp_path: Path, monkeypatch) -> None:
    from novum.journal import disk

    (tmp_path / "blob").write_bytes(b"1234")
    monkeypatch.setattr(disk.os, "walk", lambda root: [(str(root), [], ["blob", ".part-gone"])])
    assert disk.stored(tmp_path) == 4


def test_what_a_kill_left_half_written_is_swept_away(tmp_path: Path, monkeypatch) -> None:
    blobs, gone = FileBlobs(tmp_path / "blobs"), RuntimeError("gone")

    def die(*_: object) -> None:
        raise gone

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", die)
        patched.setattr(Path, "unlink", die)  # nor can it clean up behind itself
        with pytest.raises(RuntimeError):
            blobs.put(b"half")
    kept = blobs.put(b"whole")
    assert list(blobs.root.glob(".part-*"))
    blobs.sweep()
    assert [p for p in blobs.root.rglob("*") if p.is_file()] == [blobs.path(kept)]
    FileBlobs(tmp_path / "none yet").sweep()
