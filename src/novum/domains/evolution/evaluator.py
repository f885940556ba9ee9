"""Measures weights on digits that no program sees, undisturbed and disturbed.

Weights are clipped to a bounded range first, as hardware that stores them does: in it, disturbances cannot
be outgrown by ever larger weights.
"""

import json
from pathlib import Path

import numpy as np

from kit import networks
from kit.stage import evaluate_seeds, generator, load

METRICS = (
    "robust_accuracy",
    "accuracy",
    "relative_robustness",
    "weight_size",
    "gradient_cosine",
    "cosine_excess",
)
BOUND = 2.0  # weights beyond this are clipped
DRAWS = 50  # disturbances that an accuracy is averaged over
RELATIVE = 0.5  # strength of the disturbance that is measured in weights
LEVELS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)  # strengths on the curve
SAMPLE = 256  # digits on which gradients are compared
NOISE = json.loads(Path("world.json").read_text())["noise"]


def measure(artefacts: Path, heldout: dict, asked: dict) -> dict:
    config = asked["config"]
    layers = (64, int(config["width"]), 10)
    weights = load(artefacts / "weights.npy", (networks.size(layers),)).astype(np.float32)
    weights = np.clip(weights, -BOUND, BOUND)
    rng = generator(asked.get("salt", ""), *heldout["labels"][:20], "disturbances")
    noise = rng.standard_normal((DRAWS, len(weights)), np.float32)
    inputs, labels = heldout["inputs"], heldout["labels"]

    def accuracy(disturbance: np.ndarray) -> float:
        return float(
            networks.accuracy(networks.forward(weights + disturbance, inputs, layers), labels).mean()
        )

    cosine, excess = compare(weights, inputs[:SAMPLE], labels[:SAMPLE], layers, config, rng)
    return {
        "robust_accuracy": accuracy(np.float32(NOISE) * noise),
        "accuracy": accuracy(0 * noise[:1]),
        "relative_robustness": accuracy(np.float32(RELATIVE) * noise * sizes(weights, layers)),
        "weight_size": float(np.sqrt((weights**2).mean())),
        "gradient_cosine": cosine,
        "cosine_excess": excess,
        "series/accuracy_under_noise": [(s, accuracy(np.float32(s) * noise[:20])) for s in LEVELS],
    }


def sizes(weights: np.ndarray, layers) -> np.ndarray:
    """For each weight the root mean square of its layer's, (d,)."""
    found = np.empty_like(weights)
    for w, b in networks.spans(layers):
        found[w.start : b.stop] = np.sqrt((weights[w.start : b.stop] ** 2).mean())
    return found


def compare(weights, inputs, labels, layers, config: dict, rng) -> tuple[float, float]:
    """The cosine between an ES estimate of the gradient at the weights and backpropagation's.

    Also what it has over sqrt(n / (n + d)) for n pairs of mirrored members and d weights, which holds where
    fitness is linear within `sigma` (for n normal vectors in d dimensions, to first order).
    """
    pairs, sigma = int(config["population"]) // 2, np.float32(config["sigma"])
    noise = rng.standard_normal((pairs, len(weights)), np.float32)

    def fitness(rows: np.ndarray) -> np.ndarray:
        return networks.log_likelihood(networks.forward(rows, inputs, layers), labels)

    estimate = (fitness(weights + sigma * noise) - fitness(weights - sigma * noise)) @ noise
    exact = networks.gradient(weights, inputs, labels, layers)
    norms = np.linalg.norm(estimate) * np.linalg.norm(exact)
    if not norms > 0:
        return 0.0, -float(np.sqrt(pairs / (pairs + len(weights))))
    cosine = float(estimate @ exact / norms)
    return cosine, cosine - float(np.sqrt(pairs / (pairs + len(weights))))


if __name__ == "__main__":
    evaluate_seeds(METRICS, measure)
