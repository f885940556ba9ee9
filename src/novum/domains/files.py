"""The files of a domain's folder: which count, which a command names."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from novum.domains.places import Place
from novum.errors import DomainError

LARGEST, LARGEST_TOTAL, MOST = 16 << 20, 64 << 20, 1000  # bytes, bytes, files
UNSEEN = ("findings.toml",)  # known results, for `novum bench` alone


def read_files(folder: Path, leave_out: Sequence[str] = ()) -> dict[str, bytes]:
    """Content of every file that belongs to the domain, by its path in the folder.

    Left out: `findings.toml`, hidden files and folders, Python's caches, and the files and folders that
    `leave_out` names.

    Raises:
        DomainError: on symbolic links, and where there is more than a domain should hold.
    """
    contents: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if _ignored(name) or _under(name, leave_out):
            continue
        if path.is_symlink():
            raise DomainError("is a symbolic link", where=name, fix="put the file itself into the folder")
        if path.is_file():
            if path.stat().st_size > LARGEST:
                limit = f"is larger than {LARGEST >> 20} MiB"
                raise DomainError(limit, where=name, fix="let prepare make it")
            contents[name] = path.read_bytes()
    if len(contents) > MOST or sum(map(len, contents.values())) > LARGEST_TOTAL:
        raise DomainError(f"holds more than {MOST} files or {LARGEST_TOTAL >> 20} MiB", where=str(folder),
                          fix="keep data out of it, or let prepare make it")  # fmt: skip
    return contents


def _under(name: str, folders: Sequence[str]) -> bool:
    return any(name == folder or name.startswith(f"{folder}/") for folder in folders)


def _ignored(name: str) -> bool:
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
    return hidden or name in UNSEEN or name.endswith(".pyc")


def command_files(command: tuple[str, ...], files: tuple[str, ...], contents: dict[str, bytes],
                  place: Place) -> tuple[str, ...]:  # fmt: skip
    """The domain's files that a command and its list of files name, sorted.

    Raises:
        DomainError: if one of them isn't in the folder.
    """
    for path in files:
        _require(path, contents, place.key("files" if path in files else "command"))
    words = [word for i, word in enumerate(command) if _is_path(word, i)]
    for word in words:
        _require(word, contents, place.key("command"))
    return tuple(sorted({*files, *words}))


def _is_path(word: str, position: int) -> bool:
    """Words with a suffix or a slash name files; the first may be a program of the system."""
    if word.startswith("-"):
        return False
    return "/" in word if position == 0 else bool("/" in word or PurePosixPath(word).suffix)


def _require(path: str, contents: dict[str, bytes], place: Place) -> None:
    if path not in contents:
        place.fail(f"there is no file {path!r} in the folder", fix="add the file or mend the name")
