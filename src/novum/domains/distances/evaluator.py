"""Certifies the ratio of the largest to the smallest distance of points, squared, in exact arithmetic.

`points.npy` is an (n, dimension) array. Each float counts as the rational number that it is, and so the
squared ratio is one. It is reported rounded upward. There is no constraint but that no two points coincide.
"""

import json
from fractions import Fraction
from itertools import combinations
from pathlib import Path

from kit.exact import Invalid, above, evaluate, load, own_report, rationals

METRICS = ("ratio", "claimed_ratio", "overclaim")


def certified(points: list[list[Fraction]]) -> Fraction:
    """The largest squared distance over the smallest.

    Raises:
        Invalid: if two points coincide.
    """
    squared = [sum((a - b) ** 2 for a, b in zip(p, q, strict=True)) for p, q in combinations(points, 2)]
    if not min(squared):
        raise Invalid("two points coincide")
    return Fraction(max(squared), min(squared))


def judge(folder: Path) -> tuple[list[dict], dict]:
    """Measurements and certificate of one seed."""
    problem = json.loads(Path("problem.json").read_text())
    points = rationals(load(folder / "points.npy", (problem["n"], problem["dimension"])))
    ratio = certified(points)
    try:
        reported = above(ratio)
    except OverflowError:
        raise Invalid("the ratio is beyond all floats") from None
    certificate = {"problem": "distances", "points": points, "ratio": ratio}
    rows = [{"metric": METRICS[0], "value": reported}, *own_report(folder, ratio, METRICS[1:], -1)]
    return rows, certificate


if __name__ == "__main__":
    evaluate(judge, METRICS)
