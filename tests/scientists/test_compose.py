"""The systematic scientist's paper: right in every reference, whole, and different by what it has to tell."""

from itertools import combinations

import msgspec
import pytest

from novum.evidence.catalogue import catalogue
from novum.evidence.factorial import two_level
from novum.manuscript.document import parse_document
from novum.manuscript.references import find_references
from novum.scientists.systematic.compose.paper import VOICES
from novum.steps.review import review
from novum.steps.write import PROVENANCE
from novum.testing.studies import OUTCOMES as MADE
from tests.scientists.papers import Composed, composed, made, synthetic
from tests.scientists.prose import length, normal, sentences_of
from tests.scientists.studies import OUTCOMES, Synthetic

GOLDEN = ("supported", "refuted", "inconclusive", "censored", "interaction")
LONGEST = 40  # words; most sentences have less than half of that


def own_sentences(paper: Composed) -> set[str]:
    """The sentences of a paper that are not the domain's own words."""
    quoted = " ".join(paper.background.split())
    theirs = {s for s in sentences_of(paper.source) if s in normal(quoted)}
    return set(sentences_of(paper.source)) - theirs


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_no_paper_has_a_fault(outcome):
    assert [str(f) for f in synthetic(outcome).faults] == []


@pytest.mark.parametrize("outcome", MADE)
def test_no_paper_of_another_domain_has_a_fault(outcome):
    assert [str(f) for f in made(outcome).faults] == []


@pytest.mark.parametrize(("one", "other"), list(combinations(GOLDEN, 2)))
def test_golden_papers_share_no_sentence(one, other):
    assert own_sentences(synthetic(one)) & own_sentences(synthetic(other)) == set()


@pytest.mark.parametrize(("one", "other"), list(combinations(MADE, 2)))
def test_golden_papers_about_the_same_factors_share_no_sentence(one, other):
    assert own_sentences(made(one)) & own_sentences(made(other)) == set()


def test_papers_with_the_same_outcome_do_share_sentences():
    """What the tests above could not find if sentences were compared wrongly."""
    other = Synthetic("supported", seed=12)
    assert (
        len(own_sentences(composed(other.state, other.services())) & own_sentences(synthetic("supported")))
        > 20
    )


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_no_sentence_is_long_and_none_is_said_again(outcome):
    found = own_sentences(synthetic(outcome))
    assert [s for s in found if length(s) > LONGEST] == []
    every = [s for s in sentences_of(synthetic(outcome).source) if s in found]
    assert sorted(s for s in found if every.count(s) > 1) == []


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_section_is_there_and_holds_something(outcome):
    document, faults = parse_document(synthetic(outcome).source)
    assert faults == () and len(document.abstract) > 200
    heads = [line[2:] for line in document.body.splitlines() if line.startswith("# ")]
    assert heads == ["Introduction", "Method", "Results", "What the data leave open", "Limitations",
                     "What a next study would do", "Broader impact", "Compute and reproduction"]  # fmt: skip
    for part in document.body.split("\n# "):
        assert len(part.split("\n", 1)[1].strip()) > 60


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_trial_verdict_and_arm_is_told(outcome):
    paper = synthetic(outcome)
    assert all(f"`{trial}`" in paper.source for trial in paper.state.trials)
    verdicts = {r.id for r in find_references(paper.source) if r.kind == "c"}
    assert verdicts == {c.id for c in paper.state.protocol.contrasts}
    assert paper.source.count(PROVENANCE) == 1


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_checklist_has_nothing_to_object(outcome):
    paper = synthetic(outcome)
    answers = review(paper.with_paper(), paper.services)[-1].body.items
    assert [(a.id, a.detail) for a in answers if not a.passed] == []


def test_a_bound_is_called_a_bound():
    """Where one arm never reached its event, a difference of restricted means says too little."""
    source = " ".join(synthetic("bound").source.split())
    assert "bound from below" in source and "took" not in source.split("# Results")[1].split("# What")[0]


def test_a_paper_is_a_function_of_the_journal():
    again = Synthetic("mixed")
    assert composed(again.state, again.services()).source == synthetic("mixed").source


def test_an_unfinished_confirmation_shows_no_confirm_value():
    paper = synthetic("unfinished")
    shown = {r.id for r in find_references(paper.source) if r.kind == "m"}
    confirm = {m.id for m in paper.state.measurements.values() if m.phase == "confirm"}
    assert confirm and not shown & confirm


def test_all_censored_is_told_as_a_bound_and_not_as_equality():
    source = synthetic("censored").source
    assert "fewer updates" not in source and "more updates" not in source
    assert "bound on the time" in source


def test_an_interaction_with_an_arm_at_the_horizon_is_not_read_beyond_it():
    source = " ".join(synthetic("interaction, cut off").source.split())
    assert "It holds for means up to" in source and "since an arm had no event before" in source
    assert "It holds for means up to" not in " ".join(synthetic("interaction").source.split())


def test_where_the_opposite_is_excluded_too_it_is_not_proposed():
    """A prediction is refuted by an interval that lies within the margin on both sides."""
    paper = synthetic("immaterial")
    (decision,) = paper.state.decisions.values()
    assert decision.verdict == "refuted" and -200 < decision.low < decision.high < 200
    source = " ".join(paper.source.split())
    assert "the other direction is excluded along with the predicted one" in source
    assert "sameness within the margin" in source and "the opposite of what was predicted" not in source
    assert "the opposite of what was predicted" in synthetic("refuted").source


def test_of_an_effect_within_the_margin_the_sign_alone_is_compared_with_references():
    def told(story: str) -> str:
        return synthetic(story).source.split("## Against the literature")[1].split("\n#")[0]

    assert "sign alone" in told("averaged, turned round")
    assert "sign alone" not in told("supported")


def test_claims_left_open_in_a_large_family_are_told_together():
    paper = synthetic("averaged, all open")
    assert {d.verdict for d in paper.state.decisions.values()} == {"inconclusive"}
    rest = paper.state.protocol.contrasts[1:]
    _, told = paper.source.split("### Claims left open")
    shared = told.split("\n\n")[1]
    assert all(f"C{place} on" in shared for place, _ in enumerate(rest, 2)) and "C1 on" not in shared
    abstract = paper.source.split("# Introduction")[0]
    assert not any(f"{{{{c:{c.id}}}}}" in abstract for c in rest)  # they are counted, not listed
    assert "### Claims left open" not in synthetic("inconclusive").source


def test_what_became_of_the_choice_of_the_idea_is_told():
    paper = synthetic("supported")
    place = next(s for s in catalogue(paper.state).statistics.values() if s.kind == "idea_place")
    assert place.value == 2 and f"m:{place.id}" in paper.source


def test_a_reversed_effect_is_told_as_reversed():
    source = " ".join(synthetic("refuted").source.split())
    assert "took" in source and "fewer updates to generalise" in source
    assert "more updates to generalise" not in source


@pytest.mark.parametrize(
    ("layer", "said"), [("process", "process layer alone"), ("none", "without any confinement")]
)
def test_missing_confinement_is_said_on_page_one(layer, said):
    made_study = Synthetic("inconclusive")
    state = msgspec.structs.replace(made_study.state, sandbox=layer)
    paper = composed(state, made_study.services())
    assert said in parse_document(paper.source)[0].front.disclosure["Confinement"]
    assert paper.faults == ()


def test_what_persons_did_is_disclosed():
    made_study = Synthetic("supported")
    changed = {"actions": (("Ada", "approve"),), "amendments": (("a" * 64, "Ada set seeds to 16"),)}
    paper = composed(msgspec.structs.replace(made_study.state, **changed), made_study.services())
    people = parse_document(paper.source)[0].front.disclosure["People"]
    assert "Ada chose to approve" in people and "amended" in people
    assert "Ada set seeds to 16" in paper.source and paper.faults == ()


def test_no_paper_claims_novelty():
    for outcome in OUTCOMES:
        assert " novel " not in synthetic(outcome).source.lower()


def test_every_story_has_a_voice():
    assert set(VOICES.values()) == {0, 1, 2, 3, 4}
    told = {"supported", "refuted", "inconclusive", "censored", "interaction"}
    assert sorted(VOICES[s] for s in told) == [0, 1, 2, 3, 4]


def test_a_fraction_of_all_combinations_is_told_to_mix_joint_effects_with_single_ones():
    """By the numbers of a design that is one: three switches that act jointly make a fourth seem to act."""
    rows = two_level(8)
    effects = [sum(row[k] * row[0] * row[1] * row[2] for row in rows) / len(rows) for k in range(8)]
    assert max(map(abs, effects)) == 1  # the product of three columns is another's, to the sign
    source = " ".join(synthetic("averaged, all open").source.split())
    assert "fraction of all combinations" in source or "fraction of combinations" in source
    assert "fraction of all combinations" not in synthetic("interaction").source


@pytest.mark.parametrize("voice", range(5))
@pytest.mark.parametrize("outcome", ["averaged, turned round", "averaged, none jointly"])
def test_what_depends_on_what_is_told_in_every_voice_without_a_fault(monkeypatch, outcome, voice):
    for story in VOICES:
        monkeypatch.setitem(VOICES, story, voice)
    study = Synthetic(outcome)
    paper = composed(study.state, study.services())
    assert [str(f) for f in paper.faults] == []
    part = paper.source.split("## What depends on what")[1].split("\n#")[0]
    assert ("{{fig:" in part) == (outcome == "averaged, turned round")
    assert "pairs" in part and [s for s in sentences_of(part) if length(s) > LONGEST] == []
