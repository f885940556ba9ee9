"""What a program of an optimisation problem does around its search: counts steps, stops, leaves artefacts.

A search is an iterator over the best solution so far, one for each local search, that never ends by itself.
Effort is counted in steps of local search and not in seconds, so that a seed gives the same on a busy machine
as on an idle one.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kit.stage import run_seeds

Arrays = dict[str, np.ndarray]


class Best(NamedTuple):
    """The best so far: its value, the steps taken in all, and what makes it an artefact.

    `finish()` gives the value by the program's own account and the arrays to leave, by name; it may cost
    a few steps more.
    """

    value: float
    steps: int
    finish: Callable[[], tuple[float, Arrays]]


Search = Callable[[dict, dict, np.random.Generator], Iterator[Best]]
"""From a problem (`problem.json`), a configuration and randomness to the best so far, again and again."""


def serve(search: Search) -> None:
    """What a program's command does: each seed's search until `steps` are taken, then its artefacts.

    Among them is `claimed.npy`, the value as the program sees it.
    """
    problem = json.loads(Path("problem.json").read_text())

    def run(inputs: Arrays, config: dict, seed: int) -> Arrays:
        bests = search(problem, config, np.random.default_rng(seed))
        value, arrays = next(best for best in bests if best.steps >= config["steps"]).finish()
        return arrays | {"claimed": np.float64(value)}

    run_seeds(run)
