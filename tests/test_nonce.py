import stat
from pathlib import Path

from novum import nonce


def test_a_random_nonce_is_kept_and_kept_private(tmp_path: Path) -> None:
    first = nonce.obtain(tmp_path, None, 1)
    assert nonce.obtain(tmp_path, None, 1) == first
    assert len(first) == 64
    kept = tmp_path / "secret" / "nonce"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_two_studies_of_one_seed_draw_different_ones(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert nonce.obtain(tmp_path / "a", None, 1) != nonce.obtain(tmp_path / "b", None, 1)


def test_with_a_seed_given_the_same_command_gives_the_same_study(tmp_path: Path) -> None:
    assert nonce.obtain(tmp_path, 7, 7) == nonce.obtain(tmp_path / "elsewhere", 7, 7)
    assert nonce.obtain(tmp_path, 7, 7) != nonce.obtain(tmp_path, 8, 8)
    assert not (tmp_path / "secret").exists()
