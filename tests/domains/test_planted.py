"""The planted domain keeps its contract, and its world responds as its file says."""

import math
import random
import statistics
import time

import pytest

from novum.bench.worlds import response
from novum.compute.executors.inline import InlineExecutor
from novum.domains import check_domain, find_domain, load_domain

BASE = (0,) * 8
R = response()


def runs(spec: dict, levels: tuple[int, ...], n: int = 4000) -> list[float]:
    return [R.respond(spec, levels, f"key {i}") for i in range(n)]


def moved(**levels: int) -> tuple[int, ...]:
    return tuple(levels.get(name, 0) for name in R.FACTORS)


def test_it_conforms(blobs) -> None:
    checks = check_domain(find_domain("planted"), blobs, InlineExecutor(blobs), sandbox="none")
    assert [c.id for c in checks if not c.passed] == []


def test_programs_see_neither_world_nor_response(blobs) -> None:
    domain = load_domain(find_domain("planted"), blobs)
    assert set(domain.workspace()) == {"apparatus.py"}
    assert "world.json" in domain.prepare_files and "world.json" not in domain.evaluator_files


def test_the_files_agree_on_factors_and_levels(blobs) -> None:
    domain = load_domain(find_domain("planted"), blobs)
    assert tuple(f.name for f in domain.factors) == tuple(R.FACTORS)
    assert tuple(len(f.levels) for f in domain.factors) == R.LEVELS
    assert all(f.baseline == f.levels[0] for f in domain.factors)
    scaled = {m.name: m for m in domain.metrics if m.name in R.SCALES}
    assert set(scaled) == set(R.SCALES) and scaled["delay"].horizon == R.SCALES["delay"][3]


def test_a_run_takes_well_under_a_millisecond() -> None:
    spec = {"shared": 0.5, "effects": {"a": [0, 1.0]}, "split": {"b": 0.3}, "tails": 4.0}
    began = time.process_time()
    runs(spec, moved(a=1, b=1), 1000)
    assert time.process_time() - began < 0.5


def test_the_mean_adds_effects_and_interactions() -> None:
    spec = {
        "intercept": 2.0,
        "effects": {"a": [0.0, 1.0], "c": [0.0, 0.3, 0.5, 0.5]},
        "interactions": [{"factors": ["a", "c"], "size": -0.25}],
    }
    assert R.mean(spec, BASE) == 2.0
    assert R.mean(spec, moved(a=1)) == 3.0
    assert R.mean(spec, moved(c=2)) == R.mean(spec, moved(c=3)) == 2.5
    assert R.mean(spec, moved(a=1, c=1)) == pytest.approx(2 + 1 + 0.3 - 0.25)


@pytest.mark.parametrize("spec", [{}, {"shared": 0.5}, {"shared": 1.0}, {"tails": 4.0}], ids=str)
def test_disturbances_have_mean_zero_and_variance_one(spec: dict) -> None:
    found = runs(spec, BASE)
    assert abs(statistics.fmean(found)) < 4 / math.sqrt(len(found))
    assert statistics.variance(found) == pytest.approx(1.0, rel=0.35 if spec.get("tails") else 0.12)


def test_what_is_shared_makes_settings_alike_on_one_seed() -> None:
    for shared in (0.0, 0.5):
        a, b = runs({"shared": shared}, BASE), runs({"shared": shared}, moved(a=1))
        assert statistics.correlation(a, b) == pytest.approx(shared, abs=0.06)


def test_spread_and_split_act_on_the_settings_they_name() -> None:
    spec = {"spread": {"a": [1.0, 3.0]}, "split": {"b": 2.0}}
    sd = [statistics.stdev(runs(spec, levels)) for levels in (BASE, moved(a=1), moved(b=1))]
    assert sd == pytest.approx([1.0, 3.0, math.sqrt(5.0)], rel=0.1)


def test_failures_depend_on_their_setting() -> None:
    spec = {"failures": {"f": [0.0, 0.3]}}
    assert None not in runs(spec, BASE, 500)
    assert runs(spec, moved(f=1)).count(None) / 4000 == pytest.approx(0.3, abs=0.03)


def test_other_scales_end_at_both_sides() -> None:
    rng = random.Random(1)
    for name, (_, _, low, high) in R.SCALES.items():
        assert all(low <= R.scaled(name, rng.gauss(0, 100)) <= high for _ in range(100))
        assert (R.scaled(name, -1e9), R.scaled(name, 1e9)) == (low, high)
