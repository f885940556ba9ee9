"""Draws a certificate of the domain `circles`: `python scripts/packing_picture.py CERTIFICATE OUT.svg`.

Discs are shaded by their radius; a line joins the centres of discs that all but touch (gap below 1e-9).
"""

import json
import math
import sys
from fractions import Fraction
from itertools import combinations
from pathlib import Path

SIZE, EDGE = 480, 8  # of the square and of the margin, in SVG units
TOUCHING = 1e-9


def drawing(discs: list[list[float]]) -> str:
    """The packing as an SVG document."""
    whole = SIZE + 2 * EDGE
    widest = max(r for _, _, r in discs)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" width="{whole}">',
        f'<rect x="{EDGE}" y="{EDGE}" width="{SIZE}" height="{SIZE}" fill="white" stroke="black"/>',
    ]
    for x, y, r in discs:
        (cx, cy), light = _at(x, y), 92 - 34 * r / widest
        parts.append(f'<circle cx="{cx:.2f}" cy="{cy:.2f}" r="{SIZE * r:.2f}" stroke="#345" '
                     f'fill="hsl(205 55% {light:.0f}%)"/>')  # fmt: skip
    for (x, y, r), (u, v, s) in combinations(discs, 2):
        if math.hypot(x - u, y - v) - r - s < TOUCHING:
            (a, b), (c, d) = _at(x, y), _at(u, v)
            parts.append(f'<path d="M{a:.2f} {b:.2f}L{c:.2f} {d:.2f}" stroke="#345" stroke-width=".6"/>')
    return "\n".join([*parts, "</svg>\n"])


def _at(x: float, y: float) -> tuple[float, float]:
    return EDGE + SIZE * x, EDGE + SIZE * (1 - y)


def main(source: str, out: str) -> None:
    discs = json.loads(Path(source).read_text())["discs"]
    Path(out).write_text(drawing([[float(Fraction(number)) for number in disc] for disc in discs]))


if __name__ == "__main__":
    main(*sys.argv[1:])
