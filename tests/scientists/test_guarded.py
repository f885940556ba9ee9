"""Studies of 30 seeds per arm and more: what they register, apply and say."""

import pytest

from novum.evidence.analysis import GUARD, T
from novum.testing.studies import OUTCOMES, make_study
from tests.scientists.papers import Composed, of_study
from tests.scientists.prose import sentences_of


@pytest.fixture(scope="module", params=[o for o in OUTCOMES if o != "all_censored"])
def paper(request) -> Composed:
    return of_study(make_study(request.param, seeds_per_arm=32, until="conclude"))


def test_the_registered_test_is_the_one_applied(paper):
    assert {c.test for c in paper.state.protocol.contrasts} == {T + GUARD}
    assert all("guarded by a studentised bootstrap" in d.method for d in paper.state.decisions.values())


def test_its_paper_says_so_in_one_sentence_and_has_no_fault(paper):
    assert [str(f) for f in paper.faults] == []
    body, glossary = paper.source.split("| term | meaning |")
    assert len([s for s in sentences_of(body) if "bootstrap" in s]) == 1
    assert "Guarded by a bootstrap" in glossary


def test_smaller_studies_neither_use_nor_mention_it():
    small = of_study(make_study("supported", seeds_per_arm=12, until="conclude"))
    assert "bootstrap" not in small.source.lower()
    assert not any("bootstrap" in d.method for d in small.state.decisions.values())
