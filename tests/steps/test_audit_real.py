"""The same forgeries on a journal that the whole loop wrote: real trials, the real paper, files on disk."""

from pathlib import Path

import pytest

from novum import api
from novum.auditing import evidence_of
from novum.records import Settings
from novum.steps.audit import build_case, run_checks
from novum.testing.memory import reissued
from tests.steps.test_audit import FORGERIES, failed, with_measurement

pytestmark = pytest.mark.slow
DOMAIN = Path(__file__).parents[1] / "gaming" / "labels"
MADE = {  # what these change is particular to a made study
    "a curve exchanged",
    "a refuted claim called supported",
    "a failed trial left out of the paper",
    "a work cited that does not exist",
    "a paper without any figure",
}


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    outcome = api.run(
        Settings(domain=str(DOMAIN), budget="smoke", seed=3), lab=tmp_path_factory.mktemp("lab")
    )
    assert outcome.exit_code == 0, outcome.message
    return evidence_of(outcome.path)


def forged_checks(real, events):
    log = reissued(events)
    return {
        c.id: c for c in run_checks(build_case(log.events, real.blobs, rows=log.stored, entries=real.entries))
    }


def test_the_study_as_it_lies_there_passes_with_its_folder_and_the_archive(real):
    checks = {c.id: c for c in run_checks(real)}
    assert failed(checks) == set()
    assert "the lab's archive" in checks["chain"].detail


def test_reissuing_it_untouched_leaves_nothing_to_find(real):
    assert failed(forged_checks(real, list(real.events))) == set()


GENERAL = [(c, w, f) for c, w, f in FORGERIES if w not in MADE]


@pytest.mark.parametrize(("check", "what", "forge"), GENERAL, ids=[f"{c}: {w}" for c, w, _ in GENERAL])
def test_a_forgery_of_a_real_journal_is_found(real, check, what, forge):
    checks = forged_checks(real, forge(list(real.events)))
    assert checks["chain"].passed and not checks[check].passed


def test_one_value_changed_is_found_by_several_checks(real):
    from msgspec import structs

    better = with_measurement(list(real.events), lambda m: structs.replace(m, value=0.125))
    found = failed(forged_checks(real, better))
    assert {"values", "verdicts", "numbers", "figures"} <= found
