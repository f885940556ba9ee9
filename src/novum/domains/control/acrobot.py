"""Two links that hang from a joint, to be swung up by a torque between them; many acrobots at once.

The equations and constants of Sutton (1996), of which Sutton & Barto's book (1998, section 11.3) has the form
that keeps energy, except for the mass of the lower link, which differs by seed. A step is 0.2 seconds, by the
method of Runge and Kutta of fourth order; the torque is the policy's output instead of one of three.
"""

import numpy as np
from episodes import Episodes

INPUTS, OUTPUTS = 6, 1
GRAVITY, LENGTH, CENTRE, MASS, INERTIA = 9.8, 1.0, 0.5, 1.0, 1.0
STEP, STEPS = 0.2, 100
FASTEST = np.array([4 * np.pi, 9 * np.pi], np.float32)  # radians a second
GOAL = 1.0  # metres above the joint that the tip is to come to, of two


def draw(rng: np.random.Generator, world: dict) -> dict[str, np.ndarray]:
    """Mass of the lower link in kilograms, and a state (4,): both angles from hanging, and their speeds."""
    return {"mass": np.array(rng.uniform(0.8, 1.2)), "start": starts(rng, {}, 1)[0]}


def starts(rng: np.random.Generator, instance: dict, count: int) -> np.ndarray:
    """States (count, 4) near rest."""
    return rng.uniform(-0.02, 0.02, (count, 4)).astype(np.float32)


def run(policy, states: np.ndarray, instance: dict) -> Episodes:
    """Apply the torque of `policy`, which gives (n, 1) for inputs (n, 6), until the tip is up.

    Fitness is the greatest height of the tip in metres; a reward is by how much it has grown. An episode
    ends at the place of the tip (n, 2).
    """
    mass, states = float(instance["mass"]), states.astype(np.float32)
    highest = _tip(states)[:, 1]
    rewards = np.full((STEPS, len(states)), np.nan, np.float32)
    for step in range(STEPS):
        acting = highest < GOAL
        if not acting.any():
            break
        moved = _moved(states, policy(_seen(states))[:, 0], mass)
        states = np.where(acting[:, None], moved, states)
        before, highest = highest, np.maximum(highest, _tip(states)[:, 1])
        rewards[step, acting] = (highest - before)[acting]
    return Episodes(highest, _tip(states), highest >= GOAL, rewards)


def _seen(states: np.ndarray) -> np.ndarray:
    """What a policy sees, (n, 6): sines and cosines of the angles, speeds by a quarter of the fastest."""
    return np.concatenate([np.sin(states[:, :2]), np.cos(states[:, :2]), 4 * states[:, 2:] / FASTEST], 1)


def _tip(states: np.ndarray) -> np.ndarray:
    """Where the tip is, across and up from the joint, (n, 2)."""
    first, both = states[:, 0], states[:, 0] + states[:, 1]
    return np.stack([np.sin(first) + np.sin(both), -np.cos(first) - np.cos(both)], 1)


def _moved(states: np.ndarray, torque: np.ndarray, mass: float) -> np.ndarray:
    """States (n, 4) a step later."""
    half = np.float32(STEP / 2)
    one = _slope(states, torque, mass)
    two = _slope(states + half * one, torque, mass)
    three = _slope(states + half * two, torque, mass)
    four = _slope(states + 2 * half * three, torque, mass)
    states = states + np.float32(STEP / 6) * (one + 2 * two + 2 * three + four)
    states[:, 2:] = np.clip(states[:, 2:], -FASTEST, FASTEST)
    return states


def _slope(states: np.ndarray, torque: np.ndarray, mass: float) -> np.ndarray:
    """The states' derivative by time, (n, 4)."""
    first, second, turning, bending = states.T
    bent, lever = np.cos(second), np.sin(second) * (mass * LENGTH * CENTRE)
    shared = mass * (CENTRE**2 + LENGTH * CENTRE * bent) + INERTIA
    whole = MASS * CENTRE**2 + mass * (LENGTH**2 + CENTRE**2 + 2 * LENGTH * CENTRE * bent) + 2 * INERTIA
    own = mass * CENTRE**2 + INERTIA
    lower = mass * CENTRE * GRAVITY * np.sin(first + second)
    pull = lower + (MASS * CENTRE + mass * LENGTH) * GRAVITY * np.sin(first)
    pull -= lever * bending * (bending + 2 * turning)
    driven = torque + shared / whole * pull - lever * turning**2 - lower
    second_slope = driven / (own - shared**2 / whole)
    return np.stack([turning, bending, -(shared * second_slope + pull) / whole, second_slope], 1)
