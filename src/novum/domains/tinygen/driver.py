"""The protected part of the program: hands out batches, counts updates, takes the points that are drawn."""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy: matrices this small lose by more threads

import numpy as np
import settings
import train

from kit.stage import generator, run_seeds
from kit.training import batches


def run(inputs: dict[str, np.ndarray], config: dict, seed: int) -> dict[str, np.ndarray]:
    """Train on the points at a common scale and draw `DRAWN` new ones at theirs."""
    points = inputs["points"]
    centre, scale = points.mean(0), points.std() / np.float32(settings.SCALE)
    model = train.Model(config, settings.UPDATES, generator(seed, "model"))
    order = generator(seed, "order")
    for batch in batches(
        (points - centre) / scale, settings.UPDATES, settings.BATCH, config["batches"], order
    ):
        model.update(batch)
    drawn = model.draw(settings.DRAWN, generator(seed, "draw"))
    return {"points": (drawn * scale + centre).astype(np.float32)}


if __name__ == "__main__":
    run_seeds(run)
