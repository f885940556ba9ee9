"""Regular two-level fractional factorial designs, in which every run informs every main effect.

The columns of a design are those of the full factorial in its basic factors and products of three, five, …
of them. All words of its defining relation then have an even length of at least four, so that no main effect
is aliased with another or with an interaction of two factors: resolution IV (Box, Hunter & Hunter 2005,
ch. 6; it is what folding over a smaller design gives). One factor beyond the basic ones takes the product
of all of them, which for five factors makes resolution V.

What such a fraction leaves mixed with a main effect are joint effects of three factors. They cancel over
*fractions*, the same points with the signs of some factors turned, as folding over cancels those of two:
main effects are then clear of all joint effects of fewer than four factors.
"""

import itertools
import math
from collections.abc import Mapping, Sequence

from novum.records import Config, Level

Signs = tuple[int, ...]

MOST = 16  # factors: thirty-two points


def basic_factors(count: int) -> int:
    """The smallest number of basic factors whose design carries `count` factors.

    Raises:
        ValueError: fewer than one factor or more than `MOST`.
    """
    if not 1 <= count <= MOST:
        raise ValueError(f"a two-level design is made for 1 to {MOST} factors, not {count}")
    return next(p for p in range(1, MOST) if len(_columns(p)) >= count)


def size_of(count: int) -> int:
    """Points of the design for `count` factors: 2, 4, 8, 8, then 16 up to eight and 32 up to sixteen."""
    return 2 ** basic_factors(count)


def fractions(count: int) -> tuple[tuple[int, ...], ...]:
    """Which factors, by their places, are turned in each fraction, the first being none.

    Over all fractions no word of the defining relation has fewer than five factors (resolution V). For up to
    eight factors there are 1, 1, 1, 2, 1, 4, 8 and 8 of them. Neighbours turn complementary sets, so that the
    effects which change sign with an odd number of turns cancel in pairs.
    """
    p = basic_factors(count)
    added, places = _words(count)[p:], range(p, count)
    if _shortest(added) > SHORT:
        return ((),)
    sets = [s for size in range(len(places) + 1) for s in itertools.combinations(places, size)]
    if _length(added) > SHORT:  # then an even number of turns is enough
        sets = [s for s in sets if len(s) % 2 == 0]
    return tuple(dict.fromkeys(s for one in sets for s in (one, _others(one, places)) if s in sets))


SHORT = 4
"""Factors of a word that mixes main effects with joint effects of three others."""


def _others(some: tuple[int, ...], places: Sequence[int]) -> tuple[int, ...]:
    return tuple(k for k in places if k not in some)


def _shortest(added: Sequence[tuple[int, ...]]) -> int:
    """Factors of the shortest word of a defining relation; more than any has if there is none."""
    some = (s for size in range(1, len(added) + 1) for s in itertools.combinations(added, size))
    return min(map(_length, some), default=MOST + 1)


def _length(added: Sequence[tuple[int, ...]]) -> int:
    """Factors of the product of generators: those that were added, and the basic ones that remain of them."""
    left: set[int] = set()
    for word in added:
        left ^= set(word)
    return len(added) + len(left)


def turned(points: Sequence[Config], names: Sequence[str]) -> tuple[Config, ...]:
    """The points with the two levels swapped that each of these factors has there."""
    swaps: dict[str, Mapping[Level, Level]] = {}
    for name in names:
        first, second = dict.fromkeys(point[name] for point in points)
        swaps[name] = {first: second, second: first}
    return tuple(point | {name: swaps[name][point[name]] for name in names} for point in points)


def two_level(count: int) -> tuple[Signs, ...]:
    """The points of the design for `count` factors: rows of -1 and 1, the first all -1.

    Columns sum to zero and are orthogonal to each other.
    """
    words = _words(count)
    signs = itertools.product((-1, 1), repeat=basic_factors(count))
    return tuple(tuple(_sign(row, word) for word in words) for row in signs)


def _words(count: int) -> list[tuple[int, ...]]:
    """Of each factor the basic ones whose product it takes."""
    p = basic_factors(count)
    extra = [tuple(range(p))] if count == p + 1 else _columns(p)[p:]
    return [*((k,) for k in range(p)), *extra][:count]


def _columns(p: int) -> list[tuple[int, ...]]:
    """The words of odd length over p basic factors, the basic factors themselves first."""
    return [word for size in range(1, p + 1, 2) for word in itertools.combinations(range(p), size)]


def _sign(row: Signs, word: tuple[int, ...]) -> int:
    """The product of a word's basic columns; a word of even length is turned so that it begins with -1."""
    turned = 1 if len(word) % 2 else -1
    return turned * math.prod(row[k] for k in word)
