"""Certifies a step function's overlap for Erdős' minimum overlap problem, in exact arithmetic.

`h.npy` holds the values on n equal pieces of [0, 2]; each float counts as the rational number that it is.
They must lie in [0, 1] and integrate to 1 exactly. The overlap at shift k is the integral of h(x) (1 - h(x +
k)) over all x for which both x and x + k lie in [0, 2]. Between shifts by whole pieces it is linear in k, so
that its maximum over all real k is one over finitely many. It is reported rounded upward.
"""

import json
from fractions import Fraction
from pathlib import Path

from kit.exact import Invalid, above, evaluate, load, own_report, whole

METRICS = ("overlap", "claimed_overlap", "overclaim")


def certified(values: list[int], unit: int) -> Fraction:
    """The largest overlap of the function with values `values` / `unit`.

    Raises:
        Invalid: if a value leaves [0, 1], or their mean is not one half.
    """
    n = len(values)
    if not n or min(values) < 0 or max(values) > unit:
        raise Invalid("a value is not in [0, 1]" if n else "there are no values")
    if 2 * sum(values) != n * unit:
        raise Invalid(f"the integral is {float(Fraction(2 * sum(values), n * unit)):.17g}, not 1 exactly")
    rest = [unit - value for value in values]
    most = 0
    for k in range(n):
        forward = sum(a * b for a, b in zip(values, rest[k:], strict=False))
        backward = sum(a * b for a, b in zip(values[k:], rest, strict=False))
        most = max(most, forward, backward)
    return Fraction(2 * most, n * unit * unit)


def judge(folder: Path) -> tuple[list[dict], dict]:
    """Measurements and certificate of one seed."""
    found = load(folder / "h.npy", (None,))
    if len(found) > json.loads(Path("problem.json").read_text())["most_pieces"]:
        raise Invalid(f"{len(found)} pieces are too many")
    values, unit = whole(found)
    overlap = certified(values, unit)
    certificate = {"problem": "overlap", "values": [Fraction(v, unit) for v in values], "overlap": overlap}
    rows = [{"metric": METRICS[0], "value": above(overlap)}, *own_report(folder, overlap, METRICS[1:], -1)]
    return rows, certificate


if __name__ == "__main__":
    evaluate(judge, METRICS)
