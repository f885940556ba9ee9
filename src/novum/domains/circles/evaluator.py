"""Certifies a packing: discs inside the unit square whose interiors do not meet, in exact arithmetic.

`discs.npy` is an (n, 3) array of centres and radii. Each float counts as the rational number that it is, so
that discs may touch, and an overlap by one unit in the last place of one coordinate fails the seed. What the
program says of its packing (`claimed.npy`) is shown beside the certified value and never used.
"""

import json
from fractions import Fraction
from itertools import combinations
from pathlib import Path

from exact import Invalid, below, evaluate, load, rationals

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


def read(folder: Path, n: int) -> list[Disc]:
    """The discs of a seed."""
    found = load(folder / "discs.npy")
    if found.shape != (n, 3):
        raise Invalid(f"discs.npy has shape {found.shape}, not {(n, 3)}")
    return rationals(found)


def own_report(folder: Path, total: Fraction) -> list[dict]:
    """What the program says of itself, and by how much that exceeds what is certified; undefined if mute."""
    try:
        claimed = load(folder / "claimed.npy")
        if claimed.shape != ():
            raise Invalid("claimed.npy is not one number")
        over = float(Fraction(float(claimed)) - total)
    except (Invalid, OverflowError):
        return [{"metric": name, "value": None, "status": "undefined"} for name in METRICS[1:]]
    return [{"metric": "claimed_sum", "value": float(claimed)}, {"metric": "overclaim", "value": over}]


def judge(folder: Path) -> tuple[list[dict], dict]:
    """Measurements and certificate of one seed."""
    discs = read(folder, json.loads(Path("problem.json").read_text())["n"])
    total = certified(discs)
    certificate = {"problem": "circles", "discs": discs, "sum_of_radii": total}
    return [{"metric": "sum_of_radii", "value": below(total)}, *own_report(folder, total)], certificate


if __name__ == "__main__":
    evaluate(judge, METRICS)
