"""Draws a certificate of an optimisation domain: `python scripts/certificate_picture.py CERTIFICATE OUT.svg`.

Discs are shaded by their radius; a line joins the centres of discs that all but touch (gap below 1e-9).
Points of a triangle are drawn in an equilateral one, with the smallest triangles between them; points at
nearly equal distances with a line for each distance that is all but the largest (thin) or the smallest.
Hexagons are drawn as they lie. A step function is drawn above its overlaps, or above its convolution with
itself.
"""

import json
import math
import sys
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import numpy as np

SIZE, EDGE = 480, 8  # of the drawing and of the margin, in SVG units
TOUCHING = 1e-9
NEAR = 1e-6  # relative; values this close to the extreme one are drawn as equal to it
DARK, FILL, LINE = "#345", "hsl(205 55% 72%)", "#b43"


def whole(parts: list[str]) -> str:
    side = SIZE + 2 * EDGE
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{side}">'
    return "\n".join([head, f'<rect width="{side}" height="{side}" fill="white"/>', *parts, "</svg>\n"])


def at(x: float, y: float) -> tuple[float, float]:
    """From the unit square to the drawing."""
    return EDGE + SIZE * x, EDGE + SIZE * (1 - y)


def path(points: list, stroke: str = DARK, fill: str = "none", width: float = 1.0) -> str:
    """A line through points of the unit square."""
    drawn = "L".join("{:.2f} {:.2f}".format(*at(x, y)) for x, y in points)
    return f'<path d="M{drawn}" stroke="{stroke}" fill="{fill}" stroke-width="{width}"/>'


def dot(x: float, y: float, radius: float = 4.0, fill: str = DARK) -> str:
    cx, cy = at(x, y)
    return f'<circle cx="{cx:.2f}" cy="{cy:.2f}" r="{radius:.2f}" stroke="{DARK}" fill="{fill}"/>'


def circles(told: dict) -> list[str]:
    discs = [[float(Fraction(number)) for number in disc] for disc in told["discs"]]
    widest = max(r for _, _, r in discs)
    parts = [path([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)])]
    parts += [dot(x, y, SIZE * r, f"hsl(205 55% {92 - 34 * r / widest:.0f}%)") for x, y, r in discs]
    return parts + [path([(x, y), (u, v)], width=0.6) for (x, y, r), (u, v, s) in combinations(discs, 2)
                    if math.hypot(x - u, y - v) - r - s < TOUCHING]  # fmt: skip


def heilbronn(told: dict) -> list[str]:
    points = [[float(Fraction(number)) for number in point] for point in told["points"]]
    least = float(Fraction(told["area"]))

    def there(u: float, v: float) -> tuple[float, float]:
        return u + v / 2, v * math.sqrt(3) / 2

    parts = [path([there(*p) for p in ((0, 0), (1, 0), (0, 1), (0, 0))])]
    for a, b, c in combinations(points, 3):
        area = abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]))
        if area < least * (1 + NEAR):
            parts.append(path([there(*p) for p in (a, b, c, a)], width=0.4, fill="hsl(205 55% 72% / .25)"))
    return parts + [dot(*there(*p)) for p in points]


def distances(told: dict) -> list[str]:
    points = np.array([[float(Fraction(number)) for number in point] for point in told["points"]])[:, :2]
    points = (points - points.min(0)) / np.ptp(points, axis=0).max() * 0.96 + 0.02
    pairs = [(math.dist(p, q), tuple(p), tuple(q)) for p, q in combinations(points, 2)]
    least, most = min(pairs)[0], max(pairs)[0]
    parts = [path([p, q], LINE, width=0.6) for d, p, q in pairs if d > most * (1 - NEAR)]
    parts += [path([p, q], width=1.4) for d, p, q in pairs if d < least * (1 + NEAR)]
    return parts + [dot(*p) for p in points]


def hexagons(told: dict) -> list[str]:
    rows = [[float(Fraction(number)) for number in row] for row in told["hexagons"]]
    a, b = (float(Fraction(number)) for number in told["side"])
    side = a + b * math.sqrt(3)

    def outline(x: float, y: float, turned: float, size: float) -> list[tuple[float, float]]:
        angles = [turned + k * math.pi / 3 for k in range(7)]
        return [(0.5 + (x + size * math.cos(t)) / side / 2.05, 0.5 + (y + size * math.sin(t)) / side / 2.05)
                for t in angles]  # fmt: skip

    return [path(outline(0, 0, 0, side))] + [
        path(outline(x, y, 2 * math.atan(t), 1.0), fill=FILL) for x, y, t in rows
    ]


def steps(values: np.ndarray, low: float, high: float) -> list[str]:
    """A step function as an area between `low` and `high` of the height."""
    floor, top = min(0.0, values.min()), max(values.max(), 0.0)
    scaled = low + (values - floor) / (top - floor) * (high - low)
    zero = low - floor / (top - floor) * (high - low)
    edges = np.linspace(0, 1, len(values) + 1)
    outline = [(x, y) for y, *ends in zip(scaled, edges, edges[1:], strict=False) for x in ends]
    return [path([(0, zero), *outline, (1, zero)], fill=FILL, width=0.6)]


def curve(values: np.ndarray, low: float, high: float) -> list[str]:
    """What is linear between equal steps, with a line at its maximum."""
    floor, top = min(0.0, values.min()), values.max()
    scaled = low + (values - floor) / (top - floor) * (high - low)
    line = list(zip(np.linspace(0, 1, len(values)), scaled, strict=True))
    return [path([(0, high), (1, high)], LINE, width=0.6), path(line)]


def overlap(told: dict) -> list[str]:
    h = np.array([float(Fraction(value)) for value in told["values"]])
    overlaps = np.r_[0, np.correlate(h, 1 - h, "full"), 0]
    return steps(h, 0.5, 0.98) + curve(overlaps, 0.02, 0.44)


def autoconvolution(told: dict) -> list[str]:
    f = np.array([float(Fraction(value)) for value in told["values"]])
    return steps(f, 0.5, 0.98) + curve(np.r_[0, np.convolve(f, f), 0], 0.02, 0.44)


DRAWN = (circles, heilbronn, distances, hexagons, overlap, autoconvolution)
DRAWINGS = {made.__name__: made for made in DRAWN}


def main(source: str, out: str) -> None:
    told = json.loads(Path(source).read_text())
    Path(out).write_text(whole(DRAWINGS[told["problem"]](told)))


if __name__ == "__main__":
    main(*sys.argv[1:])
