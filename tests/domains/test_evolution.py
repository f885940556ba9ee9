"""Digits are fresh and learnable, methods climb what they say, and disturbances are what the metric says."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from novum.domains import find_domain, load_domain
from tests.domains.programs import programs


@pytest.fixture
def evolution():
    with programs("evolution", "digits", "prepare", "train", "methods", "evaluator") as modules:
        yield modules


@pytest.fixture
def config(blobs) -> dict:
    return load_domain(find_domain("evolution"), blobs).baseline


def digits(evolution, seed: int, config: dict, salt: str = "") -> SimpleNamespace:
    given, kept = evolution.prepare.make(seed, salt, config)
    return SimpleNamespace(given=given, kept=kept)


def test_digits_differ_by_seed_and_by_salt_and_hold_every_figure(evolution, config) -> None:
    drawn = [digits(evolution, seed, config, salt) for seed, salt in ((1, ""), (2, ""), (1, "s"))]
    assert len({d.given["inputs"].tobytes() for d in drawn}) == 3
    for d in drawn:
        assert set(d.given["labels"]) == set(range(10)) and d.kept["inputs"].shape == (1000, 64)
        assert abs(d.given["inputs"].mean()) < 0.2 and 0.3 < d.given["inputs"].std() < 0.9


def test_order_of_pixels_changes_nothing_but_their_order(evolution, config) -> None:
    plain = digits(evolution, 3, config)
    mixed = digits(evolution, 3, config | {"pixel_order": "shuffled"})
    assert (np.sort(plain.kept["inputs"]) == np.sort(mixed.kept["inputs"])).all()
    assert (plain.kept["labels"] == mixed.kept["labels"]).all()
    assert (plain.kept["inputs"] != mixed.kept["inputs"]).any()


def test_the_gradient_learns_digits(evolution, config, tmp_path: Path) -> None:
    found = measured(evolution, config | {"method": "sgd"}, tmp_path)
    assert found["accuracy"] > 0.95 > found["robust_accuracy"] > 0.6


@pytest.mark.parametrize("method", ["es", "snes", "cmaes", "ga", "hill_climbing", "noisy_sgd"])
def test_methods_climb(evolution, config, tmp_path: Path, method: str) -> None:
    """Few updates of a small population: above chance is all that is asked."""
    quick = config | {"method": method, "updates": 40.0, "population": 32.0, "batch": 32.0}
    assert measured(evolution, quick, tmp_path)["accuracy"] > 0.2


def test_clipped_weights_cannot_outgrow_a_disturbance(evolution, config, tmp_path: Path) -> None:
    d = digits(evolution, 4, config)
    weights = evolution.train.run(d.given, config | {"method": "sgd"}, 4)["weights"]
    scores = []
    for scale in (1e6, 1e8):
        np.save(tmp_path / "weights.npy", weights * np.float32(scale))
        scores.append(evolution.evaluator.measure(tmp_path, d.kept, {"config": config}))
    assert scores[0]["robust_accuracy"] == scores[1]["robust_accuracy"] <= 1
    assert max(s["weight_size"] for s in scores) <= evolution.evaluator.BOUND


def test_the_cosine_agrees_with_theory_for_small_noise(evolution, config, tmp_path: Path) -> None:
    found = [measured(evolution, config | {"method": "sgd", "sigma": 0.02}, tmp_path, s) for s in range(6)]
    assert abs(np.mean([f["cosine_excess"] for f in found])) < 0.04


def test_faint_digits_of_the_hidden_world_are_fainter(evolution, config, monkeypatch) -> None:
    plain = digits(evolution, 5, config).given["inputs"]
    monkeypatch.setitem(evolution.prepare.WORLD, "contrast", 0.06)
    assert np.allclose(digits(evolution, 5, config).given["inputs"], 0.06 * plain, atol=1e-6)


def measured(evolution, config: dict, folder: Path, seed: int = 4) -> dict:
    d = digits(evolution, seed, config)
    np.save(folder / "weights.npy", evolution.train.run(d.given, config, seed)["weights"])
    return evolution.evaluator.measure(folder, d.kept, {"config": config})


def test_the_world_that_ships_is_the_one_described(blobs) -> None:
    folder = find_domain("evolution")
    world = json.loads((folder / "world.json").read_text())
    assert f"standard deviation {world['noise']} is added" in load_domain(folder, blobs).primary.description
