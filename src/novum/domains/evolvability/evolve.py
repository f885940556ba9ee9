"""The protected part of the program: hands each seed's landscape to the method and writes the point."""

import hashlib

import numpy as np
from methods import evolve

from kit.stage import run_seeds

BITS = {"pcg64": np.random.PCG64, "philox": np.random.Philox}


def run(inputs: dict[str, np.ndarray], config: dict, seed: int) -> dict[str, np.ndarray]:
    """The point (d,) from which mutations are to differ; randomness follows from the landscape."""
    drawn = int.from_bytes(hashlib.sha256(inputs["start"].tobytes()).digest()[:8])
    rng = np.random.Generator(BITS[config["generator"]](drawn))
    return {"point": np.asarray(evolve(inputs["start"], inputs, config, rng), float)}


if __name__ == "__main__":
    run_seeds(run)
