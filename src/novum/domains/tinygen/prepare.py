"""Draws points of a shape for every seed: some to train on, others held out.

Trusted; the program sees `out/<seed>/in`, the evaluator alone `out/<seed>/heldout`.
"""

import numpy as np
import settings
import shapes

from kit.stage import generator, prepare_seeds


def make(seed: int, salt: str, config: dict) -> tuple[dict, dict]:
    """Points to train on (train_size, 2) and held out (HELD_OUT, 2), of one bent shape, float32."""
    rng = generator(salt, seed, "points")
    size = int(config["train_size"])
    points = shapes.bent(shapes.draw(config["data"], size + settings.HELD_OUT, rng), rng).astype(np.float32)
    return {"points": points[:size]}, {"points": points[size:]}


if __name__ == "__main__":
    prepare_seeds(make)
