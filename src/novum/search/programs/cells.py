"""The archive of behaviours: candidates by what they do, not by how well.

A cell is made of the first `AXES` metrics that are not the primary one, each cut at the quartiles of the
history. Where a domain measures nothing else, a cell is a line and how many doublings of steps it has come.
Cells follow from the history alone; as it grows, their edges move.
"""

import statistics
from collections.abc import Sequence

from novum.search.programs.history import Candidate, History

AXES = 2
BINS = 4

Cell = tuple[str | int, ...]


def cells(history: History) -> dict[Cell, list[Candidate]]:
    """Cell -> its candidates that work, from the best to the worst; cells in the order they were reached."""
    measured = bool(history.good) and len(history.good[0].behaviour) > 0
    edges = _edges(history.good) if measured else []
    found: dict[Cell, list[Candidate]] = {}
    for candidate in sorted(history.good, key=lambda c: c.index):
        cell = _behaviour(candidate, edges) if measured else _lineage(candidate, history)
        found.setdefault(cell, []).append(candidate)
    return {cell: sorted(mine, key=lambda c: (-c.score, c.index)) for cell, mine in found.items()}


def _behaviour(candidate: Candidate, edges: Sequence[Sequence[float]]) -> Cell:
    pairs = zip(candidate.behaviour, edges, strict=False)
    return tuple(-1 if value is None else sum(value > edge for edge in cut) for value, cut in pairs)


def _edges(good: Sequence[Candidate]) -> list[list[float]]:
    """For each axis the quartiles of what was seen."""
    axes = range(min(AXES, len(good[0].behaviour)))
    known = [[b for c in good if (b := c.behaviour[axis]) is not None] for axis in axes]
    return [statistics.quantiles(row, n=BINS) if len(row) > 1 else [] for row in known]


def _lineage(candidate: Candidate, history: History) -> Cell:
    return (history.line_of[candidate.id], history.depth[candidate.id].bit_length())
