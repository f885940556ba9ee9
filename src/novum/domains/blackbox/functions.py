"""Test functions of continuous optimisation, shifted and rotated anew for every seed; each has minimum zero.

After the noiseless functions of BBOB (Hansen et al. 2009), without their finer distortions: a separable and a
conditioned quadratic, a valley, sums of powers, and functions with many local minima.
"""

import numpy as np

NAMES = ("sphere", "ellipsoid", "schwefel", "powers", "rosenbrock", "rastrigin", "griewank", "ackley")
REACH, DECOY, PLATEAU = 4.0, 8.0, 0.62


def draw(rng: np.random.Generator, dimensions: int, trap: bool) -> dict[str, np.ndarray]:
    """Minima (functions, d) in a cube about the origin, rotations (functions, d, d), and whether it traps."""
    count, reach = len(NAMES), REACH / 2 if trap else REACH
    turned = [np.linalg.qr(rng.standard_normal((dimensions, dimensions)))[0] for _ in range(count)]
    return {"minima": rng.uniform(-reach, reach, (count, dimensions)), "turned": np.array(turned),
            "trap": np.array(trap)}  # fmt: skip


def values(points: np.ndarray, instance: dict[str, np.ndarray]) -> np.ndarray:
    """The value (functions, ...) of each function at its points (functions, ..., d)."""
    found = []
    for name, here, minimum, turn in zip(NAMES, points, instance["minima"], instance["turned"], strict=True):
        moved = (here.astype(float) - minimum) @ turn.T
        found.append(_trapped(moved) if instance["trap"] else FUNCTIONS[name](moved))
    return np.array(found)


def _trapped(z: np.ndarray) -> np.ndarray:
    """A wide funnel that leads away from a low plateau about the minimum."""
    d = z.shape[-1]
    decoy = np.sqrt(((z - DECOY / np.sqrt(d)) ** 2).sum(-1)) + 1
    near = np.sqrt((z**2).sum(-1)) < np.sqrt(d) * PLATEAU
    return np.where(near, 1e-4, decoy)


def sphere(z):
    return (z**2).sum(-1)


def ellipsoid(z):
    return (z**2) @ 10.0 ** np.linspace(0, 6, z.shape[-1])


def schwefel(z):
    """Problem 1.2 of Schwefel: squares of partial sums."""
    return (np.cumsum(z, -1) ** 2).sum(-1)


def powers(z):
    return np.sqrt((np.abs(z) ** np.linspace(2, 6, z.shape[-1])).sum(-1))


def rosenbrock(z):
    x = z + 1
    return (100 * (x[..., 1:] - x[..., :-1] ** 2) ** 2 + (1 - x[..., :-1]) ** 2).sum(-1)


def rastrigin(z):
    return (z**2).sum(-1) + 10 * (1 - np.cos(2 * np.pi * z)).sum(-1)


def griewank(z):
    waves = np.cos(z / np.sqrt(np.arange(1, z.shape[-1] + 1))).prod(-1)
    return (z**2).sum(-1) / 400 + 1 - waves


def ackley(z):
    bowl = 20 - 20 * np.exp(-0.2 * np.sqrt((z**2).mean(-1)))
    return np.maximum(bowl + np.e - np.exp(np.cos(2 * np.pi * z).mean(-1)), 0)


ALL = (sphere, ellipsoid, schwefel, powers, rosenbrock, rastrigin, griewank, ackley)
FUNCTIONS = {function.__name__: function for function in ALL}
