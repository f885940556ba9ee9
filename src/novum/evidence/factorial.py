"""Regular two-level fractional factorial designs, in which every run informs every main effect.

The columns of a design are those of the full factorial in its basic factors and products of three, five, …
of them. All words of its defining relation then have an even length of at least four, so that no main effect
is aliased with another or with an interaction of two factors: resolution IV (Box, Hunter & Hunter 2005,
ch. 6; it is what folding over a smaller design gives). One factor beyond the basic ones takes the product
of all of them, which for five factors makes resolution V.
"""

import itertools
import math

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


def two_level(count: int) -> tuple[Signs, ...]:
    """The points of the design for `count` factors: rows of -1 and 1, the first all -1.

    Columns sum to zero and are orthogonal to each other.
    """
    p = basic_factors(count)
    extra = [tuple(range(p))] if count == p + 1 else _columns(p)[p:]
    chosen = [*((k,) for k in range(p)), *extra][:count]
    rows = [tuple(_sign(row, word) for word in chosen) for row in itertools.product((-1, 1), repeat=p)]
    return tuple(rows)


def _columns(p: int) -> list[tuple[int, ...]]:
    """The words of odd length over p basic factors, the basic factors themselves first."""
    return [word for size in range(1, p + 1, 2) for word in itertools.combinations(range(p), size)]


def _sign(row: Signs, word: tuple[int, ...]) -> int:
    """The product of a word's basic columns; a word of even length is turned so that it begins with -1."""
    turned = 1 if len(word) % 2 else -1
    return turned * math.prod(row[k] for k in word)
