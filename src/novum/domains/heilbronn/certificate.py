"""Checks a certificate of points in a triangle: `python certificate.py FILE…`; exit code 1 if one fails.

Shares no code with the evaluator that wrote it, and needs nothing but Python. Points are brought to whole
barycentric coordinates over one denominator; the area of three is the determinant of theirs.
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
    points = []
    for (up, uq), (vp, vq) in given:
        u, v = up * (unit // uq), vp * (unit // vq)
        points.append((u, v, unit - u - v))
    if min(min(point) for point in points) < 0:
        return "a point lies outside the triangle"
    least = None
    for k, (g, h, i) in enumerate(points):
        for j, (d, e, f) in enumerate(points[:k]):
            x, y, z = e * i - f * h, f * g - d * i, d * h - e * g
            for a, b, c in points[:j]:
                area = abs(a * x + b * y + c * z)  # in units of 1 / unit^3
                least = area if least is None else min(least, area)
    p, q = ratio(certificate["area"])
    if least is None:
        return "fewer than three points"
    return "" if least * q == p * unit**3 else "the least area is another"


def main(paths: list[str]) -> int:
    failed = 0
    for path in paths:
        certificate = json.loads(Path(path).read_text())
        found = fault(certificate)
        p, q = ratio(certificate["area"])
        count = len(certificate["points"])
        print(f"{path}: {found or f'holds: {count} points, least area {p / q:.15f}'}")
        failed += bool(found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
