"""The operator *tune* without a model: an evolution strategy over the numbers of a program.

A (1+1) evolution strategy whose step follows the one-fifth rule (Rechenberg 1973; in the form of Kern et
al. 2004): a move that betters its parent lengthens the step by exp(1/3), any other shortens it by
exp(-1/12). It is kept out of a library because it must hold no state of its own: the step follows from
the recorded moves, in the order they were asked for, so workers need not wait for each other and a
resumed study goes on the same. (CMA-ES learns more about the landscape, but in whole generations.) How
many numbers move is drawn from the powers of two up to all.

Of many moves so drawn, with steps up to that one, the one is made that is expected to gain most by a
Gaussian process over all recorded versions of the program that differ in numbers alone, whoever made them
(`surrogate`; preselection as by Ulmer, Streichert and Zell 2003).

Which may move is learnt too: a number whose change made a program fail, as far as can be told, is left alone
(`guilty`), and one that is called as a factor of the domain stays within what the factor may be (`limits`).
"""

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import exp

from msgspec import Struct, structs

from novum.program import PROGRAM
from novum.records import Factor
from novum.search.operators.literals import Literal, identities, literals, moved, replaced, way
from novum.search.operators.surrogate import most_promising

FIRST, LEAST, MOST = 0.3, 1e-6, 1.0
SUSPECTS = 2
LIST = 8
"""Numbers of a line from which on they are data rather than settings."""
FEWEST, NEAREST = 4, 100
"""Recorded versions of the same form without which nothing is expected, and from which on the nearest do."""
DRAWS, WORK = 128, 20_000
"""Moves that are drawn for one that is made, and at how many numbers, in all, they may look."""
SHORTER = 3.0
"""How often the step of a move that is drawn is halved at most."""
BETTER, WORSE = exp(1 / 3), exp(-1 / 12)


def step_size(outcomes: Sequence[bool]) -> float:
    """The step after moves that bettered their parent, or did not, in order."""
    step = FIRST
    for better in outcomes:
        step = min(MOST, max(LEAST, step * (BETTER if better else WORSE)))
    return step


Limits = Mapping[str, tuple[float, float] | None]
"""Name in small letters -> what it may be; None: it is not to be moved."""
Which = tuple[str, tuple[str, int]]
"""A number of a program in all its versions: path, and `literals.identities`."""
Place = tuple[str, int]
"""A number of one version: path, and its place among the numbers of the file."""
Values = dict[Place, float | int]


class Recorded(Struct, frozen=True):
    """A version of the same form and what it scored, higher for better; None while it is under way."""

    files: Mapping[str, str]
    score: float | None


def limits(factors: Sequence[Factor]) -> dict[str, tuple[float, float] | None]:
    """What numbers that are called as a factor may be: its range, or what its levels span."""
    found: dict[str, tuple[float, float] | None] = {}
    for factor in factors:
        levels = [x for x in factor.levels if isinstance(x, int | float) and not isinstance(x, bool)]
        spanned = (min(levels), max(levels)) if levels and factor.kind != "categorical" else None
        found[_plain(factor.name)] = factor.range or spanned
    found.pop(PROGRAM, None)
    return found


def tuned(
    files: Mapping[str, str], step: float, rng: random.Random, bounds: Limits | None = None,
    avoided: Collection[Which] = (), record: Sequence[Recorded] = (),
) -> dict[str, str]:  # fmt: skip
    """Files with some of their numbers moved; as they are if they hold none that may.

    `record` are versions that differ from the files in numbers alone; too few of them, and luck decides.
    """
    found = {(path, k): literal for path in sorted(files)
             for k, literal in movable(path, files[path], bounds or {}, avoided).items()}  # fmt: skip
    if not found:
        return dict(files)
    scored, under_way = _points(files, record)
    if len(scored) < FEWEST:
        return _written(files, _drawn(found, step, rng))
    count = max(FEWEST, min(DRAWS, WORK // len(found)))
    draws = [_drawn(found, step * 2.0 ** rng.uniform(-SHORTER, 0.0), rng) for _ in range(count)]
    moves = [_moved_to(files, found, draw) for draw in draws]
    known, scores = zip(*scored, strict=True)
    return _written(files, draws[most_promising(known, scores, under_way, moves)])


def _drawn(found: Mapping[Place, Literal], step: float, rng: random.Random) -> Values:
    return {
        place: moved(found[place], step, rng) for place in rng.sample(list(found), _count(len(found), rng))
    }


def _written(files: Mapping[str, str], draw: Values) -> dict[str, str]:
    values: dict[str, dict[int, float | int]] = {}
    for (path, k), value in draw.items():
        values.setdefault(path, {})[k] = value
    return dict(files) | {path: replaced(files[path], new) for path, new in values.items()}


def _points(
    files: Mapping[str, str], record: Sequence[Recorded]
) -> tuple[list[tuple[list[float], float]], list[list[float]]]:
    """The nearest of the record as seen from the files, in steps: with their scores, and those under way."""
    seen = [(point, one.score) for one in record if (point := _seen_from(files, one.files)) is not None]
    seen.sort(key=lambda s: sum(x * x for x in s[0]))
    scored = [(point, score) for point, score in seen if score is not None]
    return scored[:NEAREST], [point for point, score in seen if score is None]


def _seen_from(files: Mapping[str, str], other: Mapping[str, str]) -> list[float] | None:
    """How far each number of another version is from here, in steps; None if no move leads there."""
    ways = [
        way(here, there.value)
        for path in sorted(files)
        for here, there in zip(numbers(path, files[path]), numbers(path, other[path]), strict=True)
    ]
    return None if None in ways else [w for w in ways if w is not None]


def _moved_to(files: Mapping[str, str], found: Mapping[Place, Literal], draw: Values) -> list[float]:
    places = ((path, k) for path in sorted(files) for k in range(len(numbers(path, files[path]))))
    return [way(found[at], draw[at]) or 0.0 if at in draw else 0.0 for at in places]


def movable(path: str, text: str, bounds: Limits, avoided: Collection[Which]) -> dict[int, Literal]:
    """The numbers of a file that may be moved, by place, within what a factor of their name may be."""
    found = {}
    for k, (literal, identity) in enumerate(zip(numbers(path, text), _identities(path, text), strict=True)):
        fitted = _fitted(literal, bounds)
        if fitted is not None and (path, identity) not in avoided:
            found[k] = fitted
    return found


def _fitted(literal: Literal, bounds: Limits) -> Literal | None:
    name = _plain(literal.name)
    if name not in bounds:
        return literal
    given = bounds[name]
    if given is None or not given[0] <= literal.value <= given[1]:
        return None
    return structs.replace(literal, low=max(literal.low, given[0]), high=min(literal.high, given[1]))


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> dict[Which, tuple[Literal, Literal]]:
    """The numbers that differ between versions which differ in numbers alone."""
    return {
        (path, identity): (old, new)
        for path in sorted(set(before) & set(after))
        for old, new, identity in zip(numbers(path, before[path]), numbers(path, after[path]),
                                      _identities(path, before[path]), strict=True)
        if old.value != new.value
    }  # fmt: skip


def guilty(moves: Iterable[tuple[Collection[Which], bool]]) -> set[Which]:
    """Numbers that are to be left alone, of moves with whether the program still worked.

    Of a failure's numbers those are suspected that never moved in a program that works; among `SUSPECTS` of
    them at most they are believed guilty. More of them say too little of each. The numbers of a long list are
    data: what fails is then a value, not that one moved it.
    """
    told = [(set(names), worked) for names, worked in moves]
    proven = set().union(*(names for names, worked in told if worked))
    lines: dict[tuple[str, str], int] = {}
    for path, (line, place) in set().union(*(names for names, _ in told)):
        lines[path, line] = max(lines.get((path, line), 0), place)
    found: set[Which] = set()
    for names, worked in told:
        suspects = {(path, at) for path, at in names - proven if lines[path, at[0]] < LIST}
        if not worked and len(suspects) <= SUSPECTS:
            found |= suspects
    return found


def _identities(path: str, text: str) -> tuple[tuple[str, int], ...]:
    return identities(text) if path.endswith(".py") else ()


def numbers(path: str, text: str) -> tuple[Literal, ...]:
    """The numbers of a file that are settings."""
    return literals(text) if path.endswith(".py") else ()


def _count(most: int, rng: random.Random) -> int:
    sizes = [1, *(1 << k for k in range(most.bit_length()) if 1 << k < most), most]
    return rng.choice(sizes)
