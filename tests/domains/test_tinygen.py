"""Gradients are true, schedules are the papers', distances measure, copies are caught, models learn."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from novum.domains import find_domain, load_domain
from novum.journal import FileBlobs
from tests.domains.laid import modules

BASELINE = {"prediction": "noise", "schedule": "linear", "sampler": "ancestral", "evaluations": 40.0,
            "ema": 0.99, "learning_rate": 0.003, "decay": "constant", "embedding": "sinusoidal",
            "coordinates": "waves",
            "train_size": 4096.0, "data": "moons", "batches": "epochs",
            "init_distribution": "normal"}  # fmt: skip
BEST = {"prediction": "velocity", "schedule": "karras", "sampler": "heun"}


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    with modules("tinygen", tmp_path_factory.mktemp("laid")) as loaded:
        yield loaded


@pytest.fixture
def tinygen(laid: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The domain's modules; `short(updates)` trains for fewer, until the test ends."""
    laid.short = lambda updates: monkeypatch.setattr(laid.settings, "UPDATES", updates)
    return laid


def trained(tinygen: SimpleNamespace, seed: int, updates: int, **changes: object) -> dict:
    """Metrics of one run, its artefact scored in this process."""
    tinygen.short(updates)
    config = BASELINE | changes
    given, kept = tinygen.prepare.make(seed, "", config)
    drawn = tinygen.driver.run(given, config, seed)["points"]
    return tinygen.evaluator.compare(drawn, kept["points"], given["points"])


def test_the_baseline_here_is_that_of_the_domain(blobs: FileBlobs) -> None:
    assert load_domain(find_domain("tinygen"), blobs).baseline == BASELINE


# --- data ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["circle", "moons", "line", "spirals", "dinosaur"])
def test_points_have_unit_variance_and_lie_near_a_curve(tinygen, shape: str) -> None:
    points = tinygen.shapes.draw(shape, 4000, np.random.default_rng(1))
    assert points.shape == (4000, 2) and points.mean() == pytest.approx(0, abs=0.01)
    assert points.std() == pytest.approx(1, abs=0.01)
    cells = {tuple(cell) for cell in np.floor(points / 0.1).astype(int)}
    spread = {
        tuple(cell) for cell in np.floor(np.random.default_rng(2).normal(size=(4000, 2)) / 0.1).astype(int)
    }
    assert len(cells) < 0.6 * len(spread)  # of the cells that points strewn over the plane would fill


def test_a_circle_is_one(tinygen) -> None:
    radii = np.linalg.norm(tinygen.shapes.draw("circle", 4000, np.random.default_rng(1)), axis=1)
    assert radii.std() < 2 * tinygen.shapes.BLUR


def test_every_seed_and_salt_has_its_own_shape_and_no_held_out_point_is_given(tinygen) -> None:
    first, kept = tinygen.prepare.make(1, "", BASELINE)
    again, _ = tinygen.prepare.make(1, "", BASELINE)
    assert (first["points"] == again["points"]).all()
    for seed, salt in ((2, ""), (1, "x")):
        other, _ = tinygen.prepare.make(seed, salt, BASELINE)
        assert (
            tinygen.samples.sliced_wasserstein(first["points"], other["points"], tinygen.samples.around(9))
            > 0.05
        )
    shared = {row.tobytes() for row in first["points"]} & {row.tobytes() for row in kept["points"]}
    assert not shared and len(first["points"]) == 4096 and len(kept["points"]) == tinygen.settings.HELD_OUT


def test_configurations_that_differ_in_training_alone_share_their_data(tinygen) -> None:
    a = tinygen.prepare.make(4, "", BASELINE)
    b = tinygen.prepare.make(4, "", BASELINE | {"ema": 0.0, "sampler": "heun"})
    assert (a[0]["points"] == b[0]["points"]).all() and (a[1]["points"] == b[1]["points"]).all()


# --- network and diffusion ----------------------------------------------------------------------------


def test_gradient_equals_finite_differences(tinygen) -> None:
    rng = np.random.default_rng(0)
    network = tinygen.residual.Residual(5, 7, 2, 3)
    flat = network.initialise(rng).astype(np.float64)
    flat += rng.normal(0, 0.1, flat.shape)
    inputs, wanted = rng.normal(size=(11, 5)), rng.normal(size=(11, 3))
    outputs, entered = network.forward(flat, inputs)
    found = network.gradient(flat, entered, 2 * (outputs - wanted))
    for index in rng.choice(len(flat), 40, replace=False):
        step = np.zeros_like(flat)
        step[index] = 1e-6
        above, below = (((network.forward(flat + s * step, inputs)[0] - wanted) ** 2).sum() for s in (1, -1))
        assert found[index] == pytest.approx((above - below) / 2e-6, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("distribution", ["normal", "uniform"])
def test_initial_weights_have_the_same_variance(tinygen, distribution: str) -> None:
    network = tinygen.residual.Residual(300, 200, 1, 2)
    (first, biases), *_ = network.unpack(network.initialise(np.random.default_rng(0), distribution))
    assert first.std() == pytest.approx(1 / np.sqrt(900), rel=0.02) and not biases.any()


def test_schedules_are_those_of_the_papers(tinygen) -> None:
    """Against the discrete definitions: a thousand variances from 1e-4 to 0.02, and a squared cosine."""
    diffusion, steps = tinygen.diffusion, 1000
    kept = np.cumprod(1 - np.linspace(1e-4, 0.02, steps))
    for i in (99, 499, 899):
        discrete = np.sqrt(1 / kept[i] - 1)
        assert diffusion.linear(np.array((i + 1) / steps)) == pytest.approx(discrete, rel=0.05)
    share = np.cos((0.5 + 0.008) / 1.008 * np.pi / 2) ** 2 / np.cos(0.008 / 1.008 * np.pi / 2) ** 2
    assert diffusion.cosine(np.array(0.5)) == pytest.approx(np.sqrt(1 / share - 1))
    ends = diffusion.karras(np.array([0.0, 1.0]))
    assert ends == pytest.approx([diffusion.SMALLEST, diffusion.LARGEST])


@pytest.mark.parametrize("schedule", ["linear", "cosine", "karras"])
def test_levels_fall_to_zero_within_bounds(tinygen, schedule: str) -> None:
    levels = tinygen.diffusion.sampling_levels(schedule, 20)
    assert len(levels) == 21 and levels[-1] == 0 and levels == sorted(levels, reverse=True)
    drawn = tinygen.diffusion.training_levels(schedule, 5000, np.random.default_rng(0))
    assert drawn.min() >= np.float32(0.01) and drawn.max() <= 80 and drawn.shape == (5000, 1)


@pytest.mark.parametrize("prediction", ["noise", "data", "velocity"])
def test_a_network_that_hits_its_target_gives_back_the_data(tinygen, prediction: str) -> None:
    rng = np.random.default_rng(0)
    data, noise, sigma = rng.normal(size=(50, 2)), rng.normal(size=(50, 2)), rng.uniform(0.1, 5, (50, 1))
    noisy = data + sigma * noise
    aim = tinygen.diffusion.target(data, noisy, sigma, prediction)
    skip, scale = tinygen.diffusion.mixing(prediction, sigma)
    assert skip * noisy + scale * aim == pytest.approx(data)
    if prediction == "noise":
        assert aim == pytest.approx(noise)
    if prediction == "velocity":  # up to sign that of Salimans & Ho: cos * noise - sin * data
        assert aim == pytest.approx((sigma * data - noise) / np.sqrt(1 + sigma**2))


@pytest.mark.parametrize("sampler", ["ancestral", "ddim", "heun"])
def test_samplers_draw_a_gaussian_from_its_exact_denoiser(tinygen, sampler: str) -> None:
    """For data N(0, s²) the best estimate is known, so that only the sampler can err."""
    spread, calls = 0.7, []

    def denoise(x: np.ndarray, level: float) -> np.ndarray:
        calls.append(level)
        return x * np.float32(spread**2 / (spread**2 + level**2))

    config = {"sampler": sampler, "schedule": "karras", "evaluations": 400.0}
    drawn = tinygen.diffusion.sample(denoise, (4000, 2), config, np.random.default_rng(0))
    assert drawn.std() == pytest.approx(spread, rel=0.03)
    assert len(calls) <= 400


def test_the_average_is_that_of_the_weights_it_stands_for(tinygen) -> None:
    rows = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
    for decay in (0.0, 0.9):
        average = tinygen.training.Average(decay, rows[0])
        for row in rows:
            average.add(row)
        weights = decay ** np.arange(29, -1, -1.0)
        assert average.value() == pytest.approx(weights @ rows / weights.sum(), rel=1e-4, abs=1e-6)


# --- the protected part -------------------------------------------------------------------------------


def test_batches_are_counted_and_epochs_repeat_no_point(tinygen) -> None:
    points = np.arange(12, dtype=np.float32)[:, None]
    cut = list(tinygen.training.batches(points, 7, 4, "epochs", np.random.default_rng(0)))
    drawn = list(tinygen.training.batches(points, 7, 4, "drawn", np.random.default_rng(0)))
    assert [len(b) for b in cut] == [len(b) for b in drawn] == [4] * 7
    assert sorted(np.concatenate(cut[:3]).ravel()) == list(range(12))
    assert len(set(np.concatenate(drawn[:3]).ravel())) < 12


def test_sliced_wasserstein_is_the_shift_seen_from_all_directions(tinygen) -> None:
    points = np.random.default_rng(0).normal(size=(4000, 2)).astype(np.float32)
    distance, directions = tinygen.samples.sliced_wasserstein, tinygen.samples.around(32)
    assert distance(points, np.repeat(points, 2, axis=0), directions) == 0
    moved = distance(points, np.repeat(points, 2, axis=0) + np.float32([0.3, 0]), directions)
    assert moved == pytest.approx(0.3 * 2 / np.pi, rel=0.01)


def test_copies_are_told_from_fresh_points(tinygen, tmp_path: Path) -> None:
    given, kept = tinygen.prepare.make(3, "", BASELINE)
    fresh, _ = tinygen.prepare.make(3, "", BASELINE | {"train_size": 4096.0})
    halves = kept["points"][: len(kept["points"]) // 2], kept["points"][len(kept["points"]) // 2 :]
    honest = tinygen.evaluator.compare(halves[0], np.tile(halves[1], (2, 1)), given["points"])
    assert honest["copied"] == pytest.approx(0.05, abs=0.02) and honest["distance"] < 0.05
    jittered = fresh["points"] + np.random.default_rng(0).normal(0, 1e-3, (4096, 2)).astype(np.float32)
    (tmp_path / "in" / "3").mkdir(parents=True)
    np.save(tmp_path / "in" / "3" / "points.npy", given["points"])
    (tmp_path / "3").mkdir()
    np.save(tmp_path / "3" / "points.npy", jittered)
    with pytest.raises(tinygen.stage.Invalid, match="copies of training points"):
        tinygen.evaluator.measure(tmp_path / "3", kept, {"in": str(tmp_path / "in")})


def test_a_run_that_diverged_has_the_worst_of_every_measure(tinygen, tmp_path: Path) -> None:
    given, kept = tinygen.prepare.make(3, "", BASELINE)
    for folder, points in (
        (tmp_path / "in" / "3", given["points"]),
        (tmp_path / "3", given["points"].copy()),
    ):
        folder.mkdir(parents=True)
        points[0] = 1e30 if folder.parent == tmp_path else points[0]
        np.save(folder / "points.npy", points)
    found = tinygen.evaluator.measure(tmp_path / "3", kept, {"in": str(tmp_path / "in")})
    assert found == {"distance": 1.0, "stray": 1.0, "missed": 1.0, "copied": 0.0}


def test_no_distance_counts_as_more_than_where_nothing_of_a_shape_is_left(tinygen) -> None:
    given, kept = tinygen.prepare.make(3, "", BASELINE)
    strewn = np.random.default_rng(0).normal(0, 6, (4096, 2)).astype(np.float32)
    found = tinygen.evaluator.compare(strewn, kept["points"], given["points"])
    assert found["distance"] == 1.0 and found["stray"] > 0.8


def test_stray_and_missed_tell_invented_from_absent_points(tinygen) -> None:
    given, kept = tinygen.prepare.make(5, "", BASELINE)
    reference = kept["points"]
    half = reference[reference[:, 0] > 0]
    absent = tinygen.evaluator.compare(np.resize(half, (4096, 2)), reference, given["points"])
    assert absent["missed"] > 0.3 and absent["stray"] < 0.05
    strewn = np.random.default_rng(0).normal(0, 2, (2048, 2)).astype(np.float32)
    spread = np.concatenate([reference[:2048], strewn])
    invented = tinygen.evaluator.compare(spread, reference, given["points"])
    assert invented["stray"] > 0.3 and invented["missed"] < 0.1


def test_training_brings_the_distance_down_by_a_factor_of_five(tinygen) -> None:
    before = trained(tinygen, 1, 1, **BEST)["distance"]
    after = trained(tinygen, 1, 600, **BEST)["distance"]
    assert after < before / 5


@pytest.mark.slow
@pytest.mark.parametrize(("name", "levels"), [
    ("prediction", ["noise", "data", "velocity"]), ("schedule", ["linear", "cosine", "karras"]),
    ("sampler", ["ancestral", "ddim", "heun"]), ("embedding", ["sinusoidal", "scalar"]),
    ("coordinates", ["waves", "plain"]),
    ("decay", ["constant", "cosine"]), ("ema", [0.0, 0.9, 0.999]),
])  # fmt: skip
def test_every_method_learns(tinygen, name: str, levels: list) -> None:
    for level in levels:
        found = trained(tinygen, 2, 400, **{name: level})
        assert found["distance"] < 0.5, f"{name} = {level}"
        assert json.dumps({k: float(v) for k, v in found.items()})
