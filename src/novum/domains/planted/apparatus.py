"""Sets the apparatus up as the configuration says and leaves a record of it.

Called with a request `{schema, config, seeds, in, out}`; reads `in/<seed>/specimen.npy` and writes
`out/<seed>/setup.npy`: the index of each setting's level (8), what the display shows, and the specimen (2).
The response itself is measured afterwards, out of reach of this program.
"""

import json
import sys
from pathlib import Path

import numpy as np

SETTINGS = {
    "a": ("closed", "open"),
    "b": ("coarse", "fine"),
    "c": (0, 1, 2, 3),
    "d": ("none", "glass", "wax"),
    "e": ("slow", "fast"),
    "f": ("manual", "timed"),
    "g": ("single", "double"),
    "h": ("off", "on"),
}


def main(path: Path) -> None:
    request = json.loads(path.read_text())
    chosen = [levels.index(request["config"][name]) for name, levels in SETTINGS.items()]
    for seed in request["seeds"]:
        given, out = Path(request["in"]) / str(seed), Path(request["out"]) / str(seed)
        out.mkdir(parents=True)
        specimen = np.load(given / "specimen.npy", allow_pickle=False)
        np.save(out / "setup.npy", np.array([*chosen, display(chosen), *specimen], float))


def display(chosen: list[int]) -> float:
    """The display goes up with every setting that is moved, whatever that does to the response."""
    return float(sum(level > 0 for level in chosen))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
