"""The kit: code that several domains share, kept once and copied into each domain that names it.

A trial never sees Novum, so what its program shares with other domains must lie in its own workspace. The
key `kit` of `domain.toml` names files of the folder `kit` here. They join the domain's own as `kit/NAME`, are
hashed and frozen with it, and a study reproduces by itself when the kit has changed since.
"""

import difflib
from collections.abc import Sequence
from pathlib import Path

from novum.domains.places import Place

KIT = Path(__file__).resolve().parent / "kit"
FOLDER = "kit"


def kit_names() -> list[str]:
    """The files that a domain may name."""
    return sorted(path.name for path in KIT.iterdir() if path.suffix == ".py")


def kit_files(names: Sequence[str], own: dict[str, bytes], place: Place) -> dict[str, bytes]:
    """Content of the named files by their path in the domain, `kit/NAME`.

    Raises:
        DomainError: there is no such file, or the domain's folder `own` has one of that path.
    """
    known = kit_names()
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            place.fail(f"the kit has no file {name!r}", fix=f"{hint}it has: {', '.join(known)}")
        if f"{FOLDER}/{name}" in own:
            place.fail(f"the folder has its own {FOLDER}/{name}", fix="rename it, or leave it out here")
    return {f"{FOLDER}/{name}": (KIT / name).read_bytes() for name in names}
