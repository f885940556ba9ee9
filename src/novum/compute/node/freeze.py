"""Copies what a stage wrote to where nothing can change it any more, refusing what is not plain data.

A stage that follows reads these copies with other rights than the one that wrote them, so a link would be
a way to make the evaluator read (and score) files that the program could never see. Hence every step down
the folder is taken with O_NOFOLLOW from an open parent, and only regular files with a single link count.
"""

import contextlib
import hashlib
import os
import stat

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_DEPTH = 16
_LISTED = 100
_CHUNK = 1 << 20


class NotStored(Exception):
    """What a stage wrote could not be copied: the machine's fault, and no property of what it wrote."""


class Bounds:
    """What a stage may hand over: bytes of one file, bytes in all, number of files."""

    def __init__(self, file_bytes: int, total_bytes: int, files: int):
        self.file_bytes = file_bytes
        self.total_bytes = total_bytes
        self.files = files


class Frozen:
    """`outputs` maps a path under the folder to its SHA-256; `refused` says what was left, and why."""

    def __init__(self) -> None:
        self.outputs: dict[str, str] = {}
        self.refused: list[str] = []
        self.bytes = 0

    def refuse(self, path: str, why: str) -> None:
        if len(self.refused) < _LISTED:
            self.refused.append(f"{_printable(path)}: {why}")
        elif len(self.refused) == _LISTED:
            self.refused.append("and more")


def freeze(folder: str, outputs: list[str], store: str, bounds: Bounds) -> Frozen:
    """Copy the `outputs` of a folder into `store`, each file named by its SHA-256.

    An output may be a file or a folder; one that does not exist is no error: the stage wrote nothing.
    """
    frozen = Frozen()
    root = os.open(folder, _DIRECTORY)
    try:
        for output in outputs:
            _enter(root, output.split("/"), "", store, bounds, frozen)
    finally:
        os.close(root)
    return frozen


def _enter(parent: int, parts: list[str], above: str, store: str, bounds: Bounds, frozen: Frozen) -> None:
    """Walk down to a declared output without following links, then take all of it."""
    path = above + parts[0]
    if len(parts) == 1:
        _take(parent, parts[0], path, store, bounds, frozen, depth=0)
        return
    try:
        inner = os.open(parts[0], _DIRECTORY, dir_fd=parent)
    except FileNotFoundError:
        return
    except OSError as error:
        frozen.refuse(path, _why(error))
        return
    try:
        _enter(inner, parts[1:], path + "/", store, bounds, frozen)
    finally:
        os.close(inner)


def _take(parent: int, name: str, path: str, store: str, bounds: Bounds, frozen: Frozen, depth: int) -> None:
    try:
        kind = os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode
        if stat.S_ISDIR(kind):
            _take_folder(parent, name, path, store, bounds, frozen, depth)
        elif stat.S_ISREG(kind):
            _take_file(parent, name, path, store, bounds, frozen)
        else:
            frozen.refuse(path, _KINDS.get(stat.S_IFMT(kind), "not a regular file"))
    except FileNotFoundError:
        return
    except OSError as error:
        frozen.refuse(path, _why(error))
    except _Unreadable as unreadable:
        frozen.refuse(path, str(unreadable))


def _take_folder(
    parent: int, name: str, path: str, store: str, bounds: Bounds, frozen: Frozen, depth: int
) -> None:
    if depth >= _DEPTH:
        frozen.refuse(path, "folders nested too deep")
        return
    inner = os.open(name, _DIRECTORY, dir_fd=parent)
    try:
        for entry in sorted(os.listdir(inner)):
            if len(frozen.outputs) >= bounds.files:
                frozen.refuse(path, f"more than {bounds.files} files")
                return
            if _is_plain(entry):
                _take(inner, entry, f"{path}/{entry}", store, bounds, frozen, depth + 1)
            else:
                frozen.refuse(f"{path}/{entry}", "name is not plain text")
    finally:
        os.close(inner)


def _take_file(parent: int, name: str, path: str, store: str, bounds: Bounds, frozen: Frozen) -> None:
    source = os.open(name, _FILE, dir_fd=parent)
    try:
        facts = os.fstat(source)
        why = _objection(facts, bounds, frozen)
        if why:
            frozen.refuse(path, why)
            return
        sha, size = _copy(source, store, bounds.file_bytes)
        frozen.outputs[path] = sha
        frozen.bytes += size
    finally:
        os.close(source)


def _objection(facts: os.stat_result, bounds: Bounds, frozen: Frozen) -> str:
    if not stat.S_ISREG(facts.st_mode):
        return "not a regular file"
    if facts.st_nlink != 1:
        return f"hard link ({facts.st_nlink} names)"
    if facts.st_size > bounds.file_bytes:
        return f"{facts.st_size} bytes, more than {bounds.file_bytes}"
    if frozen.bytes + facts.st_size > bounds.total_bytes:
        return f"all outputs together exceed {bounds.total_bytes} bytes"
    return ""


def _copy(source: int, store: str, limit: int) -> tuple[str, int]:
    """Copy an open file under the name of its content; never reads beyond `limit` bytes."""
    part = os.path.join(store, ".part")
    hashed, size = hashlib.sha256(), 0
    with _storing(), open(part, "wb", opener=_for_us_alone) as target:
        while size <= limit and (data := _read(source)):
            hashed.update(data)
            target.write(data)
            size += len(data)
    sha = hashed.hexdigest()
    with _storing():
        os.replace(part, os.path.join(store, sha))
    return sha, size


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _read(source: int) -> bytes:
    try:
        return os.read(source, _CHUNK)
    except OSError as error:
        raise _Unreadable(_why(error)) from error


class _Unreadable(Exception):
    """The stage's own file cannot be read."""


@contextlib.contextmanager
def _storing():
    try:
        yield
    except OSError as error:
        raise NotStored(f"cannot keep what the stage wrote: {error.strerror}") from error


_KINDS = {stat.S_IFLNK: "symbolic link", stat.S_IFIFO: "named pipe", stat.S_IFSOCK: "socket",
          stat.S_IFBLK: "device", stat.S_IFCHR: "device"}  # fmt: skip


def _is_plain(name: str) -> bool:
    return name.isprintable() and len(name) <= 200 and not any("\ud800" <= c <= "\udfff" for c in name)


def _printable(path: str) -> str:
    return "".join(c if c.isprintable() and not "\ud800" <= c <= "\udfff" else "?" for c in path)[:300]


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
