"""Ignores the configuration: every arm gets the baseline's answer, whatever is compared."""

from pathlib import Path

import numpy as np
import reading

asked = reading.request()
for seed in asked["seeds"]:
    given, out = Path(asked["in"]) / str(seed), Path(asked["out"]) / str(seed)
    out.mkdir(parents=True)
    known, labels, new = (np.load(given / f"{name}.npy") for name in ("points", "labels", "new"))
    nearest = ((new[:, None] - known[None]) ** 2).sum(-1).argsort(axis=1)[:, :5]
    np.save(out / "predictions.npy", (labels[nearest].mean(1) > 0.5).astype(np.int8))
