"""Freezing takes plain data and nothing else, whatever the folder holds."""

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novum.canonical import sha256
from novum.compute.node.freeze import Bounds, Frozen, freeze
from novum.compute.node.output import HeadAndTail

WIDE = Bounds(file_bytes=1000, total_bytes=10_000, files=100)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "store").mkdir()
    (tmp_path / "work" / "out").mkdir(parents=True)
    return tmp_path / "work"


def frozen(work: Path, bounds: Bounds = WIDE, outputs: tuple[str, ...] = ("out",)) -> Frozen:
    return freeze(str(work), list(outputs), str(work.parent / "store"), bounds)


def test_files_are_kept_by_their_content(work: Path) -> None:
    (work / "out/a/b").mkdir(parents=True)
    (work / "out/a/b/x.txt").write_bytes(b"same")
    (work / "out/y.txt").write_bytes(b"same")
    found = frozen(work)
    assert found.outputs == {"out/a/b/x.txt": sha256(b"same"), "out/y.txt": sha256(b"same")}
    assert [path.name for path in (work.parent / "store").iterdir()] == [sha256(b"same")]
    assert found.refused == []


def test_changing_the_folder_afterwards_changes_nothing(work: Path) -> None:
    (work / "out/x").write_bytes(b"before")
    sha = frozen(work).outputs["out/x"]
    (work / "out/x").write_bytes(b"after!")
    assert (work.parent / "store" / sha).read_bytes() == b"before"


def test_links_of_all_kinds_are_refused(work: Path) -> None:
    secret = work.parent / "labels"
    secret.write_text("held out")
    (work / "out/symbolic").symlink_to(secret)
    (work / "out/relative").symlink_to("../../labels")
    (work / "out/folder").symlink_to(work.parent)
    (work / "out/hard").hardlink_to(secret)
    found = frozen(work)
    assert found.outputs == {}
    assert sorted(found.refused) == [
        "out/folder: symbolic link",
        "out/hard: hard link (2 names)",
        "out/relative: symbolic link",
        "out/symbolic: symbolic link",
    ]


def test_an_output_folder_that_is_a_link_is_refused(work: Path) -> None:
    (work / "out").rmdir()
    (work / "out").symlink_to(work.parent)
    (work.parent / "labels").write_text("held out")
    assert frozen(work).outputs == {}
    (work / "deep").symlink_to(work.parent)
    found = frozen(work, outputs=("deep/labels", "deep/store"))
    assert found.outputs == {}
    assert len(found.refused) == 2


def test_what_is_no_file_is_refused_without_waiting(work: Path) -> None:
    os.mkfifo(work / "out/pipe")
    with socket.socket(socket.AF_UNIX) as server:
        before = Path.cwd()
        os.chdir(work / "out")  # the path of a socket must be short
        server.bind("socket")
        os.chdir(before)
        found = frozen(work)
    assert found.refused == ["out/pipe: named pipe", "out/socket: socket"]


def test_size_and_number_are_bounded(work: Path) -> None:
    for index in range(5):
        (work / f"out/{index}").write_bytes(b"x" * 100)
    (work / "out/sparse").touch()
    os.truncate(work / "out/sparse", 10**12)
    assert frozen(work).refused == ["out/sparse: 1000000000000 bytes, more than 1000"]
    assert len(frozen(work, Bounds(1000, 250, 100)).outputs) == 2
    few = frozen(work, Bounds(1000, 10_000, 3))
    assert len(few.outputs) == 3
    assert few.refused == ["out: more than 3 files"]


def test_odd_names_and_depth_are_refused(work: Path) -> None:
    (work / "out/line\nbreak").write_text("x")
    (work / "out" / os.fsdecode(b"not-utf8-\xff")).write_text("x")
    deep = work / "out" / "/".join("d" * 20)
    deep.mkdir(parents=True)
    (deep / "file").write_text("x")
    found = frozen(work)
    assert found.outputs == {}
    assert len(found.refused) == 3
    assert all(line.isprintable() for line in found.refused)


def test_the_list_of_refusals_is_bounded(work: Path) -> None:
    for index in range(300):
        (work / f"out/{index}").symlink_to("/")
    assert len(frozen(work).refused) == 101


def test_what_was_never_written_is_no_error(work: Path) -> None:
    found = frozen(work, outputs=("out", "missing", "not/there"))
    assert (found.outputs, found.refused) == ({}, [])


@given(chunks=st.lists(st.binary(max_size=40)), size=st.integers(1, 30))
def test_head_and_tail_keep_both_ends(chunks: list[bytes], size: int) -> None:
    kept, whole = HeadAndTail(size), b"".join(chunks)
    for chunk in chunks:
        kept.feed(chunk)
    assert kept.total == len(whole)
    if len(whole) <= 2 * size:
        assert (kept._head + kept._tail) == whole
    else:
        assert kept._head == whole[:size]
        assert kept._tail == whole[-size:]
        assert f"{len(whole) - 2 * size} bytes left out" in kept.text()
