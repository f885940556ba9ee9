"""Names and small parts of a crate's description."""

from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from novum.canonical import sha256

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
APACHE = "https://spdx.org/licenses/Apache-2.0"
NOVUM, SCIENTIST, PROGRAM, LICENCE, BLOBS = "#novum", "#scientist", "#domain", "#licence", "blobs/"

Entity = dict[str, Any]


class Part(Struct, frozen=True):
    """A file of the crate, by its path."""

    name: str
    size: int
    sha256: str

    @staticmethod
    def of(name: str, data: bytes) -> "Part":
        return Part(name, len(data), sha256(data))


def to(id: str) -> Entity:
    """A reference to an entity."""
    return {"@id": id}


def when(seconds: float) -> str:
    """A time since the epoch as ISO 8601, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
