"""Draws digits for every seed: some to train with, others that the evaluator alone sees.

Trusted. With a `salt` in the request, knowing the seed and this file does not give the held-out digits.
"""

import json
from pathlib import Path

import numpy as np
from digits import draw

from kit.stage import generator, prepare_seeds

TRAINING, HELD_OUT = 1500, 1000
WORLD = json.loads(Path("world.json").read_text())


def make(seed: int, salt: str, config: dict) -> tuple[dict, dict]:
    """Inputs (n, 64) and labels (n,) for the program, and the same held out."""
    rng = generator(salt, seed, "digits")
    images, labels = draw(rng, TRAINING + HELD_OUT)
    images *= np.float32(WORLD["contrast"])
    order = rng.permutation(images.shape[1])
    if config["pixel_order"] == "shuffled":
        images = np.ascontiguousarray(images[:, order])
    given = {"inputs": images[:TRAINING], "labels": labels[:TRAINING]}
    return given, {"inputs": images[TRAINING:], "labels": labels[TRAINING:]}


if __name__ == "__main__":
    prepare_seeds(make)
