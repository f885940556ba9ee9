"""Writing to standard output: JSON, or text at the width of the terminal."""

import os
import sys
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

if TYPE_CHECKING:
    from rich.console import Console

from novum.records import Level

WIDTH_ELSEWHERE = 100  # columns where there is no terminal to ask, so that files and pipes look alike


class Output(Struct, frozen=True):
    """How a command was asked to speak."""

    json: bool
    quiet: bool
    verbose: bool


def console() -> "Console":
    """Standard output, at the terminal's width."""
    from rich.console import Console

    plain = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    width = WIDTH_ELSEWHERE if plain else None
    return Console(file=sys.stdout, width=width, highlight=False, emoji=False, markup=False)


def print_json(value: Any) -> None:
    """One object on one line, keys in the order of the documentation, in ASCII."""
    import json

    print(json.dumps(msgspec.to_builtins(value), allow_nan=False))


def number(value: float | None) -> str:
    """Three significant digits, whole numbers from a thousand up; `none` for no value."""
    if value is None:
        return "none"
    return f"{value:.0f}" if abs(value) >= 999.5 else f"{value:.3g}"


def level(value: Level) -> str:
    """A factor's level: numbers without a needless point."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def levels(config: dict[str, Level]) -> str:
    """`name=level` for each, in the given order."""
    return ", ".join(f"{name}={level(value)}" for name, value in config.items())


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
