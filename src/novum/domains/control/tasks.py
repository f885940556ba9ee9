"""Tasks behind one interface, as EvoJAX has them: a task knows neither solver nor network.

A task has `INPUTS`, `OUTPUTS`, `draw` for an instance, `starts`, and `run` for many `Episodes` at once.
"""

import acrobot
import cartpole
import maze
import numpy as np

from kit import networks

TASKS = {"maze": maze, "cartpole": cartpole, "acrobot": acrobot}


def layers(task, config: dict) -> tuple[int, ...]:
    """Sizes of the policy's layers."""
    return (task.INPUTS, *[int(config["width"])] * int(config["depth"]), task.OUTPUTS)


def policies(rows: np.ndarray, sizes: tuple[int, ...]):
    """A policy that lets row i of (n, d) act for episode i; outputs lie between -1 and 1."""
    return lambda seen: np.tanh(networks.forward(rows, seen[:, None].astype(np.float32), sizes)[:, 0])
