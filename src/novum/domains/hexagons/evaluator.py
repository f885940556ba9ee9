"""Certifies a packing of regular hexagons of side 1 in a regular hexagon, in exact arithmetic.

`hexagons.npy` is an (n, 3) array: the centre of each hexagon, and the tangent of half the angle that it is
turned by. Each float counts as the rational number that it is. Cosine and sine are rational functions of that
tangent, so that every hexagon is exactly regular and of side 1, and every corner has coordinates
a + b sqrt(3) with rational a and b; so has every figure below, and of such numbers the sign is known without
rounding.

Two hexagons may touch. Their interiors are disjoint if and only if a side of one of them has the other beyond
it. The hull is centred at the origin, with corners on the first axis; its side is as small as the corners
allow, and is reported rounded upward.
"""

import json
from fractions import Fraction
from itertools import combinations
from math import isqrt
from pathlib import Path
from typing import NamedTuple

from kit.exact import Invalid, above, evaluate, load, own_report, rationals

METRICS = ("side", "claimed_side", "overclaim")
LARGEST = 2**16  # of a coordinate or tangent: beyond, numbers only get long


class Surd(NamedTuple):
    """The number a + b sqrt(3)."""

    a: Fraction
    b: Fraction

    def plus(self, other: "Surd") -> "Surd":
        return Surd(self.a + other.a, self.b + other.b)

    def minus(self, other: "Surd") -> "Surd":
        return Surd(self.a - other.a, self.b - other.b)

    def times(self, other: "Surd") -> "Surd":
        return Surd(self.a * other.a + 3 * self.b * other.b, self.a * other.b + self.b * other.a)

    def is_negative(self) -> bool:
        """Whether a < -b sqrt(3): where the signs differ the squares decide."""
        if self.a <= 0 and self.b <= 0:
            return bool(self.a or self.b)
        if self.a >= 0 and self.b >= 0:
            return False
        return (self.a * self.a > 3 * self.b * self.b) == (self.a < 0)


Point = tuple[Surd, Surd]
ZERO, HALF = Fraction(0), Fraction(1, 2)
APOTHEM = Surd(ZERO, HALF)  # sqrt(3)/2


def unturned() -> list[Point]:
    """The corners of a hexagon at the origin, counterclockwise from the first axis."""
    one = (Surd(Fraction(1), ZERO), Surd(ZERO, ZERO))
    two = (Surd(HALF, ZERO), APOTHEM)
    three = (two[0].minus(one[0]), two[1].minus(one[1]))
    nothing = Surd(ZERO, ZERO)
    opposite = [(nothing.minus(x), nothing.minus(y)) for x, y in (one, two, three)]
    return [one, two, three, *opposite]


def normals(corners: list[Point]) -> list[Point]:
    """Outward unit normals of the sides of a hexagon at the origin.

    The middle of a side is half the sum of its ends; over the apothem, the sum times sqrt(3)/3.
    """
    scale = Surd(Fraction(0), Fraction(1, 3))
    ends = zip(corners, corners[1:] + corners[:1], strict=True)
    return [(p[0].plus(q[0]).times(scale), p[1].plus(q[1]).times(scale)) for p, q in ends]


def along(point: Point, direction: Point) -> Surd:
    return point[0].times(direction[0]).plus(point[1].times(direction[1]))


class Hexagon:
    def __init__(self, x: Fraction, y: Fraction, tangent: Fraction):
        whole = 1 + tangent * tangent
        cosine, sine = Surd((1 - tangent * tangent) / whole, ZERO), Surd(2 * tangent / whole, ZERO)
        turned = [
            (cosine.times(p).minus(sine.times(q)), sine.times(p).plus(cosine.times(q))) for p, q in unturned()
        ]
        self.centre = (Surd(x, ZERO), Surd(y, ZERO))
        self.normals = normals(turned)
        self.corners = [(p.plus(self.centre[0]), q.plus(self.centre[1])) for p, q in turned]

    def parts(self, other: "Hexagon") -> bool:
        """Whether the other lies wholly beyond one of this one's sides, or on it."""
        return any(self._beyond(other, normal) for normal in self.normals)

    def _beyond(self, other: "Hexagon", normal: Point) -> bool:
        edge = along(self.centre, normal).plus(APOTHEM)
        return not any(along(corner, normal).minus(edge).is_negative() for corner in other.corners)


def certified(hexagons: list[list[Fraction]]) -> Surd:
    """The side of the hull.

    Raises:
        Invalid: naming two hexagons that overlap, counted from 0, or a number that is too large.
    """
    if any(abs(value) > LARGEST for row in hexagons for value in row):
        raise Invalid(f"a coordinate or tangent is larger than {LARGEST}")
    packed = [Hexagon(*row) for row in hexagons]
    for (i, one), (j, other) in combinations(enumerate(packed), 2):
        if not (one.parts(other) or other.parts(one)):
            raise Invalid(f"hexagons {i} and {j} overlap")
    points = [corner for one in packed for corner in one.corners]
    reach = [along(point, normal) for normal in normals(unturned()) for point in points]
    farthest = reach[0]
    for found in reach[1:]:
        farthest = found if farthest.minus(found).is_negative() else farthest
    return farthest.times(Surd(ZERO, Fraction(2, 3)))  # over the apothem


def upward(value: Surd, bits: int = 200) -> Fraction:
    """A rational number not below a + b sqrt(3), nearer to it than 2**-bits times b."""
    root = isqrt(3 << (2 * bits))
    return value.a + value.b * Fraction(root + (value.b > 0), 1 << bits)


def judge(folder: Path) -> tuple[list[dict], dict]:
    """Measurements and certificate of one seed."""
    n = json.loads(Path("problem.json").read_text())["n"]
    hexagons = rationals(load(folder / "hexagons.npy", (n, 3)))
    side = certified(hexagons)
    certificate = {"problem": "hexagons", "hexagons": hexagons, "side": list(side)}
    bound = upward(side)
    rows = [{"metric": METRICS[0], "value": above(bound)}, *own_report(folder, bound, METRICS[1:], -1)]
    return rows, certificate


if __name__ == "__main__":
    evaluate(judge, METRICS)
