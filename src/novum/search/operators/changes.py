"""Edits as sets of changes, so that some can be taken out and those of two versions joined.

A change takes lines of a base to others. Changes of one version never overlap; those of two may, and then the
first version's stand.
"""

import difflib
from collections.abc import Sequence

from msgspec import Struct


class Change(Struct, frozen=True):
    """Lines `start` to `end` (exclusive, from 0) of the base become `new`."""

    start: int
    end: int
    new: tuple[str, ...]


def changes(base: str, version: str) -> tuple[Change, ...]:
    """What makes a version of a base, smallest first lines first; `made(base, changes(base, v)) == v`."""
    old, new = base.splitlines(keepends=True), version.splitlines(keepends=True)
    codes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return tuple(Change(i1, i2, tuple(new[j1:j2])) for kind, i1, i2, j1, j2 in codes if kind != "equal")


def made(base: str, todo: Sequence[Change]) -> str:
    """The base with changes that do not overlap."""
    lines = base.splitlines(keepends=True)
    for change in sorted(todo, key=lambda c: (c.start, c.end), reverse=True):
        lines[change.start : change.end] = change.new
    return "".join(lines)


def joined(first: Sequence[Change], second: Sequence[Change]) -> tuple[Change, ...]:
    """The changes of both; where two overlap, the first's."""
    return (*first, *(c for c in second if not any(overlap(c, other) for other in first)))


def overlap(one: Change, other: Change) -> bool:
    """Whether two changes touch the same lines, or put lines at the same place."""
    return one.start <= other.end and other.start <= one.end
