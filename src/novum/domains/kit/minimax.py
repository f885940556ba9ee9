"""Local search for the least sum of maxima of smooth functions under linear constraints, and hops around it.

Many problems of packing and of extremal functions are of this kind: the largest of many smooth values is to
be as small as it can be. A step of `linear` is a linear program on the tangents of all values within a trust
region. `quadratic` is sequential quadratic programming (SLSQP; Kraft 1988) on the same problem, which also
converges where the optimum is curved. Neither ever ends above the value that it began with.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog, minimize

from kit.search import Arrays, Best

NEGLIGIBLE = 1e-12  # of a gain, and of the trust region over the first one
BETTER = 1e-9  # a hop must gain more than that, relative to the value


class Minimax(NamedTuple):
    """Minimise over z in [low, high] the sum over groups of the largest value in each.

    `values` maps z (m,) to (K,), `slopes` to their derivatives (K, m); `groups` (K,) numbers groups from 0.
    `equal` and `below` are linear constraints (matrix, right side) with = and <=.
    """

    low: np.ndarray
    high: np.ndarray
    values: Callable[[np.ndarray], np.ndarray]
    slopes: Callable[[np.ndarray], np.ndarray]
    groups: np.ndarray
    equal: tuple[np.ndarray, np.ndarray] | None = None
    below: tuple[np.ndarray, np.ndarray] | None = None

    def maxima(self, values: np.ndarray) -> np.ndarray:
        """The largest value in each group."""
        found = np.full(int(self.groups.max()) + 1, -np.inf)
        np.maximum.at(found, self.groups, values)
        return found

    def value(self, z: np.ndarray) -> float:
        return float(self.maxima(self.values(z)).sum())


class Point(NamedTuple):
    """Where a local search ended: z, its value, and the steps that it took."""

    z: np.ndarray
    value: float
    steps: int


def linear(problem: Minimax, z: np.ndarray, most: int, reach: float) -> Point:
    """Sequential linear programs, at most `most`; no entry moves by more than `reach` in the first."""
    members = np.eye(int(problem.groups.max()) + 1)[problem.groups]
    values = problem.values(z)
    total, taken, least = problem.maxima(values).sum(), 0, reach * NEGLIGIBLE
    while taken < most and reach > least:
        taken += 1
        step, promised = _program(problem, z, values, members, reach)
        tried = np.clip(z + step, problem.low, problem.high)
        there = problem.values(tried)
        gain = total - problem.maxima(there).sum()
        if promised <= NEGLIGIBLE:
            break
        if gain < 0.1 * promised:
            reach /= 3
        elif gain > 0.7 * promised:
            reach *= 2
        if gain > 0:
            z, values, total = tried, there, total - gain
    return Point(z, float(total), taken)


def _program(problem: Minimax, z: np.ndarray, values: np.ndarray, members: np.ndarray, reach: float
             ) -> tuple[np.ndarray, float]:  # fmt: skip
    """The best step by the tangents at z, and the gain that it promises; none if the solver is in trouble."""
    m, count = len(z), members.shape[1]
    rows, right = [np.c_[problem.slopes(z), -members]], [-values]
    if problem.below:
        rows.append(np.c_[problem.below[0], np.zeros((len(problem.below[1]), count))])
        right.append(problem.below[1] - problem.below[0] @ z)
    equal, level = None, None
    if problem.equal:
        equal = np.c_[problem.equal[0], np.zeros((len(problem.equal[1]), count))]
        level = problem.equal[1] - problem.equal[0] @ z
    low = np.r_[np.maximum(problem.low - z, -reach), np.full(count, -np.inf)]
    high = np.r_[np.minimum(problem.high - z, reach), np.full(count, np.inf)]
    found = linprog(np.r_[np.zeros(m), np.ones(count)], np.vstack(rows), np.concatenate(right), equal, level,
                    np.c_[low, high], method="highs")  # fmt: skip
    if found.x is None:
        return np.zeros(m), 0.0
    return found.x[:m], float(problem.maxima(values).sum() - found.x[m:].sum())


def quadratic(problem: Minimax, z: np.ndarray, most: int) -> Point:
    """Sequential quadratic programming, at most `most` iterations."""
    m, tops = len(z), problem.maxima(problem.values(z))
    members = np.eye(len(tops))[problem.groups]
    cost = np.r_[np.zeros(m), np.ones(len(tops))]
    constraints = [{"type": "ineq", "fun": lambda x: members @ x[m:] - problem.values(x[:m]),
                    "jac": lambda x: np.c_[-problem.slopes(x[:m]), members]}]  # fmt: skip
    for kind, given, sign in (("ineq", problem.below, -1.0), ("eq", problem.equal, 1.0)):
        if given:
            constraints.append(_affine(kind, sign * given[0], sign * given[1], len(tops)))
    found = minimize(lambda x: float(cost @ x), np.r_[z, tops], jac=lambda _: cost, method="SLSQP",
                     bounds=[*zip(problem.low, problem.high, strict=True), *[(None, None)] * len(tops)],
                     constraints=constraints, options={"maxiter": most, "ftol": 1e-13})  # fmt: skip
    ended = np.clip(found.x[:m], problem.low, problem.high)
    value, taken = problem.value(ended), max(1, found.nit)
    kept = np.isfinite(value) and value < tops.sum() and _holds(problem, ended)
    return Point(ended, value, taken) if kept else Point(z, float(tops.sum()), taken)


def _affine(kind: str, matrix: np.ndarray, right: np.ndarray, count: int) -> dict:
    """A linear constraint for SLSQP, in which the groups' maxima have no part."""
    slopes, m = np.c_[matrix, np.zeros((len(right), count))], matrix.shape[1]
    return {"type": kind, "fun": lambda x: matrix @ x[:m] - right, "jac": lambda _: slopes}


def _holds(problem: Minimax, z: np.ndarray, slack: float = 1e-9) -> bool:
    """Whether linear constraints hold but for rounding; what is left is for the artefact's maker to mend."""
    below = not problem.below or bool((problem.below[0] @ z <= problem.below[1] + slack).all())
    return below and (
        not problem.equal or bool(np.abs(problem.equal[0] @ z - problem.equal[1]).max() < slack)
    )


def solver(problem: Minimax, method: str, reach: float) -> Callable[[np.ndarray], Point]:
    """The local search of a name: `linear`, `quadratic`, or `both`, a few linear programs and then SLSQP."""

    def both(z: np.ndarray) -> Point:
        first = linear(problem, z, 8, reach)
        second = quadratic(problem, first.z, 300)
        return second._replace(steps=first.steps + second.steps)

    methods = {"linear": lambda z: linear(problem, z, 60, reach), "both": both,
               "quadratic": lambda z: quadratic(problem, z, 300)}  # fmt: skip
    return methods[method]


def hops(start: Callable[[], np.ndarray], move: Callable[[np.ndarray], np.ndarray],
         solve: Callable[[np.ndarray], Point], patience: float) -> Iterator[Point]:  # fmt: skip
    """Every point that a local search ends in, for as long as one asks.

    From a start, moves go from the best since, until `patience` of them in a row have gained nothing; none is
    a multi-start (basin hopping that accepts gains alone: Leary 2000).
    """
    while True:
        yield from descent(start(), move, solve, patience)


def descent(begun: np.ndarray, move: Callable[[np.ndarray], np.ndarray],
            solve: Callable[[np.ndarray], Point], patience: float) -> Iterator[Point]:  # fmt: skip
    """The points of `hops` from one start, until its patience is spent."""
    current, idle = solve(begun), 0
    yield current
    while idle < patience:
        found = solve(move(current.z))
        yield found
        better = found.value < current.value - BETTER * abs(current.value)
        current, idle = (found, 0) if better else (current, idle + 1)


def bests(points: Iterator[Point], finish: Callable[[np.ndarray], tuple[float, Arrays]], sign: float = 1.0
          ) -> Iterator[Best]:  # fmt: skip
    """The best after each local search, as `kit.search` wants it; with `sign` -1 the value is maximised."""
    best, taken = None, 0
    for point in points:
        best = point if best is None or point.value < best.value else best
        taken += point.steps
        yield Best(sign * best.value, taken, lambda z=best.z: finish(z))
