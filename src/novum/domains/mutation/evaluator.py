"""Lets the network read sequences that no program sees, three times as long as those it was evolved on.

A network that tells the parity of the ones in place of the minus ones is right at every second length alone;
three times a length is even where the length is.
"""

from pathlib import Path

import numpy as np
from recurrent import outputs, size

from kit.stage import evaluate_seeds, load, load_all

METRICS = ("accuracy", "known_accuracy", "weight_size")


def measure(artefacts: Path, heldout: dict, asked: dict) -> dict:
    sizes = int(asked["config"]["width"]), int(asked["config"]["depth"])
    weights = load(artefacts / "weights.npy", (size(*sizes),)).astype(np.float32)
    given = load_all(Path(asked["in"]) / artefacts.name)

    def right(bits: np.ndarray, answers: np.ndarray) -> float:
        said = outputs(weights[None], bits.astype(np.float32), *sizes)[0]
        return float(((said > 0) == (answers > 0)).mean())

    bits, prefixes = heldout["bits"], heldout["prefixes"]
    longest = bits.shape[1]
    return {
        "accuracy": right(bits, heldout["answers"]),
        "known_accuracy": right(given["bits"], given["answers"]),
        "weight_size": float(np.sqrt((weights**2).mean())),
        "series/accuracy_by_length": [
            (n, right(bits[:, :n], prefixes[:, n - 1])) for n in range(2 - longest % 2, longest + 1, 2)
        ],
    }


if __name__ == "__main__":
    evaluate_seeds(METRICS, measure)
