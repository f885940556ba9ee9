"""The protected part of the program: hands each seed's digits to the method and writes the weights."""

import hashlib

import numpy as np
from methods import train

from kit import networks
from kit.stage import run_seeds

BITS = {"pcg64": np.random.PCG64, "philox": np.random.Philox}


def run(inputs: dict[str, np.ndarray], config: dict, seed: int) -> dict[str, np.ndarray]:
    """The weights (d,) after training; the generator's seed follows from the digits, not from the seed."""
    digits, labels = inputs["inputs"], inputs["labels"]
    drawn = int.from_bytes(hashlib.sha256(digits.tobytes()).digest()[:8])
    rng = np.random.Generator(BITS[config["generator"]](drawn))
    layers = (digits.shape[1], int(config["width"]), 10)
    start = networks.initialise(rng, layers)
    weights = train(start, digits, labels, layers, config, rng)
    return {"weights": np.asarray(weights, np.float32)}


if __name__ == "__main__":
    run_seeds(run)
