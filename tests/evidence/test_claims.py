"""Verdicts: the truth table, levels, exclusions, and what must stay inconclusive."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novum.evidence.analysis import GUARD, RANK, WITHIN, T, registered_test
from novum.evidence.claims import arms, boundaries, decide, slope_positions, verdict
from novum.evidence.contrasts import weight_norm
from novum.evidence.planning import DIFFERENCE, INTERACTION
from tests.evidence.world import BASE, DOMAIN, HORIZON, SEEDS, changed, contrast, measured, protocol, sample

DECAY = ({**BASE, "decay": 0.1}, {**BASE, "decay": 1.0})


def one(registered, found):
    (decision,) = decide(registered, found, SEEDS, DOMAIN)
    return decision


def noisy(shift: float, n: int = 8) -> list[list[float]]:
    """Two arms that differ by exactly `shift` on average, and by that give or take 0.3 per seed."""
    rng = np.random.default_rng(0)
    a = rng.permutation(np.linspace(9.7, 10.3, n))
    return [a.tolist(), (a + shift + rng.permutation(np.linspace(-0.3, 0.3, n))).tolist()]


# --- arms and boundaries ------------------------------------------------------------------------------


def test_arms_of_each_estimand():
    assert arms(contrast(), BASE) == DECAY
    four = arms(contrast("interaction", contexts=({"width": 16.0}, {"width": 64.0})), BASE)
    assert [(c["width"], c["decay"]) for c in four] == [(16, 0.1), (16, 1), (64, 0.1), (64, 1)]
    three = arms(contrast("slope", a={"decay": 0.01}, b={"decay": 1.0}, levels=(0.01, 0.1, 1.0)), BASE)
    assert [c["decay"] for c in three] == [0.01, 0.1, 1.0]
    assert arms(contrast(a={"decay": 1}, b={"decay": 0.1}), BASE)[0]["decay"].__class__ is float


def test_malformed_contrasts_are_refused():
    with pytest.raises(ValueError, match="two contexts"):
        arms(contrast("interaction"), BASE)
    with pytest.raises(ValueError, match="exactly one factor"):
        arms(contrast("slope", a={"decay": 0.1, "width": 16.0}, b={"decay": 1.0, "width": 64.0}), BASE)
    with pytest.raises(ValueError, match="exceed 1 for a ratio"):
        boundaries(contrast("ratio", margin=0.5))


def test_slope_positions_follow_the_factors_scale():
    by_log = contrast("slope", a={"decay": 0.01}, b={"decay": 1.0}, levels=(0.01, 0.1, 1.0))
    assert slope_positions(by_log, DOMAIN) == pytest.approx((0.0, 0.5, 1.0))
    by_rank = contrast("slope", a={"width": 64.0}, b={"width": 16.0}, levels=(64.0, 32.0, 16.0))
    assert slope_positions(by_rank, DOMAIN) == pytest.approx((0.0, 0.5, 1.0))


def test_the_norm_of_a_contrast_is_the_spread_that_planning_needs():
    claims = {
        "plain": contrast(),
        "interaction": contrast("interaction", contexts=({"width": 16.0}, {"width": 64.0})),
        "slope": contrast("slope", a={"decay": 0.01}, b={"decay": 1.0}, levels=(0.01, 0.1, 1.0)),
    }
    norms = {k: weight_norm(c, DOMAIN) for k, c in claims.items()}
    assert norms == pytest.approx({"plain": DIFFERENCE, "interaction": INTERACTION, "slope": DIFFERENCE})


TABLE = [
    ("greater", 1.1, 2.0, "supported"),
    ("greater", 0.9, 2.0, "inconclusive"),
    ("greater", -2.0, 0.9, "refuted"),
    ("greater", 1.0, 2.0, "inconclusive"),
    ("less", -2.0, -1.1, "supported"),
    ("less", -2.0, -0.9, "inconclusive"),
    ("less", -0.9, 2.0, "refuted"),
    ("equivalent", -0.9, 0.9, "supported"),
    ("equivalent", -1.1, 0.9, "inconclusive"),
    ("equivalent", -2.0, 2.0, "inconclusive"),
    ("equivalent", 1.1, 2.0, "refuted"),
    ("equivalent", -2.0, -1.1, "refuted"),
]


@pytest.mark.parametrize(("direction", "low", "high", "expected"), TABLE)
def test_truth_table(direction, low, high, expected):
    assert verdict(contrast(direction=direction, margin=1.0), low, high) == expected


def test_margins_of_ratios_are_factors():
    assert boundaries(contrast("ratio", "equivalent", 1.25)) == (0.8, 1.25)
    assert verdict(contrast("ratio", "less", 1.25), 0.5, 0.7) == "supported"
    assert verdict(contrast("ratio", "less", 1.25), 0.9, 1.7) == "refuted"


# --- from measurements to verdicts --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("direction", "shift", "expected"),
    [("greater", 3.0, "supported"), ("greater", 0.0, "refuted"), ("greater", 1.0, "inconclusive"),
     ("less", 3.0, "refuted"), ("less", -3.0, "supported"), ("equivalent", 0.0, "supported"),
     ("equivalent", 3.0, "refuted"), ("equivalent", 1.0, "inconclusive")],
)  # fmt: skip
@pytest.mark.parametrize("estimand", ["mean_diff", "median_diff"])
@pytest.mark.parametrize("pairing", ["paired", "independent"])
def test_verdicts_on_clear_data(direction, shift, expected, estimand, pairing):
    registered = protocol(contrast(estimand, direction, 1.0), pairing=pairing)
    decision = one(registered, sample(DECAY, "score", noisy(shift)))
    assert decision.verdict == expected
    assert decision.agrees and decision.cross_check
    assert decision.n["used"] == (8 if pairing == "paired" else 16)


def test_ratio_interaction_and_slope_are_decided():
    rng = np.random.default_rng(3)
    claims = (
        contrast("ratio", "greater", 1.1),
        contrast("interaction", "less", 1.0, contexts=({"width": 16.0}, {"width": 64.0})),
        contrast("slope", "greater", 1.0, a={"decay": 0.01}, b={"decay": 1.0}, levels=(0.01, 0.1, 1.0)),
    )
    registered = protocol(*claims)

    def mean(arm):  # 10 times as much decay adds 2; width 64 takes the effect away
        gain = 2 * np.log10(arm["decay"] / 0.01)
        return 5 + gain * (0.0 if arm["width"] == 64 else 1.0)

    values = [rng.normal(mean(arm), 0.2, 8).tolist() for arm in registered.arms]
    decisions = decide(registered, sample(registered.arms, "score", values), SEEDS, DOMAIN)
    assert [d.verdict for d in decisions] == ["supported"] * 3
    assert [d.estimate for d in decisions] == pytest.approx([9 / 7, -2.0, 4.0], abs=0.3)
    assert [d.claim for d in decisions] == [c.id for c in claims]


def test_the_order_of_arrival_changes_nothing():
    registered = protocol(contrast(), contrast(direction="equivalent"))
    found = sample(DECAY, "score", noisy(1.5))
    straight = decide(registered, found, SEEDS, DOMAIN)
    for k in range(5):
        random.Random(k).shuffle(found)
        assert decide(registered, found, SEEDS, DOMAIN) == straight


def test_pairs_are_made_by_seed_not_by_order():
    """Strong seed effects: paired by seed the shift is plain, paired otherwise it would drown."""
    seeds = np.arange(8) * 10.0
    values = [seeds.tolist(), (seeds + 3 + np.linspace(-0.1, 0.1, 8)).tolist()]
    found = sample(DECAY, "score", values)
    assert one(protocol(contrast()), [*found[:8], *reversed(found[8:])]).verdict == "supported"


def test_common_seeds_beat_independent_ones():
    found = sample(DECAY, "score", [list(range(0, 80, 10)), [v + 3 + v / 400 for v in range(0, 80, 10)]])
    assert one(protocol(contrast()), found).verdict == "supported"
    assert one(protocol(contrast(), pairing="independent"), found).verdict == "inconclusive"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([-2.0, 0.0, 0.9, 1.4, 2.0, 4.0]), min_size=1, max_size=4), st.integers(0, 99))
def test_verdict_interval_and_adjusted_p_never_disagree(shifts, seed):
    rng = np.random.default_rng(seed)
    levels = (0.01, 0.03, 0.3, 1.0)[: len(shifts)]
    directions = ("greater", "less", "equivalent", "greater")
    claims = [contrast("mean_diff", d, 1.0, b={"decay": v}) for v, d in zip(levels, directions, strict=False)]
    registered = protocol(*claims)
    values = [rng.normal(5, 0.8, 8).tolist()]
    values += [rng.normal(5 + shift, 0.8, 8).tolist() for shift in shifts]
    for d, claim in zip(decide(registered, sample(registered.arms, "score", values), SEEDS, DOMAIN), claims,
                        strict=True):  # fmt: skip
        assert verdict(claim, d.low, d.high) == d.verdict
        assert (d.p_adjusted <= registered.alpha) == (d.verdict != "inconclusive")


def test_families_are_corrected_each_by_itself():
    registered = protocol(contrast(), contrast(direction="equivalent"), contrast(family="secondary"))
    levels = [d.level for d in decide(registered, sample(DECAY, "score", noisy(3.0)), SEEDS, DOMAIN)]
    assert levels == pytest.approx([0.975, 0.95, 0.95]) or levels == pytest.approx([0.95, 0.975, 0.95])


# --- which test is applied ----------------------------------------------------------------------------

SHAPES = {
    "mean_diff": {},
    "median_diff": {},
    "ratio": {"margin": 1.1},
    "interaction": {"contexts": ({"width": 16.0}, {"width": 64.0})},
    "slope": {"a": {"decay": 0.01}, "b": {"decay": 1.0}, "levels": (0.01, 0.1, 1.0)},
}


def drawn(registered, n: int, *, seed: int = 0, shift: float = 0.0, spread: float = 1.0):
    """Normal values around 10, the last arm's around 10 + shift."""
    rng, last = np.random.default_rng(seed), len(registered.arms) - 1
    values = [rng.normal(10 + shift * (k == last), spread, n).tolist() for k in range(last + 1)]
    return sample(registered.arms, "score", values)


def test_the_test_to_register_follows_from_estimand_and_sample():
    assert registered_test("mean_diff", 29) == registered_test("ratio", 30) == T
    assert {registered_test(e, 30) for e in ("mean_diff", "rmst_diff", "interaction", "slope")} == {T + GUARD}
    assert registered_test("median_diff", 8) == registered_test("median_diff", 80) == RANK
    assert [registered_test("mean_diff", n, 8) for n in (16, 22, 24, 32)] == [T, T, WITHIN, WITHIN + GUARD]


@pytest.mark.parametrize("estimand", SHAPES)
@pytest.mark.parametrize("pairing", ["paired", "independent"])
@pytest.mark.parametrize("n", [8, 30])
def test_what_was_registered_is_applied_and_told(estimand, pairing, n):
    claim = contrast(estimand, **SHAPES[estimand], test=registered_test(estimand, n))
    registered = protocol(claim, seeds=n, pairing=pairing)
    decision = one(registered, drawn(registered, n))
    kind = {"median_diff": "Hodges-Lehmann", "ratio": "Fieller"}.get(estimand, "t, ")
    assert decision.method.startswith(kind)
    assert ("guarded" in decision.method) == (claim.test == T + GUARD)


@pytest.mark.parametrize("pairing", ["paired", "independent"])
def test_t_registered_for_a_large_sample_stays_t(pairing):
    registered = protocol(contrast(test="t"), seeds=40, pairing=pairing)
    assert "guarded" not in one(registered, drawn(registered, 40)).method


@settings(max_examples=8, deadline=None)
@given(st.sampled_from([0.0, 0.9, 1.4, 2.0]), st.integers(0, 99), st.sampled_from(["paired", "independent"]))
def test_a_guarded_verdict_never_disagrees_with_its_interval_and_p(shift, seed, pairing):
    rng = np.random.default_rng(seed)
    claims = [contrast("mean_diff", d, 1.0, b={"decay": v}, test=T + GUARD)
              for d, v in (("greater", 0.01), ("less", 0.03), ("equivalent", 1.0))]  # fmt: skip
    claims.append(contrast("interaction", test=T + GUARD, contexts=({"width": 16.0}, {"width": 64.0})))
    registered = protocol(*claims, seeds=30, pairing=pairing)
    values = [(shift * k + rng.exponential(1.5, 30)).tolist() for k in range(len(registered.arms))]
    found = sample(registered.arms, "score", values)
    decisions = decide(registered, found, SEEDS, DOMAIN)
    for d, claim in zip(decisions, claims, strict=True):
        low, high = (-np.inf if d.low is None else d.low), (np.inf if d.high is None else d.high)
        assert verdict(claim, low, high) == d.verdict
        assert (d.p_adjusted <= registered.alpha) == (d.verdict != "inconclusive")
        assert "guarded" in d.method
    random.Random(seed).shuffle(found)
    assert decide(registered, found, SEEDS, DOMAIN) == decisions


def test_a_guarded_interval_of_a_bounded_metric_is_not_below_its_range():
    claim = contrast(metric="accuracy", margin=0.01, test=T + GUARD)
    values = [[1.0] * 30, [1.0] * 29 + [0.6]]
    decision = one(protocol(claim, seeds=30), sample(DECAY, "accuracy", values))
    assert decision.low == -1.0 and decision.verdict == "inconclusive"
    values = [[1.0] * 30, [1.0] * 30]
    assert "no spread" in one(protocol(claim, seeds=30), sample(DECAY, "accuracy", values)).method


# --- the cross-check ----------------------------------------------------------------------------------


@pytest.mark.parametrize("estimand", SHAPES)
@pytest.mark.parametrize("pairing", ["paired", "independent"])
@pytest.mark.parametrize("direction", ["greater", "equivalent"])
@pytest.mark.parametrize("n", [8, 30])
def test_every_test_has_a_permutation_beside_it(estimand, pairing, direction, n):
    claim = contrast(estimand, direction, **SHAPES[estimand], test=registered_test(estimand, n))
    registered = protocol(claim, seeds=n, pairing=pairing)
    d = one(registered, drawn(registered, n, spread=0.8, shift=0.8))
    alone = pairing == "independent" and len(registered.arms) == 2
    assert d.cross_check == ("label permutation" if alone else "sign flip")
    assert abs(d.cross_check_p - d.p_value) < 0.1, "normal data, so both tests see much the same"


def test_a_disagreement_is_told():
    """One wild pair: t gives up, signs do not."""
    rows = noisy(2.0, 12)
    rows[1][0] += 60.0
    d = one(protocol(contrast(), seeds=12), sample(DECAY, "score", rows))
    assert d.cross_check_p <= 0.05 < d.p_value and not d.agrees


@pytest.mark.parametrize("estimand", ["interaction", "slope"])
def test_the_cross_check_of_many_independent_arms_keeps_its_level(estimand):
    repeats = 400
    registered = protocol(contrast(estimand, margin=0.0, **SHAPES[estimand]), pairing="independent")
    low = sum(one(registered, drawn(registered, 8, seed=k)).cross_check_p <= 0.05 for k in range(repeats))
    error = (0.05 * 0.95 / repeats) ** 0.5
    assert abs(low / repeats - 0.05) <= 3.3 * error


# --- what must not count ------------------------------------------------------------------------------


def test_an_unfinished_confirmation_shows_nothing():
    found = sample(DECAY, "score", noisy(3.0))[:-1]
    decision = one(protocol(contrast()), found)
    assert decision.verdict == "inconclusive" and "unfinished" in decision.reason
    assert (decision.estimate, decision.low, decision.p_value) == (None, None, None)
    assert decision.n["absent"] == 1


def test_too_few_seeds_drawn_is_unfinished():
    decision = decide(protocol(contrast()), sample(DECAY, "score", noisy(3.0)), SEEDS[:7], DOMAIN)[0]
    assert decision.verdict == "inconclusive" and "unfinished" in decision.reason


def test_only_confirm_measurements_of_the_registered_evaluator_count():
    explore = sample(DECAY, "score", noisy(3.0), "explore")
    assert one(protocol(contrast()), explore).n["absent"] == 16
    other = [changed(m, evaluator_hash="other") for m in sample(DECAY, "score", noisy(3.0))]
    assert one(protocol(contrast()), other).n["absent"] == 16
    said = [changed(m, self_reported=True) for m in sample(DECAY, "score", noisy(3.0))]
    assert one(protocol(contrast()), said).n["absent"] == 16


def test_identical_artefacts_count_once():
    found = sample(DECAY, "score", noisy(3.0, 20))
    same = changed(found[1], artefact_hash=found[0].artefact_hash)
    decision = one(protocol(contrast(), seeds=20), [found[0], same, *found[2:]])
    assert (decision.n["duplicates"], decision.n["used"]) == (1, 19)
    assert decision.verdict == "supported" and "byte-identical" in decision.reason


def test_a_program_that_ignores_its_seed_supports_nothing():
    found = [changed(m, artefact_hash=m.config_hash) for m in sample(DECAY, "score", noisy(3.0))]
    decision = one(protocol(contrast()), found)
    assert decision.verdict == "inconclusive" and "byte-identical" in decision.reason
    assert decision.n["duplicates"] == 14


def test_identical_artefacts_in_different_arms_are_no_duplicates():
    """A factor that does nothing gives the same artefact in both arms under the same seed: that is data."""
    values = noisy(0.0)[0]
    found = sample(DECAY, "score", [values, values])
    found = [changed(m, artefact_hash=str(m.seed)) for m in found]
    assert one(protocol(contrast()), found).n["duplicates"] == 0


def test_few_failures_are_dropped_with_their_pair_and_many_end_the_claim():
    rows = noisy(3.0, 20)
    rows[1][4] = None
    decision = one(protocol(contrast(), seeds=20), sample(DECAY, "score", rows))
    assert decision.verdict == "supported" and (decision.n["failed"], decision.n["used"]) == (1, 19)
    rows[1][5] = rows[1][6] = None
    decision = one(protocol(contrast(), seeds=20), sample(DECAY, "score", rows))
    assert decision.verdict == "inconclusive" and "failed" in decision.reason


def test_a_verdict_that_hangs_on_the_missing_seed_is_not_given():
    rows = [[0.0, 30.0, *[0.1 * i for i in range(18)]], [1.6, None, *[1.6 + 0.11 * i for i in range(18)]]]
    decision = one(protocol(contrast(), seeds=20), sample(DECAY, "score", rows))
    assert decision.low > 1.0, "without the missing pair the interval is clear"
    assert decision.verdict == "inconclusive" and "least favourable" in decision.reason


def test_undefined_seeds_are_counted_apart():
    found = sample(DECAY, "score", noisy(3.0, 20))
    found[3] = changed(found[3], status="undefined", value=None)
    decision = one(protocol(contrast(), seeds=20), found)
    assert (decision.n["undefined"], decision.n["failed"], decision.n["used"]) == (1, 0, 19)


# --- times to an event --------------------------------------------------------------------------------

TIME = {"metric": "time"}


def test_a_failed_run_never_reached_its_event():
    rows = [[900.0 + i for i in range(8)], [100.0 + 3 * i for i in range(7)] + [None]]
    decision = one(protocol(contrast("rmst_diff", "less", 50.0, **TIME)), sample(DECAY, "time", rows))
    assert decision.n["failed"] == 1 and decision.n["used"] == 8
    expected = np.mean([100.0 + 3 * i for i in range(7)] + [HORIZON]) - np.mean(rows[0])
    assert decision.estimate == pytest.approx(expected)


def test_all_censored_is_no_knowledge_of_a_small_effect():
    rows = [[HORIZON] * 8] * 2
    less = one(protocol(contrast("rmst_diff", "less", 50.0, **TIME)), sample(DECAY, "time", rows))
    assert less.verdict == "inconclusive" and less.n["censored"] == 16 and less.estimate == 0.0
    assert less.low < -50.0 < 50.0 < less.high
    assert "no run of any arm" in less.reason and less.cross_check_p is None
    same = one(protocol(contrast("rmst_diff", "equivalent", 800.0, **TIME)), sample(DECAY, "time", rows))
    assert same.verdict == "supported"


def test_a_run_censored_early_ends_the_claim():
    found = sample(DECAY, "time", [[100.0 + i for i in range(8)], [300.0 + 2 * i for i in range(8)]])
    found[2] = measured(DECAY[0], "time", SEEDS[2], 500.0, status="censored", censored_at=500.0)
    decision = one(protocol(contrast("rmst_diff", "greater", 50.0, **TIME)), found)
    assert decision.verdict == "inconclusive" and "before the common horizon" in decision.reason


def test_an_arm_that_always_fails_is_not_slow_but_broken():
    decision = one(protocol(contrast("rmst_diff", "greater", 50.0, **TIME)),
                   sample(DECAY, "time", [[100.0 + i for i in range(8)], [None] * 8]))  # fmt: skip
    assert decision.verdict == "inconclusive" and "every seed" in decision.reason


def test_a_constant_unbounded_metric_is_inconclusive():
    decision = one(protocol(contrast()), sample(DECAY, "score", [[1.0] * 8, [9.0] * 8]))
    assert decision.verdict == "inconclusive" and "spread" in decision.reason


# --- error rates --------------------------------------------------------------------------------------


def test_at_the_margin_a_false_verdict_is_as_rare_as_promised():
    rng, wrong, repeats = np.random.default_rng(5), 0, 600
    registered = protocol(contrast())
    for _ in range(repeats):
        a = rng.normal(0, 1, 8)
        values = [a.tolist(), (a + 1.0 + rng.normal(0, 1, 8)).tolist()]
        wrong += one(registered, sample(DECAY, "score", values)).verdict == "supported"
    assert wrong / repeats <= 0.025 + 3.3 * (0.025 * 0.975 / repeats) ** 0.5


# --- levels of a replication --------------------------------------------------------------------------


def test_repeated_claims_are_corrected_among_themselves_at_their_level():
    """The claim that is repeated has its level alone; the two that are not share the protocol's."""
    asked = [contrast(margin=m, text=f"beyond {m}") for m in (0.1, 0.2, 0.3)]
    first, second, third = asked
    registered = protocol(*asked, alpha=0.008, repeated={first.id: 0.04})
    decisions = decide(registered, sample(DECAY, "score", noisy(0.0)), SEEDS, DOMAIN)
    assert [round(1 - d.level, 9) for d in decisions] == [0.04, 0.004, 0.004]
    alone = decide(protocol(second, third, alpha=0.008), sample(DECAY, "score", noisy(0.0)), SEEDS, DOMAIN)
    assert [d.p_adjusted for d in decisions[1:]] == [d.p_adjusted for d in alone]
    assert registered.corrections == [(0.008, 2), (0.04, 1)] and registered.strictest == 0.004
