"""The tasks of part a: circle packing, and eleven small ones of different character.

Every task is drawn anew for each seed: where its optima lie, and where the search starts. Circle packing and
five of the small ones were looked at while the default policy was tuned; the other six were not.
"""

import random
from collections.abc import Callable
from itertools import pairwise
from math import cos, exp, pi, sin

from msgspec import Struct

from novum.bench.search.circles import discs_moved, start_of, total_radius
from novum.bench.search.proposer import Move
from novum.bench.search.rig import Measure, Numbers
from novum.canonical import derive_seed

SMALL = 60
"""Candidates of a small task."""
SIGMAS = (0.01, 0.05, 0.15)
TELEPORT = 0.15


class Instance(Struct, frozen=True):
    """A task of one seed: where it starts, how a model moves numbers, what is measured and what is true."""

    start: Numbers
    move: Move
    measure: Measure
    truth: Callable[[Numbers], float]


class Task(Struct, frozen=True):
    name: str
    half: str
    about: str
    make: Callable[[int], Instance]
    trials: int = SMALL


# --- the model of the small tasks ---------------------------------------------------------------------


def moved(numbers: Numbers, draft: bool, luck: random.Random) -> Numbers:
    """Some numbers a little elsewhere, now and then one anywhere; a draft is anywhere in all of them."""
    if draft:
        return tuple(luck.random() for _ in numbers)
    found, n = list(numbers), len(numbers)
    sigma = luck.choice(SIGMAS)
    for place in luck.sample(range(n), min(n, luck.choice((1, 1, 2, n)))):
        found[place] = _within(found[place] + luck.gauss(0.0, sigma))
    if luck.random() < TELEPORT:
        found[luck.randrange(n)] = luck.random()
    return tuple(found)


def _within(x: float) -> float:
    return min(1.0, max(0.0, x))


# --- landscapes in the unit box -----------------------------------------------------------------------

Truth = Callable[[Numbers], float | None]
Drawn = Callable[[random.Random], Truth]


def _task(name: str, half: str, about: str, size: int, draw: Drawn, noise: float = 0.0) -> Task:
    def make(seed: int) -> Instance:
        luck = random.Random(derive_seed(seed, "task", name))
        truth = draw(luck)
        start = next(
            x for _ in range(10_000) if truth(x := tuple(luck.random() for _ in range(size))) is not None
        )

        def measure(numbers: Numbers, at: int) -> float | None:
            value = truth(numbers)
            if value is None or not noise:
                return value
            return value + noise * random.Random(derive_seed(at, "noise", list(numbers))).gauss(0.0, 1.0)

        return Instance(start, moved, measure, lambda numbers: truth(numbers) or 0.0)

    return Task(name, half, about, make)


def _near(x: Numbers, at: Numbers) -> float:
    """Mean squared distance of one coordinate."""
    return sum((a - b) ** 2 for a, b in zip(x, at, strict=True)) / len(x)


def _place(luck: random.Random, size: int) -> Numbers:
    return tuple(luck.uniform(0.1, 0.9) for _ in range(size))


def bowl(size: int) -> Drawn:
    def draw(luck: random.Random) -> Truth:
        at = _place(luck, size)
        return lambda x: 1.0 - 4.0 * _near(x, at)

    return draw


def hills(size: int) -> Drawn:
    """A bowl with ripples: several optima in every direction."""

    def draw(luck: random.Random) -> Truth:
        at = _place(luck, size)
        return lambda x: (
            1.0
            - sum(
                2.0 * (a - b) ** 2 + 0.1 * (1.0 - cos(8.0 * pi * (a - b))) for a, b in zip(x, at, strict=True)
            )
            / size
        )

    return draw


def stairs(size: int) -> Drawn:
    """A bowl in steps: most moves gain nothing."""

    def draw(luck: random.Random) -> Truth:
        at = _place(luck, size)
        return lambda x: round(12.0 * exp(-8.0 * _near(x, at))) / 12.0

    return draw


def trap(size: int) -> Drawn:
    """A broad hill and a narrow one that is higher."""

    def draw(luck: random.Random) -> Truth:
        broad, narrow = _place(luck, size), _place(luck, size)
        return lambda x: max(0.7 * exp(-3.0 * _near(x, broad)), exp(-40.0 * _near(x, narrow)))

    return draw


def valley(size: int) -> Drawn:
    """Rosenbrock's: a bent ridge, along which gains are small."""

    def draw(luck: random.Random) -> Truth:
        turn = luck.choice((False, True))

        def truth(x: Numbers) -> float:
            u = [4.0 * a - 2.0 for a in (reversed(x) if turn else x)]
            return -sum(10.0 * (b - a * a) ** 2 + (1.0 - a) ** 2 for a, b in pairwise(u)) / 100.0

        return truth

    return draw


def funnels(size: int) -> Drawn:
    """Two funnels with ripples; the one that is wider is lower."""

    def draw(luck: random.Random) -> Truth:
        wide = _place(luck, size)
        deep = tuple(_within(1.0 - a + luck.gauss(0.0, 0.05)) for a in wide)

        def truth(x: Numbers) -> float:
            ripples = sum(1.0 - cos(10.0 * pi * (a - b)) for a, b in zip(x, deep, strict=True)) / size
            return max(0.75 - 2.0 * _near(x, wide), 1.0 - 5.0 * _near(x, deep)) - 0.06 * ripples

        return truth

    return draw


def switches(blocks: int) -> Drawn:
    """Blocks of three switches; a block pays in full when all are on, and else the more the fewer are."""

    def draw(luck: random.Random) -> Truth:
        on = [luck.random() < 0.5 for _ in range(3 * blocks)]

        def truth(x: Numbers) -> float:
            right = [(a > 0.5) == want for a, want in zip(x, on, strict=True)]
            counts = [sum(right[k : k + 3]) for k in range(0, len(right), 3)]
            return sum((0.6, 0.3, 0.0, 1.0)[n] for n in counts) / blocks

        return truth

    return draw


def cliffs(size: int) -> Drawn:
    """A bowl through which run bands where the program fails."""

    def draw(luck: random.Random) -> Truth:
        at, way = _place(luck, size), [luck.choice((-1.0, 1.0)) for _ in range(size)]
        shift = sum(w * a for w, a in zip(way, at, strict=True))

        def truth(x: Numbers) -> float | None:
            along = sum(w * a for w, a in zip(way, x, strict=True)) - shift
            return None if sin(9.0 * along + 1.5) < -0.3 else 1.0 - 4.0 * _near(x, at)

        return truth

    return draw


def triangles(points: int) -> Drawn:
    """Heilbronn's problem: the least area of a triangle of some points in a square, tenfold."""

    def draw(luck: random.Random) -> Truth:
        def truth(x: Numbers) -> float:
            p = [(x[2 * k], x[2 * k + 1]) for k in range(points)]
            return 5.0 * min(
                abs((p[j][0] - p[i][0]) * (p[k][1] - p[i][1]) - (p[k][0] - p[i][0]) * (p[j][1] - p[i][1]))
                for k in range(points)
                for j in range(k)
                for i in range(j)
            )

        return truth

    return draw


# --- all of them --------------------------------------------------------------------------------------


def packing(seed: int) -> Instance:
    """26 discs in the unit square, from a start that scores 1.2628."""
    return Instance(start_of(), discs_moved, lambda x, at: total_radius(x), total_radius)


PACKING = Task("circle packing", "tuning", "26 discs in a square; radii by a linear program", packing, 200)
TASKS = (
    PACKING,
    _task("bowl", "tuning", "one optimum, gains everywhere", 8, bowl(8)),
    _task("hills", "tuning", "several optima in every direction", 5, hills(5)),
    _task("stairs", "tuning", "plateaus", 6, stairs(6)),
    _task("noisy bowl", "tuning", "one optimum under noise", 8, bowl(8), 0.1),
    _task("trap", "tuning", "a broad hill and a narrow one that is higher", 4, trap(4)),
    _task("valley", "held out", "a bent ridge", 5, valley(5)),
    _task("funnels", "held out", "two funnels with ripples, the wider one lower", 4, funnels(4)),
    _task("switches", "held out", "blocks of switches that deceive", 12, switches(4)),
    _task("noisy hills", "held out", "several optima under noise", 5, hills(5), 0.15),
    _task("cliffs", "held out", "bands where the program fails", 6, cliffs(6)),
    _task("triangles", "held out", "Heilbronn's problem for eight points", 16, triangles(8)),
)
