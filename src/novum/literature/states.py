"""What a cited work states about factors and metrics, and how that bears on a claim.

Grammar of the field `states` of an entry in `references.bib` (statements parted by `;`):

    statement := FACTOR ":" change "->" METRIC ":" effect
    change    := "up" | "down" | LEVEL "->" LEVEL
    effect    := "up" | "down" | "same"

    weight_decay: up -> steps_to_generalise: down
    optimiser: sgd -> adamw -> steps_to_generalise: down

The first says that raising weight decay lowers the metric, the second that going from sgd to adamw does.
A statement read backwards is the opposite statement: lowering weight decay raises the metric.
"""

import re
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from novum.records import Contrast, Direction, Level

Effect = Literal["up", "down", "same"]
OPPOSITE: dict[Effect, Effect] = {"up": "down", "down": "up", "same": "same"}
CLAIMED: dict[Direction, Effect] = {"greater": "up", "less": "down", "equivalent": "same"}
ARROW = re.compile(r"\s*(?:->|→)\s*")


class Statement(Struct, frozen=True, kw_only=True):
    """One statement. `change` is a direction of a numeric factor, or the levels (from, to)."""

    factor: str
    change: Effect | tuple[str, str]
    metric: str
    effect: Effect
    text: str


def parse_states(field: str) -> tuple[list[Statement], list[str]]:
    """The statements of a `states` field, and the pieces that break the grammar."""
    statements, broken = [], []
    for piece in (p.strip() for p in " ".join(field.split()).split(";")):
        if piece:
            statement = _statement(piece)
            statements += [statement] if statement else []
            broken += [] if statement else [piece]
    return statements, broken


def _statement(piece: str) -> Statement | None:
    *cause, last = ARROW.split(piece)
    if not cause or ":" not in cause[0] or ":" not in last:
        return None
    factor, start = (part.strip() for part in cause[0].split(":", 1))
    metric, effect = (part.strip() for part in last.rsplit(":", 1))
    change = _change([start, *cause[1:]])
    if not (factor and metric and change) or effect not in OPPOSITE:
        return None
    return Statement(factor=factor, change=change, metric=metric, effect=effect, text=piece)


def _change(words: list[str]) -> Effect | tuple[str, str] | None:
    if len(words) == 1:
        return words[0] if words[0] in ("up", "down") else None  # type: ignore[return-value]
    return (words[0], words[1]) if len(words) == 2 and all(words) and words[0] != words[1] else None


def relation(statement: Statement, contrast: Contrast, base: Mapping[str, Level],
             observed: Direction | None = None) -> Literal["agrees", "contradicts"] | None:  # fmt: skip
    """Whether a statement agrees with a contrast in its predicted (or else the observed) direction.

    None where the statement is about something else: another metric or factor, other levels, a contrast in
    which several factors change, or an interaction, on which a statement of one factor says nothing.
    """
    if statement.metric != contrast.metric or contrast.estimand == "interaction":
        return None
    moved = _moved(contrast, base)
    if moved is None or moved[0] != statement.factor:
        return None
    expected = _expected(statement, moved[1], moved[2])
    if expected is None:
        return None
    return "agrees" if expected == CLAIMED[observed or contrast.direction] else "contradicts"


def _moved(contrast: Contrast, base: Mapping[str, Level]) -> tuple[str, Level, Level] | None:
    """The one factor that differs between the arms, with its levels in a and b."""
    a, b = {**base, **contrast.a}, {**base, **contrast.b}
    changed = [f for f in sorted(a.keys() & b.keys()) if a[f] != b[f]]
    return (changed[0], a[changed[0]], b[changed[0]]) if len(changed) == 1 else None


def _expected(statement: Statement, start: Level, end: Level) -> Effect | None:
    """What the statement expects of the metric when the factor goes from `start` to `end`."""
    if isinstance(statement.change, tuple):
        levels = (_spelling(start), _spelling(end))
        stated = tuple(_spelling(level) for level in statement.change)
        if levels == stated:
            return statement.effect
        return OPPOSITE[statement.effect] if levels == stated[::-1] else None
    if not _numeric(start) or not _numeric(end):
        return None
    rises = float(end) > float(start)
    return statement.effect if rises == (statement.change == "up") else OPPOSITE[statement.effect]


def _numeric(level: Level) -> bool:
    return isinstance(level, int | float) and not isinstance(level, bool)


def _spelling(level: Level | str) -> str:
    """Levels compare as numbers where they are numbers ('1' is 1.0), else as words, whatever their case."""
    try:
        return repr(float(level))
    except ValueError:
        return str(level).casefold()
