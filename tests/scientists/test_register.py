"""The family of a study, its level, and its sample."""

import random
from pathlib import Path

import pytest
from msgspec import structs

from novum.evidence import account
from novum.evidence.claims import decide
from novum.evidence.contrasts import held, question_kind
from novum.evidence.effects import Explored, ResponseModel
from novum.evidence.screening import Screened, effect_draws, screened
from novum.records import Budget, Idea, question_key
from novum.scientists.systematic.family import (
    ARMS,
    FAMILY,
    Candidate,
    Means,
    best_of,
    choose,
    contrasts_in,
    sample,
    worth_of,
)
from novum.scientists.systematic.hypotheses import contrast_of, equivalence, forms, main_effects
from novum.scientists.systematic.register import joining, lead_versions
from novum.scientists.systematic.worth import Plan, chances, information, prior
from novum.testing.policies import FACTORS, domain_of
from tests.test_loop import Bench, noisy

DOMAIN = domain_of(*FACTORS)
MEANS = Means(seeds=24, sd=0.6, typical=0.5, alpha=0.04, domain=DOMAIN)
SIZE, DEPTH, KIND, FAST = FACTORS
WIDE = Budget(explore_trials=6, confirm_seeds=24, seconds=1)
UP = contrast_of(next(main_effects(SIZE)), DOMAIN, "greater")
SAME = contrast_of(equivalence(next(main_effects(SIZE))), DOMAIN, "equivalent")


def candidate(factor, estimate, sd=0.1, direction="greater"):
    form = next(main_effects(factor))
    return Candidate(form, (contrast_of(form, DOMAIN, direction),), (Screened(estimate=estimate, sd=sd),))


def model_of(response, points=24, seed=3):
    from novum.evidence.design import design

    rng = random.Random(seed)
    configs = design(DOMAIN.factors, points, seed)
    values = tuple((response(c) + rng.gauss(0, 0.2), response(c) + rng.gauss(0, 0.2)) for c in configs)
    return ResponseModel(DOMAIN, Explored(metric="y", configs=configs, values=values), seed)


# --- what a verdict is worth --------------------------------------------------------------------------


@pytest.mark.parametrize("contrast", [UP, SAME], ids=["greater", "equivalent"])
def test_chances_are_the_share_of_simulated_confirmations(contrast) -> None:
    """The registered rule, applied to simulated data, comes out as often as was foretold."""
    effect, plan = Screened(estimate=0.55, sd=0.5), Plan(12, 0.4, 0.02)
    told = chances(contrast, effect, plan, 2**0.5)
    import numpy as np

    from novum.evidence.contrasts import verdict
    from novum.evidence.estimators import infer_contrast

    rng, counts, runs = np.random.default_rng(1), {"supported": 0, "refuted": 0, "inconclusive": 0}, 3000
    for _ in range(runs):
        truth = rng.normal(effect.estimate, effect.sd)
        a, b = rng.normal(0, 0.4, 12), rng.normal(truth, 0.4, 12)
        found = infer_contrast([a, b], [-1.0, 1.0], paired=True)
        counts[verdict(contrast, *found.interval(0.98))] += 1
    assert counts["supported"] / runs == pytest.approx(told.supported, abs=0.03)
    assert counts["refuted"] / runs == pytest.approx(told.refuted, abs=0.03)


def test_finding_an_effect_is_worth_more_than_refuting_one() -> None:
    plan = Plan(24, 0.3, 0.01)
    odds = prior("main_effect")
    sure, none = Screened(estimate=2.0, sd=0.05), Screened(estimate=0.0, sd=0.05)
    found = information(UP, chances(UP, sure, plan, 1.4), odds)
    refuted = information(UP, chances(UP, none, plan, 1.4), odds)
    same = information(SAME, chances(SAME, none, plan, 1.4), odds)
    assert found == pytest.approx(2.0, abs=0.01) and refuted < same < found


# --- the family ---------------------------------------------------------------------------------------


def test_the_lead_comes_first_and_what_is_worth_most_joins_it() -> None:
    lead = candidate(FAST, 0.0)
    family = choose(lead, [candidate(DEPTH, 0.1), candidate(SIZE, 3.0), candidate(KIND, 1.2, 0.4)], MEANS)
    assert [c.form.factors for c in family][:2] == [("fast",), ("size",)]


def test_no_set_of_factors_is_registered_twice() -> None:
    lead = candidate(SIZE, 1.0)
    family = choose(lead, [candidate(SIZE, 3.0, direction="less"), candidate(KIND, 3.0)], MEANS)
    assert [c.form.factors for c in family] == [("size",), ("kind",)]


def test_arms_and_contrasts_stay_within_the_budget() -> None:
    many = domain_of(*(structs.replace(FAST, name=f"f{i}") for i in range(12)))
    means = structs.replace(MEANS, domain=many)
    rest = [
        Candidate(form, (contrast_of(form, many, "greater"),), (Screened(estimate=4.0, sd=0.1),))
        for form in forms(many) if form.kind == "main_effect"
    ]  # fmt: skip
    family = contrasts_in(choose(rest[0], rest[1:], means))
    assert len(family) == ARMS - 1 <= FAMILY and means.cost(family) == ARMS


def test_shared_arms_are_cheaper() -> None:
    """Of two equal joint effects the one whose arms are there already joins first."""
    by_factors = {f.factors: f for f in reversed(forms(DOMAIN)) if f.kind == "interaction"}
    joint = [
        Candidate(f, (contrast_of(f, DOMAIN, "greater"),), (Screened(estimate=4.0, sd=0.1),))
        for f in (by_factors[("depth", "fast")], by_factors[("size", "kind")])
    ]
    lead = Candidate(next(main_effects(SIZE)), (UP,), (Screened(estimate=4.0, sd=0.1),))
    family = choose(lead, [joint[0], candidate(KIND, 4.0), joint[1]], structs.replace(MEANS, sd=0.3))
    assert [c.form.factors for c in family][:3] == [("size",), ("kind",), ("size", "kind")]


def test_a_family_stays_small_rather_than_underpowered() -> None:
    """The seeds suffice for the lead and one more: wide contrasts and further ones stay out."""
    tight = structs.replace(MEANS, seeds=12, sd=0.46)
    lead, more = candidate(SIZE, 4.0), [candidate(f, 4.0) for f in (DEPTH, KIND, FAST)]
    assert len(choose(lead, more, structs.replace(tight, sd=0.2))) == 4
    family = choose(lead, more, tight)
    assert 1 <= len(family) < 4 and tight.power(contrasts_in(family), 12) >= 0.5
    assert tight.power(contrasts_in([lead, *more]), 12) < 0.5


def test_where_no_family_has_power_all_that_teaches_is_kept_and_that_is_said() -> None:
    poor = structs.replace(MEANS, sd=30.0, typical=1.0)
    family = contrasts_in(choose(candidate(SIZE, 4.0), [candidate(KIND, 4.0), candidate(FAST, 4.0)], poor))
    n, why = sample(family, poor)
    assert len(family) == 3 and n == 24 and "with fewer claims they would not suffice either" in why


def test_a_budget_too_small_to_attain_a_level_registers_fewer() -> None:
    few = structs.replace(MEANS, seeds=7)
    family = contrasts_in(choose(candidate(SIZE, 9.0), [candidate(f, 9.0) for f in (DEPTH, KIND, FAST)], few))
    assert few.alpha / len(family) >= 2 / 2**7 and few.alpha / 4 < 2 / 2**7


# --- the sample ---------------------------------------------------------------------------------------


def test_the_sample_follows_from_margin_and_spread_alone() -> None:
    rich = structs.replace(MEANS, seeds=400)
    small, large = ((candidate(SIZE, e).contrasts[0],) for e in (0.01, 50.0))
    assert sample(small, rich) == sample(large, rich)
    assert sample(small, structs.replace(rich, sd=1.2))[0] > sample(small, rich)[0]
    assert sample((*small, candidate(KIND, 1).contrasts[0]), rich)[0] > sample(small, rich)[0]
    assert sample((SAME,), rich)[0] > sample(small, rich)[0]  # both boundaries have to be cleared


def test_the_sample_never_exceeds_the_seeds_per_arm_and_a_wide_lead_shares_them() -> None:
    assert sample((UP,), structs.replace(MEANS, sd=9.0))[0] == 24
    lead = lead_versions(an_idea("robustness", "fast", "size"), DOMAIN, model_of(lambda c: 0.0))[0]
    arms = MEANS.cost(lead.contrasts)
    n, _ = sample(lead.contrasts, structs.replace(MEANS, sd=9.0))
    assert arms == 8 and n * arms <= 24 * ARMS


def test_without_a_margin_the_whole_budget_is_used() -> None:
    bare = structs.replace(UP, margin=0.0)
    assert sample((bare,), MEANS) == (24, "the domain names no margin, so the whole budget is used")


# --- from an idea to its contrasts --------------------------------------------------------------------


def an_idea(kind, *factors) -> Idea:
    return Idea(id="i", title="", hypothesis="", kind=kind, factors=factors, metric="y", direction="open")


def lead_of(idea, response):
    return best_of(
        lead_versions(idea, DOMAIN, model_of(response)), structs.replace(MEANS, sd=0.2, typical=0.2)
    )


def test_an_effect_is_registered_the_way_it_goes_and_none_as_sameness() -> None:
    main = an_idea("main_effect", "fast")
    assert lead_of(main, lambda c: 3.0 * (c["fast"] is True)).contrasts[0].direction == "greater"
    assert lead_of(main, lambda c: -3.0 * (c["fast"] is True)).contrasts[0].direction == "less"
    same = lead_of(main, lambda c: 0.0).contrasts[0]
    assert same.direction == "equivalent" and question_kind(same) == "equivalence"


@pytest.mark.parametrize(("estimate", "sd"), [(0.2, 0.05), (0.0, 0.2), (-0.2, 0.2)])
def test_what_is_expected_to_be_refuted_is_no_prediction(estimate: float, sd: float) -> None:
    """Well within the margin, with a spread so large that sameness is hard to show: a direction would teach
    more, by being refuted, and sameness is what exploration says."""
    form, effects = next(main_effects(SIZE)), (Screened(estimate=estimate, sd=sd),)
    ways = {way: Candidate(form, (contrast_of(form, DOMAIN, way),), effects) for way in ("greater", "less")}
    same = Candidate(equivalence(form), (SAME,), effects)
    means = structs.replace(MEANS, typical=0.7)
    worth = {way: worth_of([version], means) for way, version in ways.items()}
    assert max(worth.values()) > worth_of([same], means)
    assert best_of([*ways.values(), same], means) is same
    hopeless = [*ways.values()]  # where nothing else can be said, what teaches most
    assert best_of(hopeless, means) in hopeless


def test_a_robustness_is_registered_at_every_level_in_one_direction() -> None:
    lead = lead_of(an_idea("robustness", "fast", "kind"), lambda c: -3.0 * (c["fast"] is True))
    assert {c.direction for c in lead.contrasts} == {"less"} and len(lead.contrasts) == 3
    assert [held(c).get("kind") for c in lead.contrasts] == [None, "fancy", "odd"]


def test_every_kind_of_idea_has_a_lead() -> None:
    for kind, *factors in (("main_effect", "size"), ("dose_response", "depth"), ("equivalence", "kind"),
                           ("interaction", "kind", "fast"), ("robustness", "kind", "fast")):  # fmt: skip
        lead = lead_of(an_idea(kind, *factors), lambda c: 1.0)
        assert lead is not None and set(factors[:1]) <= set(lead.contrasts[0].factors)


def test_what_joins_is_the_most_telling_version_of_each_question() -> None:
    model = model_of(lambda c: 2.0 * (c["kind"] == "odd"))
    asked = forms(DOMAIN)
    found = {(c.form.kind, c.form.factors): c for c in joining(asked, DOMAIN, model, MEANS)}
    assert found[("main_effect", ("kind",))].contrasts[0].b == {"kind": "odd"}
    assert not any(kind == "dose_response" for kind, _ in found)


def test_averaging_ranks_better_than_extrapolating_to_the_baseline() -> None:
    """Sixteen points, one true effect among noise: the averaged effect is nearer to the truth."""
    errors = {"averaged": 0.0, "at the baseline": 0.0}
    form = next(f for f in main_effects(KIND) if f.b == {"kind": "odd"})
    contrast = contrast_of(form, DOMAIN, "greater")
    for seed in range(12):
        model = model_of(lambda c: 1.0 * (c["kind"] == "odd") + random.Random(str(c)).gauss(0, 1), 16, seed)
        errors["averaged"] += (screened(model, [contrast])[0].estimate - 1) ** 2
        errors["at the baseline"] += (model.effect(contrast, DOMAIN.baseline).estimate - 1) ** 2
    assert errors["averaged"] < errors["at the baseline"]


def test_an_interaction_is_the_same_wherever_it_is_taken_from() -> None:
    model = model_of(lambda c: 2.0 * (c["kind"] == "odd") * (c["fast"] is True))
    joint = next(f for f in forms(DOMAIN) if f.factors == ("kind", "fast") and f.b == {"kind": "odd"})
    contrast = contrast_of(joint, DOMAIN, "greater")
    assert float(effect_draws(model, [contrast]).mean()) == pytest.approx(
        model.effect(contrast, DOMAIN.baseline).estimate, abs=0.1
    )


# --- through the loop ---------------------------------------------------------------------------------


def test_a_factor_that_does_nothing_is_supported_as_sameness(tmp_path: Path) -> None:
    """With seeds enough, a study of a factor without effect ends in a supported equivalence."""

    def quiet(config, seed):
        return 20.0 - 5.0 * float(config["x"]) + 0.2 * (noisy(config, seed) % 1)

    bench = Bench(tmp_path, quiet, budget=WIDE)
    state = bench.run()[1].state
    found = {
        question_kind(c): state.decisions[c.id].verdict
        for c in state.protocol.contrasts
        if c.factors == ("z",)
    }
    assert found == {"equivalence": "supported"}


def test_questions_of_earlier_studies_are_left_to_them(tmp_path: Path) -> None:
    """What was registered before joins no later family, so that its account is not drawn on again."""
    first = Bench(tmp_path / "a") if (tmp_path / "a").mkdir() is None else None
    asked = {question_key("toy", c.metric, c.factors) for c in first.run()[1].state.protocol.contrasts}
    known = decided(*sorted(asked))
    (tmp_path / "b").mkdir()
    second = Bench(tmp_path / "b", archive=known, budget=WIDE)
    protocol = second.run()[1].state.protocol
    lead, *rest = protocol.contrasts
    assert all(
        question_key("toy", c.metric, c.factors) not in asked for c in rest if c.factors != lead.factors
    )
    if question_key("toy", lead.metric, lead.factors) in asked:
        assert protocol.alpha == account.level(1)


def test_verdicts_of_a_robustness_are_those_of_the_ordinary_rule(tmp_path: Path) -> None:
    """An effect that is there at one level of the other factor alone: supported there, and not beyond."""
    known = decided(question_key("toy", "y", ("x",)))

    def fragile(config, seed):
        return 20.0 - 5.0 * float(config["x"]) * (config["z"] == "a") + (noisy(config, seed) % 1)

    from novum.canonical import short_id

    wanted = short_id("idea", "toy", "robustness", ("x", "z"))
    bench = Bench(tmp_path, fragile, archive=known, budget=WIDE, idea=wanted)
    state = bench.run()[1].state
    parts = [c for c in state.protocol.contrasts if question_kind(c) in ("main_effect", "robustness")]
    verdicts = {held(c).get("z", "a"): state.decisions[c.id].verdict for c in parts if "x" in c.factors}
    assert verdicts == {"a": "supported", "b": "refuted"}
    assert state.protocol.earlier_studies == ("toy-0",) and state.protocol.alpha == account.level(1)
    again = decide(state.protocol, state.measurements.values(), seeds_of(state), state.domain)
    assert {d.claim: d.verdict for d in again} == {c: d.verdict for c, d in state.decisions.items()}


def decided(*keys: str) -> dict[str, object]:
    """The archive of a lab in which a study has found a main effect for each of these questions."""
    common = {"study": "toy-0", "id": "c", "text": "", "verdict": "supported", "alpha": 0.04}
    return {"claims": [common | {"question": key, "kind": "main_effect"} for key in keys], "ideas": []}


def seeds_of(state):
    from novum.steps.seeds import confirm_seeds

    return confirm_seeds(state.protocol_hash, state.nonce, state.protocol.seeds_per_arm)
