"""Estimators against references, closed forms and simulated coverage."""

import inspect
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from novum.evidence import estimators, permutation
from novum.evidence import statistics as s
from novum.evidence.inference import Constant
from novum.evidence.survival import log_rank, restricted, survival_curve

RNG = np.random.default_rng(20)
A, B = RNG.normal(5, 1, 12), RNG.normal(6, 2, 12)
PLACES = np.arange(22) % 8  # the fraction of a design that each of 22 seeds runs
JOINT = 2.0 * np.array([1, -1, 1, -1, -1, 1, -1, 1])  # what a joint effect of three factors adds there
numbers = st.floats(-1e3, 1e3, allow_nan=False)


def test_paired_difference_is_the_one_sample_t():
    found, known = s.paired_difference(A, B, 0.9), stats.ttest_rel(B, A).confidence_interval(0.9)
    assert (found.low, found.high) == pytest.approx((known.low, known.high))
    inference = s.infer_contrast([A, B], [-1, 1], paired=True)
    assert inference.p_value(0) == pytest.approx(stats.ttest_rel(B, A).pvalue)


def test_mean_difference_is_welch():
    test = stats.ttest_ind(B[:7], A, equal_var=False)
    found, known = s.mean_difference(A, B[:7]), test.confidence_interval()
    assert (found.low, found.high, found.df) == pytest.approx((known.low, known.high, test.df))


def test_mean_is_students_t():
    known = stats.t.interval(0.95, 11, A.mean(), stats.sem(A))
    assert (s.mean(A).low, s.mean(A).high) == pytest.approx(known)


def test_within_fractions_is_least_squares_with_a_mean_for_each():
    values = np.random.default_rng(5).normal(JOINT[PLACES], 1.0)
    inference = estimators.infer_grouped(values, PLACES, 1.0, None)
    dummies = np.eye(8)[PLACES]
    means, (squares,), *_ = np.linalg.lstsq(dummies, values, rcond=None)
    average = np.full(8, 1 / 8)
    variance = squares / 14 * average @ np.linalg.inv(dummies.T @ dummies) @ average
    assert inference.value == pytest.approx(average @ means) and inference.df == 14
    assert inference.se == pytest.approx(np.sqrt(variance))


def test_of_one_group_it_is_students_t():
    one = estimators.infer_grouped(A, np.zeros(len(A)), 1.0, None)
    plain = s.infer_contrast([A], [1.0], paired=True)
    assert (one.value, one.se, one.df) == pytest.approx((plain.value, plain.se, plain.df))


def test_groups_of_one_seed_each_say_nothing_of_the_spread():
    with pytest.raises(s.Unanswerable, match="no two seeds"):
        estimators.infer_grouped(A, np.arange(len(A)), 1.0, None)


def test_no_spread_within_groups_is_no_spread_whatever_sets_them_apart():
    found = estimators.infer_grouped(JOINT[PLACES], PLACES, 3.0, (-3.0, 3.0))
    assert isinstance(found, Constant) and found.value == pytest.approx(0.0)


def test_slope_is_least_squares_with_the_seed_as_block():
    x = [0.0, 0.5, 1.0]
    arms = RNG.normal(0, 1, (3, 9)) + np.array(x)[:, None]
    per_seed = [np.polyfit(x, arms[:, j], 1)[0] for j in range(9)]
    found = s.slope(arms, x)
    assert found.value == pytest.approx(np.mean(per_seed))
    assert found.se == pytest.approx(stats.sem(per_seed))


def test_interaction_is_a_difference_of_differences():
    arms = RNG.normal(0, 1, (4, 10))
    known = stats.ttest_1samp((arms[3] - arms[2]) - (arms[1] - arms[0]), 0)
    assert s.interaction(arms).value == pytest.approx(known._estimate)
    assert s.infer_contrast(arms, s.INTERACTION, paired=True).p_value(0) == pytest.approx(known.pvalue)


def test_independent_interaction_has_satterthwaites_df():
    arms = [RNG.normal(0, k + 1, 5 + k) for k in range(4)]
    parts = [a.var(ddof=1) / len(a) for a in arms]
    df = sum(parts) ** 2 / sum(v * v / (len(a) - 1) for v, a in zip(parts, arms, strict=True))
    found = s.interaction(arms, paired=False)
    assert (found.se, found.df) == pytest.approx((math.sqrt(sum(parts)), df))


@pytest.mark.parametrize("paired", [True, False])
def test_fieller_interval_inverts_its_test(paired):
    inference = s.infer_ratio(A, B, paired=paired)
    low, high = inference.interval(0.9)
    assert low < B.mean() / A.mean() < high
    assert inference.p_value(low) == pytest.approx(0.1, abs=1e-9)
    assert inference.p_value(high) == pytest.approx(0.1, abs=1e-9)


def test_paired_fieller_is_a_t_test_of_b_minus_r_a():
    known = stats.ttest_1samp(B - 1.3 * A, 0).pvalue
    assert s.infer_ratio(A, B, paired=True).p_value(1.3) == pytest.approx(known)


def test_a_ratio_to_almost_nothing_has_no_finite_interval():
    found = s.ratio([0.5, -0.4, 0.3, -0.2, 0.1], [1.0, 2, 3, 4, 5])
    assert found.low is None and found.high is None
    with pytest.raises(s.Unanswerable, match="positive mean"):
        s.ratio([-1.0, -2.0], [1.0, 2.0])


def test_signed_rank_matches_scipy():
    inference = s.infer_median(A, B, paired=True)
    assert inference.p_value(0) == pytest.approx(stats.wilcoxon(B - A, method="exact").pvalue)


def test_mann_whitney_matches_scipy():
    inference = s.infer_median(A, B[:8], paired=False)
    assert inference.p_value(0) == pytest.approx(stats.mannwhitneyu(B[:8], A, method="exact").pvalue)
    assert inference.value == pytest.approx(np.median(B[:8, None] - A[None, :]))


def test_a_rank_interval_is_infinite_where_n_cannot_reach_the_level():
    found = s.median_difference([1.0, 2, 3], [2.0, 4, 6])
    assert (found.low, found.high) == (None, None)


@given(st.lists(numbers, min_size=6, max_size=12), numbers, st.sampled_from([0.8, 0.9, 0.95]))
def test_rank_intervals_exclude_exactly_what_their_test_rejects_even_with_ties(values, null, level):
    zeros = [0.0] * len(values)
    inference = s.infer_median(zeros, [round(v) for v in values], paired=True)
    low, high = inference.interval(level)
    for at in (null, low, high, inference.value):
        if math.isfinite(at):
            assert (low <= at <= high) == (inference.p_value(at) > 1 - level)


# --- no spread, few seeds, bad numbers ----------------------------------------------------------------


def test_no_spread_without_bounds_is_unanswerable():
    with pytest.raises(s.Unanswerable, match="spread"):
        s.paired_difference([1.0, 2, 3], [2.0, 3, 4])
    with pytest.raises(s.Unanswerable, match="spread"):
        s.ratio([1.0, 1, 1], [2.0, 2, 2])


def test_no_spread_in_a_bounded_metric_gives_the_exact_limit():
    found = s.mean([1000.0] * 20, bounds=(0.0, 1000.0))
    assert found.high == 1000.0
    share = 1 - found.low / 1000.0
    assert stats.binom.pmf(0, 20, share) == pytest.approx(0.025)


@given(st.floats(-2, 2), st.integers(2, 30), st.sampled_from([0.9, 0.95, 0.99]), st.integers(1, 3))
def test_constant_interval_and_p_value_agree(null, n, level, parts):
    inference = Constant(value=0.25, lowest=-1.0, highest=1.0, n=n, method="", parts=parts)
    low, high = inference.interval(level)
    if min(abs(null - low), abs(null - high)) > 1e-9:
        assert (low <= null <= high) == (inference.p_value(null) > 1 - level)


def test_one_arm_without_spread_is_welch_with_the_other():
    found = s.mean_difference([3.0] * 5, A)
    assert found.df == pytest.approx(11)


@pytest.mark.parametrize("call", [s.paired_difference, s.mean_difference, s.ratio, s.median_difference])
def test_bad_samples_are_refused(call):
    with pytest.raises(s.Unanswerable, match="fewer than two"):
        call([1.0], [2.0])
    with pytest.raises(ValueError, match="finite"):
        call([1.0, math.nan], [1.0, 2.0])


def test_paired_arms_must_match():
    with pytest.raises(ValueError, match="common seed"):
        s.paired_difference([1.0, 2.0], [1.0, 2.0, 4.0])


# --- times to an event --------------------------------------------------------------------------------


def test_restricted_mean_is_the_area_under_the_survival_curve():
    times = [3.0, 5.0, 5.0, 8.0, 10.0, 10.0]
    events = [True, True, True, True, False, False]
    steps, shares = survival_curve(times, events)
    area = sum(w * h for w, h in zip(np.diff([*steps, 10.0]), shares, strict=True))
    assert s.restricted_mean(times, events, 10.0).value == pytest.approx(area)


def test_restricted_mean_of_an_exponential_has_its_closed_form():
    draws = np.random.default_rng(3).exponential(100.0, 20_000)
    found = s.restricted_mean(np.minimum(draws, 150.0), draws < 150.0, 150.0, 0.999)
    assert found.low < 100 * (1 - math.exp(-1.5)) < found.high


def test_a_run_cut_before_the_horizon_is_refused():
    with pytest.raises(ValueError, match="before the common horizon"):
        restricted([3.0, 5.0], [True, False], 10.0)
    assert restricted([3.0, 12.0], [True, True], 10.0) == [3.0, 10.0]


def test_log_rank_matches_scipy():
    rng = np.random.default_rng(4)
    a, b = np.round(rng.exponential(3, 15), 1), np.round(rng.exponential(6, 12), 1)
    censored = [stats.CensoredData(uncensored=v[v < 7], right=np.minimum(v[v >= 7], 7)) for v in (a, b)]
    known = stats.logrank(*censored)
    found = log_rank(np.minimum(a, 7), a < 7, np.minimum(b, 7), b < 7)
    assert found.statistic == pytest.approx(known.statistic**2)
    assert found.p_value == pytest.approx(known.pvalue)


def test_log_rank_without_events_says_nothing():
    found = log_rank([5.0, 5.0], [False, False], [5.0, 5.0], [False, False])
    assert (found.statistic, found.p_value) == (0.0, 1.0)


# --- coverage -----------------------------------------------------------------------------------------

REPEATS = 1000


def covered(make, truth: float, level: float = 0.9) -> int:
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(REPEATS):
        low, high = make(rng).interval(level)
        hits += low <= truth <= high
    return hits


COVERAGE = {
    "paired t": (lambda r: s.infer_contrast(r.normal([[0], [1]], 1, (2, 8)), [-1, 1], paired=True), 1.0),
    "welch, unequal spread": (
        lambda r: s.infer_contrast([r.normal(0, 1, 8), r.normal(1, 4, 12)], [-1, 1], paired=False), 1.0),
    "within fractions": (
        lambda r: estimators.infer_grouped(1 + JOINT[PLACES] + r.normal(0, 1, 22), PLACES, 1.0, None), 1.0),
    "slope": (lambda r: s.infer_contrast(r.normal([[0], [1], [2]], 1, (3, 8)), s.slope_weights([0, 0.5, 1]),
                                         paired=True), 2.0),
    "fieller": (lambda r: s.infer_ratio(*(r.normal([[5], [6]], 1, (2, 10))), paired=True), 1.2),
    "signed rank": (lambda r: s.infer_median(*r.normal([[0], [1]], 1, (2, 10)), paired=True), 1.0),
}  # fmt: skip


@pytest.mark.parametrize("name", COVERAGE)
def test_intervals_cover_as_often_as_they_say(name):
    make, truth = COVERAGE[name]
    hits = covered(make, truth)
    low, high = stats.binom.ppf([0.0005, 0.9995], REPEATS, 0.9)
    assert hits >= low, f"{name} covers {hits / REPEATS:.3f}"
    assert hits <= high or name == "signed rank", "an exact discrete interval may cover more, no other"


@settings(max_examples=60)
@given(st.lists(numbers, min_size=3, max_size=9).filter(lambda v: np.ptp(v) > 1e-3), numbers,
       st.sampled_from([0.8, 0.95, 0.99]))  # fmt: skip
def test_t_interval_and_p_value_agree(values, null, level):
    inference = s.infer_contrast([values], [1.0], paired=True)
    low, high = inference.interval(level)
    if min(abs(null - low), abs(null - high)) > 1e-6:
        assert (low <= null <= high) == (inference.p_value(null) > 1 - level)


PUBLIC = [s.mean, s.restricted_mean, s.mean_difference, s.paired_difference, s.interaction, s.slope, s.ratio,
          s.median_difference, permutation.sign_flip_p, permutation.label_p, log_rank]  # fmt: skip


@pytest.mark.parametrize("function", PUBLIC, ids=lambda f: f.__name__)
def test_every_public_estimator_and_test_names_its_assumptions_and_source(function):
    assert re.search(r"assum", function.__doc__, re.IGNORECASE), "no assumption is named"
    assert re.search(r"\b(19|20)\d\d\b", function.__doc__), "no source is named"


def test_no_public_estimator_is_left_out():
    named = {f for name in s.__all__ if inspect.isfunction(f := getattr(s, name))} - {s.estimate}
    assert {f for f in named if inspect.signature(f).return_annotation is s.Estimate} <= {*PUBLIC}
