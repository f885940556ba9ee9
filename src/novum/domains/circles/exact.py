"""Exact arithmetic for evaluators of optimisation problems: artefacts are taken at their word, bit by bit.

A float is the rational number that it is, so nothing is rounded between the artefact and the verdict, and no
tolerance is needed. Only the value reported is rounded, downward to a float, and the certificate keeps it
unrounded. Nothing here knows of a particular problem.
"""

import json
import math
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np

LARGEST = 1 << 20  # bytes of an artefact worth reading
Judge = Callable[[Path], tuple[list[dict], dict]]
"""From a seed's artefacts to the rows of its measurements and its certificate; raises `Invalid`."""


class Invalid(Exception):
    """The artefacts of a seed are missing or malformed, or break a rule of the problem."""


def load(path: Path) -> np.ndarray:
    """An array of finite floats of at most 64 bits, read without pickle.

    Raises:
        Invalid: if the file is missing, torn, too large, or holds anything else.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise Invalid(f"{path.name} is larger than {LARGEST} bytes")
        found = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise Invalid(f"{path.name} is not a readable array: {error}") from None
    if not isinstance(found, np.ndarray) or found.dtype.kind != "f" or found.dtype.itemsize > 8:
        raise Invalid(f"{path.name} does not hold floats of at most 64 bits")
    if not np.isfinite(found).all():
        raise Invalid(f"{path.name} holds numbers that are not finite")
    return found


def rationals(array: np.ndarray) -> list[list[Fraction]]:
    """The rows of a matrix of floats as the rational numbers that they are."""
    return [[Fraction(value) for value in row] for row in array.astype(np.float64).tolist()]


def below(value: Fraction) -> float:
    """The largest float that is not above `value`."""
    found = float(value)  # the nearest one
    return found if Fraction(found) <= value else math.nextafter(found, -math.inf)


def evaluate(judge: Judge, metrics: tuple[str, ...]) -> None:
    """What an evaluator's command does: `judge` each seed, write measurements and certificates.

    A seed whose artefacts are invalid fails alone, with the reason on stderr. `out/certificates/<seed>.json`
    holds what was certified, numbers as `"numerator/denominator"`.
    """
    request = json.loads(Path(sys.argv[1]).read_text())
    out = Path(request["out"])
    (out / "certificates").mkdir(parents=True, exist_ok=True)
    with (out / "measurements.jsonl").open("w") as lines:
        for seed in request["seeds"]:
            try:
                rows, certificate = judge(Path(request["artefacts"]) / str(seed))
            except Invalid as fault:
                print(f"seed {seed}: {fault}", file=sys.stderr)
                rows = [{"metric": name, "value": None, "status": "failed"} for name in metrics]
            else:
                (out / "certificates" / f"{seed}.json").write_text(json.dumps(certificate, default=str))
            lines.writelines(json.dumps({"seed": seed, **row}) + "\n" for row in rows)
