"""Writes many files and a large one, to fill the disk or to drown the reader."""

from pathlib import Path

import numpy as np
import reading

asked = reading.request()
for seed in asked["seeds"]:
    out = Path(asked["out"]) / str(seed)
    out.mkdir(parents=True)
    np.save(out / "predictions.npy", np.zeros(80, np.int8))
    for i in range(2000):
        (out / f"metric_{i}.json").write_text("{}")
