"""Scores predictions on new points. A seed whose artefact is not an array of labels fails alone."""

import json
import sys
from pathlib import Path

import numpy as np

LARGEST = 1 << 20  # bytes of an artefact worth reading


def load(path: Path) -> np.ndarray:
    """An array of whole numbers; mapped, so that a header which promises too much is refused unread."""
    if path.stat().st_size > LARGEST:
        raise ValueError(f"{path.name} is larger than {LARGEST} bytes")
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "iu":
        raise ValueError(f"{path.name} does not hold whole numbers")
    return np.array(array)


def rows(seed: int, artefacts: Path, labels: np.ndarray):
    try:
        predictions = load(artefacts / "predictions.npy")
        if predictions.shape != labels.shape:
            raise ValueError(f"predictions have shape {predictions.shape}, not {labels.shape}")
        yield {"seed": seed, "metric": "accuracy", "value": float((predictions == labels).mean())}
    except (OSError, ValueError, EOFError) as fault:
        print(f"seed {seed}: {fault}", file=sys.stderr)
        yield {"seed": seed, "metric": "accuracy", "value": None, "status": "failed"}
        return
    try:
        yield {"seed": seed, "metric": "rounds", "value": int(load(artefacts / "rounds.npy"))}
    except (OSError, ValueError, EOFError, TypeError):
        yield {"seed": seed, "metric": "rounds", "value": None, "status": "undefined"}


def main(path: Path) -> None:
    request = json.loads(path.read_text())
    out = Path(request["out"])
    out.mkdir(exist_ok=True)
    with (out / "measurements.jsonl").open("w") as lines:
        for seed in request["seeds"]:
            labels = np.load(Path(request["heldout"]) / str(seed) / "labels.npy")
            for row in rows(seed, Path(request["artefacts"]) / str(seed), labels):
                lines.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
