"""Measures the predictions against the curve that the program was not given.

Called with a request `{schema, config, seeds, artefacts, heldout, in, out}`; it alone writes
`out/measurements.jsonl`. A seed whose arrays are missing or malformed fails alone.
"""

import json
import sys
from pathlib import Path

import numpy as np

METRICS = {"heldout_error": ("between", "heldout", "curve"), "training_error": ("at_points", "in", "y")}


def main(path: Path) -> None:
    request = json.loads(path.read_text())
    out = Path(request["out"])
    out.mkdir(parents=True, exist_ok=True)
    with (out / "measurements.jsonl").open("w") as lines:
        for seed in request["seeds"]:
            for row in measure(request, str(seed)):
                lines.write(json.dumps({"seed": seed, **row}) + "\n")


def measure(request: dict, seed: str) -> list[dict]:
    """One row per metric; all of them failed if any of the arrays is unusable."""
    folders = {place: Path(request[place]) / seed for place in ("artefacts", "heldout", "in")}
    try:
        errors = {
            metric: error(folders["artefacts"] / f"{mine}.npy", folders[place] / f"{true}.npy")
            for metric, (mine, place, true) in METRICS.items()
        }
    except (OSError, ValueError, EOFError) as fault:
        print(fault, file=sys.stderr)
        return [{"metric": metric, "value": None, "status": "failed"} for metric in METRICS]
    return [{"metric": metric, "value": value, "status": "observed"} for metric, value in errors.items()]


def error(predicted: Path, true: Path) -> float:
    """Root of the mean squared difference of two arrays, read without pickle."""
    found, wanted = np.load(predicted, allow_pickle=False), np.load(true, allow_pickle=False)
    if found.shape != wanted.shape or found.dtype.kind not in "fiu" or not np.isfinite(found).all():
        raise ValueError(f"{predicted.name} is not {len(wanted)} finite numbers")
    return float(np.sqrt(np.mean((found - wanted) ** 2)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
