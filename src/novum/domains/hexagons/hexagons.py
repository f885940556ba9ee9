"""Hexagons of side 1 in a hexagon that is as small as it can be: hops around a minimax local search.

Leaves `hexagons.npy` (n, 3) for each seed: centres, and the tangent of half the angle that each is turned by.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from kit.minimax import Minimax, Point, bests, descent, solver
from kit.search import Arrays, Best, serve

APOTHEM = np.sqrt(3) / 2
NORMALS = np.pi / 6 + np.pi / 3 * np.arange(6)  # angles of the normals of an unturned hexagon's sides
CORNERS = np.pi / 3 * np.arange(6)
PENALTY = 4.0  # of an overlap, in sides of the hull: more than it costs to scale an overlap away
FAR = 8.0  # no centre is farther out than this, in either coordinate
SAFE = 1e-12  # distance kept, so that rounding leaves no overlap


def corners(centres: np.ndarray, turned: np.ndarray) -> np.ndarray:
    """Corners (n, 6, 2) of hexagons with centres (n, 2), turned by so many radians."""
    angles = turned[:, None] + CORNERS
    return centres[:, None] + np.stack([np.cos(angles), np.sin(angles)], axis=-1)


class Packing:
    """Unknowns z: all abscissae, all ordinates, all angles. The hull is centred at the origin, unturned.

    `values`: the sides that the hull must have for two corners of each hexagon along each normal, and the
    overlaps of pairs. Of a pair the side counts along whose normal the two are farthest apart, and the two
    corners of the other that come nearest to it: two convex bodies overlap unless some side parts them.
    """

    def __init__(self, n: int):
        self.n = n
        first, second = np.triu_indices(n, 1)
        self.one, self.other = np.r_[first, second], np.r_[second, first]  # ordered pairs
        pairs = len(first)
        self.groups = np.r_[np.zeros(12 * n, int), np.ones(2 * pairs + 1, int)]

    def parts(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return z[: 2 * self.n].reshape(2, self.n).T, z[2 * self.n :]

    def reaches(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How far corners reach along the hull's normals: the two farthest (n, 6, 2), and which they are."""
        centres, turned = self.parts(z)
        along = corners(centres, turned) @ np.stack([np.cos(NORMALS), np.sin(NORMALS)])  # (n, corner, normal)
        along = along.transpose(0, 2, 1)
        which = np.argsort(along, axis=2)[:, :, -2:]
        return np.take_along_axis(along, which, axis=2), which

    def parted(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Of each pair: whose side parts it best (its place), the normal's angle, and of the other hexagon
        the nearest two corners with their distance beyond that side (negative: overlap)."""
        centres, turned = self.parts(z)
        angles = turned[self.one, None] + NORMALS  # ordered pairs, normals
        normals = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
        points = corners(centres, turned)[self.other] - centres[self.one, None]
        beyond = np.einsum("pkd,pcd->pkc", normals, points) - APOTHEM
        least = beyond.min(axis=2)
        best, pairs = least.argmax(axis=1), len(self.one) // 2
        rows = np.arange(2 * pairs)
        first = least[rows, best].reshape(2, pairs).argmax(axis=0)
        kept = first * pairs + np.arange(pairs)
        mine = beyond[kept, best[kept]]
        which = np.argsort(mine, axis=1)[:, :2]
        return kept, angles[kept, best[kept]], which, np.take_along_axis(mine, which, axis=1)

    def values(self, z: np.ndarray) -> np.ndarray:
        sides = self.reaches(z)[0].ravel() / APOTHEM
        return np.r_[sides, -PENALTY * self.parted(z)[3].ravel(), 0.0]

    def slopes(self, z: np.ndarray) -> np.ndarray:
        n, turned = self.n, self.parts(z)[1]
        found = np.zeros((len(self.groups), 3 * n))
        _, which = self.reaches(z)
        i, k, _ = np.indices(which.shape)
        row = np.arange(which.size).reshape(which.shape)
        angle = turned[i] + CORNERS[which]
        found[row, i], found[row, n + i] = np.cos(NORMALS)[k] / APOTHEM, np.sin(NORMALS)[k] / APOTHEM
        found[row, 2 * n + i] = np.sin(NORMALS[k] - angle) / APOTHEM
        self._overlaps(z, found[which.size : -1])
        return found

    def _overlaps(self, z: np.ndarray, rows: np.ndarray) -> None:
        n, (centres, turned) = self.n, self.parts(z)
        kept, angles, which, _ = self.parted(z)
        one, other = (np.repeat(found[kept], 2) for found in (self.one, self.other))
        angle, row = np.repeat(angles, 2), np.arange(len(rows))
        corner = turned[other] + CORNERS[which.ravel()]
        apart = centres[other] + np.stack([np.cos(corner), np.sin(corner)], axis=-1) - centres[one]
        for place, sign in ((other, 1.0), (one, -1.0)):
            rows[row, place] = -PENALTY * sign * np.cos(angle)
            rows[row, n + place] = -PENALTY * sign * np.sin(angle)
        rows[row, 2 * n + other] = -PENALTY * np.sin(angle - corner)
        rows[row, 2 * n + one] = -PENALTY * (apart[:, 1] * np.cos(angle) - apart[:, 0] * np.sin(angle))


class Family(NamedTuple):
    """Packings that mirror themselves, or all: unknowns of hexagons that may be moved to those of all.

    `expand` (3n, 3m) and `offset` (3n,) give z of the x of m hexagons, whose images follow them. Of those on
    the axis, which come first, place along it alone counts: a corner or the middle of a side lies on it.
    """

    expand: np.ndarray
    offset: np.ndarray

    @property
    def movable(self) -> int:
        return self.expand.shape[1] // 3

    def full(self, x: np.ndarray) -> np.ndarray:
        return self.expand @ x + self.offset

    def minimax(self, packing: Packing) -> Minimax:
        high = np.r_[np.full(2 * self.movable, FAR), np.full(self.movable, 2 * np.pi)]
        return Minimax(-high, high, lambda x: packing.values(self.full(x)),
                       lambda x: packing.slopes(self.full(x)) @ self.expand, packing.groups)  # fmt: skip


def family(n: int, symmetry: str, rng: np.random.Generator) -> Family:
    """All packings, or those with an axis through `corners` or through `sides` of the hull, of which so many
    hexagons lie on the axis, turned so, as is drawn."""
    if symmetry == "free":
        return Family(np.eye(3 * n), np.zeros(3 * n))
    on = min(n % 2 + 2 * int(rng.integers(3)), n)
    m, signs = (n + on) // 2, (1.0, -1.0, -1.0) if symmetry == "corners" else (-1.0, 1.0, -1.0)
    expand, offset = np.zeros((3, n, 3, m)), np.zeros((3, n))
    for kind, sign in enumerate(signs):
        for i in range(on if sign < 0 else 0, m):
            expand[kind, i, kind, i] = 1.0
        for i in range(on, m):
            expand[kind, i + m - on, kind, i] = sign
    offset[2, :on] = np.pi / 6 * rng.integers(2, size=on)
    return Family(expand.reshape(3 * n, 3 * m), offset.ravel())


def start(n: int, kind: str, rng: np.random.Generator) -> np.ndarray:
    """Centres in a disc of about the area that is needed, or near places of a lattice; angles at random."""
    if kind == "lattice":
        steps = np.array([(x, y) for x in range(-4, 5) for y in range(-4, 5)])
        places = steps @ np.array([[1.0, 0.0], [0.5, APOTHEM]]) * 2 * APOTHEM + rng.uniform(-1, 1, 2)
        centres = places[np.argsort(np.hypot(*places.T))[:n]] + rng.normal(0, 0.2, (n, 2))
    else:
        radius, angle = 0.9 * np.sqrt(n * rng.random(n)), rng.uniform(0, 2 * np.pi, n)
        centres = (radius * np.stack([np.cos(angle), np.sin(angle)])).T
    return np.r_[centres.T.ravel(), rng.uniform(0, np.pi / 3, n)]


def moved(z: np.ndarray, n: int, kind: str, rng: np.random.Generator) -> np.ndarray:
    """One hexagon put elsewhere and turned (`relocate`), all moved a little (`shift`), or either."""
    kind = kind if kind != "either" else rng.choice(["relocate", "shift"])
    found = z.copy()
    if kind == "shift":
        found[: 2 * n] += rng.normal(0, rng.uniform(0, 0.4), 2 * n)
        found[2 * n :] += rng.normal(0, rng.uniform(0, 0.4), n)
        return found
    one, reach = rng.integers(n), np.abs(z[: 2 * n]).max()
    found[[one, n + one]] = rng.uniform(-reach, reach, 2)
    found[2 * n + one] = rng.uniform(0, np.pi / 3)
    return found


def search(problem: dict, config: dict, rng: np.random.Generator) -> Iterator[Best]:
    """The packing in the smallest hexagon so far, after each local search."""
    packing = Packing(problem["n"])
    return bests(_points(packing, config, rng), lambda z: finish(packing, z))


def _points(packing: Packing, config: dict, rng: np.random.Generator) -> Iterator[Point]:
    """Where every local search ended, one start after another, each in a family of its own."""
    while True:
        drawn = family(packing.n, config["symmetry"], rng)
        m, solve = drawn.movable, solver(drawn.minimax(packing), config["local_search"], 0.3)

        def move(x: np.ndarray, m: int = m) -> np.ndarray:
            return moved(x, m, config["move"], rng)

        for found in descent(_begun(packing.n, m, config, rng), move, solve, config["patience"]):
            yield found._replace(z=drawn.full(found.z))


def _begun(n: int, m: int, config: dict, rng: np.random.Generator) -> np.ndarray:
    """A start of m hexagons, of the n that are to be packed."""
    z = start(n, config["start"], rng).reshape(3, n)
    z = z[:, rng.permutation(n)] if config["labels"] == "shuffled" or m < n else z
    z = z[:, :m]
    return np.r_[z[0], -z[1], -z[2]] if config["mirror"] == "mirrored" else z.ravel()


def finish(packing: Packing, z: np.ndarray) -> tuple[float, Arrays]:
    """The side of the hull, and the hexagons: moved apart until none overlap, and as floats."""
    centres, turned = packing.parts(z)
    angles = np.mod(turned, np.pi / 3)
    tangents = np.tan(angles / 2)
    angles = 2 * np.arctan(tangents)

    def spread(by: float) -> np.ndarray:
        return np.r_[(centres * by).T.ravel(), angles]

    low, high = 0.0, 1.0
    while packing.n > 1 and packing.parted(spread(high))[3].min() < SAFE:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        if packing.n < 2 or packing.parted(spread(middle))[3].min() >= SAFE:
            high = middle
        else:
            low = middle
    best = spread(high)
    side = packing.reaches(best)[0].max() / APOTHEM
    return float(side), {"hexagons": np.c_[best[: 2 * packing.n].reshape(2, -1).T, tangents]}


if __name__ == "__main__":
    serve(search)
