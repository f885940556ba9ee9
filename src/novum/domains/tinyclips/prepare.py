"""Draws clips of a motion for every seed: some to train on, others held out.

Trusted; the program sees `out/<seed>/in`, the evaluator alone `out/<seed>/heldout`.
"""

import motions
import numpy as np
import settings

from kit.stage import generator, prepare_seeds


def make(seed: int, salt: str, config: dict) -> tuple[dict, dict]:
    """Clips to train on (train_size, frames, 2) and held out (HELD_OUT, frames, 2), float32."""
    size, frames = int(config["train_size"]), int(config["length"])
    rng = generator(salt, seed, "clips")
    clips = motions.draw(config["motion"], size + settings.HELD_OUT, frames, rng).astype(np.float32)
    return {"clips": clips[:size]}, {"clips": clips[size:]}


if __name__ == "__main__":
    prepare_seeds(make)
