"""Draws shifts and rotations of the functions for every seed."""

import json
from pathlib import Path

from functions import draw

from kit.stage import generator, prepare_seeds

WORLD = json.loads(Path("world.json").read_text())


def make(seed: int, salt: str, config: dict) -> tuple[dict, dict]:
    """The instance, for the program and for the evaluator: values are all that a method is given of it."""
    instance = draw(generator(salt, seed, "functions"), int(config["dimensions"]), WORLD["trap"])
    if config["axes"] == "reversed":
        instance |= {"minima": instance["minima"][:, ::-1], "turned": instance["turned"][:, :, ::-1]}
    return instance, {}


if __name__ == "__main__":
    prepare_seeds(make)
