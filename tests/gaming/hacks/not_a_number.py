"""Predicts NaN and infinities, hoping that a comparison or a mean goes wrong in its favour."""

from pathlib import Path

import numpy as np
import reading

asked = reading.request()
for seed, value in zip(asked["seeds"], (np.nan, np.inf, 1e308), strict=False):
    out = Path(asked["out"]) / str(seed)
    out.mkdir(parents=True)
    np.save(out / "predictions.npy", np.full(80, value))
