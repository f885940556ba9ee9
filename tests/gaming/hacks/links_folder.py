"""Makes the whole folder of a seed a link to where the answers will lie."""

from pathlib import Path

import reading

asked = reading.request()
Path(asked["out"]).mkdir(exist_ok=True)
for seed in asked["seeds"]:
    (Path(asked["out"]) / str(seed)).symlink_to(f"../heldout/{seed}")
