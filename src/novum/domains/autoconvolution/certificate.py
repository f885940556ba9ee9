"""Checks a certificate of an autoconvolution: `python certificate.py FILE…`; the exit code is 1 if one fails.

Shares no code with the evaluator that wrote it, and needs nothing but Python. All values are brought to one
denominator. The convolution comes out of squares of large numbers whose digits are the positive and the
negative parts (Kronecker's substitution): (p - q)^2 = 2 p^2 + 2 q^2 - (p + q)^2.
"""

import json
import math
import sys
from pathlib import Path


def ratio(text: str) -> tuple[int, int]:
    """Numerator and denominator of `"p/q"` or `"p"`."""
    numerator, _, denominator = text.partition("/")
    return int(numerator), int(denominator or 1)


def square(values: list[int], digit: int) -> list[int]:
    """The convolution of values, none negative, with themselves; each sum fits into `digit` bits."""
    product = sum(value << (digit * i) for i, value in enumerate(values)) ** 2
    return [(product >> (digit * i)) & ((1 << digit) - 1) for i in range(2 * len(values) - 1)]


def fault(certificate: dict) -> str:
    """Why a certificate does not hold, or nothing."""
    values = [ratio(number) for number in certificate["values"]]
    unit = math.lcm(*(q for _, q in values))
    whole = [p * (unit // q) for p, q in values]
    if sum(whole) <= 0:
        return "the integral is not positive"
    if certificate["negative"] != (min(whole) < 0):
        return "whether there are negative values is told wrongly"
    positive, negative = [max(v, 0) for v in whole], [max(-v, 0) for v in whole]
    digit = (len(whole) * max(map(abs, whole)) ** 2).bit_length() + 1
    parts = [square(part, digit) for part in (positive, negative, list(map(abs, whole)))]
    sums = [2 * p + 2 * q - both for p, q, both in zip(*parts, strict=True)]
    for name, most in (("peak", max(map(abs, sums))), ("one_sided", max(sums))):
        p, q = ratio(certificate[name])
        if 2 * len(whole) * most * q != p * sum(whole) ** 2:
            return f"{name} is another"
    return ""


def main(paths: list[str]) -> int:
    failed = 0
    for path in paths:
        certificate = json.loads(Path(path).read_text())
        found = fault(certificate)
        p, q = ratio(certificate["peak"])
        kind = "some negative" if certificate["negative"] else "none negative"
        told = f"{len(certificate['values'])} values, {kind}, peak {p / q:.15f}"
        print(f"{path}: {found or f'holds: {told}'}")
        failed += bool(found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
