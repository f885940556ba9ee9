"""How the network starts and how it is updated: the part of the program that may be edited.

The driver gives one gradient per update and takes the predictions itself. A learner sees parameters
and gradients and nothing else: no inputs, no labels, no seed.
"""

import numpy as np

MOMENTUM, SECOND_MOMENT, EPSILON = 0.9, 0.98, 1e-8
SGD_STEP = 200.0  # SGD moves by 200 learning rates times the gradient: its steps are then like Adam's
FADED, SWEEP = np.float32(1e-18), 20  # averages that have faded are set to zero, every so many updates


def initialise(shapes: list[tuple[int, int]], config: dict, rng: np.random.Generator) -> list[np.ndarray]:
    """Random weights with standard deviation `init_scale` / sqrt(inputs that are active at once)."""
    scale = config["init_scale"]
    fans = (2, shapes[1][0])  # two of the one-hot inputs are on; every hidden unit is
    return [_draw(rng, shape, config) * np.float32(scale / np.sqrt(fan))
            for shape, fan in zip(shapes, fans, strict=True)]  # fmt: skip


def _draw(rng: np.random.Generator, shape: tuple[int, int], config: dict) -> np.ndarray:
    """Zero mean, unit variance."""
    if config["init_distribution"] == "uniform":
        return rng.uniform(-np.sqrt(3), np.sqrt(3), shape).astype(np.float32)
    return rng.standard_normal(shape, dtype=np.float32)


def start(parameters: list[np.ndarray], config: dict) -> dict:
    """The optimiser's memory before the first update."""
    return {"mean": [np.zeros_like(p) for p in parameters], "square": [np.zeros_like(p) for p in parameters]}


def update(parameters: list[np.ndarray], gradients: list[np.ndarray], state: dict, config: dict, step: int):
    """Change the parameters in place; `step` counts from 1.

    Weight decay is decoupled (Loshchilov & Hutter 2019): every update shrinks the weights by the factor
    1 - learning_rate * weight_decay, whatever the optimiser.
    """
    rule = RULES[config["optimizer"]]
    keep = np.float32(1 - config["learning_rate"] * config["weight_decay"])
    for i, (parameter, gradient) in enumerate(zip(parameters, gradients, strict=True)):
        change = rule(gradient, state["mean"][i], state["square"][i], config["learning_rate"], step)
        parameter *= keep
        parameter -= change
    if step % SWEEP == 0:
        _sweep(state)


def _sweep(state: dict) -> None:
    """Denormal numbers, to which averages decay where gradients vanish, would be slow."""
    for mean, square in zip(state["mean"], state["square"], strict=True):
        mean[np.abs(mean) < FADED] = 0.0
        square[square < np.float32(1e-30)] = 0.0


def adam(gradient, mean, square, rate: float, step: int) -> np.ndarray:
    """Adam with bias correction (Kingma & Ba 2015, algorithm 1)."""
    mean += np.float32(1 - MOMENTUM) * (gradient - mean)
    return _scaled(mean, square, gradient, rate / (1 - MOMENTUM**step), step)


def nadam(gradient, mean, square, rate: float, step: int) -> np.ndarray:
    """Adam that looks one step ahead along its mean (Dozat 2016), as Nesterov's momentum does."""
    mean += np.float32(1 - MOMENTUM) * (gradient - mean)
    ahead = np.float32(MOMENTUM) * mean + np.float32(1 - MOMENTUM) * gradient
    return _scaled(ahead, square, gradient, rate / (1 - MOMENTUM**step), step)


def rmsprop(gradient, mean, square, rate: float, step: int) -> np.ndarray:
    """Adam without its running mean of gradients, so without momentum (Tieleman & Hinton 2012)."""
    return _scaled(gradient, square, gradient, rate, step)


def _scaled(direction, square, gradient, rate: float, step: int) -> np.ndarray:
    """`rate` times the direction over the root of the running mean of squared gradients."""
    square *= np.float32(SECOND_MOMENT)
    square += np.float32(1 - SECOND_MOMENT) * (gradient * gradient)
    root = np.sqrt(square * np.float32(1 / (1 - SECOND_MOMENT**step)))
    root += np.float32(EPSILON)
    change = np.divide(direction, root, out=root)
    change *= np.float32(rate)
    return change


def sgd(gradient, mean, square, rate: float, step: int) -> np.ndarray:
    """Gradient descent along a running mean of gradients."""
    mean += np.float32(1 - MOMENTUM) * (gradient - mean)
    return np.float32(SGD_STEP * rate) * mean


RULES = {"adamw": adam, "nadamw": nadam, "rmsprop": rmsprop, "sgd": sgd}
