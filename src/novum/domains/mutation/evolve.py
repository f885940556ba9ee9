"""The protected part of the program: hands each seed's sequences to the search and writes the network."""

import numpy as np

from kit.stage import randomness, run_seeds
from search import evolve


def run(inputs: dict[str, np.ndarray], config: dict, seed: int) -> dict[str, np.ndarray]:
    """The network (d,)."""
    bits, answers = (inputs[name].astype(np.float32) for name in ("bits", "answers"))
    return {"weights": np.asarray(evolve(bits, answers, config, randomness(inputs, config)), np.float32)}


if __name__ == "__main__":
    run_seeds(run)
