"""The protected part of the program: hands out batches, counts updates, takes the clips that are drawn."""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy: matrices this small lose by more threads

import numpy as np
import settings
import train

from kit.stage import randomness, run_seeds
from kit.training import batches


def run(inputs: dict[str, np.ndarray], config: dict, seed: int) -> dict[str, np.ndarray]:
    """Train on the clips at unit scale and draw `DRAWN` new ones at theirs."""
    clips = inputs["clips"]
    centre, scale = clips.mean((0, 1)), clips.std()
    start, order, draw = randomness(inputs, config).spawn(3)
    model = train.Model(config, clips.shape[1], settings.UPDATES, start)
    scaled = (clips - centre) / scale
    for batch in batches(scaled, settings.UPDATES, settings.BATCH, config["batches"], order):
        model.update(batch)
    drawn = model.draw(settings.DRAWN, draw)
    return {"clips": (drawn * scale + centre).astype(np.float32)}


if __name__ == "__main__":
    run_seeds(run)
