"""A point robot in a walled square: the way to the goal first leads away from it.

After the hard maze of Lehman & Stanley (2011). All robots of a population move at once. Arrays are float32;
lengths are in sides of the square.
"""

import numpy as np
from episodes import Episodes

RAYS, REACH, SPEED, STEPS = 8, 0.3, 0.03, 120
INPUTS, OUTPUTS = RAYS + 2, 2
ANGLES = 2 * np.pi * np.arange(RAYS) / RAYS
RAY = np.stack([np.cos(ANGLES), np.sin(ANGLES)], 1).astype(np.float32)
FAR = np.float32(2.0)


def draw(rng: np.random.Generator, world: dict) -> dict[str, np.ndarray]:
    """Walls (w, 4) as x, y, x, y, start (2,) and goal (3,), its place and radius.

    A hidden world may name all of the walls, which then move together.
    """

    def about(value: float) -> float:
        return value + rng.uniform(-0.03, 0.03)

    start, goal = [about(0.15), about(0.12)], [about(0.15), about(0.88)]
    walls = [(0, 0, 1, 0), (1, 0, 1, 1), (0, 1, 1, 1), (0, 0, 0, 1)]
    low, high, trap, stub = about(0.42), about(0.68), about(0.55), about(0.60)
    inner = [(0, low, about(0.8), low), (about(0.28), high, 1, high),
             (trap, 0, trap, about(0.25)), (stub, high - about(0.13), stub, high)]  # fmt: skip
    walls = np.array(walls + inner)
    if world["walls"]:
        walls = np.array(world["walls"], float) + np.tile([about(0), about(0)], 2)
    return {"walls": walls.astype(np.float32), "start": np.array(start, np.float32),
            "goal": np.array([*goal, world["goal"]], np.float32)}  # fmt: skip


def starts(rng: np.random.Generator, instance: dict, count: int) -> np.ndarray:
    """Places (count, 2) about the start, which differ by a sixth of the goal's radius."""
    return (instance["start"] + rng.normal(0, instance["goal"][2] / 6, (count, 2))).astype(np.float32)


def run(policy, places: np.ndarray, instance: dict) -> Episodes:
    """Let robots at places (n, 2) move by `policy`, which gives velocities (n, 2) for inputs (n, INPUTS).

    Fitness is minus the final distance to the goal, a reward by how much a step lessens it; an episode ends
    at a place (n, 2), and is solved where the goal was reached.
    """
    across, along = _split(instance["walls"])
    goal, radius = instance["goal"][:2], instance["goal"][2]
    places, reached = places.copy(), np.zeros(len(places), bool)
    distances, acting = [], []
    for _ in range(STEPS):
        towards = goal - places
        distance = np.sqrt((towards**2).sum(1, keepdims=True))
        reached |= distance[:, 0] < radius
        distances.append(distance[:, 0])
        acting.append(~reached)
        near = 1 - _clear(places, across, along) / REACH
        seen = np.concatenate([near, towards / (distance + np.float32(1e-6))], 1)
        moves = np.float32(SPEED) * policy(seen)
        moves[reached] = 0
        _move(places, moves[:, 0], 0, *along)
        _move(places, moves[:, 1], 1, *across)
    distances.append(np.sqrt(((goal - places) ** 2).sum(1)))
    rewards = np.where(acting, -np.diff(distances, axis=0), np.float32(np.nan))
    return Episodes(-distances[-1], places, reached, rewards)


Walls = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Where each wall lies on the one axis, and from where to where on the other."""


def _split(walls: np.ndarray) -> tuple[Walls, Walls]:
    """Walls that run across (at one y) and along (at one x)."""
    flat = walls[:, 1] == walls[:, 3]
    across, along = walls[flat], walls[~flat]
    return (across[:, 1], across[:, 0], across[:, 2]), (along[:, 0], along[:, 1], along[:, 3])


def _clear(places: np.ndarray, across: Walls, along: Walls) -> np.ndarray:
    """How far each ray (n, RAYS) goes before a wall, up to REACH."""
    nearest = np.full((len(places), RAYS), REACH, np.float32)
    for (at, low, high), axis in ((across, 1), (along, 0)):
        with np.errstate(all="ignore"):  # rays beside a wall never meet it
            length = (at - places[:, None, None, axis]) / RAY[:, None, axis]
            meets = places[:, None, None, 1 - axis] + length * RAY[:, None, 1 - axis]
        there = (length > 0) & (meets >= low) & (meets <= high)
        nearest = np.minimum(nearest, np.where(there, length, FAR).min(-1))
    return nearest


def _move(places: np.ndarray, steps: np.ndarray, axis: int, at, low, high) -> None:
    """Take each robot's step along an axis, in place, where no wall is in the way."""
    here, aside = places[:, None, axis], places[:, None, 1 - axis]
    crossed = ((here - at) * (here + steps[:, None] - at) <= 0) & (aside >= low) & (aside <= high)
    places[:, axis] += np.where(crossed.any(1), 0, steps)
