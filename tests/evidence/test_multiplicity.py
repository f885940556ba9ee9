"""Holm against its definition, and the agreement of verdicts and intervals that rests on it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novum.evidence.inference import StudentT
from novum.evidence.multiplicity import holm

p_lists = st.lists(st.floats(0, 1), min_size=1, max_size=8)


def test_a_worked_example():
    found = holm([0.01, 0.04, 0.03, 0.005], 0.05)
    assert found.adjusted == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert found.rejected == (True, False, False, True)
    assert found.levels == pytest.approx((0.05 / 3, 0.05 / 2, 0.05 / 2, 0.05 / 4))


@given(p_lists, st.floats(0.001, 0.3))
def test_rejection_level_and_adjusted_p_say_the_same(p_values, alpha):
    found = holm(p_values, alpha)
    rows = zip(p_values, found.adjusted, found.levels, found.rejected, strict=True)
    for p, adjusted, level, rejected in rows:
        assert rejected == (p <= level)
        assert rejected == (adjusted <= alpha) or adjusted == pytest.approx(alpha)
        assert p <= adjusted and alpha / len(p_values) <= level * (1 + 1e-12) and level <= alpha


@given(p_lists, st.randoms(use_true_random=False))
def test_order_does_not_matter(p_values, rng):
    order = list(range(len(p_values)))
    rng.shuffle(order)
    straight, mixed = holm(p_values, 0.05), holm([p_values[i] for i in order], 0.05)
    assert [straight.adjusted[i] for i in order] == list(mixed.adjusted)


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0.1, 3)), min_size=1, max_size=6))
def test_an_interval_at_its_level_excludes_zero_exactly_when_holm_rejects(effects):
    tests = [StudentT(value=v, se=se, df=9.0, n=10, method="") for v, se in effects]
    found = holm([t.p_value(0) for t in tests], 0.05)
    for test, level, rejected in zip(tests, found.levels, found.rejected, strict=True):
        low, high = test.interval(1 - level)
        if min(abs(low), abs(high)) > 1e-9:
            assert rejected == (low > 0 or high < 0)


def test_family_wise_error_is_kept():
    rng = np.random.default_rng(1)
    wrong = sum(any(holm(rng.random(4), 0.05).rejected) for _ in range(4000))
    assert wrong / 4000 <= 0.05 + 3 * (0.05 * 0.95 / 4000) ** 0.5


@pytest.mark.parametrize(("p_values", "alpha"), [([1.2], 0.05), ([0.5], 0.0), ([float("nan")], 0.05)])
def test_nonsense_is_refused(p_values, alpha):
    with pytest.raises(ValueError):
        holm(p_values, alpha)
