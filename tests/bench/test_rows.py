"""Rows: exact limits, and targets judged as they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novum.bench.rows import clopper_pearson, mean, share, wanted


@pytest.mark.parametrize(("hits", "n", "low", "high"), [
    (0, 10, 0.0, 0.30850),
    (1, 10, 0.00253, 0.44502),
    (5, 10, 0.18709, 0.81291),
    (10, 10, 0.69150, 1.0),
])  # fmt: skip
def test_limits_are_the_exact_ones(hits: int, n: int, low: float, high: float) -> None:
    assert clopper_pearson(hits, n) == pytest.approx((low, high), abs=2e-5)


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_limits_hold_the_share_and_mirror(case: tuple[int, int]) -> None:
    hits, n = case
    low, high = clopper_pearson(hits, n)
    assert 0 <= low <= hits / n <= high <= 1
    assert clopper_pearson(n - hits, n) == pytest.approx((1 - high, 1 - low), abs=1e-9)


def test_every_bound_must_hold() -> None:
    few, many = [True] + [False] * 19, ([True] + [False] * 19) * 100
    assert share("x", few, at_most=0.05).met
    assert share("x", few, at_most=0.05, high_at_most=0.065).met is False
    assert share("x", many, at_most=0.05, high_at_most=0.065).met
    assert share("x", many).met is None


def test_a_row_without_anything_to_count_misses_its_target() -> None:
    row = share("x", [], at_least=0.9)
    assert (row.value, row.n, row.met) == (None, 0, False)
    assert share("x", []).met is None


def test_the_mean_has_normal_limits() -> None:
    row = mean("x", [1.0, 2.0, 3.0, 4.0], high_at_least=3.0)
    assert row.value == 2.5 and row.met
    assert row.high - row.value == pytest.approx(1.96 * (5 / 3 / 4) ** 0.5)


def test_targets_are_told_in_signs() -> None:
    assert wanted({"at_most": 0.05, "high_at_most": 0.065}) == "≤ 0.05, upper ≤ 0.065"
