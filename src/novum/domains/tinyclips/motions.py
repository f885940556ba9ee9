"""Clips of a point that moves in the plane: (clips, frames, 2), by formulas of our own.

What all clips of a seed share, such as frequencies, is drawn once for the seed and known to nobody else.
"""

from collections.abc import Callable

import numpy as np

BLUR = 0.02  # standard deviation of the noise of every frame, where positions have one of about 1

Clock = np.ndarray
"""The frames' numbers (frames,)."""


def orbit(count: int, clock: Clock, rng: np.random.Generator) -> np.ndarray:
    """Circles about one centre, radius, sense and speed constant within a clip."""
    slow, fast = np.sort(rng.uniform(0.2, 0.6, 2))
    radius, start = rng.uniform(0.5, 1.5, (count, 1)), rng.uniform(0, 2 * np.pi, (count, 1))
    speed = rng.uniform(slow, fast, (count, 1)) * rng.choice([-1, 1], (count, 1))
    angle = start + speed * clock
    return radius[..., None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def bounce(count: int, clock: Clock, rng: np.random.Generator) -> np.ndarray:
    """Straight lines at constant speed, reflected by the walls of a rectangle."""
    width, speed = rng.uniform(0.7, 1.3), rng.uniform(0.15, 0.35, (count, 1))
    start, heading = rng.uniform(-1, 1, (count, 1, 2)), rng.uniform(0, 2 * np.pi, (count, 1))
    velocity = speed[..., None] * np.stack([np.cos(heading), np.sin(heading)], axis=-1)
    free = start + velocity * clock[:, None]
    return (np.abs((free + 1) % 4 - 2) - 1) * np.array([width, 1 / width])


def spring(count: int, clock: Clock, rng: np.random.Generator) -> np.ndarray:
    """Oscillations of a different frequency along each of two axes, amplitudes and phases random."""
    frequency, phase = rng.uniform(0.2, 0.7, 2), rng.uniform(0, 2 * np.pi, (count, 1, 2))
    amplitude = rng.uniform(0.3, 1.5, (count, 1, 2))
    return amplitude * np.cos(frequency * clock[:, None] + phase)


def wander(count: int, clock: Clock, rng: np.random.Generator) -> np.ndarray:
    """A random walk whose steps owe nothing to those before, from a random start."""
    size = rng.uniform(0.2, 0.4)
    steps = rng.normal(0, size, (count, len(clock), 2))
    steps[:, 0] = rng.uniform(-1, 1, (count, 2))
    return np.cumsum(steps, axis=1)


MOTIONS: dict[str, Callable[[int, Clock, np.random.Generator], np.ndarray]] = {
    "orbit": orbit,
    "bounce": bounce,
    "spring": spring,
    "wander": wander,
}


def draw(motion: str, count: int, frames: int, rng: np.random.Generator) -> np.ndarray:
    """Clips (count, frames, 2) of unit variance over all frames, turned and stretched by secret amounts."""
    clips = MOTIONS[motion](count, np.arange(frames), rng)
    stretch, angle = rng.uniform(0.75, 1.3), rng.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    clips = (clips * np.array([stretch, 1 / stretch])) @ turn
    clips = (clips - clips.mean((0, 1))) / clips.std()
    return clips + rng.normal(0, BLUR, clips.shape)
