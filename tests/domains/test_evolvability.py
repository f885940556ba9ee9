"""The landscape is the published one, methods climb what they say, and swapped axes change nothing else."""

from pathlib import Path

import numpy as np
import pytest

from novum.domains import find_domain, load_domain
from tests.domains.programs import programs


@pytest.fixture
def evolvability():
    with programs("evolvability", "prepare", "landscape", "evolve", "methods", "evaluator") as modules:
        yield modules


@pytest.fixture
def config(blobs) -> dict:
    return load_domain(find_domain("evolvability"), blobs).baseline


def test_in_one_dimension_it_is_the_published_pattern(evolvability) -> None:
    one = {
        "slow": np.ones((2, 1)),
        "fast": np.ones((2, 1)),
        "slow_phase": np.zeros(2),
        "fast_phase": np.zeros(2),
    }
    x = np.linspace(-9, 9, 50)[:, None]
    assert np.allclose(evolvability.landscape.behaviour(x, one), 5 * np.sin(x / 5) * np.sin(20 * x))


def test_a_start_hardly_moves_whatever_mutates(evolvability, config) -> None:
    for seed in range(5):
        given, kept = evolvability.prepare.make(seed, "", config)
        noise = 0.5 * np.random.default_rng(seed).standard_normal((500, 4))
        found = evolvability.landscape.behaviour(given["start"] + noise, given)
        assert found.var(0).max() < 4 and np.abs(kept["goals"]).max() <= 4


def test_swapped_axes_are_the_same_landscape(evolvability, config) -> None:
    plain, swapped = (
        evolvability.prepare.make(1, "", config | {"axes": a})[0] for a in ("as_drawn", "swapped")
    )
    x = np.random.default_rng(0).standard_normal((9, 4))
    behaviour = evolvability.landscape.behaviour
    assert np.allclose(behaviour(x, plain), behaviour(x, swapped)[:, ::-1])


def test_worth_of_diversity(evolvability) -> None:
    found = np.array([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [4.0, 0.0]])
    assert evolvability.methods.spread(found).mean() == pytest.approx(found.var(0).sum())
    assert evolvability.methods.rarity(found).argmax() == 3


@pytest.mark.parametrize(
    "method", ["max_variance", "max_entropy", "snes", "cmaes", "hill_climbing", "random_search"]
)
def test_methods_raise_the_variance(evolvability, config, tmp_path: Path, method: str) -> None:
    """Over a few seeds; of `drift` the variance is below one on average."""
    found = [variance(evolvability, config | {"method": method}, tmp_path, seed) for seed in range(4)]
    assert np.mean(found) > 4 > 4 * variance(evolvability, config | {"method": "drift"}, tmp_path, 0)


def variance(evolvability, config: dict, folder: Path, seed: int) -> float:
    given, kept = evolvability.prepare.make(seed, "", config)
    save = evolvability.evolve.run_seeds.__globals__["save"]
    save(folder / "in" / str(seed), given)
    save(folder / "artefacts" / str(seed), evolvability.evolve.run(given, config, seed))
    asked = {"config": config, "in": str(folder / "in")}
    return evolvability.evaluator.measure(folder / "artefacts" / str(seed), kept, asked)["variance"]
