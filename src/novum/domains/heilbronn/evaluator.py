"""Certifies points of Heilbronn's problem in a triangle, in exact arithmetic.

`points.npy` is an (n, 2) array of points of the triangle with corners (0, 0), (1, 0) and (0, 1), its sides
included. Each float counts as the rational number that it is. Reported is the least area of a triangle of
three of the points over the area of the whole, rounded downward. An affine map takes this triangle to any
other and changes no such ratio, so that the equilateral one has the same.
"""

import json
from fractions import Fraction
from itertools import combinations
from pathlib import Path

from kit.exact import Invalid, below, evaluate, load, own_report, rationals

METRICS = ("area", "claimed_area", "overclaim")


def certified(points: list[list[Fraction]]) -> Fraction:
    """The least area of three of the points, over that of the triangle.

    Raises:
        Invalid: naming the point that lies outside, counted from 0.
    """
    for index, (u, v) in enumerate(points):
        if u < 0 or v < 0 or u + v > 1:
            raise Invalid(f"point {index} lies outside the triangle")
    triples = combinations(points, 3)
    return min(abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) for a, b, c in triples)


def judge(folder: Path) -> tuple[list[dict], dict]:
    """Measurements and certificate of one seed."""
    n = json.loads(Path("problem.json").read_text())["n"]
    points = rationals(load(folder / "points.npy", (n, 2)))
    area = certified(points)
    certificate = {"problem": "heilbronn", "points": points, "area": area}
    rows = [{"metric": METRICS[0], "value": below(area)}, *own_report(folder, area, METRICS[1:], 1)]
    return rows, certificate


if __name__ == "__main__":
    evaluate(judge, METRICS)
