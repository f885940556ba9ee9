"""Draws a landscape for every seed, and goals in the space of behaviour that the evaluator alone sees."""

import json
from pathlib import Path

from landscape import AXES, draw

from kit.stage import generator, prepare_seeds

GOALS = 50
WORLD = json.loads(Path("world.json").read_text())


def make(seed: int, salt: str, config: dict) -> tuple[dict, dict]:
    """The landscape with a start for the program; goals (GOALS, AXES), even in a square, held out."""
    rng = generator(salt, seed, "landscape")
    found = draw(rng, int(config["dimensions"]))
    goals = rng.uniform(-1, 1, (GOALS, AXES)) * WORLD["spread"]
    if config["axes"] == "swapped":
        found |= {name: found[name][::-1] for name in ("slow", "fast", "slow_phase", "fast_phase")}
    return found, {"goals": goals}


if __name__ == "__main__":
    prepare_seeds(make)
