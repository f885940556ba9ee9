"""Checks a certificate of a circle packing: `python certificate.py FILE…`; the exit code is 1 if one fails.

Shares no code with the evaluator that wrote it, and needs nothing but Python. All numbers are brought to one
denominator; what is left is comparing whole numbers.
"""

import json
import math
import sys
from pathlib import Path


def ratio(text: str) -> tuple[int, int]:
    """Numerator and denominator of `"p/q"` or `"p"`."""
    numerator, _, denominator = text.partition("/")
    return int(numerator), int(denominator or 1)


def fault(certificate: dict) -> str:
    """Why a certificate does not hold, or nothing."""
    discs = [[ratio(number) for number in disc] for disc in certificate["discs"]]
    side = math.lcm(*(q for disc in discs for _, q in disc))  # of the square, in whole units
    whole = [[p * (side // q) for p, q in disc] for disc in discs]
    for i, (x, y, r) in enumerate(whole):
        if not (r >= 0 and r <= x <= side - r and r <= y <= side - r):
            return f"disc {i} is not a disc inside the square"
        for j, (u, v, s) in enumerate(whole[:i]):
            if (x - u) * (x - u) + (y - v) * (y - v) < (r + s) * (r + s):
                return f"discs {j} and {i} overlap"
    p, q = ratio(certificate["sum_of_radii"])
    return "" if sum(r for _, _, r in whole) * q == p * side else "the sum of radii is another"


def main(paths: list[str]) -> int:
    failed = 0
    for path in paths:
        certificate = json.loads(Path(path).read_text())
        found = fault(certificate)
        p, q = ratio(certificate["sum_of_radii"])
        count = len(certificate["discs"])
        print(f"{path}: {found or f'holds: {count} discs, sum of radii {p / q:.15f}'}")
        failed += bool(found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
