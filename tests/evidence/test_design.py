"""Designs: balanced, spread, within bounds, repeatable."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novum.evidence.design import design, levels_of, position
from novum.records import Factor
from tests.evidence.world import BASE, DOMAIN

FACTORS = DOMAIN.factors


def test_levels_over_a_range_hold_the_ends_and_the_baseline():
    assert levels_of(FACTORS[0]) == (0.01, 0.0316, 0.1, 0.316, 1.0)
    odd = Factor(name="f", range=(0.0, 1.0), baseline=0.3)
    assert levels_of(odd) == (0.0, 0.3, 0.5, 0.75, 1.0)
    assert levels_of(FACTORS[2]) == ("sgd", "adam")
    assert [position(FACTORS[0], v) for v in (0.01, 0.1, 1.0)] == pytest.approx([0, 0.5, 1])
    assert [position(FACTORS[1], v) for v in (16.0, 32.0, 64.0)] == [0, 0.5, 1]


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(0, 1000), st.booleans())
def test_every_design_starts_at_the_baseline_and_repeats_nothing(size, seed, single):
    found = design(FACTORS, size, seed, one_at_a_time=single)
    assert found[0] == BASE and 1 <= len(found) <= size
    assert len({repr(sorted(c.items())) for c in found}) == len(found)
    for config in found:
        assert all(config[f.name] in levels_of(f) for f in FACTORS)


@pytest.mark.parametrize("seed", range(5))
def test_levels_occur_about_equally_often(seed):
    found = design(FACTORS, 16, seed)
    assert len(found) == 16
    for factor in FACTORS:
        counts = Counter(c[factor.name] for c in found)
        assert max(counts.values()) - min(counts[v] for v in levels_of(factor)) <= 1


def test_points_are_spread_wider_than_at_random():
    def closest(points):
        coded = np.array([[position(FACTORS[0], c["decay"]), position(FACTORS[1], c["width"]),
                           float(c["optimiser"] == "sgd")] for c in points])  # fmt: skip
        gaps = np.linalg.norm(coded[:, None] - coded[None], axis=2)
        return np.mean(np.sort(gaps + 9 * np.eye(len(points)), axis=1)[:, 0])

    rng = np.random.default_rng(0)
    chance = [{f.name: levels_of(f)[rng.integers(len(levels_of(f)))] for f in FACTORS} for _ in range(200)]
    random_designs = [closest(chance[i : i + 10]) for i in range(0, 200, 10)]
    assert closest(design(FACTORS, 10, 1)) > max(random_designs)


def test_a_large_size_is_the_full_factorial():
    assert len(design(FACTORS, 30, 0)) == len(design(FACTORS, 500, 0)) == 30


@pytest.mark.parametrize("size", range(1, 30))
def test_a_design_has_as_many_points_as_there_is_room_for(size):
    assert len(design(FACTORS, size, size, one_at_a_time=True)) == size


def test_single_moves_come_first():
    found = design(FACTORS, 15, 0, one_at_a_time=True)
    moved = [[k for k in c if c[k] != BASE[k]] for c in found[1:4]]
    assert all(len(m) == 1 for m in moved) and {m[0] for m in moved} == {"decay", "width", "optimiser"}


def test_a_design_over_some_factors_leaves_the_others_at_the_base():
    base = {**BASE, "optimiser": "sgd"}
    found = design(FACTORS[:2], 8, 0, base=base)
    assert {c["optimiser"] for c in found} == {"sgd"} and found[0] == base


def test_equal_seeds_give_equal_designs():
    assert design(FACTORS, 12, 5) == design(FACTORS, 12, 5) != design(FACTORS, 12, 6)
    with pytest.raises(ValueError, match="at least one"):
        design(FACTORS, 0, 0)
