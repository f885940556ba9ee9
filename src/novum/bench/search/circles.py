"""Circle packing as the scripted model plays it: centres are the numbers of a program, radii follow by a
linear program, and what does not hold to the last bit counts nothing.
"""

import functools
import random
from typing import TYPE_CHECKING

from novum.bench.search.rig import Numbers

if TYPE_CHECKING:
    import numpy as np

DISCS = 26
START = 1023  # of 2,000 draws of centres the one whose sum of radii is nearest to 1.2628
COUNTS, SIGMAS, TELEPORT = (1, 1, 2, 4, 8, 26), (0.005, 0.02, 0.06), 0.15
SHRINK = 1e-12


def discs_moved(numbers: Numbers, draft: bool, luck: random.Random) -> Numbers:
    """Some discs shifted, one now and then put elsewhere. A draft is no other thing: it begins with the
    original, which is what is shown then."""
    found = list(numbers)
    sigma = luck.choice(SIGMAS)
    for disc in luck.sample(range(DISCS), luck.choice(COUNTS)):
        for place in (2 * disc, 2 * disc + 1):
            found[place] = min(1.0, max(0.0, found[place] + luck.gauss(0.0, sigma)))
    if luck.random() < TELEPORT:
        disc = luck.randrange(DISCS)
        found[2 * disc : 2 * disc + 2] = [luck.random(), luck.random()]
    return tuple(found)


@functools.cache
def start_of() -> Numbers:
    luck = random.Random(START)
    return tuple(luck.random() for _ in range(2 * DISCS))


@functools.lru_cache(maxsize=1024)
def total_radius(numbers: Numbers) -> float:
    """The largest sum of radii that these centres allow, a hair below so that it holds without tolerance.

    0 for what is no packing of the discs.
    """
    import numpy as np

    if len(numbers) != 2 * DISCS or not all(0.0 <= x <= 1.0 for x in numbers):
        return 0.0
    centres = np.asarray(numbers).reshape(-1, 2)
    radii = _radii(centres) * (1.0 - SHRINK) - SHRINK
    radii = np.maximum(radii, 0.0)
    return float(radii.sum()) if _holds(centres, radii) else 0.0


def _radii(centres: "np.ndarray") -> "np.ndarray":
    """maximise sum(r) subject to r_i + r_j <= |c_i - c_j| and r_i <= the distance to the nearest wall."""
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    n = len(centres)
    walls = np.minimum(centres, 1.0 - centres).min(axis=1)
    i, j = np.triu_indices(n, 1)
    far = np.hypot(*(centres[i] - centres[j]).T)
    close = far < walls[i] + walls[j]  # the others are kept apart by the walls already
    i, j, far = i[close], j[close], far[close]
    rows = np.arange(len(far))
    pairs = csr_array((np.ones(2 * len(far)), (np.r_[rows, rows], np.r_[i, j])), shape=(len(far), n))
    found = linprog(-np.ones(n), A_ub=pairs, b_ub=far, bounds=np.c_[np.zeros(n), walls], method="highs-ds")
    return found.x if found.x is not None else np.zeros(n)


def _holds(centres: "np.ndarray", radii: "np.ndarray") -> bool:
    import numpy as np

    i, j = np.triu_indices(len(centres), 1)
    apart = np.hypot(*(centres[i] - centres[j]).T) >= radii[i] + radii[j]
    inside = (centres - radii[:, None] >= 0.0) & (centres + radii[:, None] <= 1.0)
    return bool(apart.all() and inside.all())
