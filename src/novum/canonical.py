"""Canonical JSON and content hashes: the one spelling on which every id, key and chain link depends.

The spelling is a contract. Keys are sorted, nothing is indented, text is UTF-8 and not escaped, floats
have their shortest round-trip form, and values JSON cannot hold (NaN, infinities) are refused rather
than written as something else. Change it and every journal written before changes its hashes.
"""

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
    plain = msgspec.to_builtins(value)
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def sha256(data: bytes) -> str:
    """Hex SHA-256 of raw bytes; the address of a blob."""
    return hashlib.sha256(data).hexdigest()


def digest(value: Any) -> str:
    """Hex SHA-256 of the canonical JSON of a value (64 digits)."""
    return sha256(canonical(value).encode())


def short_id(*parts: Any) -> str:
    """A short content hash of what it names, used as an id people can type (12 hex digits)."""
    return digest(list(parts))[:SHORT]


def derive_seed(*parts: Any) -> int:
    """A 48-bit seed derived from what it is for; it fits a JSON number in any language."""
    return int(digest(list(parts))[:12], 16)
