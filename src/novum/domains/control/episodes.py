"""What comes of many episodes of a task."""

from typing import NamedTuple

import numpy as np


class Episodes(NamedTuple):
    """Fitness (n,), behaviour (n, b), whether each was solved (n,), and rewards of all steps (steps, n).

    Behaviour is where an episode ended. Rewards add up to the fitness but for a constant of the start; they
    are nan once an episode has ended.
    """

    fitness: np.ndarray
    behaviour: np.ndarray
    solved: np.ndarray
    rewards: np.ndarray
