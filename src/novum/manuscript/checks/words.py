"""The published word lists of the checks (`data/words.toml`), compiled once."""

import re
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from novum.records import Domain, Level


class Kind(Struct, frozen=True, forbid_unknown_fields=True):
    """A noun for kinds of statistics: the words it is said in, and the kinds it may stand by."""

    words: tuple[str, ...]
    kinds: tuple[str, ...]


class Words(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The lists as they stand in the file; each entry is a lower-case regular expression."""

    numbers: tuple[str, ...]
    fixed: tuple[str, ...]
    versioned: tuple[str, ...]
    comparatives: tuple[str, ...]
    causal: tuple[str, ...]
    neutral: tuple[str, ...]
    open: tuple[str, ...]
    reported: tuple[str, ...]
    clause: tuple[str, ...]
    zero_outside: tuple[str, ...]
    zero_inside: tuple[str, ...]
    negations: tuple[str, ...]
    phases: dict[str, tuple[str, ...]]
    kinds: dict[str, Kind]
    timeless: tuple[str, ...]


@cache
def words() -> Words:
    """The shipped lists."""
    data = (files("novum.manuscript.checks") / "data" / "words.toml").read_bytes()
    return msgspec.toml.decode(data, type=Words)


@cache
def whole_words(entries: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern that matches any entry as whole words, whatever its case; the longest entry first."""
    ordered = sorted(entries, key=lambda e: (-len(e), e))
    return re.compile(rf"(?<![\w-])(?:{'|'.join(ordered) or '(?!)'})(?![\w])", re.I)


@cache
def parts(entries: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern that matches any entry as it stands."""
    return re.compile("|".join(entries), re.I)


class Vocabulary(Struct, frozen=True, kw_only=True):
    """What a study calls its things: metric and factor names with their titles, and levels that are words."""

    metrics: dict[str, tuple[str, ...]] = {}
    factors: dict[str, tuple[str, ...]] = {}
    levels: dict[str, tuple[str, ...]] = {}

    @property
    def terms(self) -> tuple[str, ...]:
        """Every name and title, longest first: text in which digits state no result."""
        named = [*self.metrics.values(), *self.factors.values(), *self.levels.values()]
        return tuple(sorted({t for titles in named for t in titles if t}, key=lambda t: (-len(t), t)))


def vocabulary(domain: Domain) -> Vocabulary:
    """The words of a domain."""
    return Vocabulary(
        metrics={m.name: _called(m.name, m.title) for m in domain.metrics},
        factors={f.name: _called(f.name, f.title) for f in domain.factors},
        levels={f.name: _spelt(f.levels) for f in domain.factors},
    )


def _called(name: str, title: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(t for t in (name, name.replace("_", " "), title) if t))


def _spelt(levels: tuple[Level, ...]) -> tuple[str, ...]:
    return tuple(level for level in levels if isinstance(level, str))
