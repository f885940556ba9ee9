"""Makes a fresh table for every seed: an operation modulo 23 with its tokens renamed in secret.

Trusted; the program sees `out/<seed>/in`, the evaluator alone sees `out/<seed>/heldout`. The names of the
inputs and of the output are drawn at random, so that knowing the operation does not give the held-out labels.
With a `salt` in the request, knowing the seed and this file does not either.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

TOKENS = 23  # a prime, so that division is defined for every divisor but zero


def outcome(operation: str, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The result of each pair modulo `TOKENS`; dividing by zero gives zero."""
    inverse = np.array([0] + [pow(x, -1, TOKENS) for x in range(1, TOKENS)])
    results = {
        "add": a + b,
        "subtract": a - b,
        "multiply": a * b,
        "divide": a * inverse[b],
        "sum_of_squares": a * a + b * b,
    }
    return results[operation] % TOKENS


def make(seed: int, salt: str, config: dict) -> tuple[np.ndarray, np.ndarray, int]:
    """Inputs (529, 2) and labels (529,) as bytes, in random order, and how many are for training."""
    rng = np.random.default_rng(list(hashlib.sha256(f"{salt}/{seed}".encode()).digest()))
    a, b = np.divmod(np.arange(TOKENS**2), TOKENS)
    result = outcome(config["operation"], a, b)
    first, second, third = (rng.permutation(TOKENS) for _ in range(3))
    if config["naming"] == "shared":  # whatever is drawn, pairs and split are the same under either naming
        second = first
    order = rng.permutation(TOKENS**2)
    inputs = np.stack([first[a], second[b]], axis=1)[order].astype(np.uint8)
    return inputs, third[result][order].astype(np.uint8), round(config["train_fraction"] * TOKENS**2)


def write(folder: Path, inputs: np.ndarray, labels: np.ndarray, size: int) -> None:
    """The first `size` labels are given; of the others only a hash of the whole is."""
    given, kept = folder / "in", folder / "heldout"
    given.mkdir(parents=True)
    kept.mkdir()
    np.save(given / "inputs.npy", inputs)
    np.save(given / "labels.npy", labels[:size])
    (given / "commitment.txt").write_text(hashlib.sha256(labels.tobytes()).hexdigest())
    np.save(kept / "labels.npy", labels)
    np.save(kept / "size.npy", np.array(size))


def main(path: Path) -> None:
    request = json.loads(path.read_text())
    for seed in request["seeds"]:
        table = make(seed, request.get("salt", ""), request["config"])
        write(Path(request["out"]) / str(seed), *table)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
