"""Reading what older releases wrote.

Stored text is never rewritten, since its hash is in the chain. Each migration lifts the plain data of an
event by one version; they are applied in order on reading.
"""

from collections.abc import Callable
from typing import Any

from novum.errors import JournalDamaged

VERSION = 1
"""The version written now. It is part of the stored text as `v`."""

Upcast = Callable[[dict[str, Any]], dict[str, Any]]

UPCASTS: dict[int, Upcast] = {}
"""`UPCASTS[n]` turns an event of version n into one of version n + 1."""


def upcast(
    data: dict[str, Any], upcasts: dict[int, Upcast] = UPCASTS, version: int = VERSION
) -> dict[str, Any]:
    """An event's plain data, lifted to the current version.

    Raises:
        JournalDamaged: the event is newer than this release, or no migration leads here.
    """
    found = data.pop("v", None)
    if not isinstance(found, int) or found > version:
        raise JournalDamaged(
            f"an event of version {found!r} cannot be read by this release (it writes {version})",
            fix="update novum",
        )
    for step in range(found, version):
        if step not in upcasts:
            raise JournalDamaged(f"no migration leads from event version {step} to {step + 1}")
        data = upcasts[step](data)
    return data
