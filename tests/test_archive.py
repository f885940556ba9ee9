"""The lab's memory is a cache: whatever becomes of it, the studies hold it all."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from novum import api
from novum.archive import Archive
from novum.errors import MachineError
from novum.journal import read_events
from tests import story
from tests.scientists.studies import Synthetic

TABLES = ("studies", "ideas", "claims", "lessons", "leads")


def content(lab: Path) -> dict[str, list[tuple]]:
    db = sqlite3.connect(lab / "archive.sqlite")
    found = {t: sorted(db.execute(f"SELECT * FROM {t}").fetchall(), key=repr) for t in TABLES}
    db.close()
    return found


@pytest.fixture
def lab(toy_study: Path, tmp_path: Path) -> Path:
    """A finished study with the archive that its coordinator wrote."""
    lab = tmp_path / "lab"
    shutil.copytree(toy_study, lab / "studies" / toy_study.name)
    state, last = api.open_study(toy_study).state, list(read_events(toy_study / "journal.sqlite"))[-1]
    Archive(lab).store(state, (last.seq, last.hash))
    return lab


def test_a_deleted_archive_comes_back_as_it_was(lab: Path) -> None:
    before = content(lab)
    assert all(before[table] for table in ("studies", "ideas", "claims"))
    (lab / "archive.sqlite").unlink()
    Archive(lab).view("toy")
    assert content(lab) == before


def test_what_a_study_saw_unasked_is_a_lead_for_the_next(lab: Path) -> None:
    state = Synthetic("averaged, turned round").state
    assert state.domain is not None
    Archive(lab).store(state, (9, "0" * 64))
    assert [row["factors"] for row in Archive(lab).view("toy")["leads"]] == []
    (lead,) = Archive(lab).view(state.domain.id)["leads"]
    assert set(lead["factors"].split(",")) == {"init_scale", "optimizer"} and lead["study"] == state.study


def test_rebuilding_forgets_what_no_study_holds(lab: Path) -> None:
    before = content(lab)
    db = sqlite3.connect(lab / "archive.sqlite")
    db.execute("INSERT INTO claims (study, id, question, alpha) VALUES ('gone', 'c', 'toy:y:x', 0.04)")
    db.commit()
    db.close()
    assert content(lab) != before
    names = [p.name for p in (lab / "studies").iterdir()]
    assert list(Archive(lab).rebuild()) == names
    assert content(lab) == before


def test_a_study_that_was_copied_or_killed_is_seen_by_the_next(lab: Path) -> None:
    """Alpha that a registered protocol spent stays spent, whatever became of its study."""
    story.write(lab, "toy-cut1", "register", at=1.0)
    questions = {c["study"]: c["verdict"] for c in Archive(lab).view("toy")["claims"]}
    assert questions.get("toy-cut1") == "unfinished"
    assert len(questions) == 2


def test_a_head_read_back_from_the_journal_is_no_witness_of_what_came_before(lab: Path) -> None:
    (study,) = (p.name for p in (lab / "studies").iterdir())
    path = lab / "studies" / study

    def chain() -> str:
        return next(c.detail for c in api.audit(path).checks if c.id == "chain")

    assert "the lab's archive" in chain() and "rebuilt" not in chain()
    Archive(lab).rebuild()
    assert "the lab's archive, rebuilt from journals" in chain()


def test_an_audit_writes_no_archive(lab: Path) -> None:
    (lab / "archive.sqlite").unlink()
    api.audit(next((lab / "studies").iterdir()))
    assert not (lab / "archive.sqlite").exists()


def test_a_damaged_study_hides_no_other(lab: Path) -> None:
    bad = lab / "studies" / "toy-bad" / "journal.sqlite"
    bad.parent.mkdir()
    bad.write_bytes(b"no database")
    assert len(Archive(lab).rebuild()) == 1


def test_a_damaged_archive_says_that_it_may_be_deleted(lab: Path) -> None:
    (lab / "archive.sqlite").write_bytes(b"x" * 5000)
    with pytest.raises(MachineError, match="rebuilt from the studies"):
        Archive(lab).view("toy")
    Archive(lab).rebuild()
    assert Archive(lab).view("toy")["claims"]
