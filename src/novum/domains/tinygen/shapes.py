"""Sets of points in the plane, drawn by formulas of our own, and a secret change of them for every seed."""

from collections.abc import Callable

import numpy as np

BLUR = 0.04  # standard deviation of the noise about a curve whose points have one of about 1

OUTLINE = np.array([
    (-4.6, 2.9), (-4.9, 3.3), (-4.5, 3.8), (-3.8, 3.9), (-3.2, 3.4), (-2.9, 2.6), (-2.5, 1.7), (-1.6, 1.1),
    (-0.4, 1.2), (0.8, 1.1), (1.8, 0.6), (2.8, -0.2), (3.9, -0.9), (5.1, -1.2), (4.0, -1.5), (2.9, -1.3),
    (2.0, -1.1), (1.8, -2.0), (1.7, -3.1), (1.0, -3.1), (0.9, -2.2), (0.6, -1.4), (-0.6, -1.5), (-1.3, -1.4),
    (-1.5, -2.3), (-1.6, -3.1), (-2.3, -3.1), (-2.4, -2.1), (-2.6, -1.0), (-3.2, 0.2), (-3.7, 1.4),
    (-3.9, 2.5),
])  # fmt: skip
"""Corners of a long-necked dinosaur, drawn for this domain."""


def circle(u: np.ndarray, side: np.ndarray) -> np.ndarray:
    return np.stack([np.cos(2 * np.pi * u), np.sin(2 * np.pi * u)], axis=1)


def moons(u: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Two half circles, one in the arms of the other."""
    x, y = np.cos(np.pi * u), np.sin(np.pi * u)
    return np.stack([np.where(side, x, 1 - x), np.where(side, y, 0.5 - y)], axis=1)


def line(u: np.ndarray, side: np.ndarray) -> np.ndarray:
    return np.stack([2 * u - 1, np.zeros_like(u)], axis=1)


def spirals(u: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Two arms of one turn and a half, points evenly spread along them."""
    turn = 3 * np.pi * np.sqrt(0.02 + 0.98 * u)
    return np.where(side, 1, -1)[:, None] * turn[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)


def dinosaur(u: np.ndarray, side: np.ndarray) -> np.ndarray:
    """A closed Catmull-Rom spline through the corners."""
    at, count = u * len(OUTLINE), len(OUTLINE)
    index = at.astype(int) % count
    t = (at - np.floor(at))[:, None]
    a, b, c, d = (OUTLINE[(index + k) % count] for k in (-1, 0, 1, 2))
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


SHAPES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "circle": circle,
    "moons": moons,
    "line": line,
    "spirals": spirals,
    "dinosaur": dinosaur,
}


def draw(shape: str, count: int, rng: np.random.Generator) -> np.ndarray:
    """Points (count, 2) of a shape, of variance one on average over both coordinates."""
    points = SHAPES[shape](rng.uniform(size=count), rng.random(count) < 0.5)
    return scaled(points) + rng.normal(0, BLUR, points.shape)


def scaled(points: np.ndarray) -> np.ndarray:
    points = points - points.mean(0)
    return points / points.std()


def bent(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Points stretched along an axis, bent by a wave and turned, all by amounts drawn from `rng`.

    Knowing a shape's formula is then not enough to draw its points.
    """
    stretch, wave, phase, angle = rng.uniform(0.75, 1.3), rng.uniform(1, 2), *rng.uniform(0, 2 * np.pi, 2)
    x, y = points[:, 0] * stretch, points[:, 1] / stretch
    bend = np.stack([x, y + 0.2 * np.sin(wave * x + phase)], axis=1)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return scaled(bend @ turn)
