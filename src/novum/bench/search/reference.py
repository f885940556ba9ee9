"""The reference: forty lines that always change the best so far, with the same operator and budget.

It has no drafts, no repairs, no crossing and no tuning, and picks what scored highest.
"""

import random

from novum.bench.search.rig import Numbers
from novum.bench.search.tasks import Task
from novum.canonical import derive_seed


def greedy(task: Task, seed: int) -> Numbers:
    """The numbers that scored highest in a task of a seed."""
    play, luck = task.make(seed), random.Random(derive_seed(seed, "reference", task.name))
    best, top = play.start, play.measure(play.start, luck.getrandbits(40))
    for _ in range(task.trials - 1):
        found = play.move(best, False, luck)
        score = play.measure(found, luck.getrandbits(40))
        if score is not None and (top is None or score > top):
            best, top = found, score
    return best
