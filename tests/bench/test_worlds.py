"""Worlds: drawn from their seed alone, written where only prepare reads them, with the right truth."""

import json
import math
import random
import statistics
from collections import Counter
from pathlib import Path

import pytest

from novum.bench.worlds import (
    KINDS,
    METRIC,
    _mean_within,
    draw,
    indices,
    response,
    true_contrast,
    true_mean,
    write_domain,
)
from novum.domains import load_domain
from novum.evidence.contrasts import arms
from novum.records import Contrast

BASE = (0,) * 8


def test_a_hidden_seed_gives_one_world() -> None:
    assert draw(7, null=False) == draw(7, null=False)
    assert draw(7, null=False) != draw(8, null=False)


def test_kinds_come_in_their_shares() -> None:
    assert sum(share for share, _ in KINDS.values()) == pytest.approx(1.0)
    found = Counter(draw(i, null=True).kind for i in range(3000))
    assert all(found[kind] / 3000 == pytest.approx(share, abs=0.03) for kind, (share, _) in KINDS.items())


@pytest.mark.parametrize("kind", KINDS)
def test_a_null_world_responds_alike_everywhere(kind: str) -> None:
    rng = random.Random(kind)
    world = draw(3, null=True, kind=kind)
    assert world.planted == {}
    places = [tuple(rng.randrange(n) for n in response().LEVELS) for _ in range(20)]
    assert len({true_mean(world, levels, world.metric) for levels in places}) == 1


def test_a_world_with_effects_leaves_three_settings_idle() -> None:
    for hidden in range(50):
        world = draw(hidden, null=False)
        assert {1.0, 0.5} < {abs(size) for size in world.planted.values()} and len(world.planted) == 3
        pairs = [f for pair in world.spec.get("interactions", ()) for f in pair["factors"]]
        assert len({*world.planted, *pairs}) <= 5
        for name, size in world.planted.items():
            assert max(map(abs, world.spec["effects"][name])) == abs(size)


@pytest.mark.parametrize("kind", KINDS)
def test_the_domain_holds_the_world_and_the_kind_s_metric(tmp_path: Path, blobs, kind: str) -> None:
    world = draw(5, null=False, kind=kind)
    folder = write_domain(tmp_path / "planted", world, ("salt",))
    domain = load_domain(folder, blobs)
    assert domain.primary.name == METRIC.get(kind, "response") and domain.primary.margin
    written = json.loads((folder / "world.json").read_text())
    assert written.get("effects") == world.spec["effects"]
    assert written.get("drift", {}).get("salts", []) == (["salt"] if kind == "drift" else [])
    assert not domain.shipped


@pytest.mark.parametrize("kind", ["plain", "censored", "ceiling", "tails", "split", "unequal"])
def test_the_truth_is_what_runs_come_to(kind: str) -> None:
    world = draw(11, null=False, kind=kind)
    levels, own, n = (1, 1, 2, 1, 1, 0, 1, 0), response(), 4000
    values = [own.respond(world.spec, levels, f"k{i}") for i in range(n)]
    if world.metric != "response":
        values = [own.scaled(world.metric, v) for v in values]
    reach = 4 * statistics.stdev(values) / math.sqrt(n)
    assert statistics.fmean(values) == pytest.approx(true_mean(world, levels, world.metric), abs=reach)


def test_a_normal_variable_cut_off() -> None:
    assert _mean_within(0.0, 1.0, -50.0, 50.0) == pytest.approx(0.0, abs=1e-12)
    assert _mean_within(0.0, 1.0, 0.0, 50.0) == pytest.approx(1 / math.sqrt(2 * math.pi))
    assert _mean_within(9.0, 1e-6, 0.0, 1.0) == pytest.approx(1.0)


def test_the_true_contrast_weighs_its_arms(tmp_path: Path, blobs) -> None:
    world = draw(11, null=False, kind="plain")
    domain = load_domain(write_domain(tmp_path / "planted", world), blobs)
    names = {"id": "x", "text": "", "metric": "response", "margin": 0.1, "test": "t"}
    slope = Contrast(a={"c": 0.0}, b={"c": 3.0}, estimand="slope", direction="greater",
                     levels=(0.0, 1.0, 2.0, 3.0), **names)  # fmt: skip
    y = [true_mean(world, indices(c, domain), "response") for c in arms(slope, domain.baseline)]
    expected = 3 * sum((i - 1.5) * v for i, v in enumerate(y)) / 5
    assert true_contrast(slope, domain.baseline, domain, world) == pytest.approx(expected)
    pair = Contrast(a={"a": "closed"}, b={"a": "open"}, estimand="interaction", direction="less",
                    contexts=({"b": "coarse"}, {"b": "fine"}), **names)  # fmt: skip
    planted = [p["size"] for p in world.spec.get("interactions", ()) if p["factors"] == ["a", "b"]]
    assert true_contrast(pair, domain.baseline, domain, world) == pytest.approx(sum(planted))
