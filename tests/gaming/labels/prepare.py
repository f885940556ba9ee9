"""Fresh points and a fresh line per seed; the labels of new points are for the evaluator alone.

Data follow from the seed and a salt that programs never see.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

KNOWN, NEW = 120, 80


def main(path: Path) -> None:
    request = json.loads(path.read_text())
    for seed in request["seeds"]:
        secret = hashlib.sha256(f"{request.get('salt', '')}/{seed}".encode()).digest()
        rng = np.random.default_rng(list(secret))
        points, line = rng.normal(size=(KNOWN + NEW, 2)), rng.normal(size=2)
        labels = (points @ line > 0).astype(np.int8)
        folder = Path(request["out"]) / str(seed)
        for name in ("in", "heldout"):
            (folder / name).mkdir(parents=True)
        np.save(folder / "in" / "points.npy", points[:KNOWN])
        np.save(folder / "in" / "labels.npy", labels[:KNOWN])
        np.save(folder / "in" / "new.npy", points[KNOWN:])
        np.save(folder / "heldout" / "labels.npy", labels[KNOWN:])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
