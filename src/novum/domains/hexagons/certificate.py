"""Checks a certificate of a packing of hexagons: `python certificate.py FILE…`; exit code 1 if one fails.

Shares no code with the evaluator that wrote it, and needs nothing but Python. The sign of a + b sqrt(3), with
a and b whole over a common denominator, follows from an integer square root: sqrt(3) b lies between two whole
numbers that follow each other, unless b is 0. Disjointness is read off the sum of the two: hexagons overlap
if and only if the vector between their centres lies strictly inside the sum of the two, whose sides have the
normals of both.
"""

import json
import sys
from fractions import Fraction
from math import isqrt, lcm
from pathlib import Path

TURNS = ((2, 0), (1, 1), (-1, 1), (-2, 0), (-1, -1), (1, -1))
"""Twice the cosine, and twice the sine over sqrt(3), of multiples of 60 degrees."""


def sign(a: int, b: int) -> int:
    """Of a + b sqrt(3)."""
    floor = isqrt(3 * b * b)  # never the root itself, unless b is 0
    if b == 0:
        return (a > 0) - (a < 0)
    return (1 if a > -floor - 1 else -1) if b > 0 else (1 if a > floor else -1)


class Hexagon:
    """The centre, and the corners about it as ((a, b), (c, d)) for (a + b sqrt3, c + d sqrt3),"""

    def __init__(self, x: Fraction, y: Fraction, tangent: Fraction):
        cosine, sine = (1 - tangent**2) / (1 + tangent**2), 2 * tangent / (1 + tangent**2)
        self.centre = (x, y)
        self.arms = [((cosine * c / 2, -sine * s / 2), (sine * c / 2, cosine * s / 2)) for c, s in TURNS]


def product(p: tuple, q: tuple) -> tuple[Fraction, Fraction]:
    """Of two vectors of surds: the inner product."""
    (a, b), (c, d) = p
    (e, f), (g, h) = q
    return a * e + 3 * b * f + c * g + 3 * d * h, a * f + b * e + c * h + d * g


def positive(number: tuple[Fraction, Fraction]) -> bool:
    unit = lcm(number[0].denominator, number[1].denominator)
    return sign(int(number[0] * unit), int(number[1] * unit)) > 0


def middles(arms: list) -> list:
    """The sums of neighbouring arms: normals of the sides, sqrt(3) long."""
    return [
        tuple((p[0] + q[0], p[1] + q[1]) for p, q in zip(one, other, strict=True))
        for one, other in zip(arms, arms[1:] + arms[:1], strict=True)
    ]


def largest(numbers: list) -> tuple[Fraction, Fraction]:
    found = numbers[0]
    for a, b in numbers[1:]:
        found = (a, b) if positive((a - found[0], b - found[1])) else found
    return found


def overlap(one: Hexagon, other: Hexagon) -> bool:
    """Whether the vector between the centres lies inside the sum of the two along every normal of both."""
    between = tuple((v - u, Fraction(0)) for u, v in zip(one.centre, other.centre, strict=True))
    for normal in (*middles(one.arms), *middles(other.arms)):
        reach = [largest([product(arm, normal) for arm in arms]) for arms in (one.arms, other.arms)]
        far = product(between, normal)
        if not positive((reach[0][0] + reach[1][0] - far[0], reach[0][1] + reach[1][1] - far[1])):
            return False
    return True


def fault(certificate: dict) -> str:
    """Why a certificate does not hold, or nothing."""
    packed = [Hexagon(*map(Fraction, row)) for row in certificate["hexagons"]]
    for j, other in enumerate(packed):
        for i, one in enumerate(packed[:j]):
            if overlap(one, other):
                return f"hexagons {i} and {j} overlap"
    axes = middles([((Fraction(c, 2), Fraction(0)), (Fraction(0), Fraction(s, 2))) for c, s in TURNS])
    reach = largest([product(tuple((v + a, b) for v, (a, b) in zip(one.centre, arm, strict=True)), axis)
                     for one in packed for arm in one.arms for axis in axes])  # fmt: skip
    side = tuple(Fraction(number) for number in certificate["side"])
    # normals are sqrt(3) long and the apothem is sqrt(3)/2 of the side: the side is 2/3 of the reach
    return "" if side == (reach[0] * Fraction(2, 3), reach[1] * Fraction(2, 3)) else "the side is another"


def main(paths: list[str]) -> int:
    failed = 0
    for path in paths:
        certificate = json.loads(Path(path).read_text())
        found = fault(certificate)
        a, b = (float(Fraction(number)) for number in certificate["side"])
        count = len(certificate["hexagons"])
        print(f"{path}: {found or f'holds: {count} hexagons in one of side {a + b * 3**0.5:.13f}'}")
        failed += bool(found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
