"""Lets the network read sequences that no program sees, twice as long as those it was evolved on."""

from pathlib import Path

import numpy as np
from recurrent import outputs, size

from kit.stage import evaluate_seeds, load, load_all

METRICS = ("accuracy", "known_accuracy", "weight_size")


def measure(artefacts: Path, heldout: dict, asked: dict) -> dict:
    width = int(asked["config"]["width"])
    weights = load(artefacts / "weights.npy", (size(width),)).astype(np.float32)
    given = load_all(Path(asked["in"]) / artefacts.name)

    def right(bits: np.ndarray, answers: np.ndarray) -> float:
        said = outputs(weights[None], bits.astype(np.float32), width)[0]
        return float(((said > 0) == (answers > 0)).mean())

    bits, prefixes = heldout["bits"], heldout["prefixes"]
    return {
        "accuracy": right(bits, heldout["answers"]),
        "known_accuracy": right(given["bits"], given["answers"]),
        "weight_size": float(np.sqrt((weights**2).mean())),
        "series/accuracy_by_length": [
            (n, right(bits[:, :n], prefixes[:, n - 1])) for n in range(1, bits.shape[1] + 1)
        ],
    }


if __name__ == "__main__":
    evaluate_seeds(METRICS, measure)
