"""Permutation tests against full enumeration by SciPy, and their inverted intervals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from novum.evidence import permutation as p

D = np.random.default_rng(5).normal(0.4, 1, 11)


def test_sign_flips_match_enumeration():
    known = stats.permutation_test((D,), np.sum, permutation_type="samples", n_resamples=np.inf).pvalue
    assert p.sign_flip_p(D) == pytest.approx(known)


@settings(max_examples=50)
@given(st.lists(st.integers(-5, 5), min_size=2, max_size=9))
def test_sign_flips_match_enumeration_with_ties(values):
    signs = np.array(np.meshgrid(*[[-1, 1]] * len(values))).reshape(len(values), -1)
    sums = np.abs(np.array(values) @ signs)
    assert p.sign_flip_p(values) == pytest.approx(np.mean(sums >= abs(sum(values))))


def test_the_smallest_sign_flip_p_is_attained():
    assert p.sign_flip_p([1.0, 2, 3, 4, 5, 6]) == 2 / 2**6


def test_many_seeds_are_drawn_repeatably_and_near_the_t_test():
    values = np.random.default_rng(6).normal(0.3, 1, 60)
    assert p.sign_flip_p(values, seed=4) == p.sign_flip_p(values, seed=4)
    assert p.sign_flip_p(values) == pytest.approx(stats.ttest_1samp(values, 0).pvalue, abs=0.02)


def test_labels_match_enumeration_of_the_studentised_difference():
    rng = np.random.default_rng(7)
    a, b = rng.normal(0, 1, 5), rng.normal(1, 2, 6)
    welch = lambda x, y: abs(stats.ttest_ind(x, y, equal_var=False).statistic)  # noqa: E731
    known = stats.permutation_test((a, b), welch, n_resamples=np.inf, alternative="greater").pvalue
    assert p.label_p(a, b) == pytest.approx(known)


def test_labels_of_large_samples_are_drawn():
    rng = np.random.default_rng(8)
    a, b = rng.normal(0, 1, 25), rng.normal(0.6, 1, 25)
    assert p.label_p(a, b) == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue, abs=0.02)


def test_the_inverted_interval_ends_where_the_test_turns():
    low, high = p.sign_flip_interval(D, 0.9)
    assert low < D.mean() < high
    eps = 1e-6
    assert p.sign_flip_p(D, low - eps) <= 0.1 < p.sign_flip_p(D, low + eps)
    assert p.sign_flip_p(D, high + eps) <= 0.1 < p.sign_flip_p(D, high - eps)


def test_an_interval_beyond_reach_is_infinite():
    assert p.sign_flip_interval([1.0, 2.0, 3.0], 0.95) == (-np.inf, np.inf)


def test_the_label_interval_is_near_welchs():
    rng = np.random.default_rng(9)
    a, b = rng.normal(0, 1, 7), rng.normal(1, 1, 7)
    known = stats.ttest_ind(b, a, equal_var=False).confidence_interval()
    assert p.label_interval(a, b, 0.95) == pytest.approx((known.low, known.high), abs=0.25)


@pytest.mark.parametrize("bad", [[], [1.0, np.nan], [1.0, np.inf]])
def test_bad_samples_are_refused(bad):
    with pytest.raises(ValueError, match="finite"):
        p.sign_flip_p(bad)
