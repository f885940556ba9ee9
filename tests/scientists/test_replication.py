"""The report of a replication: no fault in any story and voice, and it never speaks of what it did not do."""

import re

import pytest
from msgspec import structs

from novum.canonical import short_id
from novum.evidence.catalogue import catalogue
from novum.manuscript.checks import check, vocabulary
from novum.manuscript.references import find_references
from novum.records import Figure
from novum.scientists.systematic.compose.replication import report
from novum.services import StudyServices
from novum.state import State
from novum.steps.checklist import ITEMS
from novum.steps.checklist.reading import Manuscript
from novum.steps.illustrate import plan
from novum.steps.lookup import StudyLookup
from novum.steps.replicate import original_of, outcomes
from tests.scientists.papers import Composed, made, synthetic
from tests.scientists.studies import OUTCOMES

DECIDED = tuple(o for o in OUTCOMES if o != "unfinished")
VOICES = range(5)


def replicated(paper: Composed) -> State:
    """The study as if it were a replication of one that came to the same: confirmation alone."""
    state = structs.replace(paper.state, finished="done")
    taken = structs.replace(original_of(state, (7, "a" * 64), 3), study="toy-original")
    trials = {k: t for k, t in state.trials.items() if t.phase == "confirm"}
    measured = {k: m for k, m in state.measurements.items() if m.phase == "confirm"}
    return structs.replace(state, replicates=taken, trials=trials, measurements=measured)


def told(state: State, services: StudyServices) -> tuple[str, State]:
    figures = [Figure(id=short_id(p.title), title=p.title, caption=p.caption, kind=p.data["kind"],
                      data="0" * 64, files={}) for p in plan(state, services.blobs)]  # fmt: skip
    seen = structs.replace(state, figures={f.id: f for f in figures})
    return report(seen, catalogue(state), figures, services), seen


def faults_in(source: str, state: State, services: StudyServices) -> list[str]:
    lookup = StudyLookup(state, services.literature.entries())
    return [str(f) for f in check(source, lookup, vocabulary(state.domain))]


@pytest.mark.parametrize("outcome", DECIDED)
def test_no_report_has_a_fault(outcome: str) -> None:
    paper = synthetic(outcome)
    source, seen = told(replicated(paper), paper.services)
    assert faults_in(source, seen, paper.services) == []


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("outcome", ["refuted", "inconclusive"])
def test_no_voice_has_a_fault(outcome: str, voice: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from novum.scientists.systematic.compose import paper as module

    monkeypatch.setattr(module, "VOICES", dict.fromkeys(module.VOICES, voice))
    paper = made(outcome)
    source, seen = told(replicated(paper), paper.services)
    assert faults_in(source, seen, paper.services) == []


def test_each_claim_stands_with_both_decisions_and_its_outcome() -> None:
    paper = synthetic("supported")
    state = replicated(paper)
    source, seen = told(state, paper.services)
    cited = {r.id for r in find_references(source) if r.kind == "m"}
    known = catalogue(seen)
    for r in outcomes(state):
        kinds = {s.kind for s in known.find(claim=r.claim) if s.id in cited}
        assert {"original_estimate", "original_low", "original_high", "original_verdict"} <= kinds
        assert {"estimate", "claim_low", "claim_high", "replication"} <= kinds


def test_the_original_is_quoted_not_computed() -> None:
    """What is shown of the original follows its recorded decision, whatever this study measured."""
    paper = synthetic("supported")
    state = replicated(paper)
    first, *rest = state.replicates.decisions
    other = structs.replace(first, estimate=-4321.0)
    changed = structs.replace(state, replicates=structs.replace(state.replicates, decisions=(other, *rest)))
    (shown,) = catalogue(changed).find(kind="original_estimate", claim=first.claim)
    assert shown.value == -4321.0 and shown.sources == () and "toy-original" in shown.label
    (own,) = catalogue(changed).find(kind="estimate", claim=first.claim)
    assert own.value == first.estimate


def test_it_claims_no_exploration_of_its_own() -> None:
    paper = synthetic("refuted")
    source, _ = told(replicated(paper), paper.services)
    body = source.split("# Registered arms")[0]
    for sentence in re.split(r"(?<=[.?])\s", body):
        if re.search(r"\bexplor", sentence, re.I):
            assert re.search(r"nothing explored|no part|original|`toy-original`| exploratory, ", sentence), (
                sentence
            )


@pytest.mark.parametrize("item", sorted(ITEMS))
def test_the_review_finds_nothing_missing(item: str) -> None:
    paper = synthetic("supported")
    source, seen = told(replicated(paper), paper.services)
    whole = structs.replace(paper, source=source, state=seen).with_paper()
    answer = ITEMS[item](Manuscript(whole, paper.services.literature.entries()))
    assert answer.word != "no", answer.why
