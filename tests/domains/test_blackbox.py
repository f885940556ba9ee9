"""Every function is zero at its minimum alone, methods ask and are told, and a trap leads away."""

import numpy as np
import pytest

from novum.domains import find_domain, load_domain
from tests.domains.programs import programs


@pytest.fixture
def blackbox():
    with programs("blackbox", "prepare", "functions", "minimise", "learned", "evaluator") as modules:
        yield modules


@pytest.fixture
def config(blobs) -> dict:
    return load_domain(find_domain("blackbox"), blobs).baseline


def test_minima_are_zero_and_elsewhere_is_more(blackbox, config) -> None:
    instance, _ = blackbox.prepare.make(1, "", config)
    assert np.allclose(blackbox.functions.values(instance["minima"], instance), 0, atol=1e-9)
    around = instance["minima"][:, None] + np.random.default_rng(0).standard_normal((8, 200, 5))
    assert (blackbox.functions.values(around, instance) > 0).all()


def test_reversed_coordinates_are_the_same_functions(blackbox, config) -> None:
    plain, turned = (blackbox.prepare.make(2, "", config | {"axes": a})[0] for a in ("as_drawn", "reversed"))
    points = np.random.default_rng(0).standard_normal((8, 6, 5))
    values = blackbox.functions.values
    assert np.allclose(values(points, plain), values(points[..., ::-1], turned))


@pytest.mark.parametrize("method", ["snes", "cmaes", "es", "ga", "hill_climbing", "random_search"])
def test_methods_descend(blackbox, config, method: str) -> None:
    instance, _ = blackbox.prepare.make(3, "", config)
    points = blackbox.minimise.run(instance, config | {"method": method}, 3)["points"]
    first, last = (blackbox.functions.values(points[k], instance) for k in (0, -1))
    assert points.shape == (11, 8, 5) and (last < first).all()


def test_a_trap_leads_away(blackbox, config) -> None:
    blackbox.prepare.WORLD["trap"] = True
    instance, _ = blackbox.prepare.make(3, "", config)
    assert (blackbox.functions.values(instance["minima"], instance) == 1e-4).all()
    points = blackbox.minimise.run(instance, config | {"method": "cmaes"}, 3)["points"][-1]
    assert np.mean(blackbox.functions.values(points, instance) >= 1) > 0.5


@pytest.mark.slow
def test_the_evolution_transformer_descends_and_repeats(blackbox, config, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("NOVUM_XLA_CACHE", str(tmp_path))
    pytest.importorskip("evosax")
    asked = config | {"method": "evolution_transformer", "generations": 10.0}
    instance, _ = blackbox.prepare.make(4, "", asked)
    once, again = (blackbox.minimise.run(instance, asked, 4)["points"] for _ in range(2))
    assert (once == again).all()
    first, last = (blackbox.functions.values(once[k], instance) for k in (0, -1))
    assert (last < first).mean() > 0.8
    tell = blackbox.learned.compiled(5, 12, asked["sigma"], 10)[-1]
    assert tell._cache_size() == 1  # compiled once, for all generations of both runs
