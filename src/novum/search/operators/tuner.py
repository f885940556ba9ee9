"""The operator *tune* without a model: an evolution strategy over the numbers of a program.

A (1+1) evolution strategy whose step follows the one-fifth rule (Rechenberg 1973; in the form of Kern et
al. 2004): a move that betters its parent lengthens the step by exp(1/3), any other shortens it by
exp(-1/12). It is kept out of a library because it must hold no state of its own: the step follows from
the recorded moves, in the order they were asked for, so workers need not wait for each other and a
resumed study goes on the same. (CMA-ES learns more about the landscape, but in whole generations.) How
many numbers move is drawn from the powers of two up to all.
"""

import random
from collections.abc import Mapping, Sequence
from math import exp

from novum.search.operators.literals import Literal, literals, moved, replaced

FIRST, LEAST, MOST = 0.3, 1e-6, 1.0
BETTER, WORSE = exp(1 / 3), exp(-1 / 12)


def step_size(outcomes: Sequence[bool]) -> float:
    """The step after moves that bettered their parent, or did not, in order."""
    step = FIRST
    for better in outcomes:
        step = min(MOST, max(LEAST, step * (BETTER if better else WORSE)))
    return step


def tuned(files: Mapping[str, str], step: float, rng: random.Random) -> dict[str, str]:
    """Files with some of their numbers moved; as they are if they hold none."""
    places = [(path, k) for path in sorted(files) for k in range(len(numbers(path, files[path])))]
    if not places:
        return dict(files)
    chosen = rng.sample(places, _count(len(places), rng))
    values: dict[str, dict[int, float | int]] = {}
    for path, k in sorted(chosen):
        values.setdefault(path, {})[k] = moved(numbers(path, files[path])[k], step, rng)
    return dict(files) | {path: replaced(files[path], found) for path, found in values.items()}


def numbers(path: str, text: str) -> tuple[Literal, ...]:
    """The numbers of a file that may be moved."""
    return literals(text) if path.endswith(".py") else ()


def _count(most: int, rng: random.Random) -> int:
    sizes = [1, *(1 << k for k in range(most.bit_length()) if 1 << k < most), most]
    return rng.choice(sizes)
