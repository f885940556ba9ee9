"""What a move of numbers is expected to gain, by a Gaussian process over what is on record.

The Matérn kernel with nu = 5/2 is the same in all directions. Its length and the noise are those of a small
grid under which the record is likeliest; its variance is fitted in closed form (Rasmussen and Williams 2006,
2.3 and 5.4). The expected improvement (Jones, Schonlau and Welch 1998) is that on the best mean that the
process has for what was measured, so that a lucky measurement is no mark. What is under way is believed to
score what the process expects there, so that workers do not crowd on one point (Ginsbourger, Le Riche and
Carraro 2010).
"""

from collections.abc import Sequence
from math import erf, pi, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

LENGTHS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Of the kernel, in medians of the distances between points."""
NOISES = (1e-3, 1e-2, 1e-1, 0.5)
"""Variances of the noise, in those of the process."""


class Surrogate:
    """A process given `points` (points, dimensions) and their `scores` (points,), higher for better."""

    def __init__(self, points: "np.ndarray", scores: "np.ndarray"):
        self.points = points
        self._centre, self._unit = float(scores.mean()), float(scores.std()) or 1.0
        self._scores = (scores - self._centre) / self._unit
        self._length, self._noise, self._variance = _likeliest(points, self._scores)
        self._mark = float(self._given(points, self._scores, points)[0].max())

    def gains(self, moves: "np.ndarray", under_way: "np.ndarray") -> "np.ndarray":
        """Expected improvement in units of the score, (moves,), of `moves` (moves, dimensions)."""
        import numpy as np

        believed = self._given(self.points, self._scores, under_way)[0]
        points = np.concatenate([self.points, under_way])
        mean, deviation = self._given(points, np.concatenate([self._scores, believed]), moves)
        z = (mean - self._mark) / deviation
        below = np.array([0.5 * (1.0 + erf(x / sqrt(2.0))) for x in z])
        return self._unit * deviation * (z * below + np.exp(-0.5 * z * z) / sqrt(2.0 * pi))

    def _given(
        self, points: "np.ndarray", scores: "np.ndarray", at: "np.ndarray"
    ) -> "tuple[np.ndarray, np.ndarray]":
        """Mean and standard deviation of the process, each (places,), at `at` (places, dimensions)."""
        import numpy as np

        own = matern(distances(points, points) / self._length) + self._noise * np.eye(len(points))
        across = matern(distances(at, points) / self._length)
        solved = np.linalg.solve(own, np.column_stack([scores, across.T]))
        left = 1.0 - np.einsum("ij,ji->i", across, solved[:, 1:])
        return across @ solved[:, 0], np.sqrt(self._variance * np.maximum(left, 1e-12))


def _likeliest(points: "np.ndarray", scores: "np.ndarray") -> tuple[float, float, float]:
    """Length, noise (in variances of the process) and variance of the highest likelihood of the grid."""
    import numpy as np

    apart = distances(points, points)
    far = apart[np.triu_indices(len(points), 1)]
    usual = float(np.median(far[far > 0])) if (far > 0).any() else 1.0
    grid = [(usual * factor, noise) for factor in LENGTHS for noise in NOISES]
    own = np.stack([matern(apart / length) + noise * np.eye(len(points)) for length, noise in grid])
    roots = np.linalg.cholesky(own)  # positive definite by the noise; LAPACK's eigh need not converge
    white = np.linalg.solve(roots, scores[:, None])[..., 0]
    variances = np.maximum((white**2).mean(axis=1), 1e-12)
    spans = np.log(np.diagonal(roots, axis1=1, axis2=2)).sum(axis=1)
    best = int(np.argmax(-0.5 * len(scores) * np.log(variances) - spans))
    return (*grid[best], float(variances[best]))


def distances(one: "np.ndarray", other: "np.ndarray") -> "np.ndarray":
    """Euclidean, (points of one, points of other)."""
    import numpy as np

    squares = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1)[None] - 2.0 * one @ other.T
    return np.sqrt(np.maximum(squares, 0.0))


def matern(r: "np.ndarray") -> "np.ndarray":
    """The correlation at distances in lengths, nu = 5/2."""
    import numpy as np

    scaled = sqrt(5.0) * r
    return (1.0 + scaled + scaled * scaled / 3.0) * np.exp(-scaled)


def most_promising(
    known: Sequence[Sequence[float]], scores: Sequence[float], under_way: Sequence[Sequence[float]],
    moves: Sequence[Sequence[float]],
) -> int:  # fmt: skip
    """The place of the move of the highest expected improvement; points of all are of one dimension."""
    import numpy as np

    width = len(moves[0])
    process = Surrogate(np.array(known, dtype=float), np.array(scores, dtype=float))
    gains = process.gains(np.array(moves, dtype=float), np.array(under_way, dtype=float).reshape(-1, width))
    return int(gains.argmax())
