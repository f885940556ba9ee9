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

    def right(sequences: dict) -> float:
        said = outputs(weights[None], sequences["bits"].astype(np.float32), width)[0]
        return float(((said > 0) == (sequences["answers"] > 0)).mean())

    size_of = float(np.sqrt((weights**2).mean()))
    return {"accuracy": right(heldout), "known_accuracy": right(given), "weight_size": size_of}


if __name__ == "__main__":
    evaluate_seeds(METRICS, measure)
