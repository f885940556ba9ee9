"""What parameters do: an interference pattern in each of two dimensions of behaviour.

After Gajewski et al. (2019), whose pattern is 5 sin(x / 5) sin(20 x) in one dimension: the fast wave makes
behaviour depend on the slightest mutation, the slow one decides how much. Here either wave runs along a
direction of its own through more dimensions, with its own phase, so that no two seeds share a landscape.
"""

import numpy as np

AXES, HEIGHT, SLOW, FAST = 2, 5.0, 0.2, 20.0
REST = 0.2  # standard deviation of the slow waves' phase at the start


def draw(rng: np.random.Generator, dimensions: int) -> dict[str, np.ndarray]:
    """Unit directions (AXES, d) and phases (AXES,) of both waves, and a start (d,).

    The start lies near a node of the slow waves: as in an untrained robot, whatever mutates, little happens.
    """
    found = {name: rng.standard_normal((AXES, dimensions)) for name in ("slow", "fast")}
    units = {name: rows / np.linalg.norm(rows, axis=1, keepdims=True) for name, rows in found.items()}
    start = rng.normal(0, 3, dimensions)
    slow = rng.normal(0, REST, AXES) - SLOW * units["slow"] @ start
    return units | {"slow_phase": slow, "fast_phase": rng.uniform(0, 2 * np.pi, AXES), "start": start}


def behaviour(points: np.ndarray, landscape: dict[str, np.ndarray]) -> np.ndarray:
    """Behaviours (..., AXES), each within HEIGHT of zero, of points (..., d)."""
    slow = np.sin(SLOW * points @ landscape["slow"].T + landscape["slow_phase"])
    return HEIGHT * slow * np.sin(FAST * points @ landscape["fast"].T + landscape["fast_phase"])
