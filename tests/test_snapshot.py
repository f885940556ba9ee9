"""The cache of the folded state: equal to the fold, used only where it is one, and never missed."""

import random
import sqlite3
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novum import api, snapshot
from novum import events as ev
from novum.errors import JournalDamaged, UserError
from novum.events import Draft
from novum.journal import JOURNAL, Journal, head_of, read_events
from novum.records import Cost
from novum.snapshot import FILE, kept_outline, outline_of, state_of
from novum.state import State, fold
from tests.histories import created
from tests.test_state import interleaved

ASKED = ev.ModelAsked(key="k", attempt=0, role="write", model="any", request="r", worst_case=Cost(usd=0.5))


def append(folder: Path, drafts: list[Draft]) -> None:
    journal = Journal(folder / JOURNAL, lambda: 1000.5)
    journal.append(drafts)
    journal.close()


def keep(folder: Path) -> State:
    state = fold(read_events(folder / JOURNAL))
    snapshot.write(folder, state, head_of(folder / JOURNAL))
    return state


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study of three trials with a model's call in doubt, and a snapshot of its end."""
    drafts = [d for commit in interleaved(3, random.Random(1)) for d in commit]
    append(tmp_path, [*drafts, Draft(body=ASKED)])
    keep(tmp_path)
    return tmp_path


@given(st.randoms(use_true_random=False), st.integers(1, 5), st.integers(0, 30))
@settings(max_examples=25, deadline=None)
def test_a_snapshot_and_what_came_later_equal_a_fold(
    tmp_path_factory: pytest.TempPathFactory, order: random.Random, n: int, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("study")
    drafts = [d for commit in interleaved(n, order) for d in commit]
    cut = max(1, min(cut, len(drafts) - 1))
    append(folder, drafts[:cut])
    keep(folder)
    append(folder, drafts[cut:])
    whole = fold(read_events(folder / JOURNAL))
    assert state_of(folder) == whole
    assert kept_outline(folder) is None  # it is not of the journal's end
    keep(folder)
    assert state_of(folder) == whole
    outline = kept_outline(folder)
    assert outline is not None and outline.trials == outline_of(whole).trials


def test_what_is_kept_is_what_was_folded(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = fold(read_events(study / JOURNAL))
    monkeypatch.setattr(
        snapshot, "read_events", lambda path, after=0: iter(list(read_events(path, after))[:1])
    )
    assert state_of(study) == whole, "it was not read from the snapshot"
    assert whole.reserved and whole.trials and whole.measurements


def test_an_outline_has_all_but_the_bulk_and_does_not_pass_for_the_whole(study: Path) -> None:
    whole, outline = state_of(study), kept_outline(study)
    assert outline is not None
    for name in State.__struct_fields__:
        if name not in snapshot.BULK:
            assert getattr(outline.state, name) == getattr(whole, name)
    assert outline.trials == {"done": 3} and outline.layers == ("none",)
    for look in (len, list, bool, lambda held: held.get("x"), lambda held: held.values()):
        with pytest.raises(TypeError, match="an outline holds no"):
            look(outline.state.trials)
    with pytest.raises(TypeError, match="an outline holds no"):
        outline.state.trials_in("explore")


def test_a_snapshot_of_another_journal_is_not_looked_at(study: Path) -> None:
    """Another study's file, or that of a journal that was replaced or cut short."""
    (study / JOURNAL).unlink()
    append(study, [created(seed=9), Draft(body=ev.StepStarted(step="explore", view_seq=1))])
    assert kept_outline(study) is None
    assert state_of(study) == fold(read_events(study / JOURNAL)) and state_of(study).seed == 9


def test_an_end_that_was_rewritten_is_not_what_was_kept(study: Path) -> None:
    db = sqlite3.connect(study / JOURNAL)
    db.execute("UPDATE events SET hash = 'x' || substr(hash, 2) WHERE seq = (SELECT max(seq) FROM events)")
    db.commit()
    db.close()
    assert kept_outline(study) is None and state_of(study) == fold(read_events(study / JOURNAL))


@given(at=st.integers(0, 1 << 20), bit=st.integers(0, 7))
@settings(max_examples=30, deadline=None)
def test_a_damaged_snapshot_is_passed_over(
    tmp_path_factory: pytest.TempPathFactory, at: int, bit: int
) -> None:
    folder = tmp_path_factory.mktemp("study")
    append(folder, [d for commit in interleaved(1, random.Random(1)) for d in commit])
    whole = keep(folder)
    data = bytearray((folder / FILE).read_bytes())
    data[at % len(data)] ^= 1 << bit
    (folder / FILE).write_bytes(data)
    assert state_of(folder) == whole
    found = kept_outline(folder)
    assert found is None or found.trials == outline_of(whole).trials


@pytest.mark.parametrize("keep_bytes", [0, 10, 300, -1])
def test_a_torn_snapshot_is_passed_over(study: Path, keep_bytes: int) -> None:
    whole = fold(read_events(study / JOURNAL))
    (study / FILE).write_bytes((study / FILE).read_bytes()[:keep_bytes])
    assert state_of(study) == whole
    assert (kept_outline(study) is None) == (keep_bytes >= 0)


def test_other_code_reads_the_journal_itself(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "code", lambda: "of another release")
    assert kept_outline(study) is None and state_of(study) == fold(read_events(study / JOURNAL))


def test_it_may_be_deleted_and_need_not_be_writable(study: Path) -> None:
    whole = state_of(study)
    (study / FILE).unlink()
    assert state_of(study) == whole and kept_outline(study) is None
    (study / FILE).mkdir()  # whatever keeps it from being written, and root is kept by this
    keep(study)
    assert state_of(study) == whole
    assert [p.name for p in study.iterdir() if p.name.endswith(".part")] == []


def test_a_damaged_journal_is_damaged_with_or_without_a_snapshot(study: Path) -> None:
    (study / JOURNAL).write_bytes(b"nonsense" * 100)
    for look in (kept_outline, state_of, api.open_study):
        with pytest.raises(JournalDamaged):
            look(study)
    (study / JOURNAL).unlink()
    with pytest.raises(UserError, match="there is no journal"):
        kept_outline(study)


def test_a_study_says_the_same_from_either(study: Path) -> None:
    kept = api.open_study(study)
    (study / FILE).unlink()
    folded = api.open_study(study)
    assert kept.status == folded.status and kept.outline.trials == folded.outline.trials
    assert msgspec.msgpack.encode(kept.state) == msgspec.msgpack.encode(folded.state)
