import shutil
import subprocess
import sys
from pathlib import Path

from novum.domains import find_domain, load_domain, shipped
from novum.domains.contract import is_shipped
from novum.journal import FileBlobs

SCRIPT = Path(__file__).parents[2] / "scripts" / "manifest.py"


def test_the_manifest_is_current() -> None:
    checked = subprocess.run([sys.executable, str(SCRIPT), "--check"], check=False)
    assert checked.returncode == 0, "run scripts/manifest.py"


def test_every_shipped_domain_is_known_by_its_hash(blobs: FileBlobs) -> None:
    assert {folder.name: load_domain(folder, blobs).shipped for folder in shipped()}
    assert all(load_domain(folder, blobs).shipped for folder in shipped())


def test_a_copy_or_an_edit_is_foreign(blobs: FileBlobs, tmp_path: Path) -> None:
    copy = tmp_path / "grokking"
    shutil.copytree(find_domain("grokking"), copy)
    assert not load_domain(copy, blobs).shipped
    (copy / "learner.py").write_text("import os\n")
    assert not is_shipped(find_domain("grokking"), load_domain(copy, blobs))
