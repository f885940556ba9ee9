"""Worlds for the domain `planted`: drawn from a hidden seed, written beside its programs, and their truth.

Half of the worlds are wholly null: no setting does anything, whatever else is drawn. The others hold main
effects of several sizes, often an interaction, and at least three settings that do nothing. A *kind* says
what is awkward about a world beside that. The effects are in standard deviations of an undisturbed arm.
"""

import importlib.util
import math
import random
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from novum.canonical import canonical
from novum.domains import find_domain
from novum.evidence.contrasts import arms, weights_of
from novum.records import Config, Contrast, Domain, Factor, Record

SHARED = 0.5  # of the variance, common to all settings on one seed
PLATEAU = (0.0, 0.6, 1.0, 1.0)  # of the full effect, at the levels of a factor of four levels

KINDS: dict[str, tuple[float, str]] = {
    "plain": (0.35, "normal disturbances, half of their variance common to a seed"),
    "unshared": (0.10, "normal disturbances, nothing common to a seed"),
    "unequal": (0.10, "two settings double the standard deviation"),
    "tails": (0.10, "Student's t with four degrees of freedom"),
    "split": (0.10, "what two settings do differs from seed to seed"),
    "joint": (0.05, "three settings act jointly, which a fraction of a factorial design gives to a fourth"),
    "failing": (0.05, "one setting lets runs fail now and then"),
    "censored": (0.05, "a time to event, cut off at its horizon"),
    "ceiling": (0.05, "a bounded metric near its upper end"),
    "drift": (0.05, "other effects while exploring than while confirming"),
}
"""Kind -> its share of the worlds, and what it is."""

METRIC = {"censored": "delay", "ceiling": "share"}  # the primary metric of a kind; of the others `response`
INTERCEPT = {"censored": 1.2, "ceiling": 4.3}  # near the end of the metric's scale


class World(Record, kw_only=True):
    """A drawn world. `planted` holds the size of each main effect, `spec` what the domain's files read."""

    kind: str
    null: bool
    spec: dict[str, Any]
    planted: dict[str, float]

    @property
    def metric(self) -> str:
        return METRIC.get(self.kind, "response")


@cache
def response() -> ModuleType:
    """The domain's own `response.py`, which says how a world responds."""
    path = find_domain("planted") / "response.py"
    spec = importlib.util.spec_from_file_location("novum_planted_response", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- drawing ------------------------------------------------------------------------------------------


def draw(hidden: int, *, null: bool, kind: str = "") -> World:
    """A world from a hidden seed; its kind too, by the shares of `KINDS`, unless one is given."""
    rng = random.Random(hidden)
    kind = kind or rng.choices(list(KINDS), [share for share, _ in KINDS.values()])[0]
    spec: dict[str, Any] = {"intercept": INTERCEPT.get(kind, 0.0), "shared": SHARED}
    planted = {} if null else _plant(spec, rng)
    _complicate(spec, kind, rng)
    return World(kind=kind, null=null, spec=spec, planted=planted)


def _plant(spec: dict[str, Any], rng: random.Random) -> dict[str, float]:
    """Main effects of one standard deviation, of half of one, and of a quarter or two; half of the time an
    interaction of one standard deviation between two of all factors."""
    names = rng.sample(response().FACTORS, 3)
    sizes = [1.0, 0.5, rng.choice([0.25, 2.0])]
    planted = {name: size * rng.choice([-1, 1]) for name, size in zip(names, sizes, strict=True)}
    spec["effects"] = {name: _at_levels(name, size) for name, size in sorted(planted.items())}
    if rng.random() < 0.5:
        pair = sorted(rng.sample(response().FACTORS, 2))
        spec["interactions"] = [{"factors": pair, "size": rng.choice([-1.0, 1.0])}]
    return planted


def _at_levels(name: str, size: float) -> list[float]:
    count = response().LEVELS[response().FACTORS.index(name)]
    return [size * share for share in (PLATEAU if count == 4 else (0.0, 1.0, 0.5)[:count])]


def _complicate(spec: dict[str, Any], kind: str, rng: random.Random) -> None:
    names, levels = response().FACTORS, dict(zip(response().FACTORS, response().LEVELS, strict=True))
    first, second = rng.sample(names, 2)
    if kind == "unshared":
        spec["shared"] = 0.0
    elif kind == "unequal":
        spec["spread"] = {f: [1.0, *[2.0] * (levels[f] - 1)] for f in (first, second)}
    elif kind == "tails":
        spec["tails"] = 4.0
    elif kind == "split":
        spec["split"] = {first: 0.7, second: 0.7}
    elif kind == "joint" and "effects" in spec:
        spec["joint"] = [{"factors": sorted(rng.sample(names, 3)), "size": rng.choice([-1.0, 1.0])}]
    elif kind == "failing":
        spec["failures"] = {first: [0.0, *[0.03] * (levels[first] - 1)]}
    elif kind == "drift":
        effects = {first: _at_levels(first, 1.5), second: _at_levels(second, -1.5)}
        spec["drift"] = {"salts": [], "then": {"effects": spec.get("effects", {}) | effects}}


# --- the domain's folder ------------------------------------------------------------------------------


def write_domain(folder: Path, world: World, drifting: tuple[str, ...] = ()) -> Path:
    """A copy of the domain `planted` that holds this world; `drifting` are the salts of its drift."""
    shutil.copytree(find_domain("planted"), folder, ignore=shutil.ignore_patterns("__pycache__"))
    spec = dict(world.spec)
    if "drift" in spec:
        spec["drift"] = spec["drift"] | {"salts": list(drifting)}
    (folder / "world.json").write_text(canonical(spec))
    if world.metric != "response":
        description = folder / "domain.toml"
        text = description.read_text().replace("primary = true\n", "")
        named = f'name = "{world.metric}"\n'
        description.write_text(text.replace(named, f"{named}primary = true\n"))
    return folder


# --- the truth ----------------------------------------------------------------------------------------


def true_contrast(contrast: Contrast, base: Config, domain: Domain, world: World) -> float:
    """The contrast's value in this world while confirming, in the unit of its metric (or as a ratio)."""
    means = [true_mean(world, indices(config, domain), contrast.metric) for config in arms(contrast, base)]
    if contrast.estimand == "ratio":
        return means[1] / means[0]
    return sum(w * m for w, m in zip(weights_of(contrast, domain), means, strict=True))


def true_mean(world: World, levels: tuple[int, ...], metric: str) -> float:
    """The expected value of a metric at settings.

    Of a bounded metric it is that of a normal variable cut off at both ends: no kind of world has a
    bounded metric together with disturbances that are not normal.
    """
    own = response()
    centre = own.mean(world.spec, levels)
    if metric == "response":
        return centre
    zero, slope, low, high = own.SCALES[metric]
    return _mean_within(zero + slope * centre, slope * own.spread(world.spec, levels), low, high)


def _mean_within(mean: float, sd: float, low: float, high: float) -> float:
    """E[min(max(Y, low), high)] of a normal Y."""
    a, b = (low - mean) / sd, (high - mean) / sd
    between = mean * (_below(b) - _below(a)) + sd * (_density(a) - _density(b))
    return low * _below(a) + between + high * (1 - _below(b))


def _below(z: float) -> float:
    return math.erfc(-z / math.sqrt(2)) / 2


def _density(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def indices(config: Mapping[str, Any], domain: Domain) -> tuple[int, ...]:
    """The level index of each factor, in the domain's order."""
    return tuple(_index(factor, config[factor.name]) for factor in domain.factors)


def _index(factor: Factor, level: Any) -> int:
    return factor.levels.index(level)
