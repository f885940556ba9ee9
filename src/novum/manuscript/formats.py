"""How a referenced value is written: Python's numeric formats and a few names for what they cannot say.

| format | example | meaning |
|---|---|---|
| (none) | 1.23 | three significant digits; whole numbers whole; words as they are |
| `.3f`, `.2e`, `,.0f`, `+.2f`, `.1%` | 0.123 | as in Python |
| `%` | 42% | a proportion as a whole percentage |
| `int` | 1,234 | a whole number; a value that is not whole is refused |
| `p` | 0.003 or < 0.001 | a p-value, never rounded to zero |
| `p=` | = 0.003 or < 0.001 | the same with its relation, for "p {{m:ID|p=}}" |
"""

import math
import re

PYTHON_SPEC = re.compile(r"[+ ]?,?(\.\d{1,2})?[efg%]")
SMALLEST_P = 0.001


class BadFormat(ValueError):
    """A format is unknown, or does not fit the value; the message says which."""


def render_value(value: float | str | bool, spec: str = "") -> str:
    """The text of a value under a format of the table above.

    Minus signs are typographic (U+2212). Raises BadFormat for an unknown format, a word under a numeric
    format, or a number that is not finite.
    """
    if isinstance(value, bool | str):
        return _word(value, spec)
    if not math.isfinite(value):
        raise BadFormat(f"the value is {value}, which is no result")
    return _number(float(value), spec).replace("-", "−")


def _word(value: bool | str, spec: str) -> str:
    if spec:
        raise BadFormat(f"format '{spec}' needs a number, and the value is '{value}'")
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def _number(value: float, spec: str) -> str:
    if spec in NAMED:
        return NAMED[spec](value)
    if PYTHON_SPEC.fullmatch(spec):
        return _unsigned_zero(format(value, spec))
    raise BadFormat(f"unknown format '{spec}'")


def _unsigned_zero(text: str) -> str:
    """`-0.00` as `0.00`: the sign of what rounds to nothing is no information."""
    return text if re.search(r"[1-9]", text) else text.replace("-", "")


def _default(value: float) -> str:
    if value.is_integer() and abs(value) < 1e9:
        return format(int(value), ",d")
    if 1000 <= abs(value) < 1e9:
        return _unsigned_zero(format(value, ",.0f"))
    return format(value, ".3g")


def _whole(value: float) -> str:
    if not value.is_integer():
        raise BadFormat(f"format 'int' needs a whole number, and the value is {value}")
    return format(int(value), ",d")


def _p_value(value: float) -> str:
    if not 0 <= value <= 1:
        raise BadFormat(f"a p-value lies in [0, 1], and the value is {value}")
    return f"< {SMALLEST_P}" if value < SMALLEST_P else format(value, ".3f")


def _p_relation(value: float) -> str:
    text = _p_value(value)
    return text if text.startswith("<") else f"= {text}"


def _percent(value: float) -> str:
    return _unsigned_zero(format(value, ".0%"))


NAMED = {"": _default, "int": _whole, "p": _p_value, "p=": _p_relation, "%": _percent}
