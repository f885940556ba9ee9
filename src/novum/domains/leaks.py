"""What a preparation gives away: held-out data among a program's inputs, one set of data under many seeds."""

from collections.abc import Iterator, Mapping, Sequence

from novum.canonical import digest
from novum.protocols import Blobs

LONGEST = 16  # bytes of held-out content that may occur elsewhere by chance


def leaks(prepared: Mapping[str, str], seeds: Sequence[int], blobs: Blobs) -> Iterator[tuple[str, str]]:
    """(input, held-out file) for every held-out content that lies whole in what the program sees.

    `prepared` maps the paths that prepare wrote to blobs. Content is that of an array without its header, so
    that it is found in another file format too; reordered, scaled or partial copies are not found.
    """
    for seed in seeds:
        given = under(prepared, f"out/{seed}/in")
        kept = {name: content(blobs.get(sha)) for name, sha in under(prepared, f"out/{seed}/heldout").items()}
        for name, sha in given.items() if kept else ():
            data = blobs.get(sha)
            for other, secret in kept.items():
                if len(secret) > LONGEST and secret in data:
                    yield name, other


def given_hash(prepared: Mapping[str, str], seed: int) -> str:
    """The hash of all that a program is given for a seed; empty where that is nothing."""
    given = under(prepared, f"out/{seed}/in")
    return digest(given) if given else ""


def under(outputs: Mapping[str, str], folder: str) -> dict[str, str]:
    """The files under a folder, by their path in it."""
    prefix = f"{folder}/"
    return {path.removeprefix(prefix): sha for path, sha in outputs.items() if path.startswith(prefix)}


def content(data: bytes) -> bytes:
    """An array's bytes without its header; other files whole."""
    if not data.startswith(b"\x93NUMPY"):
        return data
    start = 10 if data[6] == 1 else 12
    return data[start + int.from_bytes(data[8:start], "little") :]
