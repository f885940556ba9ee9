"""Patches: what is made applies, exactly and only to what it was made for."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novum import patches
from novum.patches import PatchError, applied, diff, newly_written

LINES = ["a", "b", "-- x", "++ y", "@@ -1 +1 @@", "", "\r", "\u2028", "\\ No newline at end of file"]
TEXTS = st.lists(st.sampled_from(LINES), max_size=12).map("\n".join)
FILES = st.dictionaries(st.sampled_from(["a.py", "sub/b.py", "c d.txt"]), TEXTS, max_size=3)


@given(FILES, FILES)
def test_a_patch_makes_what_it_was_made_for(before: dict[str, str], after: dict[str, str]) -> None:
    assert applied(before, diff(before, after)) == after


@given(FILES)
def test_equal_files_need_none(files: dict[str, str]) -> None:
    assert diff(files, files) == ""


def test_large_files_are_replaced_as_a_whole(monkeypatch) -> None:
    monkeypatch.setattr(patches, "LARGEST", 10)
    before, after = {"a": "1\n2\n3\n4\n"}, {"a": "1\n2\n3\n5\n"}
    assert diff(before, after).count("\n-") == 4
    assert applied(before, diff(before, after)) == after


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"a": "one\nother\nthree\n"}, "not as the patch says"),
        ({"a": ""}, "not as the patch says"),
        ({}, "not as the patch says"),
    ],
)
def test_it_fits_nothing_else(files, says) -> None:
    patch = diff({"a": "one\ntwo\nthree\n"}, {"a": "one\n2\nthree\n"})
    with pytest.raises(PatchError, match=says):
        applied(files, patch)


@pytest.mark.parametrize("cut", [1, 2, 3, 4, 5, 6])
def test_a_torn_patch_is_refused(cut: int) -> None:
    files = {"a": "one\ntwo\nthree\n"}
    patch = diff(files, {"a": "one\n2\nthree\n"})
    torn = "".join(patch.splitlines(keepends=True)[:cut])
    if cut == 2:
        assert applied(files, torn) == files  # a file named and not changed
    else:
        with pytest.raises(PatchError):
            applied(files, torn)


@pytest.mark.skipif(shutil.which("patch") is None, reason="no patch program")
def test_other_programs_read_it(tmp_path: Path) -> None:
    before, after = {"a": "1\n2\n3", "gone": "x\n"}, {"a": "0\n2\n3\n4", "new": "y"}
    for path, text in before.items():
        (tmp_path / path).write_text(text)
    subprocess.run(["patch", "-p1", "-s"], input=diff(before, after), text=True, cwd=tmp_path, check=True)
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == after


def test_how_much_is_newly_written():
    before = {"a.py": "import os\n\nx = 1\ny = 2\n", "b.py": "z = 3\n"}
    assert newly_written(before, before) == 0.0
    assert newly_written(before, before | {"a.py": "import os\nx = 1\ny = 5\n"}) == 0.25
    assert newly_written(before, {"a.py": "p\nq\n"}) == 1.0
    assert newly_written(before, {"c.py": "z = 3\n    import os\n"}) == 0.0  # moved is not new
