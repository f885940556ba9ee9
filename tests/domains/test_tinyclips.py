"""Clips obey their laws, plans draw each frame once, free slots tell nothing, models learn, copies fail."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from novum.domains import find_domain, load_domain
from novum.journal import FileBlobs
from tests.domains.laid import modules

BASELINE = {"frames": "autoregressive", "context": 2.0, "context_noise": 0.0, "motion": "orbit",
            "length": 13.0, "evaluations": 20.0, "ema": 0.99, "width": 64.0, "train_size": 1024.0,
            "learning_rate": 0.003, "batches": "epochs", "init_distribution": "normal"}  # fmt: skip
ORDERS = ["joint", "autoregressive", "hierarchical"]


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    with modules("tinyclips", tmp_path_factory.mktemp("laid")) as loaded:
        yield loaded


@pytest.fixture
def tinyclips(laid: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The domain's modules; `short(updates)` trains for fewer, until the test ends."""
    laid.short = lambda updates: monkeypatch.setattr(laid.settings, "UPDATES", updates)
    return laid


def trained(tinyclips: SimpleNamespace, seed: int, updates: int, **changes: object) -> dict:
    """Metrics of one run, its artefact scored in this process."""
    tinyclips.short(updates)
    config = BASELINE | changes
    given, kept = tinyclips.prepare.make(seed, "", config)
    drawn = tinyclips.driver.run(given, config, seed)["clips"]
    assert drawn.shape == (tinyclips.settings.DRAWN, int(config["length"]), 2)
    return tinyclips.evaluator.compare(drawn, kept["clips"], given["clips"])


def test_the_baseline_here_is_that_of_the_domain(blobs: FileBlobs) -> None:
    assert load_domain(find_domain("tinyclips"), blobs).baseline == BASELINE


# --- data ---------------------------------------------------------------------------------------------


def test_motions_keep_what_their_laws_keep(tinyclips) -> None:
    rng, clock = np.random.default_rng(0), np.arange(13)
    radii = np.linalg.norm(tinyclips.motions.orbit(50, clock, rng), axis=2)
    assert radii.std(1).max() < 1e-9 < radii.std()
    box = tinyclips.motions.bounce(500, clock, rng)
    steps = np.linalg.norm(np.diff(box, axis=1), axis=2)
    reach = np.abs(box).max((0, 1))
    assert reach[0] * reach[1] == pytest.approx(1, abs=0.02)  # the walls of a rectangle of area four
    assert np.median(steps.std(1)) < 0.1
    swing = tinyclips.motions.spring(50, clock, rng)
    pull = np.diff(swing, n=2, axis=1) / swing[:, 1:-1]
    assert pull.std((0, 1)) == pytest.approx([0, 0], abs=1e-6)  # acceleration in proportion to position
    walk = np.diff(tinyclips.motions.wander(4000, clock, rng), axis=1)
    assert abs(np.corrcoef(walk[:, 3].ravel(), walk[:, 4].ravel())[0, 1]) < 0.05


@pytest.mark.parametrize("motion", ["orbit", "bounce", "spring", "wander"])
def test_clips_have_unit_variance_and_differ_from_seed_to_seed(tinyclips, motion: str) -> None:
    config = BASELINE | {"motion": motion}
    first, kept = tinyclips.prepare.make(1, "", config)
    other, _ = tinyclips.prepare.make(2, "", config)
    assert kept["clips"].std() == pytest.approx(1, abs=0.05)
    assert first["clips"].shape == (1024, 13, 2) and len(kept["clips"]) == tinyclips.settings.HELD_OUT
    flat = [clips.reshape(len(clips), -1) for clips in (first["clips"], other["clips"])]
    assert tinyclips.samples.sliced_wasserstein(*flat, tinyclips.samples.at_random(26, 32)) > 0.05


# --- the program --------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("length", [9, 13, 17])
def test_every_frame_is_drawn_once_and_given_only_after(tinyclips, order: str, length: int) -> None:
    seen: set[int] = set()
    for new, old in tinyclips.train.plan(BASELINE | {"frames": order}, length):
        assert set(old) <= seen and not set(new) & seen
        seen |= set(new)
    assert seen == set(range(length))


def test_context_is_the_frames_just_before(tinyclips) -> None:
    steps = tinyclips.train.plan(BASELINE | {"context": 4.0}, 9)
    assert steps[0] == ([0], []) and steps[2] == ([2], [0, 1]) and steps[8] == ([8], [4, 5, 6, 7])


def test_every_number_of_given_frames_is_trained_on_equally_often(tinyclips) -> None:
    _, given = tinyclips.train.slots(tinyclips.train.plan(BASELINE, 13), 13)
    assert tinyclips.train.shares(given < 13) == pytest.approx([1 / 3, 1 / 3, *[1 / 33] * 11])


def test_what_lies_in_free_slots_and_later_frames_changes_nothing(tinyclips) -> None:
    model = tinyclips.train.Model(BASELINE, 13, 10, np.random.default_rng(0))
    clips = np.random.default_rng(1).normal(size=(4, 13, 2)).astype(np.float32)
    later = clips.copy()
    later[:, 5:] = 9
    steps = np.full(4, 5)
    assert (model.told(clips, steps) == model.told(later, steps)).all()
    assert (model.told(clips, np.zeros(4, int)) == model.told(later * 3, np.zeros(4, int))).all()
    earlier = clips.copy()
    earlier[:, 4] = 9
    assert (model.told(clips, steps) != model.told(earlier, steps)).any()


def test_noise_falls_on_given_frames_alone_and_only_in_training(tinyclips) -> None:
    model = tinyclips.train.Model(BASELINE, 13, 10, np.random.default_rng(0))
    clips = np.zeros((500, 13, 2), np.float32)
    told = model.told(clips, np.ones(500, int), 0.1)  # the second frame, given the first
    assert told[:, :2].std() == pytest.approx(0.1, rel=0.1) and not told[:, 2:4].any()
    assert (model.told(clips, np.ones(500, int)) == model.told(clips, np.ones(500, int))).all()


# --- measuring ----------------------------------------------------------------------------------------


def test_an_ending_gone_wrong_shows_as_growth_and_jolts(tinyclips) -> None:
    given, kept = tinyclips.prepare.make(1, "", BASELINE)
    fresh = kept["clips"][:1024]
    honest = tinyclips.evaluator.compare(fresh, kept["clips"], given["clips"])
    assert honest["distance"] < 0.05 and abs(honest["growth"]) < 0.02
    wrong = fresh.copy()
    wrong[:, -2:] += np.random.default_rng(0).normal(0, 1, (1024, 2, 2)).astype(np.float32)
    found = tinyclips.evaluator.compare(wrong, kept["clips"], given["clips"])
    assert found["growth"] > 0.1 and found["jolts"] > 0.1 and found["opening"] == honest["opening"]
    curve = found["series/distance_along_the_clip"]
    assert curve.shape == (11, 2) and curve[-1, 1] == found["ending"]


def test_repeated_training_clips_fail_the_seed(tinyclips, tmp_path: Path) -> None:
    given, kept = tinyclips.prepare.make(3, "", BASELINE)
    for folder in (tmp_path / "in" / "3", tmp_path / "3"):
        folder.mkdir(parents=True)
    np.save(tmp_path / "in" / "3" / "clips.npy", given["clips"])
    np.save(tmp_path / "3" / "clips.npy", given["clips"][: tinyclips.settings.DRAWN] + np.float32(1e-4))
    with pytest.raises(tinyclips.stage.Invalid, match="copies of training clips"):
        tinyclips.evaluator.measure(tmp_path / "3", kept, {"in": str(tmp_path / "in")})


def test_a_run_that_diverged_fails_though_its_numbers_are_finite(tinyclips, tmp_path: Path) -> None:
    _, kept = tinyclips.prepare.make(3, "", BASELINE)
    (tmp_path / "3").mkdir()
    np.save(tmp_path / "3" / "clips.npy", np.float32(20) * kept["clips"][: tinyclips.settings.DRAWN])
    with pytest.raises(tinyclips.stage.Invalid, match=r"lie 2\d(\.\d)? standard deviations out .* diverged$"):
        tinyclips.evaluator.measure(tmp_path / "3", kept, {"in": str(tmp_path / "in")})


def test_a_model_learns(tinyclips) -> None:
    """By jolts: projections of clips in many dimensions look normal, and so does what was not trained."""
    before = trained(tinyclips, 1, 1, frames="joint")
    after = trained(tinyclips, 1, 150, frames="joint")
    assert after["distance"] < before["distance"] and after["jolts"] < 0.7 * before["jolts"]


@pytest.mark.slow
@pytest.mark.parametrize("order", ORDERS)
def test_every_order_learns(tinyclips, order: str) -> None:
    before, after = (trained(tinyclips, 2, updates, frames=order) for updates in (1, 500))
    assert after["distance"] < 0.95 * before["distance"] and after["jolts"] < 0.5 * before["jolts"]
