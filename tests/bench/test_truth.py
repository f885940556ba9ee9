"""Scores count what they say, and studies are what they are wherever they run."""

import pytest
from msgspec import structs

from novum.bench import rivals
from novum.bench.compared import compared
from novum.bench.outcome import Claim, Outcome, carry_out, study_seed, world_of
from novum.bench.rows import Row
from novum.bench.scores import equal_level, rows
from novum.bench.studies import run_replicated, run_study
from novum.bench.truth import (
    equal_in_sandbox,
    interactions_asked,
    replicated_as_studies,
    run_all,
    within_fractions,
)
from novum.bench.worlds import draw

NO = rivals.Claimed(claimed=False, truth=0.0, margin=0.1)


def claim(truth: float, verdict: str, **changes) -> Claim:
    made = Claim(factors=("a",), estimand="mean_diff", direction="greater", margin=0.1, verdict=verdict,
                 truth=truth, covered=True)  # fmt: skip
    return structs.replace(made, **changes)


def outcome(*claims: Claim, null: bool = False, planted: dict | None = None, p: float = 0.5) -> Outcome:
    tested = tuple(rivals.Tested(factor=f, p_adjusted=p, estimate=1.0, truth=1.0) for f in "ab")
    return Outcome(index=0, kind="plain", null=null, planted=planted or {}, claims=claims, gave_up=False,
                   runs=160, seconds=1.0, single=NO, reseeded=NO, greedy=NO, factorial=tested)  # fmt: skip


def row(outcomes: list[Outcome], name: str) -> Row:
    (found,) = [r for r in rows(outcomes) if r.name == name]
    return found


def test_a_claim_is_true_beyond_its_margin_in_its_direction_only() -> None:
    assert claim(0.2, "supported").true and not claim(0.1, "supported").true
    assert not claim(-0.2, "supported").true and claim(-0.2, "supported", direction="less").true
    assert claim(0.05, "supported", direction="equivalent").true
    assert not claim(0.2, "supported", direction="equivalent").true


def test_false_positives_are_counted_per_contrast_and_per_study() -> None:
    nothing, wrong = claim(0.0, "inconclusive"), claim(0.0, "supported")
    made = [outcome(nothing, nothing, wrong, wrong, null=True), outcome(nothing, nothing, null=True)]
    assert row(made, "false positives per contrast of no effect").value == pytest.approx(2 / 6)
    assert row(made, "null worlds with an effect supported").value == 0.5
    assert row(made, "studies with a false claim").value == 0.5
    assert row(made, "false among supported claims").value == 1.0


def test_an_effect_within_the_margin_counts_apart_from_none() -> None:
    made = [outcome(claim(0.05, "supported"), claim(0.0, "inconclusive"))]
    assert row(made, "false positives per contrast of no effect").value == 0.0
    assert row(made, "false positives per contrast within its margin").value == 0.5
    assert row(made, "wrong direction among supported claims").value == 0.0
    assert row(made, "false among supported claims").value == 1.0


def test_wrong_direction_is_an_effect_of_the_other_sign() -> None:
    made = [outcome(claim(-0.5, "supported"), claim(0.0, "supported"), claim(1.0, "supported"))]
    assert row(made, "wrong direction among supported claims").value == pytest.approx(1 / 3)
    assert row(made, "no effect or wrong direction among supported claims").value == pytest.approx(2 / 3)


def test_that_nothing_matters_is_no_false_positive_but_can_be_a_false_claim() -> None:
    harmless = claim(0.0, "supported", direction="equivalent")
    assert row([outcome(harmless, null=True)], "null worlds with an effect supported").value == 0.0
    wrong = claim(1.0, "supported", direction="equivalent")
    assert row([outcome(wrong)], "studies with a false claim").value == 1.0


def test_power_counts_effects_that_were_never_registered() -> None:
    name = "power, main effect of 1 within-arm SD, plain worlds"
    found = outcome(claim(1.0, "supported"), planted={"a": 1.0})
    missed = outcome(claim(1.0, "inconclusive"), planted={"a": -1.0})
    absent = outcome(planted={"b": 1.0})
    other = outcome(claim(1.0, "supported", factors=("a", "b")), planted={"a": 1.0})
    assert row([found, missed, absent, other], name).value == 0.25
    assert row([found, missed, absent], "main effect of 1 within-arm SD registered, plain worlds").n == 3


def test_refuted_is_right_where_the_claim_is_not_true() -> None:
    made = [outcome(claim(0.0, "refuted"), claim(1.0, "refuted"), claim(0.0, "supported"))]
    assert row(made, "refuted claims that are indeed not true").value == 0.5


def test_replication_is_asked_of_supported_claims() -> None:
    made = [outcome(claim(1.0, "supported", replicated="supported"), claim(1.0, "inconclusive"),
                    claim(1.0, "supported", replicated="inconclusive"))]  # fmt: skip
    assert row(made, "supported claims that replicate at three times the sample").value == 0.5


def test_the_factorial_is_held_to_as_many_errors() -> None:
    nulls = [outcome(null=True, p=p) for p in (0.001, 0.01, 0.02, 0.5)]
    assert equal_level(nulls) == 0.001  # the studies claimed nothing: no p-value lies below the level
    nulls[3] = outcome(claim(0.0, "supported"), null=True, p=0.5)
    assert equal_level(nulls) == 0.01


# --- real studies -------------------------------------------------------------------------------------


def same(one: Outcome, two: Outcome) -> bool:
    return structs.replace(one, seconds=0.0) == structs.replace(two, seconds=0.0)


def test_a_study_ends_with_claims_beside_the_truth() -> None:
    first = carry_out(5, 1)
    assert not first.null and first.planted
    assert first.claims and all(c.covered is not None for c in first.claims)
    assert first.runs >= 100 and not first.gave_up
    assert all((c.replicated is not None) == (c.verdict == "supported") for c in first.claims)
    assert {r.name for r in rows([first])} == {r.name for r in rows([first, first])}


def test_worlds_are_null_in_turn_and_nothing_told_to_a_study_gives_its_world() -> None:
    assert [world_of(9, i).null for i in range(4)] == [True, False, True, False]
    assert world_of(9, 1) != world_of(8, 1)
    assert study_seed(9, 1) != study_seed(9, 2)


@pytest.mark.slow
def test_studies_are_the_same_whoever_runs_them() -> None:
    alone = run_all(6, range(4), workers=1)
    together = run_all(6, range(4), workers=2)
    assert all(map(same, alone, together))


@pytest.mark.slow
def test_a_sandbox_changes_nothing() -> None:
    (found,) = equal_in_sandbox(6, [1], workers=1)
    assert found.met and found.n == 1


@pytest.mark.slow
def test_verdicts_do_not_depend_on_the_study_s_own_folder() -> None:
    world = world_of(6, 1)
    one, two = (run_study(world, study_seed(6, 1)) for _ in range(2))
    assert one.decisions == two.decisions and one.protocol == two.protocol


def test_policies_are_compared_world_by_world() -> None:
    missed, found = claim(1.0, "inconclusive"), claim(1.0, "supported")
    planted = {"a": 1.0}
    design = [outcome(missed, planted=planted), outcome(found, planted=planted), outcome(null=True)]
    other = [outcome(found, planted=planted), outcome(found, planted=planted),
             structs.replace(outcome(claim(0.0, "supported"), null=True), runs=170)]  # fmt: skip
    told = {r.name: r for r in compared("adaptive", other, "design", design)}
    power = told["adaptive minus design: power, main effect of 1 within-arm SD, plain worlds"]
    assert power.value == 0.5 and power.n == 2 and power.target == ""
    assert told["adaptive minus design: main effect of 1 within-arm SD registered"].value == 0.0
    assert told["adaptive minus design: seed-runs of a study"].value == pytest.approx(10 / 3)
    assert told["adaptive minus design: null worlds with an effect supported"].n == 1
    assert len(told) == len(list(compared("x", design, "y", design)))


@pytest.mark.slow
def test_a_policy_reaches_the_studies_of_a_benchmark() -> None:
    plain = [carry_out(1, k) for k in range(2)]
    adaptive = run_all(1, range(2), workers=1, policy="adaptive")
    assert [o.kind for o in plain] == [o.kind for o in adaptive] and plain != adaptive


@pytest.mark.slow
def test_studies_of_the_full_budget_take_the_spread_within_fractions() -> None:
    world = draw(11, null=False, kind="joint")
    state = run_study(world, 11, budget="full")
    assert state.protocol is not None and state.protocol.seeds_per_arm == 3 * state.protocol.fractions
    assert {d.method for d in state.decisions.values()} == {"t, by seed, within fractions"}
    coverage, false = within_fractions(6, range(2), workers=1)
    assert coverage.n == 16 and false.n > 0


@pytest.mark.slow
def test_a_replication_is_a_study_of_its_own() -> None:
    """On seeds of its own, at the level that was supported or is left, and none where nothing was decided."""
    index = next(i for i in range(1, 40) if world_of(3, i).kind == "plain" and not world_of(3, i).null)
    first, again = run_replicated(world_of(3, index), study_seed(3, index), 3)
    assert again is not None and first.protocol is not None and again.protocol is not None
    assert again.replicates is not None and again.replicates.study == first.study
    assert again.protocol.seeds_per_arm == 3 * first.protocol.seeds_per_arm
    held = {claim for claim, d in first.decisions.items() if d.verdict == "supported"}
    assert again.protocol.repeated == dict.fromkeys(held, first.protocol.alpha)
    assert again.protocol.alpha < first.protocol.alpha and first.decisions.keys() == again.decisions.keys()
    used = ({m.seed for m in state.measurements.values() if m.phase == "confirm"} for state in (first, again))
    assert not set.intersection(*used)
    (row,) = replicated_as_studies(3, [index], workers=1)
    assert row.n == sum(d.verdict == "supported" for d in first.decisions.values()) > 0


@pytest.mark.slow
def test_interactions_are_asked_about_where_they_are_and_where_they_are_not() -> None:
    there, wrong_way, absent = interactions_asked(3, 3, workers=1)
    assert there.n == wrong_way.n == absent.n == 3 and there.value is not None and wrong_way.value is not None
    assert there.value + wrong_way.value <= 1 and "not there" in absent.name and absent.target
