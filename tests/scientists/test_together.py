"""Main effects registered together on one design: when, over which factors, and on how many seeds."""

import random

import pytest
from msgspec import structs

from novum.bench.studies import run_study
from novum.bench.worlds import draw
from novum.evidence.design import design
from novum.evidence.effects import Explored, ResponseModel
from novum.evidence.planning import fewest_seeds
from novum.records import Factor, Idea
from novum.scientists.systematic.asked import Asked
from novum.scientists.systematic.family import ARMS, Means, contrasts_in, sample
from novum.scientists.systematic.hypotheses import contrasts_of, interactions, main_effects
from novum.scientists.systematic.together import INCOMPLETE, LARGEST, averages, together
from novum.scientists.systematic.worth import odds_of, prior
from novum.state import State
from novum.testing.policies import domain_of

SWITCHES = tuple(
    Factor(name=name, kind="categorical", levels=("off", "on"), baseline="off") for name in "abcdefgh"
)
DOMAIN = domain_of(*SWITCHES)
MEANS = Means(seeds=24, sd=1.0, typical=1.0, alpha=0.04, domain=DOMAIN)
NOTHING = Asked({})


def explored(effects, points=16, domain=DOMAIN):
    """Runs of a design; an effect is that of the level `on`, or of the levels that it names."""
    rng = random.Random(4)
    configs = design(domain.factors, points, 3)
    sizes = {name: size if isinstance(size, dict) else {"on": size} for name, size in effects.items()}
    told = [sum(of.get(c[name], 0.0) for name, of in sizes.items()) for c in configs]
    values = tuple((v + rng.gauss(0, 0.2), v + rng.gauss(0, 0.2)) for v in told)
    return Explored(metric="y", configs=configs, values=values)


def idea(factor, kind="main_effect"):
    return Idea(id="i", title="", hypothesis="", kind=kind, factors=(factor,), metric="y", direction="open")


def family(lead=None, earlier=NOTHING, means=MEANS, effects=None):
    data = explored(effects or {"b": 1.0, "e": -1.0})
    model = ResponseModel(DOMAIN, data, 1)
    return together(lead, State(domain=DOMAIN), model, means, earlier)


def test_every_factor_is_registered_on_shared_points_with_the_idea_first():
    found = contrasts_in(family(idea("g")))
    assert len(found) == LARGEST and found[0].factors == ("g",)
    assert {c.factors[0] for c in found} == set("abcdefgh")
    assert all(c.points == found[0].points for c in found) and len(found[0].points) == 16


def test_directions_are_those_that_exploration_saw():
    ways = {c.factors[0]: c.direction for c in contrasts_in(family(idea("g")))}
    assert ways["b"] == "greater" and ways["e"] == "less"


def test_seeds_are_what_the_budget_pays_and_the_permutation_test_needs():
    found = contrasts_in(family(idea("a")))
    n, _ = sample(found, MEANS)
    assert n * 16 <= MEANS.seeds * ARMS and n >= fewest_seeds("paired", MEANS.alpha, len(found))


def test_too_few_seeds_for_all_leave_the_least_telling_factors_out():
    small = structs.replace(MEANS, seeds=22)
    found = contrasts_in(family(idea("a"), means=small))
    assert 3 <= len(found) < LARGEST
    assert {"a", "b", "e"} <= {c.factors[0] for c in found}
    assert family(idea("a"), means=structs.replace(MEANS, seeds=4)) == ()


def test_a_question_of_an_earlier_study_is_not_registered_again():
    key = f"{DOMAIN.id}:{DOMAIN.primary.name}:b"
    archive = {"claims": [{"study": "s", "question": key, "verdict": "refuted", "kind": "main_effect"}]}
    found = contrasts_in(family(idea("a"), Asked(archive)))
    assert "b" not in {c.factors[0] for c in found} and len(found) == 7
    assert family(idea("b"), Asked(archive)) == ()  # the idea itself must be askable


@pytest.mark.parametrize(
    ("kind", "dropped", "fits"),
    [("main_effect", 0, True), ("main_effect", 8, False), ("interaction", 0, False)],
)
def test_claims_are_averages_only_where_nearly_every_run_told_something(kind, dropped, fits):
    data = structs.replace(explored({}), dropped=dropped)
    assert dropped == 0 or dropped > INCOMPLETE * 32
    assert averages(idea("a", kind), data) is fits


def test_a_level_at_which_runs_failed_stays_out_of_the_design():
    """On a shared design it would take evidence from every claim."""
    world = draw(3, null=True, kind="plain")
    spec = world.spec | {"failures": {"e": [0.0, 0.15]}}
    state = run_study(structs.replace(world, spec=spec), 4)
    failed = [m for m in state.measurements_of("response", "explore") if m.status == "failed"]
    assert failed and state.protocol is not None and state.protocol.contrasts[0].points
    assert all(arm["e"] == "slow" for arm in state.protocol.arms)


@pytest.mark.parametrize(
    ("trivial", "goal", "compared"),
    [((), "maximize", "blank"), (("blank",), "maximize", "on"), (("blank",), "minimize", "blank")],
)
def test_that_a_floor_is_low_is_no_news_and_that_it_is_not_would_be(trivial, goal, compared):
    levels = ("off", "on", "blank")
    factors = [
        Factor(name=n, kind="categorical", levels=levels, baseline="off", trivial=trivial) for n in "abc"
    ]
    metric = structs.replace(DOMAIN.primary, goal=goal)
    domain = structs.replace(domain_of(*factors), metrics=(metric,))
    data = explored({name: {"on": -1.0, "blank": -3.0} for name in "abc"}, 24, domain)
    means = structs.replace(MEANS, domain=domain)
    found = together(None, State(domain=domain), ResponseModel(domain, data, 1), means, NOTHING)
    assert [set(c.b.values()) for c in contrasts_in(found)] == [{compared}] * 3


def test_sameness_with_a_floor_may_be_claimed_though_another_level_did_more():
    levels = ("off", "on", "blank")
    factors = [
        Factor(name=n, kind="categorical", levels=levels, baseline="off", trivial=("blank",)) for n in "abc"
    ]
    domain = domain_of(*factors)
    data = explored({name: {"on": -2.0} for name in "abc"}, 24, domain)
    means = Means(seeds=400, sd=0.2, typical=0.2, alpha=0.04, domain=domain)
    found = together(None, State(domain=domain), ResponseModel(domain, data, 1), means, NOTHING)
    assert {(c.b[c.factors[0]], c.direction) for c in contrasts_in(found)} == {("blank", "equivalent")}


def test_what_is_expected_of_a_floor_is_not_expected_of_how_it_acts_jointly():
    factor = Factor(name="a", kind="categorical", levels=("off", "blank"), baseline="off", trivial=("blank",))
    domain = domain_of(factor, *SWITCHES[1:2])
    alone = contrasts_of(next(main_effects(factor)), domain, "less")[0]
    jointly = contrasts_of(next(interactions(factor, SWITCHES[1])), domain, "less")[0]
    assert odds_of("main_effect", alone, domain).below == 0.9
    assert odds_of("interaction", jointly, domain) == prior("interaction")
