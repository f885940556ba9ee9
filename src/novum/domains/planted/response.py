"""How a world responds: the mean at given settings, and one run's response with its disturbances.

A world is plain data. Per factor, lists hold one number for each level, in the order of the levels:

    intercept      the mean of the baseline
    effects        factor -> what each level adds
    interactions   [{factors: [f, g], size}]: added when both are away from their first level
    joint          [{factors: [f, g, h], size}]: half of it is added where an even number of them is at its
                   first level, and taken away elsewhere: no single factor and no pair has a share in it
    spread         factor -> what each level multiplies the standard deviation by
    shared         share of the variance (at unit spread) common to all settings on one seed, in [0, 1]
    split          factor -> SD over seeds of what being away from the first level adds on that seed
    tails          degrees of freedom of a Student t scaled to unit variance, in place of the normal
    failures       factor -> chance at each level that a run fails
"""

import hashlib
import math
import random

FACTORS = "abcdefgh"
LEVELS = (2, 2, 4, 3, 2, 2, 2, 2)
SCALES = {"share": (0.5, 0.1, 0.0, 1.0), "delay": (10.0, 1.0, 0.0, 12.0)}  # zero, slope, lowest, highest


def mean(world: dict, levels: tuple[int, ...]) -> float:
    """The response at settings (one level index per factor), without disturbances, in SD."""
    at = dict(zip(FACTORS, levels, strict=True))
    found = world.get("intercept", 0.0) + sum(of[at[f]] for f, of in world.get("effects", {}).items())
    for pair in world.get("interactions", ()):
        found += pair["size"] * all(at[f] > 0 for f in pair["factors"])
    for trio in world.get("joint", ()):
        found += trio["size"] / 2 * math.prod(1 if at[f] > 0 else -1 for f in trio["factors"])
    return found


def spread(world: dict, levels: tuple[int, ...]) -> float:
    """The standard deviation of a run's disturbance at settings, that of `split` aside."""
    at = dict(zip(FACTORS, levels, strict=True))
    return math.prod(of[at[f]] for f, of in world.get("spread", {}).items())


def respond(world: dict, levels: tuple[int, ...], key: str) -> float | None:
    """One run's response; None if it fails. `key` names the disturbances of the seed."""
    at = dict(zip(FACTORS, levels, strict=True))
    common, own = _random(key, "common"), _random(key, *map(str, levels))
    if any(own.random() < of[at[f]] for f, of in world.get("failures", {}).items()):
        return None
    shared, df = world.get("shared", 0.0), world.get("tails")
    noise = math.sqrt(shared) * _noise(common, df) + math.sqrt(1 - shared) * _noise(own, df)
    found = mean(world, levels) + spread(world, levels) * noise
    for factor, size in world.get("split", {}).items():
        found += size * _random(key, f"split {factor}").gauss(0, 1) * (at[factor] > 0)
    return found


def scaled(metric: str, response: float) -> float:
    """The response on the scale of another metric, which ends at both sides."""
    zero, slope, lowest, highest = SCALES[metric]
    return min(max(zero + slope * response, lowest), highest)


def _noise(rng: random.Random, df: float | None) -> float:
    """A draw of mean 0 and variance 1: normal, or Student's t with `df` > 2."""
    normal = rng.gauss(0, 1)
    if df is None:
        return normal
    return normal / math.sqrt(rng.gammavariate(df / 2, 2) / df) / math.sqrt(df / (df - 2))


def _random(*parts: str) -> random.Random:
    return random.Random(int(hashlib.sha256("/".join(parts).encode()).hexdigest()[:16], 16))
