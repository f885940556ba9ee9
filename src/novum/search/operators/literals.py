"""Numbers in a program's text: where they stand, what they may become, and the text with others in their
place.

Found by the syntax tree, so that numbers in words and comments are left alone. So is what is structure more
often than setting: indices, patterns and keys, the small whole numbers (-1, 0, 1, 2), shapes and axes, what
is compared for equality, remainders and bits, and seeds, of which a better one is only luck. A move keeps the
type: whole stays whole, a sign stays, what lies between 0 and 1 stays between; in a list of numbers the list
says what is usual. No move goes more than half of the way to a bound, so that none ends there.
"""

import ast
import functools
import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from math import exp, inf, log, sqrt

from msgspec import Struct

STRUCTURE = (-1, 0, 1, 2)
LARGEST = 400_000  # characters of a file that is looked into
LARGE = 1e15  # beyond it a number is a mask or a stand-in for infinity
CLOSED = (ast.Slice, ast.JoinedStr, ast.Subscript, ast.pattern)
STRICT = (ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Is, ast.IsNot)
WHOLE = (ast.Mod, ast.LShift, ast.RShift, ast.BitAnd, ast.BitOr, ast.BitXor)
ARGUMENTS = frozenset((
    "axis", "axes", "decimals", "digits", "dim", "dims", "dtype", "indent", "key", "ndim", "ndigits", "ndmin",
    "newshape", "protocol", "shape", "size",
))  # fmt: skip
"""Arguments by name that hold no setting."""
NAMES = frozenset(("port", "random_state", "version"))
"""Nor does what is called so, argument, variable or key; besides whatever is called a seed."""
CALLS = frozenset((
    "_exit", "default_rng", "empty", "exit", "expand", "eye", "fold_in", "full", "key", "manual_seed", "ones",
    "permute", "prngkey", "random", "randomstate", "reshape", "resize", "round", "seed", "seedsequence",
    "sleep", "swapaxes", "transpose", "view", "zeros",
))  # fmt: skip
"""Functions, by the last part of the name in small letters, whose plain arguments are shapes or seeds."""
MOST_TIMES = 2.0  # a whole number grows by this factor at most in one move: it may be a size in memory


class Literal(Struct, frozen=True):
    """A number from byte `start` to `end` of the text.

    `scale` is what is usual in its list, 0 outside of one; `low` and `high` bound what it may become: in a
    list as the others suggest, elsewhere as its sign and size do. `name` is what the program calls it, if
    anything: the variable, argument or key; of a list's numbers with the place.
    """

    start: int
    end: int
    value: float | int
    scale: float = 0.0
    low: float = -inf
    high: float = inf
    name: str = ""


@functools.lru_cache(maxsize=512)
def literals(text: str) -> tuple[Literal, ...]:
    """The numbers of a program that may be moved, in the order of the text; none if it is no Python."""
    tree = parsed(text)
    if tree is None:
        return ()
    places = _Places(text)
    try:
        found = [_literal(number, places) for number in _numbers(tree, (), "")]
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


@functools.lru_cache(maxsize=512)
def identities(text: str) -> tuple[tuple[str, int], ...]:
    """Of each literal its line without numbers and its place there: the same after edits elsewhere."""
    starts = [0, *(k + 1 for k, byte in enumerate(text.encode()) if byte == 10)]
    plain, counts, found = template(text).split("\n"), dict[int, int](), []
    for literal in literals(text):
        line = bisect_right(starts, literal.start) - 1
        found.append((plain[line], counts.get(line, 0)))
        counts[line] = counts.get(line, 0) + 1
    return tuple(found)


def moved(literal: Literal, step: float, rng: random.Random) -> float | int:
    """Another value of a number: a Gaussian step on the scale that fits it, within its bounds."""
    by = step * rng.gauss(0.0, 1.0)
    value = literal.value + by * literal.scale if literal.scale else _alone(float(literal.value), by)
    if isinstance(literal.value, int):
        return _whole(literal, value, by)
    low, high = (_halfway(float(literal.value), bound) for bound in (literal.low, literal.high))
    return float(f"{min(high, max(low, value)):.12g}")


def way(literal: Literal, value: float | int) -> float | None:
    """How far a value lies from a literal, in steps of `moved` of size 1; None if none leads there."""
    old, new = float(literal.value), float(value)
    if literal.scale:
        return (new - old) / literal.scale
    if old == 0:
        return new / 0.1
    if 0 < old < 1:
        return log(new / (1 - new)) - log(old / (1 - old)) if 0 < new < 1 else None
    return log(new / old) if new * old > 0 else None


def _halfway(value: float, bound: float) -> float:
    """How far towards a bound a move may go; from the bound itself nowhere further."""
    return bound if abs(bound) == inf else (value + bound) / 2


def _whole(literal: Literal, value: float, by: float) -> int:
    old = literal.value
    most = abs(old) * MOST_TIMES if not literal.scale else inf
    low, high = max(literal.low, -most), min(literal.high, most)
    new = round(min(high, max(low, value)))
    if new == old:
        new += 1 if by > 0 else -1
    return int(old if not low <= new <= high else new)


def _alone(value: float, by: float) -> float:
    """A lone number: by a factor; between 0 and 1 on the scale of log odds."""
    if value == 0:
        return 0.1 * by
    if 0 < value < 1:
        odds = log(value / (1 - value)) + by
        return 1 / (1 + exp(-odds)) if abs(odds) < 50 else value
    return value * exp(by)


def _spelt(value: float | int) -> str:
    return repr(value)


# --- finding ------------------------------------------------------------------------------------------


class _Number(Struct, frozen=True):
    """A number's node and value, the values of its list, and what the program calls it."""

    node: ast.expr
    value: float | int
    group: tuple[float | int, ...]
    name: str


def _numbers(node: ast.AST, group: tuple[float | int, ...], name: str) -> Iterator[_Number]:
    value = _value(node)
    if value is not None and isinstance(node, ast.expr):
        if len(group) > 1 or not (isinstance(value, int) and value in STRUCTURE):
            yield _Number(node, value, group, name)
        return
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        values = _values(node.elts)
        for place, child in enumerate(node.elts):
            yield from _numbers(child, values, f"{name}[{place}]" if name else "")
        return
    for child, named in _open_children(node):
        if not _is_fixed(named):
            yield from _numbers(child, (), named)


def _is_fixed(name: str) -> bool:
    plain = name.lower()
    return plain in NAMES or "seed" in plain


def _open_children(node: ast.AST) -> list[tuple[ast.AST, str]]:
    """What below a node may hold settings, each with the name that it gets there."""
    match node:
        case ast.Subscript():  # what is indexed, not the index
            return [(node.value, "")]
        case ast.Compare() if any(isinstance(op, STRICT) for op in node.ops):
            return []
        case ast.BinOp() if isinstance(node.op, WHOLE):
            return [(node.left, "")]
        case ast.Dict():
            return [(value, _text(key)) for key, value in zip(node.keys, node.values, strict=True)]
        case ast.Assign() if len(node.targets) == 1:
            return _assigned(node.targets[0], node.value)
        case ast.AnnAssign() | ast.NamedExpr():
            return _assigned(node.target, node.value) if node.value else []
        case ast.keyword():
            return [] if node.arg in ARGUMENTS else [(node.value, node.arg or "")]
        case ast.arguments():
            plain = [*node.posonlyargs, *node.args]
            given = [*zip(plain[len(plain) - len(node.defaults) :], node.defaults, strict=True),
                     *zip(node.kwonlyargs, node.kw_defaults, strict=True)]  # fmt: skip
            return [(default, arg.arg) for arg, default in given if default is not None]
        case ast.Call():
            return _called(node)
    return [] if isinstance(node, CLOSED) else [(child, "") for child in ast.iter_child_nodes(node)]


def _assigned(target: ast.expr, value: ast.expr) -> list[tuple[ast.AST, str]]:
    pair = isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List)
    if pair and len(target.elts) == len(value.elts):
        return [(v, _text(t)) for t, v in zip(target.elts, value.elts, strict=True)]
    return [(value, _text(target))]


def _called(node: ast.Call) -> list[tuple[ast.AST, str]]:
    function = _text(node.func).lower()
    plain: list[tuple[ast.AST, str]] = [(arg, "") for arg in node.args]
    if function in CALLS:
        plain = []
    elif function in ("get", "pop", "setdefault") and len(node.args) == 2:
        plain = [(node.args[1], _text(node.args[0]))]
    return [(node.func, ""), *plain, *((keyword, "") for keyword in node.keywords)]


def _text(node: ast.AST | None) -> str:
    """A name, the last part of a dotted one, or a word that is a key; else nothing."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return node.attr
        case ast.Constant(value=str()):
            return node.value
    return ""


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


def _literal(number: _Number, places: "_Places") -> Literal:
    node, group, value = number.node, number.group, number.value
    start, end = places.of(node.lineno, node.col_offset), places.of(node.end_lineno, node.end_col_offset)
    alone = len(group) < 2
    scale = 0.0 if alone else sqrt(sum(v * v for v in group) / len(group)) or 1.0
    low, high = _bounds(value, (value,) if alone else group, alone)
    return Literal(start, end, value, scale, low, high, number.name)


def _bounds(value: float | int, group: Sequence[float | int], alone: bool) -> tuple[float, float]:
    """What a number may become, so that it stays of the kind that its list is of."""
    least, most = min(group), max(group)
    if isinstance(value, int):
        if not alone:
            return (-inf if least < 0 else 0 if least == 0 else 1), inf
        edge = max(STRUCTURE) + 1
        return (edge, inf) if value > 0 else (-inf, min(STRUCTURE) - 1)
    if least < 0:
        return (-inf, 0.0) if alone else (-inf, inf)
    return 0.0, 1.0 if most <= 1 and not (alone and most in (0, 1)) else inf


class _Places:
    """Line and column (bytes of UTF-8, from the parser) as a place in the text."""

    def __init__(self, text: str):
        self._starts = [0]
        for line in text.encode().splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def of(self, line: int | None, column: int | None) -> int:
        assert line is not None and column is not None
        return self._starts[line - 1] + column
