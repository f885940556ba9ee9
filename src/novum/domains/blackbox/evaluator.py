"""Takes the values of the functions at the points that the program wrote."""

from pathlib import Path

import numpy as np
from functions import NAMES, values

from kit.stage import evaluate_seeds, load, load_all

METRICS = ("log_regret", "functions_solved")
LEAST, SOLVED = 1e-8, 1e-3  # shares of the value at the start: below is as good as zero; counts as solved
EVERY = 5


def measure(artefacts: Path, heldout: dict, asked: dict) -> dict:
    config = asked["config"]
    checks = int(config["generations"]) // EVERY + 1
    points = load(artefacts / "points.npy", (checks, len(NAMES), int(config["dimensions"])))
    instance = load_all(Path(asked["in"]) / artefacts.name)
    found = np.array([values(check, instance) for check in points])
    start = values(np.zeros(points.shape[1:]), instance)
    share = np.minimum.accumulate(found, 0) / start
    regret = np.log10(np.maximum(share, LEAST))
    spent = EVERY * int(config["population"]) * np.arange(checks)
    return {
        "log_regret": float(regret[-1].mean()),
        "functions_solved": float((share[-1] < SOLVED).mean()),
        "series/log_regret": np.stack([spent, regret.mean(1)], 1),
    }


if __name__ == "__main__":
    evaluate_seeds(METRICS, measure)
