"""Checks a certificate of an overlap: `python certificate.py FILE…`; the exit code is 1 if one fails.

Shares no code with the evaluator that wrote it, and needs nothing but Python. All values are brought to one
denominator. All overlaps come out of one product of two large numbers, whose digits are the values and their
complements (Kronecker's substitution).
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
    values = [ratio(number) for number in certificate["values"]]
    unit = math.lcm(*(q for _, q in values))
    whole = [p * (unit // q) for p, q in values]
    if not whole or not all(0 <= value <= unit for value in whole):
        return "a value is not in [0, 1]"
    if 2 * sum(whole) != len(whole) * unit:
        return "the integral is not 1"
    digit = (len(whole) * unit * unit).bit_length() + 1  # no sum of products needs more bits
    ahead = sum(value << (digit * i) for i, value in enumerate(whole))
    behind = sum((unit - value) << (digit * i) for i, value in enumerate(reversed(whole)))
    product, most = ahead * behind, 0
    for i in range(2 * len(whole) - 1):
        most = max(most, (product >> (digit * i)) & ((1 << digit) - 1))
    p, q = ratio(certificate["overlap"])
    return "" if 2 * most * q == p * len(whole) * unit * unit else "the overlap is another"


def main(paths: list[str]) -> int:
    failed = 0
    for path in paths:
        certificate = json.loads(Path(path).read_text())
        found = fault(certificate)
        p, q = ratio(certificate["overlap"])
        count = len(certificate["values"])
        print(f"{path}: {found or f'holds: {count} pieces, overlap {p / q:.15f}'}")
        failed += bool(found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
