"""Lays down the folder of a stage: its files, what earlier stages handed over, its request."""

import contextlib
import json
import os

_CHUNK = 1 << 20


class MissingInput(Exception):
    """An earlier stage handed over nothing that this stage needs."""


def lay_down(
    stage: dict, work: str, blobs: dict[str, str], frozen: dict[str, dict[str, str]], store: str
) -> None:
    """Fill `work`, which is made here.

    `blobs` maps a SHA-256 to the file with its bytes, `frozen` a finished stage to its outputs, whose
    bytes lie in `store`.

    Raises:
        MissingInput: none of the inputs from one of the earlier stages exists.
        ValueError: a path leads out of the folder.
    """
    os.makedirs(work)
    for path, sha in sorted(stage["files"].items()):
        _copy(blobs[sha], work, path)
    found: dict[str, int] = {}
    for source, there, here in stage["inputs"]:
        count = _copy_input(frozen.get(source, {}), there, work, here, store)
        found[source] = found.get(source, 0) + count
    for source, count in sorted(found.items()):
        if count == 0:
            raise MissingInput(f"stage {source} handed over nothing")
    with open(os.path.join(work, "request.json"), "w") as handle:
        json.dump(stage["request"], handle, sort_keys=True, allow_nan=False)
    for path in stage["outputs"]:
        os.makedirs(inside(work, path), exist_ok=True)


def _copy_input(outputs: dict[str, str], there: str, work: str, here: str, store: str) -> int:
    count = 0
    for path, sha in sorted(outputs.items()):
        if path == there:
            target = here
        elif path.startswith(there.rstrip("/") + "/"):
            target = f"{here.rstrip('/')}/{path[len(there.rstrip('/')) + 1 :]}"
        else:
            continue
        _copy(os.path.join(store, sha), work, target)
        count += 1
    return count


def _copy(source: str, work: str, path: str) -> None:
    target = inside(work, path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(source, "rb") as reader, open(target, "wb") as writer:
        while data := reader.read(_CHUNK):
            writer.write(data)


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


def let_through(work: str, root: str) -> None:
    """Let others pass the folders between `root` and `work`, as a umask may have forbidden."""
    place = os.path.dirname(work)
    while place.startswith(root):
        os.chmod(place, os.stat(place).st_mode | 0o011)
        place = os.path.dirname(place)


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
