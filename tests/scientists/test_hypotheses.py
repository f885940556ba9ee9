"""What a domain's factors let one ask, and how a question becomes registered comparisons."""

import itertools

from msgspec import structs

from novum.evidence.contrasts import arms, boundaries, family_arms, held, question_kind
from novum.records import Factor, question_key
from novum.scientists.systematic.hypotheses import (
    best_setting,
    contrast_of,
    contrasts_of,
    equivalence,
    forms,
    interactions,
    main_effects,
    robustness,
)
from novum.scientists.systematic.phrases import idea_hypothesis, idea_title
from novum.testing.policies import FACTORS, domain_of

DOMAIN = structs.replace(
    domain_of(*FACTORS),
    factors=(structs.replace(FACTORS[0], title="step size"), *FACTORS[1:]),
)
BASE = DOMAIN.baseline
SIZE, DEPTH, KIND, FAST = DOMAIN.factors


def test_every_first_question_is_there_once() -> None:
    asked = forms(DOMAIN)
    kinds = {k: [f for f in asked if f.kind == k] for k in ("main_effect", "dose_response", "interaction")}
    assert len(kinds["main_effect"]) == 4 + 2 + 2 + 1
    assert [f.factors for f in kinds["dose_response"]] == [("size",), ("depth",)]
    pairs = itertools.combinations(("size", "depth", "kind", "fast"), 2)
    assert {f.factors for f in kinds["interaction"]} == set(pairs)
    assert len({contrast_of(f, DOMAIN, "greater").id for f in asked}) == len(asked)


def test_the_kind_of_a_contrast_can_be_read_off_it() -> None:
    for form in [*forms(DOMAIN), best_setting(DOMAIN, BASE | {"size": 10.0, "kind": "odd"})]:
        assert question_kind(contrast_of(form, DOMAIN, "less")) == form.kind
    same = contrast_of(equivalence(next(main_effects(KIND))), DOMAIN, "equivalent")
    assert question_kind(same) == "equivalence" and boundaries(same) == (-0.5, 0.5)


def test_robustness_is_one_ordinary_contrast_per_level_all_needed() -> None:
    form = next(robustness(FAST, KIND))
    parts = contrasts_of(form, DOMAIN, "greater")
    assert [held(c) for c in parts] == [{}, {"kind": "fancy"}, {"kind": "odd"}]
    assert [question_kind(c) for c in parts] == ["main_effect", "robustness", "robustness"]
    for c in parts:
        a, b = arms(c, BASE)
        assert {k for k in a if a[k] != b[k]} == {"fast"} and c.family == "primary"
    assert len(family_arms(parts, BASE)) == 6
    keys = [question_key("made", "y", c.factors) for c in parts]
    assert keys == [
        "made:y:fast",
        "made:y:fast,kind",
        "made:y:fast,kind",
    ]  # at the baseline: the main effect's account


def test_a_factor_of_many_levels_holds_four_at_most() -> None:
    form = next(robustness(FAST, SIZE))
    levels = [c["size"] for c in form.contexts]
    assert len(levels) == 4 and levels[0] == 1.0 and {0.1, 10.0} < set(levels)


def test_claims_read_as_sentences() -> None:
    up, swapped = next(main_effects(SIZE)), next(main_effects(KIND))
    assert contrast_of(up, DOMAIN, "less").text == "lowering step size from 1 to 0.1 lowers y"
    assert contrast_of(swapped, DOMAIN, "greater").text == "choosing fancy over plain as kind raises y"
    same = contrast_of(equivalence(swapped), DOMAIN, "equivalent").text
    assert same == "choosing fancy over plain as kind leaves y within the margin"
    at = contrasts_of(next(robustness(FAST, KIND)), DOMAIN, "greater")[1].text
    assert at == "at kind fancy, choosing on over off as fast raises y"
    dose = contrast_of(next(f for f in forms(DOMAIN) if f.kind == "dose_response"), DOMAIN, "greater").text
    assert dose == "increasing step size from 0.1 to 10 steadily raises y"
    joint = next(f for f in forms(DOMAIN) if f.factors == ("kind", "fast"))
    assert contrast_of(joint, DOMAIN, "less").text == (
        "the change in y as kind goes from plain to fancy is smaller at fast on than at fast off"
    )


def test_an_idea_is_worded_for_every_kind() -> None:
    for kind in ("main_effect", "equivalence", "dose_response", "interaction", "robustness"):
        factors = ("size", "kind")[: 2 if kind in ("interaction", "robustness") else 1]
        said = f"{idea_title(kind, factors, DOMAIN)} {idea_hypothesis(kind, factors, DOMAIN)}"
        assert "step size" in said and "{" not in said and ("kind" in said) == (len(factors) == 2)
    unbounded = structs.replace(DOMAIN, metrics=(structs.replace(DOMAIN.primary, margin=None),))
    assert "nothing" not in idea_hypothesis("main_effect", ("size",), unbounded)


def test_no_interaction_is_asked_at_a_trivial_level_unless_there_is_no_other():
    levels = ("off", "on", "blank")
    first, second = (
        Factor(name=n, kind="categorical", levels=levels, baseline="off", trivial=trivial)
        for n, trivial in (("a", ("blank",)), ("b", ("on", "blank")))
    )
    found = {(form.b["a"], form.contexts[1]["b"]) for form in interactions(first, second)}
    assert found == {("on", "on"), ("on", "blank")}
