"""The checklist says yes where the paper shows it, no where not, and says what it cannot judge."""

import re

import pytest
from msgspec import structs

from novum.canonical import digest
from novum.records import Check
from novum.state import ModelCall, State, copy_state
from novum.steps.checklist import ITEMS
from novum.steps.review import review, review_items, summary
from novum.testing.studies import OUTCOMES, MadeStudy, make_study


@pytest.fixture(scope="module")
def study() -> MadeStudy:
    return make_study("supported")


def with_source(state: State, change) -> State:
    changed = copy_state(state)
    changed.paper = structs.replace(state.paper, source=change(state.paper.source))
    assert changed.paper != state.paper
    return changed


def answers(study: MadeStudy, state: State) -> dict[str, Check]:
    return {c.id: c for c in review_items(state, study.entries)}


def without_section(title: str):
    return lambda source: re.sub(rf"^# {title}.*?(?=^# )", "", source, flags=re.M | re.S)


def without(*patterns: str):
    def change(source: str) -> str:
        for pattern in patterns:
            source = re.sub(pattern, "", source, flags=re.I)
        return source

    return change


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_sound_paper_is_answered_no_nowhere(outcome):
    made = make_study(outcome)
    items = review_items(made.state, made.entries)
    assert [c.detail for c in items if not c.passed] == []
    assert [c.id for c in items] == list(ITEMS) and len(items) >= 20
    assert "none is answered no" in summary(items)
    assert any(c.detail.startswith("not applicable") for c in items)


LACKING = {
    "limitations": without_section("Limitations"),
    "related-work": without(r"@\w+"),
    "claims": without_section("Abstract"),
    "figures": without(r"\{\{fig:[^}]*\}\}"),
    "licences": without(r"licen[cs]e"),
    "compute": lambda s: re.sub(r"\{\{m:[0-9a-f]+\|\.1f\}\} processor seconds", "some time", s),
    "reproducibility": without(r"`novum run made`"),
    "code-and-data": without("study's folder"),
    "model-usage": without("language model"),
    "error-bars": without("intervals?", "standard"),
    "significance": without("holm"),
    "sensitivity": lambda s: re.sub(r"detectable\s+effect is\s+\{\{m:[^}]*\}\}", "effect is small", s),
    "generalisation": without("initialisation"),
    "exploration": without("explore"),
    "setting": without(r"seeds, common", r"updates|learning", r"the rate", r"rate"),
    "novelty": lambda source: source.replace("no novelty is claimed", "we are the first to show it"),
    "theory": lambda source: source.replace("# Method", "# Method\n\nTheorem. We prove it.", 1),
    "results": without_section("Results"),
    "negative-results": without("failed", "crashed"),
}  # fmt: skip


@pytest.mark.parametrize("item", LACKING)
def test_a_paper_that_lacks_it_is_answered_no(study, item):
    found = answers(study, with_source(study.state, LACKING[item]))[item]
    assert not found.passed and found.detail.startswith("no: ")


def test_a_limitations_section_of_one_sentence_is_not_enough(study):
    short = re.compile(r"(^# Limitations\n\n).*?(?=^# )", re.M | re.S)
    state = with_source(study.state, lambda s: short.sub(r"\1There are some limitations.\n\n", s))
    assert "words say little" in answers(study, state)["limitations"].detail


def test_a_protocol_hash_or_head_that_is_not_printed_is_noticed(study):
    for value in (study.state.protocol_hash, study.state.paper.head):
        state = with_source(study.state, lambda s, v=value: s.replace(v, "withheld"))
        assert not answers(study, state)["registration"].passed


def test_amendments_must_be_disclosed(study):
    state = copy_state(study.state)
    state.amendments = (("0" * 64, "more seeds"),)
    assert "amended 1 times" in answers(study, state)["registration"].detail
    told = with_source(state, lambda s: s.replace("# Method", "# Method\n\nThe protocol was amended.", 1))
    assert answers(study, told)["registration"].passed


def test_a_declaration_that_no_model_was_used_is_held_against_the_journal(study):
    state = copy_state(study.state)
    state.model_calls = {
        "k": ModelCall(key="k", role="write", step="write", node="", model="any", answer=digest("a"))
    }
    assert "holds 1 calls" in answers(study, state)["model-usage"].detail


def test_a_person_s_edit_must_be_disclosed(study):
    state = copy_state(study.state)
    state.actions = (("ada", "edit"),)
    assert not answers(study, state)["people"].passed
    told = with_source(state, lambda s: s.replace("# Method", "# Method\n\nThe margin was edited by ada.", 1))
    assert answers(study, told)["people"].passed


def test_earlier_studies_of_the_question_must_be_listed(study):
    state = copy_state(study.state)
    state.protocol = structs.replace(state.protocol, earlier_studies=("made-0000",))
    assert not answers(study, state)["earlier-studies"].passed
    told = with_source(state, lambda s: s.replace("# Method", "# Method\n\nSee also `made-0000`.", 1))
    assert answers(study, told)["earlier-studies"].passed


def test_a_refuted_claim_kept_out_of_the_results_is_noticed():
    made = make_study("refuted")
    refuted = next(c for c, d in made.state.decisions.items() if d.verdict == "refuted")
    head, _, tail = made.state.paper.source.partition("# Results")
    state = with_source(
        made.state, lambda _: head + "# Results" + tail.replace(f"{{{{c:{refuted}}}}}", "open")
    )
    found = answers(made, state)
    assert not found["negative-results"].passed and refuted in found["results"].detail


def test_what_a_machine_cannot_judge_is_said_plainly(study):
    state = with_source(study.state, without_section("Broader impact"))
    for item in ("broader-impact", "subjects"):
        found = answers(study, state if item == "broader-impact" else study.state)[item]
        assert found.passed and found.detail.startswith("not applicable") and "for a person" in found.detail


def test_answers_name_where_they_were_found(study):
    found = answers(study, study.state)
    assert found["limitations"].detail.startswith("yes: Limitations")
    assert found["significance"].detail.startswith("yes: Method")
    assert found["compute"].detail.startswith("yes: the first page")


def test_without_a_paper_there_is_one_answer_no():
    made = make_study(until="conclude")
    items = review_items(made.state, made.entries)
    assert [c.passed for c in items] == [False] and "'conclude'" in items[0].detail
    assert "answered no: paper" in summary(items)


def test_the_step_returns_the_items_and_a_summary(study):
    class Services:
        class literature:
            entries = staticmethod(lambda: study.entries)

    (draft,) = review(study.state, Services)
    assert draft.body.items == tuple(review_items(study.state, study.entries))
    assert draft.body.summary == summary(draft.body.items)


def test_an_abstract_may_count_claims_by_verdict_instead_of_telling_each(study):
    from novum.evidence.catalogue import catalogue

    first, second = study.state.protocol.contrasts
    known = catalogue(study.state)
    telling = f"the claim is {{{{c:{second.id}}}}}"
    cut = with_source(study.state, lambda s: s.replace(telling, "another is not told", 1))
    assert not answers(study, cut)["claims"].passed
    counts = {v: known.one(kind="verdicts", name=v).id for v in ("supported", "refuted")}
    for verdict, passes in (("supported", True), ("refuted", False)):
        tally = f"of all claims, {{{{m:{counts[verdict]}|int}}}} are {verdict}"
        told = with_source(study.state, lambda s, t=tally: s.replace(telling, t, 1))
        assert answers(study, told)["claims"].passed is passes
    assert first.id in cut.paper.source
