"""Lays down the folder of a stage: its files, what earlier stages handed over, its request."""

import contextlib
import json
import os
from collections.abc import Iterator

_CHUNK = 1 << 20


class MissingInput(Exception):
    """An earlier stage handed over nothing that this stage needs."""


def lay_down(
    stage: dict,
    work: str,
    blobs: dict[str, str],
    frozen: dict[str, dict[str, str]],
    store: str,
    owner: int | None = None,
) -> None:
    """Fill `work`, which is made unless it is there; nothing may run in it yet.

    `blobs` maps a SHA-256 to the file with its bytes, `frozen` a finished stage to its outputs, whose
    bytes lie in `store`. A root runner makes all of it as the user `owner`.

    Raises:
        MissingInput: none of the inputs from one of the earlier stages exists.
        ValueError: a path leads out of the folder.
    """
    files = [(path, blobs[sha]) for path, sha in sorted(stage["files"].items())]
    files += [(path, os.path.join(store, sha)) for path, sha in _inputs(stage, frozen)]
    folders = {os.path.dirname(inside(work, path)) for path, _ in files}
    with _acting_as(owner):
        for place in (work, *sorted(folders), *(inside(work, path) for path in stage["outputs"])):
            os.makedirs(place, exist_ok=True)
    for path, source in files:
        _copy(source, inside(work, path), owner)
    with _acting_as(owner), open(os.path.join(work, "request.json"), "w") as handle:
        handle.write(json.dumps(stage["request"], sort_keys=True, allow_nan=False))


def _inputs(stage: dict, frozen: dict[str, dict[str, str]]) -> list[tuple[str, str]]:
    """(path in the folder, SHA-256) of what earlier stages handed over."""
    found: list[tuple[str, str]] = []
    given: dict[str, int] = {}
    for source, there, here in stage["inputs"]:
        taken = list(_renamed(frozen.get(source, {}), there, here))
        found += taken
        given[source] = given.get(source, 0) + len(taken)
    for source, count in sorted(given.items()):
        if count == 0:
            raise MissingInput(f"stage {source} handed over nothing")
    return found


def _renamed(outputs: dict[str, str], there: str, here: str) -> Iterator[tuple[str, str]]:
    above = there.rstrip("/") + "/"
    for path, sha in sorted(outputs.items()):
        if path == there:
            yield here, sha
        elif path.startswith(above):
            yield f"{here.rstrip('/')}/{path[len(above) :]}", sha


def _copy(source: str, target: str, owner: int | None) -> None:
    with open(source, "rb", buffering=0) as reader:
        with _acting_as(owner):
            writer = open(target, "wb", buffering=0)  # noqa: SIM115 - is closed by the next line
        with writer:
            while data := reader.read(_CHUNK):
                writer.write(data)


@contextlib.contextmanager
def _acting_as(user: int | None) -> Iterator[None]:
    """Be another user for a moment, where we are root: only so can we make files in what is mounted by it."""
    if user is None:
        yield
        return
    group, us = os.getegid(), os.geteuid()
    os.setegid(user)
    os.seteuid(user)
    try:
        yield
    finally:
        os.seteuid(us)
        os.setegid(group)


def inside(work: str, path: str) -> str:
    """The full path of a file of the folder. Raises ValueError if it would lie elsewhere."""
    parts = path.split("/")
    if path.startswith("/") or not path or any(part in ("", ".", "..") for part in parts):
        raise ValueError(f"not a path inside a stage's folder: {path!r}")
    return os.path.join(work, path)


def give_to(work: str, uid: int) -> None:
    """Make a user the owner of a folder and all in it."""
    for folder, _, files in os.walk(work):
        os.chown(folder, uid, uid)
        for name in files:
            os.chown(os.path.join(folder, name), uid, uid, follow_symlinks=False)


def remove(folder: str) -> None:
    """Remove a folder, also one whose owner took away its own rights to folders inside."""
    import shutil  # slow to import, and not needed while a job runs

    with contextlib.suppress(PermissionError):
        return shutil.rmtree(folder)
    os.chmod(folder, 0o700)
    for place, inner, _ in os.walk(folder):
        for name in inner:
            path = os.path.join(place, name)
            if not os.path.islink(path):
                os.chmod(path, 0o700)
    shutil.rmtree(folder)
