"""The generative model: the part of the program that may be edited.

The driver makes a `Model`, calls `update` once for each batch of training points, and then `draw`. Points
are (n, 2), float32, with mean zero and a standard deviation of one.
"""

import numpy as np

from kit import diffusion
from kit.descent import Adam
from kit.residual import Residual
from kit.training import Average

WIDTH, BLOCKS, FREQUENCIES = 64, 3, 8
WAVES = (2.0, 4.0)  # frequencies of sines and cosines of the coordinates


def embed(sigma: np.ndarray, kind: str) -> np.ndarray:
    """What the network is told of the noise levels (n, 1): their logarithm, or waves in it."""
    level = np.log(sigma) / 4
    if kind == "scalar":
        return level
    angles = level * (np.pi / 4 * 2 ** np.arange(FREQUENCIES, dtype=np.float32))
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


class Model:
    """A denoiser of points with the optimiser that trains it; `updates` are to come."""

    def __init__(self, config: dict, updates: int, rng: np.random.Generator):
        self.config, self.updates, self.rng = config, updates, rng
        blank = self.inputs(np.zeros((1, 2), np.float32), np.ones((1, 1), np.float32))
        self.network = Residual(blank.shape[1], WIDTH, BLOCKS, 2)
        self.parameters = self.network.initialise(rng, config["init_distribution"])
        self.rule = Adam(config["learning_rate"])
        self.average = Average(config["ema"], self.parameters)
        self.done = 0

    def inputs(self, noisy: np.ndarray, sigma: np.ndarray) -> np.ndarray:
        """Noisy points at unit variance, waves in them if wanted, and their noise levels."""
        places = noisy / np.sqrt(1 + sigma**2)
        parts = [places, embed(sigma, self.config["embedding"])]
        if self.config["coordinates"] == "waves":
            angles = np.concatenate([np.float32(frequency) * places for frequency in WAVES], axis=1)
            parts += [np.sin(angles), np.cos(angles)]
        return np.concatenate(parts, axis=1)

    def update(self, points: np.ndarray) -> None:
        """One step down the gradient of the squared error of the network's output."""
        config = self.config
        sigma = diffusion.training_levels(config["schedule"], len(points), self.rng)
        noisy = points + sigma * self.rng.standard_normal(points.shape, np.float32)
        output, entered = self.network.forward(self.parameters, self.inputs(noisy, sigma))
        miss = diffusion.target(points, noisy, sigma, config["prediction"]) - output
        miss *= np.float32(2 / miss.size)
        if config["decay"] == "cosine":
            self.rule.rate = config["learning_rate"] * (1 + np.cos(np.pi * self.done / self.updates)) / 2
        self.parameters += self.rule.step(self.network.gradient(self.parameters, entered, miss))
        self.average.add(self.parameters)
        self.done += 1

    def draw(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """New points (count, 2), by the averaged parameters."""
        parameters = self.average.value()

        def denoise(noisy: np.ndarray, level: float) -> np.ndarray:
            sigma = np.full((len(noisy), 1), level, np.float32)
            output, _ = self.network.forward(parameters, self.inputs(noisy, sigma))
            skip, scale = diffusion.mixing(self.config["prediction"], np.float32(level))
            return skip * noisy + scale * output

        return diffusion.sample(denoise, (count, 2), self.config, rng)
