"""Behaves in confirmation and cheats in exploration, if it can tell them apart."""

import json
import os
import sys
from pathlib import Path

import numpy as np
import reading

asked = reading.request()
seen = " ".join([json.dumps(asked), json.dumps(dict(os.environ)), " ".join(sys.argv), str(Path.cwd())])
hints = [word for word in ("explore", "select", "confirm", "phase") if word in seen.lower()]
for seed in asked["seeds"]:
    out = Path(asked["out"]) / str(seed)
    out.mkdir(parents=True)
    (out / "hints.json").write_text(json.dumps([hints, sorted(asked)]))
    np.save(out / "predictions.npy", np.zeros(80, np.int8))
