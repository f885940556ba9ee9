"""A pole on a cart, to be kept upright by pushing the cart; poles of many carts at once.

The equations of Barto, Sutton & Anderson (1983) with their constants, except for the pole's length, which
differs by seed. A step is 0.02 seconds, by Euler's method; the push is the policy's output instead of one of
two.
"""

import numpy as np
from episodes import Episodes

INPUTS, OUTPUTS = 4, 1
GRAVITY, CART, POLE, PUSH, STEP, STEPS = 9.8, 1.0, 0.1, 10.0, 0.02, 200
EDGE, TILT = 2.4, 12 * np.pi / 180
SCALE = np.array([EDGE, 2.0, TILT, 2.0], np.float32)


def draw(rng: np.random.Generator, world: dict) -> dict[str, np.ndarray]:
    """Half of the pole's length in metres, and a state (4,): place, speed, tilt, its speed."""
    return {"length": np.array(rng.uniform(0.3, 0.7)), "start": starts(rng, {}, 1)[0]}


def starts(rng: np.random.Generator, instance: dict, count: int) -> np.ndarray:
    """States (count, 4) near rest."""
    return rng.uniform(-0.05, 0.05, (count, 4)).astype(np.float32)


def run(policy, states: np.ndarray, instance: dict) -> Episodes:
    """Push by `policy`, which gives (n, 1) for scaled states (n, 4), until the pole falls.

    Fitness is the share of steps before it fell, to which a reward is what one step adds; an episode ends
    in a state (n, 4).
    """
    length, states = float(instance["length"]), states.astype(np.float32)
    up = np.ones(len(states), bool)
    rewards = np.full((STEPS, len(states)), np.nan, np.float32)
    for step in range(STEPS):
        moved = states + np.float32(STEP) * _slope(states, PUSH * policy(states / SCALE)[:, 0], length)
        states = np.where(up[:, None], moved, states)
        still = up & (np.abs(states[:, 0]) < EDGE) & (np.abs(states[:, 2]) < TILT)
        rewards[step, up] = still[up] / STEPS
        up = still
        if not up.any():
            break
    kept = (rewards > 0).sum(0).astype(np.float32)
    return Episodes(kept / STEPS, states / SCALE, up, rewards)


def _slope(states: np.ndarray, push: np.ndarray, length: float) -> np.ndarray:
    """The states' derivative by time, (n, 4)."""
    _, speed, tilt, turning = states.T
    sine, cosine, mass = np.sin(tilt), np.cos(tilt), CART + POLE
    shared = (push + POLE * length * turning**2 * sine) / mass
    tipping = (GRAVITY * sine - cosine * shared) / (length * (4 / 3 - POLE * cosine**2 / mass))
    pushed = shared - POLE * length * tipping * cosine / mass
    return np.stack([speed, pushed, turning, tipping], 1).astype(np.float32)
