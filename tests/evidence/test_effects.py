"""The response model finds planted effects, shrinks noise, and counts what it leaves out."""

import math

import numpy as np
import pytest

from novum.evidence.design import design
from novum.evidence.effects import ResponseModel, explored
from tests.evidence.world import BASE, DOMAIN, HORIZON, changed, contrast, sample

POINTS = design(DOMAIN.factors, 18, 3)
DECAY = contrast(margin=1.0)
WIDTH = contrast(margin=1.0, a={"width": 16.0}, b={"width": 64.0})


def data(response, noise=0.3, metric="score", seed=0):
    rng = np.random.default_rng(seed)
    rows = [[float(response(c) + noise * rng.normal()) for _ in range(2)] for c in POINTS]
    return explored(DOMAIN.metric(metric), POINTS, sample(POINTS, metric, rows, "explore"))


def model(response, **more) -> ResponseModel:
    return ResponseModel(DOMAIN, data(response, **more))


def test_a_planted_effect_is_found_and_an_absent_one_is_not():
    found = model(lambda c: 5 + 3 * math.log10(c["decay"] / 0.1))
    decay, width = found.effect(DECAY, BASE), found.effect(WIDTH, BASE)
    assert decay.estimate == pytest.approx(3.0, abs=0.6) and decay.as_predicted > 0.95
    assert abs(width.estimate) < 0.6 and width.beyond < 0.2


def test_pure_noise_is_shrunk():
    sizes = [abs(model(lambda c: 0.0, noise=1.0, seed=k).effect(WIDTH, BASE).estimate) for k in range(8)]
    assert np.median(sizes) < 0.3


def test_an_interaction_is_found():
    claim = contrast("interaction", margin=1.0, contexts=({"optimiser": "sgd"}, {"optimiser": "adam"}))

    def response(c):
        return 2 * (c["optimiser"] == "adam") * math.log10(c["decay"] / 0.1)

    found = model(response, noise=0.1).effect(claim, BASE)
    assert found.estimate == pytest.approx(2.0, abs=0.6)
    assert found.as_predicted > 0.9


def test_wide_positive_responses_are_modelled_on_the_log_scale():
    claim = contrast("ratio", "greater", 2.0)
    found = ResponseModel(DOMAIN, data(lambda c: math.exp(2 * math.log(c["decay"])), noise=0.0))
    assert found.log
    assert found.effect(claim, BASE).estimate == pytest.approx(100.0, rel=0.3)


def test_predictions_of_times_stay_within_the_horizon():
    found = model(lambda c: 900 - 300 * math.log10(c["decay"]), noise=5.0, metric="time")
    at = found.predict(POINTS)
    assert at.min() >= 0 and at.max() <= HORIZON


def test_information_is_greatest_where_the_verdict_is_open():
    sure = model(lambda c: 5 + 9 * math.log10(c["decay"] / 0.1), noise=0.1).effect(DECAY, BASE)
    open_ = model(lambda c: 5 + 1 * math.log10(c["decay"] / 0.1), noise=0.5).effect(DECAY, BASE)
    assert 0 <= sure.information < 0.1 < open_.information <= math.log2(3)


def test_arrival_order_changes_nothing():
    rows = [[float(i), float(i) + 0.5] for i in range(len(POINTS))]
    found = sample(POINTS, "score", rows, "explore")
    metric = DOMAIN.metric("score")
    straight = explored(metric, POINTS, found)
    assert explored(metric, POINTS[::-1], found[::-1]) == straight
    first, second = (ResponseModel(DOMAIN, straight).effect(DECAY, BASE) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("seed", range(6))
def test_rounding_moves_no_draw(seed: int, monkeypatch: pytest.MonkeyPatch):
    """As another processor rounds: of equal eigenvalues it would give other eigenvectors, and other draws."""
    columns, luck = ResponseModel._columns, np.random.default_rng(seed)

    def rounded(self, configs):
        design, scales = columns(self, configs)
        return design * (1 + 1e-15 * luck.normal(size=design.shape)), scales

    told = data(lambda c: 5 + 3 * math.log10(c["decay"] / 0.1), seed=seed)
    here = ResponseModel(DOMAIN, told)
    monkeypatch.setattr(ResponseModel, "_columns", rounded)
    assert np.allclose(ResponseModel(DOMAIN, told).draws, here.draws, rtol=1e-9, atol=1e-9)


def test_what_has_no_value_is_dropped_and_counted():
    rows = [[1.0, None] for _ in POINTS]
    found = sample(POINTS, "score", rows, "explore")
    found[0] = changed(found[0], status="undefined", value=None)
    told = explored(DOMAIN.metric("score"), POINTS, found)
    assert told.dropped == len(POINTS) + 1 and len(told.configs) == len(POINTS) - 1
    late = sample(POINTS, "time", [[HORIZON, None]] * len(POINTS), "explore")
    timed = explored(DOMAIN.primary, POINTS, late)
    assert timed.censored == 2 * len(POINTS) and timed.dropped == 0


def test_profiles_follow_the_response():
    found = model(lambda c: 5 + 3 * math.log10(c["decay"] / 0.1)).profile(DOMAIN.factors[0])
    assert [row[0] for row in found] == [0.01, 0.0316, 0.1, 0.316, 1.0]
    assert found[-1][1] - found[0][1] == pytest.approx(6.0, abs=1.0)
    assert all(low <= middle <= high for _, middle, low, high in found)


def test_too_little_data_is_refused():
    few = explored(DOMAIN.metric("score"), POINTS[:2], sample(POINTS[:2], "score", [[1.0], [2.0]], "explore"))
    with pytest.raises(ValueError, match="three configurations"):
        ResponseModel(DOMAIN, few)
