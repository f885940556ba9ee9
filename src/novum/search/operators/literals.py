"""Numbers in a program's text: where they stand, what they may become, and the text with others in their
place.

Found by the syntax tree, so that numbers in words and comments are left alone. So are indices, patterns and
keys, and the small whole numbers (-1, 0, 1, 2) that are structure more often than setting. A move keeps the
type: whole stays whole, a sign stays, what lies between 0 and 1 stays there; in a list of numbers the list
says what is usual.
"""

import ast
import functools
import random
from collections.abc import Iterator, Sequence
from math import exp, inf, log, sqrt

from msgspec import Struct

STRUCTURE = (-1, 0, 1, 2)
LARGEST = 400_000  # characters of a file that is looked into
LARGE = 1e15  # beyond it a number is a mask or a stand-in for infinity
TINY = 1e-9
CLOSED = (ast.Slice, ast.JoinedStr, ast.Subscript, ast.pattern)


class Literal(Struct, frozen=True):
    """A number from byte `start` to `end` of the text.

    `scale` is what is usual in its list, 0 outside of one; `low` and `high` bound what it may become there.
    """

    start: int
    end: int
    value: float | int
    scale: float = 0.0
    low: float = -inf
    high: float = inf


@functools.lru_cache(maxsize=512)
def literals(text: str) -> tuple[Literal, ...]:
    """The numbers of a program that may be moved, in the order of the text; none if it is no Python."""
    tree = parsed(text)
    if tree is None:
        return ()
    places = _Places(text)
    try:
        found = [_literal(node, value, group, places) for node, value, group in _numbers(tree, ())]
    except RecursionError:  # an expression nested so deeply is data, or a trap
        return ()
    return tuple(sorted(found, key=lambda literal: literal.start))


def parsed(text: str) -> ast.Module | None:
    """The syntax tree; None of what is no Python, or too large."""
    if len(text) > LARGEST:
        return None
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def replaced(text: str, values: dict[int, float | int]) -> str:
    """The text with new values of some literals, by their place among `literals(text)`."""
    raw, parts, at = text.encode(), [], 0
    for place, literal in enumerate(literals(text)):
        if place in values:
            parts += [raw[at : literal.start], _spelt(values[place]).encode()]
            at = literal.end
    return b"".join([*parts, raw[at:]]).decode()


@functools.lru_cache(maxsize=512)
def template(text: str) -> str:
    """The text without its numbers: programs with one template differ in numbers alone."""
    raw, parts, at = text.encode(), [], 0
    for literal in literals(text):
        parts += [raw[at : literal.start], b"\x00"]
        at = literal.end
    return b"".join([*parts, raw[at:]]).decode()


def moved(literal: Literal, step: float, rng: random.Random) -> float | int:
    """Another value of a number: a Gaussian step on the scale that fits it."""
    by = step * rng.gauss(0.0, 1.0)
    if literal.scale:
        value = min(literal.high, max(literal.low, literal.value + by * literal.scale))
    else:
        value = _alone(float(literal.value), by)
    if not isinstance(literal.value, int):
        return float(f"{value:.12g}")
    whole = round(value)
    if whole == literal.value:
        whole += 1 if by > 0 else -1
    if literal.scale:
        return whole if literal.low < 0 else max(0, whole)
    return max(max(STRUCTURE) + 1, whole) if literal.value > 0 else min(min(STRUCTURE) - 1, whole)


def _alone(value: float, by: float) -> float:
    """A lone number: by a factor; between 0 and 1 on the scale of log odds."""
    if value == 0:
        return 0.1 * by
    if 0 < value < 1:
        odds = log(value / (1 - value)) + by
        return min(1 - TINY, max(TINY, 1 / (1 + exp(-odds)))) if abs(odds) < 50 else value
    return value * exp(by)


def _spelt(value: float | int) -> str:
    return repr(value)


# --- finding ------------------------------------------------------------------------------------------


Number = tuple[ast.expr, float | int, tuple[float | int, ...]]
"""Node, value, and the values of its list."""


def _numbers(node: ast.AST, group: tuple[float | int, ...]) -> Iterator[Number]:
    value = _value(node)
    if value is not None and isinstance(node, ast.expr):
        if len(group) > 1 or not (isinstance(value, int) and value in STRUCTURE):
            yield node, value, group
        return
    for child in _open_children(node):
        listed = isinstance(node, ast.List | ast.Tuple | ast.Set)
        yield from _numbers(child, _values(node.elts) if listed else ())


def _open_children(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.Subscript):  # what is indexed, not the index
        return [node.value]
    if isinstance(node, CLOSED):
        return []
    if isinstance(node, ast.Dict):
        return list(node.values)
    if isinstance(node, ast.AnnAssign):
        return [node.value] if node.value else []
    return list(ast.iter_child_nodes(node))


def _value(node: ast.AST) -> float | int | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _value(node.operand) if isinstance(node.operand, ast.Constant) else None
        return None if inner is None else -inner
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
    ):
        return node.value if abs(node.value) < LARGE else None
    return None


def _values(nodes: Sequence[ast.expr]) -> tuple[float | int, ...]:
    return tuple(v for node in nodes if (v := _value(node)) is not None)


def _literal(
    node: ast.expr, value: float | int, group: tuple[float | int, ...], places: "_Places"
) -> Literal:
    start, end = places.of(node.lineno, node.col_offset), places.of(node.end_lineno, node.end_col_offset)
    if len(group) < 2:
        return Literal(start, end, value)
    scale = sqrt(sum(v * v for v in group) / len(group)) or 1.0
    low = 0.0 if min(group) >= 0 else -inf
    high = 1.0 if min(group) >= 0 and max(group) <= 1 and isinstance(value, float) else inf
    return Literal(start, end, value, scale, low, high)


class _Places:
    """Line and column (bytes of UTF-8, from the parser) as a place in the text."""

    def __init__(self, text: str):
        self._starts = [0]
        for line in text.encode().splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def of(self, line: int | None, column: int | None) -> int:
        assert line is not None and column is not None
        return self._starts[line - 1] + column
