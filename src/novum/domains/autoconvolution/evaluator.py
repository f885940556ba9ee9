"""Certifies the peak of a step function's convolution with itself, in exact arithmetic.

`f.npy` holds the values on n equal pieces of [-1/4, 1/4]; each float counts as the rational number that it
is. Their integral must be positive. The convolution of f with itself is linear between ends of pieces, so
that the largest of its sizes over all reals is one over finitely many. `peak` is that over the squared
integral: it bounds the constant of the third autocorrelation inequality, and, where no value is negative,
that of the first. `one_sided` leaves out the dips below zero. All are rounded upward.
"""

import json
from fractions import Fraction
from pathlib import Path

from kit.exact import Invalid, above, evaluate, load, own_report, whole

METRICS = ("peak", "one_sided", "claimed_peak", "overclaim")


def certified(values: list[int]) -> tuple[Fraction, Fraction]:
    """The peak, and the one-sided peak, of the function with values proportional to `values`.

    Raises:
        Invalid: if the integral is not positive.
    """
    n, total = len(values), sum(values)
    if total <= 0:
        raise Invalid("the integral is not positive")
    turned = values[::-1]
    sums = [sum(a * b for a, b in zip(values[k:], turned, strict=False)) for k in range(n)]
    sums += [sum(a * b for a, b in zip(values, turned[k:], strict=False)) for k in range(1, n)]
    over = Fraction(2 * n, total * total)
    return over * max(map(abs, sums)), over * max(sums)


def judge(folder: Path) -> tuple[list[dict], dict]:
    """Measurements and certificate of one seed."""
    found = load(folder / "f.npy", (None,))
    if len(found) > json.loads(Path("problem.json").read_text())["most_pieces"]:
        raise Invalid(f"{len(found)} pieces are too many")
    values, unit = whole(found)
    peak, one_sided = certified(values)
    certificate = {"problem": "autoconvolution", "values": [Fraction(v, unit) for v in values],
                   "negative": min(values) < 0, "peak": peak, "one_sided": one_sided}  # fmt: skip
    rows = [{"metric": METRICS[0], "value": above(peak)}, {"metric": METRICS[1], "value": above(one_sided)}]
    return rows + own_report(folder, peak, METRICS[2:], -1), certificate


if __name__ == "__main__":
    evaluate(judge, METRICS)
