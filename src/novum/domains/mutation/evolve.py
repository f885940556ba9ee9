"""The protected part of the program: hands each seed's sequences to the search and writes the network."""

import hashlib

import numpy as np

from kit.stage import run_seeds
from search import evolve

BITS = {"pcg64": np.random.PCG64, "philox": np.random.Philox}


def run(inputs: dict[str, np.ndarray], config: dict, seed: int) -> dict[str, np.ndarray]:
    """The network (d,); randomness follows from the sequences."""
    text = inputs["bits"].tobytes() + inputs["answers"].tobytes()
    rng = np.random.Generator(BITS[config["generator"]](int.from_bytes(hashlib.sha256(text).digest()[:8])))
    bits, answers = (inputs[name].astype(np.float32) for name in ("bits", "answers"))
    return {"weights": np.asarray(evolve(bits, answers, config, rng), np.float32)}


if __name__ == "__main__":
    run_seeds(run)
