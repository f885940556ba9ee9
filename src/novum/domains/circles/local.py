"""Local search for packings: from centres to centres and radii that no small change betters.

A step of `linear` is a linear program. Distance is a convex function of the centres, so its tangent never
exceeds it: discs that keep apart by the tangents keep apart indeed, every step is a packing again, and the
sum of radii never falls. At most optima as many constraints hold with equality as there are unknowns;
there, steps converge quadratically. `slsqp` solves the same problem by sequential quadratic programming.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp, minimize
from scipy.sparse import csc_array

REACH = 0.15  # how far a centre may move in one linear program
FORESIGHT = 8.0  # a search that would not catch up in so many gains of its last step is given up
SOLVED = 1e-5  # gain of a step, relative to the sum, below which a search ends
CONVERGED = 1e-14


class Packing(NamedTuple):
    """Centres (n, 2), radii (n,), their sum, and the steps that it took."""

    centres: np.ndarray
    radii: np.ndarray
    total: float
    steps: int


def linear(centres: np.ndarray, most: int, beat: float = 0.0, gain: float = SOLVED) -> Packing:
    """Sequential linear programs, at most `most`; gives up early where `beat` seems out of reach."""
    total, taken, radii = 0.0, 0, np.zeros(len(centres))
    while taken < most:
        centres, radii = _program(centres)
        taken, gained, total = taken + 1, radii.sum() - total, float(radii.sum())
        if gained <= gain * total or (taken > 4 and total + FORESIGHT * gained < beat):
            break
    return Packing(centres, radii, total, taken)


def _program(centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The best centres and radii by the tangents of all distances at these centres.

    Unknowns are x (n), y (n) and r (n); no centre moves by more than `REACH` along an axis.
    """
    n, flat = len(centres), centres.T.ravel()
    low = np.concatenate([np.maximum(flat - REACH, 0), np.zeros(n)])
    high = np.concatenate([np.minimum(flat + REACH, 1), np.full(n, 0.5)])
    cost = np.repeat([0.0, -1.0], [2 * n, n])
    found = milp(cost, constraints=_tangents(centres), bounds=Bounds(low, high)).x
    if found is None:  # numerical trouble of the solver: this step gains nothing
        return centres, best_radii(centres)
    return found[: 2 * n].reshape(2, n).T.clip(0, 1), found[2 * n :]


def _tangents(centres: np.ndarray) -> LinearConstraint:
    """That discs keep apart, by the tangents of distances, and inside the walls.

    Pairs too far apart to meet within a step, even if both discs grew far beyond the usual, are left out.
    """
    n = len(centres)
    first, second = np.triu_indices(n, 1)
    apart = np.hypot(*(centres[first] - centres[second]).T)
    near = apart < 2 * math.sqrt(2) * REACH + 2.5 / math.sqrt(n)
    first, second = first[near], second[near]
    ux, uy = ((centres[first] - centres[second]) / np.maximum(apart[near], 1e-12)[:, None]).T
    pair, one = np.arange(len(first)), np.ones(len(first))
    entries = [(pair, first, -ux), (pair, second, ux), (pair, n + first, -uy), (pair, n + second, uy),
               (pair, 2 * n + first, one), (pair, 2 * n + second, one)]  # fmt: skip
    axis, one = np.arange(2 * n), np.ones(2 * n)
    for row, sign in ((len(first) + axis, -1), (len(first) + 2 * n + axis, 1)):  # r <= x, then x + r <= 1
        entries += [(row, axis, sign * one), (row, 2 * n + axis % n, one)]
    rows, columns, values = (np.concatenate(part) for part in zip(*entries, strict=True))
    matrix = csc_array((values, (rows, columns)), shape=(len(first) + 4 * n, 3 * n))
    return LinearConstraint(matrix, -np.inf, np.repeat([0.0, 0.0, 1.0], [len(first), 2 * n, 2 * n]))


def best_radii(centres: np.ndarray) -> np.ndarray:
    """Radii of the largest sum for given centres: a linear program over all pairs."""
    n = len(centres)
    first, second = np.triu_indices(n, 1)
    pairs = np.arange(len(first))
    matrix = csc_array((np.ones(2 * len(pairs)), (np.tile(pairs, 2), np.concatenate([first, second]))),
                       shape=(len(pairs), n))  # fmt: skip
    apart = np.hypot(*(centres[first] - centres[second]).T)
    wall = np.minimum(centres, 1 - centres).min(1)
    found = linprog(-np.ones(n), A_ub=matrix, b_ub=apart, bounds=np.c_[np.zeros(n), wall]).x
    return np.zeros(n) if found is None else found


def slsqp(centres: np.ndarray, most: int, beat: float = 0.0, gain: float = SOLVED) -> Packing:
    """Sequential quadratic programming over centres and radii, at most `most` iterations; ignores `beat`.

    It may diverge, and then gains nothing.
    """
    n, begun = len(centres), best_radii(centres)
    cost = np.repeat([0.0, -1.0], [2 * n, n])
    found = minimize(
        lambda unknown: cost @ unknown,
        np.concatenate([centres.T.ravel(), begun]),
        jac=lambda _: cost,
        method="SLSQP",
        bounds=[(0, 1)] * (3 * n),
        constraints={"type": "ineq", "fun": _room, "jac": _slopes},
        options={"maxiter": most, "ftol": gain},
    )
    ended = found.x[: 2 * n].reshape(2, n).T.clip(0, 1)
    radii = strict(ended, found.x[2 * n :])
    if radii.sum() < begun.sum():
        ended, radii = centres, begun
    return Packing(ended, radii, float(radii.sum()), max(1, found.nit))


def _room(unknown: np.ndarray) -> np.ndarray:
    """What is left between discs and to the walls; not negative for a packing."""
    x, y, r = unknown.reshape(3, -1)
    first, second = np.triu_indices(len(r), 1)
    apart = np.hypot(x[first] - x[second], y[first] - y[second]) - r[first] - r[second]
    return np.concatenate([apart, x - r, y - r, 1 - x - r, 1 - y - r])


def _slopes(unknown: np.ndarray) -> np.ndarray:
    """The derivative of `_room` by each unknown."""
    x, y, _ = unknown.reshape(3, -1)
    n = len(x)
    first, second = np.triu_indices(n, 1)
    across, up, pair = x[first] - x[second], y[first] - y[second], np.arange(len(first))
    apart = np.maximum(np.hypot(across, up), 1e-12)
    found = np.zeros((len(pair), 3 * n))
    found[pair, first], found[pair, second] = across / apart, -across / apart
    found[pair, n + first], found[pair, n + second] = up / apart, -up / apart
    found[pair, 2 * n + first] = found[pair, 2 * n + second] = -1
    eye, none = np.eye(n), np.zeros((n, n))
    walls = [[eye, none, -eye], [none, eye, -eye], [-eye, none, -eye], [none, -eye, -eye]]
    return np.vstack([found, np.block(walls)])


def polished(packing: Packing) -> Packing:
    """The same packing brought to convergence by linear programs, some ten as a rule."""
    better = linear(packing.centres, 60, gain=CONVERGED)
    return better if better.total > packing.total else packing


def strict(centres: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Radii made smaller, by as little as rounding asks for, until discs are apart in exact arithmetic.

    Each disc shrinks by the worst ratio of distance to sum of radii. The distance is taken eight roundings
    too small, more than computing it, the ratio and the products can have lost.
    """
    centres = centres.astype(np.float64)
    wall = np.minimum(centres, np.nextafter(1 - centres, 0)).min(1)  # 1 - x may have been rounded upward
    radii = np.minimum(np.maximum(radii, 0), np.maximum(wall, 0))
    across = centres[:, None] - centres[None]
    apart = np.hypot(across[..., 0], across[..., 1]) * (1 - 8 * np.finfo(float).eps)
    both = radii[:, None] + radii[None]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where(both > 0, apart / both, 1.0)
    np.fill_diagonal(ratio, 1.0)
    return radii * np.minimum(ratio.min(1), 1.0)


METHODS = {"linear": linear, "slsqp": slsqp}
