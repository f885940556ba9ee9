"""Which idea is chosen, and what the lab's memory does to it."""

import pytest
from msgspec import structs

from novum import events as ev
from novum.errors import StudyError
from novum.literature.bibliography import InMemoryLiterature
from novum.records import Settings, question_key
from novum.scientists.systematic import SystematicScientist
from novum.scientists.systematic.asked import Asked, joint
from novum.scientists.systematic.ideate import candidates, ideate
from novum.scientists.systematic.worth import openness, prior
from novum.services import StudyServices
from novum.state import State
from novum.testing.memory import MemoryBlobs, MemoryLog
from novum.testing.policies import FACTORS, domain_of

DOMAIN = domain_of(*FACTORS)
SMALL = domain_of(FACTORS[2], FACTORS[3])


def claim(study, kind, factors, verdict):
    key = question_key("made", "y", factors)
    return {"study": study, "id": f"{study}{kind}{factors}", "text": "", "question": key, "verdict": verdict,
            "alpha": 0.04, "kind": kind}  # fmt: skip


def idea(study, kind, factors):
    return {"study": study, "id": "i", "title": "", "kind": kind, "factors": ",".join(factors), "chosen": 1}


def archive(*claims, ideas=()):
    return {"claims": list(claims), "ideas": list(ideas)}


def proposed(domain=DOMAIN, known=None, literature=None, seed=1, wanted=""):
    services = StudyServices(
        blobs=MemoryBlobs(), log=MemoryLog(), literature=InMemoryLiterature(literature), renderers=(),
        scientist=SystematicScientist(), nonce_commitment="", seed=seed, archive=known or archive(),
    )  # fmt: skip
    view = State(domain=domain, settings=Settings(domain="made", idea=wanted), seed=seed)
    bodies = [d.body for d in ideate(view, services)]
    ideas = {b.idea.id: b.idea for b in bodies if isinstance(b, ev.IdeaProposed)}
    judged = {b.idea: b for b in bodies if isinstance(b, ev.IdeaJudged)}
    (chosen,) = (b for b in bodies if isinstance(b, ev.IdeaChosen))
    return ideas, judged, chosen


def asks(known, domain=DOMAIN):
    return {(c.form.kind, c.form.factors): c.after for c in candidates(domain, Asked(known))}


def test_a_first_study_asks_for_a_main_effect_and_says_how_good_the_idea_is() -> None:
    ideas, judged, chosen = proposed()
    best = ideas[chosen.idea]
    assert best.kind == "main_effect" and best.direction == "open" and len(ideas) == 12
    totals = [judged[i].scores["total"] for i in ideas]
    assert totals == sorted(totals, reverse=True) and judged[chosen.idea].scores["total"] == totals[0]
    assert all(0 <= s <= 1 for j in judged.values() for s in j.scores.values())
    assert "not asked before" in judged[chosen.idea].reason


def test_ties_fall_to_the_seed_and_nothing_else() -> None:
    assert len({proposed(seed=k)[2].idea for k in range(12)}) > 1
    assert proposed(seed=4)[2] == proposed(seed=4)[2]


def test_what_is_known_teaches_less() -> None:
    works = {"w": {"title": "T", "states": "size: up -> y: up"}}
    ideas, judged, chosen = proposed(literature=works)
    mine = next(i for i in ideas.values() if i.kind == "main_effect" and i.factors == ("size",))
    assert mine.novelty == "known" and mine.nearest == ("w",) and chosen.idea != mine.id
    assert judged[mine.id].scores["information"] < judged[chosen.idea].scores["information"]


def test_prior_odds_follow_sparsity_hierarchy_and_references() -> None:
    assert openness(prior("main_effect")) > openness(prior("interaction")) > 0
    assert prior("main_effect", ["greater"]).above == 0.7
    assert prior("main_effect", ["greater", "less"]).above == pytest.approx(0.4)  # references that disagree
    for odds in (prior("interaction"), prior("main_effect", ["greater", "equivalent"])):
        assert odds.below + odds.within + odds.above == pytest.approx(1)


@pytest.mark.parametrize("verdict", ["supported", "refuted"])
def test_what_was_decided_is_not_proposed_again(verdict: str) -> None:
    known = archive(
        claim("s1", "main_effect", ("size",), verdict), ideas=[idea("s1", "main_effect", ("size",))]
    )
    assert ("main_effect", ("size",)) not in asks(known)
    assert ("dose_response", ("size",)) in asks(known)


@pytest.mark.parametrize("verdict", ["inconclusive", "unfinished"])
def test_what_was_left_open_may_be_followed_up_and_says_so(verdict: str) -> None:
    known = archive(
        claim("s1", "main_effect", ("size",), verdict), ideas=[idea("s1", "main_effect", ("size",))]
    )
    after = asks(known)[("main_effect", ("size",))]
    assert after is not None and (after.study, after.verdict) == ("s1", verdict)
    ideas, judged, chosen = proposed(known=known)
    again = next((i for i in ideas.values() if (i.kind, i.factors) == ("main_effect", ("size",))), None)
    assert ideas[chosen.idea].factors != ("size",)  # new questions come first
    if again:
        assert "s1" in again.motivation and "s1" in judged[again.id].reason


def test_a_supported_effect_leads_to_whether_it_holds_elsewhere() -> None:
    known = archive(claim("s1", "main_effect", ("kind",), "supported"))
    found = asks(known)
    assert {f for k, f in found if k == "robustness"} == {
        ("kind", "size"),
        ("kind", "depth"),
        ("kind", "fast"),
    }
    held = archive(
        claim("s1", "main_effect", ("kind",), "supported"),
        claim("s2", "main_effect", ("kind",), "supported"),
        claim("s2", "robustness", ("kind", "fast"), "supported"),
        ideas=[idea("s2", "robustness", ("kind", "fast"))],
    )
    assert ("robustness", ("kind", "fast")) not in asks(held)
    assert ("robustness", ("kind", "depth")) in asks(held)


def test_a_refuted_effect_leads_to_whether_there_is_any() -> None:
    known = archive(claim("s1", "main_effect", ("kind",), "refuted"))
    assert asks(known)[("equivalence", ("kind",))].verdict == "refuted"
    known["claims"].append(claim("s2", "equivalence", ("kind",), "supported"))
    assert ("equivalence", ("kind",)) not in asks(known)


def test_a_pair_that_acted_jointly_unasked_is_asked_about_before_all_but_new_factors() -> None:
    every = [claim("s1", "main_effect", (f.name,), "supported") for f in FACTORS]
    known = archive(*every) | {"leads": [{"study": "s1", "id": "size kind", "factors": "size,kind"}]}
    ideas, judged, chosen = proposed(known=known)
    best = ideas[chosen.idea]
    assert best.kind == "interaction" and set(best.factors) == {"kind", "size"}
    assert "s1 saw this without having asked" in best.motivation and "s1" in judged[best.id].reason
    ideas, _, chosen = proposed(known=archive(*every))
    assert set(ideas[chosen.idea].factors) != {"kind", "size"} or ideas[chosen.idea].kind != "interaction"
    known = archive(claim("s1", "main_effect", ("kind",), "supported")) | {"leads": known["leads"]}
    ideas, _, chosen = proposed(known=known)
    assert ideas[chosen.idea].kind == "main_effect"  # of a factor that nobody has asked about


def test_a_lead_that_was_decided_is_none_any_more() -> None:
    lead = {"leads": [{"study": "s1", "id": "size kind", "factors": "size,kind"}]}
    (form,) = [q for q in asks(archive()) if q[0] == "interaction" and set(q[1]) == {"kind", "size"}]
    assert asks(archive())[form] is None and asks(archive() | lead)[form].verdict == "seen"
    decided = archive(claim("s2", "interaction", ("kind", "size"), "refuted")) | lead
    assert form not in asks(decided)


def test_sameness_that_was_found_is_no_effect_to_follow() -> None:
    known = archive(
        claim("s1", "equivalence", ("kind",), "supported"), ideas=[idea("s1", "main_effect", ("kind",))]
    )
    found = asks(known)
    assert ("main_effect", ("kind",)) not in found and not any(k == "robustness" for k, _ in found)


def test_a_joint_verdict_needs_all_its_parts() -> None:
    assert joint(["supported", "supported"]) == "supported"
    assert joint(["supported", "inconclusive"]) == "inconclusive"
    assert joint(["inconclusive", "refuted"]) == "refuted"
    assert joint([]) == joint(["supported", "unfinished"]) == "unfinished"


def test_when_all_is_asked_it_is_said_and_follow_ups_are_left() -> None:
    done = [("main_effect", ("kind",), "supported"), ("main_effect", ("fast",), "refuted"),
            ("interaction", ("kind", "fast"), "inconclusive")]  # fmt: skip
    known = archive(*(claim(f"s{i}", *c) for i, c in enumerate(done)))
    ideas, _, chosen = proposed(SMALL, known)
    assert "every first question" in chosen.reason
    assert {i.kind for i in ideas.values()} == {"robustness", "equivalence", "interaction"}
    known["claims"] += [
        claim("t1", "robustness", ("kind", "fast"), "supported"),
        claim("t2", "equivalence", ("fast",), "refuted"),
        claim("t3", "interaction", ("kind", "fast"), "supported"),
    ]
    known["ideas"] += [idea("t1", "robustness", ("kind", "fast"))]
    known["claims"].append(claim("t1", "main_effect", ("kind",), "supported"))
    with pytest.raises(StudyError, match="decided every question"):
        proposed(SMALL, known)


def test_the_idea_that_a_run_names_is_taken_if_it_is_open() -> None:
    ideas, _, chosen = proposed()
    other = [i for i in ideas if i != chosen.idea][-1]
    assert proposed(wanted=other)[2].idea == other
    taken = ideas[other]
    known = archive(claim("s1", taken.kind, taken.factors, "supported"))
    with pytest.raises(StudyError, match="not open"):
        proposed(known=known, wanted=other)


def test_an_archive_without_kinds_still_remembers_ideas() -> None:
    known = archive(
        {"study": "s1", "question": "made:y:size", "verdict": "supported"},
        ideas=[idea("s1", "dose_response", ("size",))],
    )
    assert ("dose_response", ("size",)) not in asks(known)


def test_a_domain_of_one_factor_can_be_asked_about() -> None:
    one = structs.replace(DOMAIN, factors=(FACTORS[3],))
    ideas, _, _ = proposed(one)
    assert [(i.kind, i.factors) for i in ideas.values()] == [("main_effect", ("fast",))]
