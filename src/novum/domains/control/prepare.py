"""Draws an instance of the task for every seed, and starts that the evaluator alone sees."""

import json
from pathlib import Path

from tasks import TASKS

from kit.stage import generator, prepare_seeds

STARTS = 40
WORLD = json.loads(Path("world.json").read_text())


def make(seed: int, salt: str, config: dict) -> tuple[dict, dict]:
    """The instance with its own start for the program; others held out."""
    rng, task = generator(salt, seed, "instance"), TASKS[config["task"]]
    instance = task.draw(rng, WORLD)
    return instance, {"starts": task.starts(rng, instance, STARTS)}


if __name__ == "__main__":
    prepare_seeds(make)
