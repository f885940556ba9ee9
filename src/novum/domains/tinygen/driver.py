"""The protected part of the program: hands out batches, counts updates, takes the points that are drawn."""

import os
from collections.abc import Iterator

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy: matrices this small lose by more threads

import numpy as np
import settings
import train

from kit.stage import generator, run_seeds


def batches(points: np.ndarray, how: str, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """`UPDATES` batches (BATCH, 2): from `epochs`, in which every point comes once, or `drawn` one by one."""
    order = np.empty(0, int)
    for _ in range(settings.UPDATES):
        if how == "drawn":
            order = rng.integers(len(points), size=settings.BATCH)
        while len(order) < settings.BATCH:
            order = np.concatenate([order, rng.permutation(len(points))])
        yield points[order[: settings.BATCH]]
        order = order[settings.BATCH :]


def run(inputs: dict[str, np.ndarray], config: dict, seed: int) -> dict[str, np.ndarray]:
    """Train on the points at a common scale and draw `DRAWN` new ones at theirs."""
    points = inputs["points"]
    centre, scale = points.mean(0), points.std() / np.float32(settings.SCALE)
    model = train.Model(config, settings.UPDATES, generator(seed, "model"))
    for batch in batches((points - centre) / scale, config["batches"], generator(seed, "order")):
        model.update(batch)
    drawn = model.draw(settings.DRAWN, generator(seed, "draw"))
    return {"points": (drawn * scale + centre).astype(np.float32)}


if __name__ == "__main__":
    run_seeds(run)
