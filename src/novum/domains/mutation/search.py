"""A genetic algorithm with mutations of several kinds: the part of the program that may be edited.

A safe mutation is scaled, weight by weight, by how strongly the weight moves the outputs (Lehman et al. 2018,
SM-G): what moves them much is changed little. Sensitivities are central differences of the outputs on a
sample of the sequences, of which SM-G's gradients are the limit.
"""

from collections.abc import Callable

import numpy as np
from recurrent import initialise, outputs

from kit.strategies import SeedGA

SAMPLE, STEP, FLOOR = 16, 0.02, 0.01  # sequences; change of a weight; least sensitivity that counts
SOLVED = 0.1  # mean squared error at which a run ends


def evolve(bits: np.ndarray, answers: np.ndarray, config: dict, rng: np.random.Generator) -> np.ndarray:
    """The best network (d,) found for answers (n,) to sequences (n, length)."""
    sizes = int(config["width"]), int(config["depth"])
    probes = bits[rng.integers(len(bits), size=SAMPLE)]
    scales = SCALES[config["mutation"]](probes, sizes)
    strategy = SeedGA(initialise(rng, *sizes), int(config["population"]), config["sigma"], rng,
                      parents=int(config["parents"]), scales=scales)  # fmt: skip
    for _ in range(int(config["generations"])):
        said = np.tanh(outputs(strategy.ask(), bits, *sizes))
        strategy.tell(-((said - answers) ** 2).mean(1))
        if strategy.best_fitness > -SOLVED:
            break
    return strategy.best


Scales = Callable[[np.ndarray], np.ndarray] | None


def plain(probes: np.ndarray, sizes: tuple[int, int]) -> Scales:
    return None


def safe_by_weight(probes: np.ndarray, sizes: tuple[int, int]) -> Scales:
    """One over the sensitivity of each weight."""
    return remembered(lambda row: 1 / sensitivity(row, probes, sizes))


def safe_by_network(probes: np.ndarray, sizes: tuple[int, int]) -> Scales:
    """One over the mean sensitivity of the network: the same factor for all its weights."""
    return remembered(lambda row: np.full_like(row, 1 / sensitivity(row, probes, sizes).mean()))


def sensitivity(row: np.ndarray, probes: np.ndarray, sizes: tuple[int, int]) -> np.ndarray:
    """Root mean square over the probes of the outputs' derivative by each weight, (d,)."""
    steps = np.float32(STEP) * np.eye(len(row), dtype=np.float32)
    change = (outputs(row + steps, probes, *sizes) - outputs(row - steps, probes, *sizes)) / np.float32(
        2 * STEP
    )
    return np.maximum(np.sqrt((change**2).mean(1)), np.float32(FLOOR))


def remembered(make: Callable[[np.ndarray], np.ndarray]) -> Scales:
    """A parent has many children, and its scales are computed once."""
    known: dict[bytes, np.ndarray] = {}

    def scales(row: np.ndarray) -> np.ndarray:
        name = row.tobytes()
        if name not in known:
            if len(known) > 500:
                known.clear()
            known[name] = make(row)
        return known[name]

    return scales


SCALES = {"plain": plain, "safe_by_weight": safe_by_weight, "safe_by_network": safe_by_network}
