"""Where exports go, and what they never overwrite."""

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novum.errors import UserError
from novum.export.places import WRITTEN, place, zipped


def test_files_are_written_and_written_again(tmp_path: Path):
    home = tmp_path / "exports"
    target = home / "sub" / "a.txt"
    place({target: b"one"}, home)
    place({target: b"two"}, home)  # nobody has touched it
    assert target.read_bytes() == b"two"
    assert sorted(p.name for p in home.rglob("*")) == sorted(["sub", "a.txt", WRITTEN])


def test_what_a_person_changed_stays(tmp_path: Path):
    home = tmp_path / "exports"
    place({home / "a.txt": b"one", home / "b.txt": b"one"}, home)
    (home / "a.txt").write_bytes(b"mine")
    with pytest.raises(UserError, match=r"a\.txt exists"):
        place({home / "b.txt": b"two", home / "a.txt": b"two"}, home)
    assert (home / "a.txt").read_bytes() == b"mine" and (home / "b.txt").read_bytes() == b"one"
    (home / "a.txt").write_bytes(b"two")
    place({home / "a.txt": b"two"}, home)  # it is what would be written


def test_elsewhere_nothing_is_replaced(tmp_path: Path):
    target = tmp_path / "out" / "a.txt"
    place({target: b"one"}, tmp_path / "exports")
    place({target: b"one"}, tmp_path / "exports")
    with pytest.raises(UserError, match="--out"):
        place({target: b"two"}, tmp_path / "exports")
    assert not (tmp_path / "exports").exists()


def test_links_and_folders_in_the_way(tmp_path: Path):
    (tmp_path / "foreign").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "foreign")
    (tmp_path / "folder").mkdir()
    for name in ("link", "folder"):
        with pytest.raises(UserError):
            place({tmp_path / name: b"y"}, tmp_path / "exports")
    with pytest.raises(UserError, match="cannot write"):
        place({tmp_path / "foreign" / "a": b"y"}, tmp_path / "exports")
    assert (tmp_path / "foreign").read_bytes() == b"x"
    assert not list(tmp_path.glob(".*"))


@given(
    st.dictionaries(
        st.text("abc/", min_size=1).filter(lambda n: "//" not in n and n.strip("/") == n), st.binary()
    )
)
def test_zips_depend_on_names_and_bytes_alone(files):
    packed = zipped(files)
    assert packed == zipped(dict(reversed(files.items())))
    import io

    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files
        assert archive.namelist() == sorted(files)
