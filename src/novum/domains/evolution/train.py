"""The protected part of the program: hands each seed's digits to the method and writes the weights."""

import numpy as np
from methods import train

from kit import networks
from kit.stage import randomness, run_seeds


def run(inputs: dict[str, np.ndarray], config: dict, seed: int) -> dict[str, np.ndarray]:
    """The weights (d,) after training."""
    digits, labels = inputs["inputs"], inputs["labels"]
    rng = randomness(inputs, config)
    layers = (digits.shape[1], int(config["width"]), 10)
    start = networks.initialise(rng, layers)
    weights = train(start, digits, labels, layers, config, rng)
    return {"weights": np.asarray(weights, np.float32)}


if __name__ == "__main__":
    run_seeds(run)
