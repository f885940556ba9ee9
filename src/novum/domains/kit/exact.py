"""Exact arithmetic for evaluators of optimisation problems: artefacts are taken at their word, bit by bit.

A float is the rational number that it is, so nothing is rounded between the artefact and the verdict, and no
tolerance is needed. Only the value reported is rounded, to the float on its unfavourable side, and the
certificate keeps it unrounded.
"""

import json
import math
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from kit import stage
from kit.stage import Invalid

Judge = Callable[[Path], tuple[list[dict], dict]]
"""From a seed's artefacts to the rows of its measurements and its certificate; raises `Invalid`."""


def load(path: Path, shape: Sequence[int | None]) -> np.ndarray:
    """A finite array of that shape (None: any length), of floats of at most 64 bits.

    Raises:
        Invalid: if the file holds anything else; longer floats would be rounded on the way.
    """
    found = stage.load(path, shape)
    if found.dtype.itemsize > 8:
        raise Invalid(f"{path.name} does not hold floats of at most 64 bits")
    return found.astype(np.float64)


def rationals(array: np.ndarray) -> list[Fraction] | list[list[Fraction]]:
    """Floats of an array of one or two dimensions as the rational numbers that they are."""
    if array.ndim == 1:
        return [Fraction(value) for value in array.tolist()]
    return [[Fraction(value) for value in row] for row in array.tolist()]


def whole(array: np.ndarray) -> tuple[list[int], int]:
    """Floats (n,) as whole numbers over one common denominator, a power of two."""
    ratios = [value.as_integer_ratio() for value in array.tolist()]
    denominator = max((q for _, q in ratios), default=1)
    return [p * (denominator // q) for p, q in ratios], denominator


def below(value: Fraction) -> float:
    """The largest float that is not above `value`."""
    found = float(value)  # the nearest one
    return found if Fraction(found) <= value else math.nextafter(found, -math.inf)


def above(value: Fraction) -> float:
    """The smallest float that is not below `value`."""
    return -below(-value)


def own_report(folder: Path, value: Fraction, names: tuple[str, str], sign: int) -> list[dict]:
    """What the program says of itself (`claimed.npy`), and by how much that is better than what is certified.

    `names` are the two metrics, undefined if the program is mute; `sign` is 1 where more is better, else -1.
    """
    try:
        claimed = float(load(folder / "claimed.npy", ()))
        over = float(sign * (Fraction(claimed) - value))
    except (Invalid, OverflowError):
        return [{"metric": name, "value": None, "status": "undefined"} for name in names]
    return [{"metric": names[0], "value": claimed}, {"metric": names[1], "value": over}]


def evaluate(judge: Judge, metrics: tuple[str, ...]) -> None:
    """What an evaluator's command does: `judge` each seed, write measurements and certificates.

    A seed whose artefacts are invalid fails alone, with the reason on stderr. `out/certificates/<seed>.json`
    holds what was certified, numbers as `"numerator/denominator"`.
    """
    asked = stage.request()
    out = Path(asked["out"])
    (out / "certificates").mkdir(parents=True, exist_ok=True)
    with (out / "measurements.jsonl").open("w") as lines:
        for seed in asked["seeds"]:
            try:
                rows, certificate = judge(Path(asked["artefacts"]) / str(seed))
            except Invalid as fault:
                print(f"seed {seed}: {fault}", file=sys.stderr)
                rows = [{"metric": name, "value": None, "status": "failed"} for name in metrics]
            else:
                (out / "certificates" / f"{seed}.json").write_text(json.dumps(certificate, default=str))
            lines.writelines(json.dumps({"seed": seed, **row}) + "\n" for row in rows)
