"""Certifies a packing: discs inside the unit square whose interiors do not meet, in exact arithmetic.

`discs.npy` is an (n, 3) array of centres and radii. Each float counts as the rational number that it is, so
that discs may touch, and an overlap by one unit in the last place of one coordinate fails the seed. What the
program says of its packing (`claimed.npy`) is shown beside the certified value and never used.
"""

import json
from fractions import Fraction
from itertools import combinations
from pathlib import Path

from kit.exact import Invalid, below, evaluate, load, own_report, rationals

METRICS = ("sum_of_radii", "claimed_sum", "overclaim")
Disc = list[Fraction]


def certified(discs: list[Disc]) -> Fraction:
    """The sum of the radii of discs `[x, y, r]` that are packed.

    Raises:
        Invalid: naming the disc that leaves the square, or two discs that overlap, counted from 0.
    """
    for index, (x, y, r) in enumerate(discs):
        if r < 0:
            raise Invalid(f"disc {index} has a negative radius")
        if min(x, y) < r or max(x, y) + r > 1:
            raise Invalid(f"disc {index} leaves the square")
    for (i, (x, y, r)), (j, (u, v, s)) in combinations(enumerate(discs), 2):
        if (x - u) ** 2 + (y - v) ** 2 < (r + s) ** 2:
            raise Invalid(f"discs {i} and {j} overlap")
    return sum((r for _, _, r in discs), Fraction(0))


def judge(folder: Path) -> tuple[list[dict], dict]:
    """Measurements and certificate of one seed."""
    n = json.loads(Path("problem.json").read_text())["n"]
    discs = rationals(load(folder / "discs.npy", (n, 3)))
    total = certified(discs)
    certificate = {"problem": "circles", "discs": discs, "sum_of_radii": total}
    rows = [{"metric": METRICS[0], "value": below(total)}, *own_report(folder, total, METRICS[1:], 1)]
    return rows, certificate


if __name__ == "__main__":
    evaluate(judge, METRICS)
