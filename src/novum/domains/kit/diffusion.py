"""Diffusion in the terms of Karras et al. (2022): data plus noise of standard deviation sigma.

Data are scaled to a standard deviation of one. The schedules of DDPM (Ho et al. 2020) and of Nichol &
Dhariwal (2021) are given by the sigma that they reach, since `x = data + sigma * noise` differs from their
`sqrt(a) data + sqrt(1 - a) noise` by a factor alone. Arrays of points are (n, d), of noise levels (n, 1).
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

SMALLEST, LARGEST = 0.01, 80.0  # noise levels, in standard deviations of the data
Denoise = Callable[[np.ndarray, float], np.ndarray]
"""The expected data (n, d) behind noisy points (n, d) of one noise level."""


# --- noise levels -------------------------------------------------------------------------------------


def linear(u: np.ndarray) -> np.ndarray:
    """DDPM's linearly growing variances in continuous time (Song et al. 2021, "Score-based", equation 32)."""
    return np.sqrt(np.expm1(0.5 * 19.9 * u**2 + 0.1 * u))


def cosine(u: np.ndarray) -> np.ndarray:
    """The schedule of Nichol & Dhariwal (2021, equation 17)."""
    start, angle = (0.008 / 1.008 * np.pi / 2, (u + 0.008) / 1.008 * np.pi / 2)
    kept = np.maximum(np.cos(angle) / np.cos(start), 1e-9) ** 2
    return np.sqrt(np.maximum(1 / kept - 1, 0))


def karras(u: np.ndarray) -> np.ndarray:
    """Levels whose seventh roots are evenly spaced (Karras et al. 2022, equation 5)."""
    low, high = SMALLEST ** (1 / 7), LARGEST ** (1 / 7)
    return (low + u * (high - low)) ** 7


SCHEDULES = {"linear": linear, "cosine": cosine, "karras": karras}


def training_levels(schedule: str, count: int, rng: np.random.Generator) -> np.ndarray:
    """Noise levels (count, 1) to train on: uniform in time, or log-normal as in Karras et al. (2022)."""
    if schedule == "karras":
        levels = np.exp(rng.normal(-1.2, 1.2, (count, 1)))
    else:
        levels = SCHEDULES[schedule](rng.uniform(size=(count, 1)))
    return np.clip(levels, SMALLEST, LARGEST).astype(np.float32)


def sampling_levels(schedule: str, count: int) -> list[float]:
    """`count` levels from the largest to the smallest, then zero."""
    levels = np.clip(SCHEDULES[schedule](np.linspace(1, 0, count)), SMALLEST, LARGEST)
    return [*map(float, levels), 0.0]


# --- what a network predicts --------------------------------------------------------------------------


def mixing(prediction: str, sigma):
    """(skip, scale): the data are estimated as skip * noisy point + scale * output of the network.

    `noise` and `data` predict these (Ho et al. 2020). `velocity` is the preconditioning of Karras et al.
    (2022, table 1) for data of unit variance, and but for its sign that of Salimans & Ho (2022).
    """
    if prediction == "noise":
        return 1.0, -sigma
    if prediction == "data":
        return 0.0, 1.0
    return 1 / (1 + sigma**2), sigma / np.sqrt(1 + sigma**2)


def target(data: np.ndarray, noisy: np.ndarray, sigma: np.ndarray, prediction: str) -> np.ndarray:
    """The output (n, d) with which a network would give back the data."""
    skip, scale = mixing(prediction, sigma)
    return (data - skip * noisy) / scale


# --- sampling -----------------------------------------------------------------------------------------


def ancestral(denoise: Denoise, x: np.ndarray, levels: list[float], rng: np.random.Generator) -> np.ndarray:
    """Each step from the posterior given the estimated data (Ho et al. 2020, algorithm 2)."""
    for now, then in pairwise(levels):
        data = denoise(x, now)
        share = (then / now) ** 2
        x = data + share * (x - data)
        x += then * np.sqrt(1 - share) * rng.standard_normal(x.shape, np.float32)
    return x


def ddim(denoise: Denoise, x: np.ndarray, levels: list[float], rng: np.random.Generator) -> np.ndarray:
    """No noise is added (Song et al. 2021, "Denoising diffusion implicit models"): Euler's method."""
    for now, then in pairwise(levels):
        data = denoise(x, now)
        x = data + (then / now) * (x - data)
    return x


def heun(denoise: Denoise, x: np.ndarray, levels: list[float], rng: np.random.Generator) -> np.ndarray:
    """Euler's step corrected by the slope at its end (Karras et al. 2022, algorithm 1 without noise)."""
    for now, then in pairwise(levels):
        slope = (x - denoise(x, now)) / now
        ahead = x + (then - now) * slope
        if then > 0:
            slope = (slope + (ahead - denoise(ahead, then)) / then) / 2
            ahead = x + (then - now) * slope
        x = ahead
    return x


SAMPLERS = {"ancestral": ancestral, "ddim": ddim, "heun": heun}


def sample(denoise: Denoise, shape: tuple[int, int], config: dict, rng: np.random.Generator) -> np.ndarray:
    """Points of that shape from noise, with at most `evaluations` calls of `denoise`.

    `heun` calls it twice a step but for the last. Begins at the variance that noisy data have.
    """
    budget, sampler = int(config["evaluations"]), config["sampler"]
    levels = sampling_levels(config["schedule"], (budget + 1) // 2 if sampler == "heun" else budget)
    start = np.float32(np.hypot(levels[0], 1)) * rng.standard_normal(shape, np.float32)
    return SAMPLERS[sampler](denoise, start, levels, rng).astype(np.float32)
