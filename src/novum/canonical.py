"""Canonical JSON and content hashes: the one spelling on which every id, key and chain link depends.

The spelling is a contract. Keys are sorted, nothing is indented, text is UTF-8 and not escaped, floats
have their shortest round-trip form, and values JSON cannot hold (NaN, infinities) are refused rather
than written as something else. Change it and every journal written before changes its hashes.

A digest leaves out the fields of a record that have their default. A field that a later release adds, with
a default that means what its absence meant, so leaves every earlier digest as it was.
"""

import functools
import hashlib
import json
from typing import Any

import msgspec

SHORT = 12  # hex digits of a short id: 48 bits, a 1e-6 chance of a clash among 20,000 things


def canonical(value: Any) -> str:
    """The canonical JSON text of a record or plain value.

    Raises:
        ValueError: if the value holds NaN or an infinity.
    """
    return _spell(msgspec.to_builtins(value))


_spell = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False
).encode  # made once: json.dumps would make one for every value


def as_text(words: str) -> str:
    """Words from the command line, a path or the environment as text that UTF-8 can hold.

    Under a locale that cannot spell them they arrive as lone surrogates; those are read as UTF-8 here, and
    what is none of it becomes a question mark.
    """
    return words.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if _torn(words) else words


def _torn(words: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in words)


def sha256(data: bytes) -> str:
    """Hex SHA-256 of raw bytes; the address of a blob."""
    return hashlib.sha256(data).hexdigest()


def digest(value: Any) -> str:
    """Hex SHA-256 of the canonical JSON of a value, without fields that have their default (64 digits)."""
    return sha256(canonical(_essential(value)).encode())


def _essential(value: Any) -> Any:
    """Plain data of a value in which records lack the fields that have their default."""
    if isinstance(value, msgspec.Struct):
        kept = ((name, getattr(value, name), default) for name, default in _defaults(type(value)))
        return {name: _essential(held) for name, held, default in kept if held != default}
    if isinstance(value, dict):
        return {key: _essential(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [_essential(held) for held in value]
    return value


@functools.cache
def _defaults(kind: type) -> tuple[tuple[str, Any], ...]:
    """Every field of a record with its default; `NODEFAULT`, which equals nothing, where it has none."""
    fields = msgspec.structs.fields(kind)
    made = msgspec.NODEFAULT
    return tuple(
        (f.name, f.default_factory() if f.default_factory is not made else f.default) for f in fields
    )


def short_id(*parts: Any) -> str:
    """A short content hash of what it names, used as an id people can type (12 hex digits)."""
    return digest(list(parts))[:SHORT]


def derive_seed(*parts: Any) -> int:
    """A 48-bit seed derived from what it is for; it fits a JSON number in any language."""
    return int(digest(list(parts))[:12], 16)
