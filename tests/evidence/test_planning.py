"""Plans keep their promises when simulated, and refuse what cannot be kept."""

import math
import random

import numpy as np
import pytest
from scipy import stats

from novum.errors import UserError
from novum.evidence import planning as p
from novum.evidence.multiplicity import holm
from novum.evidence.permutation import sign_flip_p


def test_power_is_that_of_the_noncentral_t():
    critical, centre = stats.t.ppf(1 - 0.05 / 6, 19), 0.8 * math.sqrt(20) / math.sqrt(2)
    assert p.power(0.8, 20, 1.0, 0.05, 3) == pytest.approx(stats.nct.sf(critical, 19, centre))


def test_the_planned_sample_finds_twice_the_margin_as_often_as_promised():
    margin, sd = 1.0, 1.0
    n = p.sample_size(margin, sd, 0.05, 3, 0.9)
    rng, repeats = np.random.default_rng(0), 4000
    critical = stats.t.ppf(1 - 0.05 / 6, n - 1)
    d = rng.normal(2 * margin, sd, (repeats, n)) - rng.normal(0, sd, (repeats, n))
    hits = np.sum(d.mean(axis=1) - critical * d.std(axis=1, ddof=1) / math.sqrt(n) > margin)
    assert hits / repeats >= 0.9 - 3 * (0.09 / repeats) ** 0.5
    assert p.power(margin, n - 1, sd, 0.05, 3) < 0.9


def test_the_detectable_effect_is_the_margin_and_what_n_resolves():
    found = p.detectable_effect(20, 1.0, 0.05, 3, 0.8, margin=0.5)
    assert p.power(found - 0.5, 20, 1.0, 0.05, 3) == pytest.approx(0.8, abs=1e-6)
    assert p.detectable_effect(1, 1.0, 0.05, 3) == math.inf


@pytest.mark.parametrize("n", [2, 5, 30, 300])
def test_power_grows_with_distance_up_to_one(n):
    found = [p.power(d, n, 1.0, 0.05, 2) for d in (0.0, 0.1, 1.0, 10.0, 1e3, 1e6)]
    assert found == sorted(found) and found[-1] == pytest.approx(1.0)


def test_more_seeds_are_needed_for_equivalence_interactions_and_larger_families():
    plain = p.sample_size(1.0, 1.0, 0.05, 1)
    assert p.sample_size(1.0, 1.0, 0.05, 1, equivalence=True) > plain
    assert p.sample_size(1.0, 1.0, 0.05, 1, weight=p.INTERACTION) > plain
    assert p.sample_size(1.0, 1.0, 0.05, 5) > plain


def test_a_hopeless_plan_is_refused():
    with pytest.raises(UserError, match="margin"):
        p.sample_size(1e-4, 1.0, 0.05, 1)


def test_the_smallest_p_is_that_of_a_real_test():
    assert p.smallest_attainable_p(7) == sign_flip_p([1.0] * 7)
    assert p.smallest_attainable_p(3, "independent") == 2 / 20
    assert p.smallest_attainable_p(1) == 1.0


def test_a_protocol_that_could_support_nothing_is_refused():
    with pytest.raises(UserError, match="at least 8 seeds"):
        p.require_attainable(7, "paired", 0.05, 4)
    smallest = p.require_attainable(8, "paired", 0.05, 4)
    assert any(holm([smallest, 1.0, 1.0, 1.0], 0.05).rejected)


def test_the_sd_bound_holds_as_often_as_it_says():
    rng, repeats = np.random.default_rng(2), 2000
    above = sum(p.sd_upper_bound(rng.normal(0, 1, (10, 2))).value >= 1.0 for _ in range(repeats))
    assert abs(above / repeats - 0.8) < 4 * (0.16 / repeats) ** 0.5


def test_groups_that_are_all_censored_do_not_lower_the_bound():
    spread = [[100.0, 300.0], [200.0, 250.0], [400.0, 700.0]]
    censored = [[1000.0, 1000.0]] * 10
    alone = p.sd_upper_bound(spread, bounds=(0.0, 1000.0))
    assert p.sd_upper_bound(spread + censored, bounds=(0.0, 1000.0)) == alone
    assert p.sd_upper_bound(spread + censored).value < alone.value


def test_a_bounded_metric_falls_back_to_half_its_range():
    assert p.sd_upper_bound([[1.0, 1.0]], bounds=(0.0, 10.0)).value == 5.0
    assert p.sd_upper_bound([[0.0, 10.0]], bounds=(0.0, 10.0)).value == 5.0
    assert p.sd_upper_bound([[1.0]], bounds=(0.0, 10.0)).method == "half the metric's range"
    with pytest.raises(UserError, match="no spread"):
        p.sd_upper_bound([[1.0, 1.0], [2.0]])


def test_a_spread_that_ran_away_is_left_out_and_what_is_compared_stays() -> None:
    rng = random.Random(3)
    groups = [[rng.gauss(0, 1) for _ in range(3)] for _ in range(12)]
    assert p.unremarkable(groups) == list(range(12))
    wild = [*groups, [0.0, 80.0, 2.0], [500.0], [5.0, 5.0, 400.0]]
    assert p.unremarkable(wild) == [*range(12), 13]  # a single value tells nothing of a spread
    assert p.unremarkable(wild, [12]) == [*range(12), 12, 13]
    assert p.unremarkable([[1.0, 1.0], [1.0, 9.0]]) == [0, 1]  # nobody knows which of two is the odd one
    assert p.unremarkable([[1.0, 1.0]] * 5) == [0, 1, 2, 3, 4] and p.unremarkable([]) == []


def test_few_honest_groups_are_taken_for_runaways() -> None:
    rng = random.Random(4)
    kept = [p.unremarkable([[rng.gauss(0, 1) for _ in range(2)] for _ in range(10)]) for _ in range(1000)]
    assert sum(len(k) < 10 for k in kept) < 30  # a hundredth, and what its own noise allows
