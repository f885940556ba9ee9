"""The protected part of the program: a solver's population acts in the task until one policy has solved it.

Writes that policy, or the one that came closest: `weights` (d,), and where the solver is a genetic algorithm
also `start` (d,) and `code`, the seeds of mutations that lead from one to the other.
"""

import numpy as np
from goals import Goal
from solvers import solver
from tasks import TASKS, layers, policies

from kit import networks
from kit.stage import randomness, run_seeds


def run(inputs: dict[str, np.ndarray], config: dict, seed: int) -> dict[str, np.ndarray]:
    """Artefacts of one seed."""
    rng = randomness(inputs, config)
    task = TASKS[config["task"]]
    sizes = layers(task, config)
    start = networks.initialise(rng, sizes)
    strategy, goal = solver(start, sizes, config, rng), Goal(config, rng)
    places = np.repeat(inputs["start"][None], int(config["population"]), 0)
    best, kept = -np.inf, {"weights": start}
    for _ in range(int(config["generations"])):
        policy = policies(strategy.ask(), sizes)
        episodes = task.run(noisy(strategy, policy), places, inputs)
        fitness = np.where(episodes.solved, np.inf, episodes.fitness)[: shown(strategy)]
        top = int(np.argmax(fitness))
        if fitness[top] > best:
            best, kept = fitness[top], artefacts(strategy, top, start, config)
        if best == np.inf:
            break
        learn(strategy, goal, episodes)
    return kept


def noisy(strategy, policy):
    """The policy as a gradient needs it, with noise on its actions; others act as their weights say."""
    return strategy.explore(policy) if hasattr(strategy, "explore") else policy


def shown(strategy) -> int:
    """How many of the episodes, from the first on, tell what weights do without noise."""
    return getattr(strategy, "shown", len(strategy.members))


def learn(strategy, goal: Goal, episodes) -> None:
    """Tell the strategy what whole episodes were worth, or a gradient what their steps were."""
    if hasattr(strategy, "explore"):
        strategy.tell(goal.returns(episodes))
    else:
        strategy.tell(goal.worth(episodes.fitness, episodes.behaviour))


def artefacts(strategy, index: int, start: np.ndarray, config: dict) -> dict[str, np.ndarray]:
    """What is written of a member: its parameters, or what they are rebuilt from as well."""
    weights = strategy.members[index].copy()
    if not hasattr(strategy, "codes"):
        return {"weights": weights}
    code = strategy.codes[index]
    if config["encoding"] == "seeds":
        weights = strategy.decode(code)
    return {"weights": weights, "start": start, "code": np.array(code, np.uint32)}


if __name__ == "__main__":
    run_seeds(run)
