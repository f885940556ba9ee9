"""Draws a specimen for every seed, and hands the world with its disturbances to the evaluator alone.

Trusted: the only command that reads `world.json`. The program sees the specimen, `in/<seed>/specimen.npy`,
which says nothing of the world; the evaluator alone sees `heldout/<seed>/world.json`. With a `salt` in the
request, knowing the seed and this file gives neither.

Nature may change between phases (`drift`): the world names salts under which other effects hold.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

SPECIMEN = 2  # numbers that a specimen is described by


def secret(*parts: object) -> str:
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()


def specimen(world: dict, salt: str, seed: int) -> np.ndarray:
    """Numbers in [0, 1) that tell specimens apart; always the same ones where a world ignores its seeds."""
    told = secret("one for all") if world.get("ignores_seed") else secret(salt, seed, "specimen")
    return np.array([int(told[8 * i : 8 * i + 8], 16) / 2**32 for i in range(SPECIMEN)])


def world_of(world: dict, salt: str) -> dict:
    """The world under a salt: as it is, or as it has drifted there."""
    drift = world.get("drift") or {}
    plain = {key: value for key, value in world.items() if key != "drift"}
    return plain | (drift.get("then", {}) if salt in drift.get("salts", ()) else {})


def main(path: Path) -> None:
    request = json.loads(path.read_text())
    world = json.loads(Path("world.json").read_text())
    salt = request.get("salt", "")
    told = world_of(world, salt)
    for seed in request["seeds"]:
        folder = Path(request["out"]) / str(seed)
        given, kept = folder / "in", folder / "heldout"
        given.mkdir(parents=True)
        kept.mkdir()
        np.save(given / "specimen.npy", specimen(world, salt, seed))
        key = secret("" if world.get("ignores_seed") else f"{salt}/{seed}", "disturbances")
        (kept / "world.json").write_text(json.dumps(told | {"key": key}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
