"""Measures the response of what the program has set up: the only file that sees world and disturbances.

Settings that do not exist, or a record that is no array of the expected shape, fail their seed alone. What
the display showed is passed on as self-reported.
"""

import json
import sys
from pathlib import Path

import numpy as np
from response import FACTORS, LEVELS, SCALES, respond, scaled

METRICS = ("response", *SCALES, "display")
LENGTH = len(FACTORS) + 3  # settings, display, specimen


class Invalid(Exception):
    """The record of a run is missing or malformed."""


def load(path: Path) -> np.ndarray:
    """The record of a run, read without pickle."""
    try:
        found = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise Invalid(f"{path.name} is not a readable array: {error}") from None
    if not isinstance(found, np.ndarray) or found.shape != (LENGTH,) or found.dtype.kind != "f":
        raise Invalid(f"{path.name} is not {LENGTH} numbers")
    if not np.isfinite(found).all():
        raise Invalid(f"{path.name} holds numbers that are not finite")
    return found


def settings(record: np.ndarray) -> tuple[int, ...]:
    """The level index of each factor."""
    found = tuple(int(value) for value in record[: len(FACTORS)])
    if any(index != value or not 0 <= index < count
           for index, value, count in zip(found, record, LEVELS, strict=False)):  # fmt: skip
        raise Invalid("a setting that the apparatus does not have")
    return found


def measure(folder: Path, world: dict) -> list[dict]:
    """The rows of one seed, without its number."""
    record = load(folder / "setup.npy")
    found = respond(world, settings(record), world["key"])
    if found is None:
        raise Invalid("the run failed")
    rows = [{"metric": "response", "value": found}, {"metric": "share", "value": scaled("share", found)}]
    delay, horizon = scaled("delay", found), SCALES["delay"][3]
    if delay < horizon:
        rows.append({"metric": "delay", "value": delay})
    else:
        rows.append({"metric": "delay", "value": horizon, "status": "censored", "censored_at": horizon})
    return [*rows, {"metric": "display", "value": float(record[len(FACTORS)])}]


def judge(seed: int, request: dict) -> list[dict]:
    """The rows of one seed; `failed` ones if its record is invalid or its run failed."""
    world = json.loads((Path(request["heldout"]) / str(seed) / "world.json").read_text())
    try:
        return measure(Path(request["artefacts"]) / str(seed), world)
    except Invalid as fault:
        print(f"seed {seed}: {fault}", file=sys.stderr)
        return [{"metric": name, "value": None, "status": "failed"} for name in METRICS]


def main(path: Path) -> None:
    request = json.loads(path.read_text())
    out = Path(request["out"])
    out.mkdir(parents=True, exist_ok=True)
    rows = [{"seed": seed, **row} for seed in request["seeds"] for row in judge(seed, request)]
    (out / "measurements.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
