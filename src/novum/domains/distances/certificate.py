"""Checks a certificate of a ratio of distances: `python certificate.py FILE…`; exit code 1 if one fails.

Shares no code with the evaluator that wrote it, and needs nothing but Python. All coordinates are brought to
one denominator, and squared distances come from inner products.
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
    given = [[ratio(number) for number in point] for point in certificate["points"]]
    unit = math.lcm(*(q for point in given for _, q in point))
    points = [[p * (unit // q) for p, q in point] for point in given]
    inner = [[sum(a * b for a, b in zip(p, q, strict=True)) for q in points] for p in points]
    squared = [inner[i][i] + inner[j][j] - 2 * inner[i][j] for i in range(len(points)) for j in range(i)]
    if not squared or min(squared) <= 0:
        return "two points coincide" if squared else "fewer than two points"
    p, q = ratio(certificate["ratio"])
    return "" if max(squared) * q == p * min(squared) else "the ratio is another"


def main(paths: list[str]) -> int:
    failed = 0
    for path in paths:
        certificate = json.loads(Path(path).read_text())
        found = fault(certificate)
        p, q = ratio(certificate["ratio"])
        count = len(certificate["points"])
        print(f"{path}: {found or f'holds: {count} points, squared ratio {p / q:.13f}'}")
        failed += bool(found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
