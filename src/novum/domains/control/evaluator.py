"""Lets the policy that was found act from starts that no program sees, and rebuilds it from its seeds."""

from pathlib import Path

import numpy as np
from tasks import TASKS, layers, policies

from kit import networks
from kit.stage import Invalid, evaluate_seeds, load, load_all
from kit.strategies import SeedGA

METRICS = ("success", "fitness", "round_trip", "compression")
LONGEST = 100_000  # seeds


def measure(artefacts: Path, heldout: dict, asked: dict) -> dict:
    config, task = asked["config"], TASKS[asked["config"]["task"]]
    sizes = layers(task, config)
    weights = load(artefacts / "weights.npy", (networks.size(sizes),)).astype(np.float32)
    starts = heldout["starts"]
    rows = np.repeat(weights[None], len(starts), 0)
    instance = load_all(Path(asked["in"]) / artefacts.name)
    episodes = task.run(policies(rows, sizes), starts, instance)
    found = {"success": float(episodes.solved.mean()), "fitness": float(episodes.fitness.mean())}
    return found | rebuilt(artefacts, weights, config)


def rebuilt(artefacts: Path, weights: np.ndarray, config: dict) -> dict:
    """Whether the list of seeds gives the weights to the last bit, and how many times fewer bytes it has."""
    if not (artefacts / "code.npy").exists():
        return {}
    start = load(artefacts / "start.npy", weights.shape).astype(np.float32)
    code = load(artefacts / "code.npy", (None,), "u")
    if len(code) > LONGEST:
        raise Invalid("code.npy is too long")
    decoder = SeedGA(start, 2, config["sigma"], np.random.default_rng(0))
    same = decoder.decode(tuple(int(seed) for seed in code)).tobytes() == weights.tobytes()
    return {"round_trip": float(same), "compression": weights.nbytes / max(4 * len(code), 1)}


if __name__ == "__main__":
    evaluate_seeds(METRICS, measure)
