"""The protected part of the program: hands each seed's landscape to the method and writes the point."""

import numpy as np
from methods import evolve

from kit.stage import randomness, run_seeds


def run(inputs: dict[str, np.ndarray], config: dict, seed: int) -> dict[str, np.ndarray]:
    """The point (d,) from which mutations are to differ."""
    rng = randomness(inputs, config)
    return {"point": np.asarray(evolve(inputs["start"], inputs, config, rng), float)}


if __name__ == "__main__":
    run_seeds(run)
