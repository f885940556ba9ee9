"""Where exports go: into `exports/` of the study's folder, or where the person says.

Nothing that is not ours is overwritten. What stands in a file's place already is left if it is the same, and
replaced only in `exports/` and only as long as nobody has changed it since we wrote it.
"""

import contextlib
import io
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from novum.canonical import sha256
from novum.errors import UserError

HOME = "exports"
WRITTEN = ".written.json"  # path within exports/ -> hash of what we put there
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip file can hold
Files = Mapping[str, bytes]


class Exported(Struct, frozen=True, kw_only=True):
    """What an export wrote: `path` is the file, or the folder of `files`."""

    study: str
    format: str
    path: Path
    files: tuple[str, ...]


def zipped(files: Files) -> bytes:
    """Files in one zip, sorted, stored as they are, so that equal files give equal bytes anywhere."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, files[name])
    return held.getvalue()


def place(targets: Mapping[Path, bytes], home: Path) -> None:
    """Write files by their absolute path; `home` is the study's `exports/`.

    Raises:
        UserError: another file stands in the place of one, or the place cannot be written.
    """
    ours = _Ours(home)
    try:
        wanted = [target for target, data in targets.items() if not _same(target, data)]
        for target in wanted:
            _refuse_foreign(target, ours)
        for target in wanted:
            _write(target, targets[target])
        ours.remember(targets)
    except OSError as error:
        where = error.filename or next(iter(targets), home)
        raise UserError(
            f"cannot write {where}: {error.strerror}", fix="name another place with --out"
        ) from error


def _same(target: Path, data: bytes) -> bool:
    return target.is_file() and target.stat().st_size == len(data) and target.read_bytes() == data


def _refuse_foreign(target: Path, ours: "_Ours") -> None:
    if (target.is_symlink() or target.exists()) and not ours.untouched(target):
        raise UserError(f"{target} exists, and is not what this export would write",
                        fix="move it away, or name another place with --out")  # fmt: skip


def _write(target: Path, data: bytes) -> None:
    """One file, whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


class _Ours:
    """What we have put into `exports/`, so that a newer export may take the place of an older one."""

    def __init__(self, home: Path):
        self.home = home
        self.known: dict[str, str] = {}
        with contextlib.suppress(OSError, msgspec.DecodeError):
            self.known = msgspec.json.decode((home / WRITTEN).read_bytes(), type=dict[str, str])

    def _name(self, target: Path) -> str:
        """The name of a file within `exports/`; empty for one elsewhere."""
        return target.relative_to(self.home).as_posix() if target.is_relative_to(self.home) else ""

    def untouched(self, target: Path) -> bool:
        known = self.known.get(self._name(target))
        return known is not None and target.is_file() and known == sha256(target.read_bytes())

    def remember(self, targets: Mapping[Path, bytes]) -> None:
        named = {self._name(target): sha256(data) for target, data in targets.items()}
        found = self.known | {name: digest for name, digest in named.items() if name}
        if found != self.known:
            data = msgspec.json.encode(found, order="sorted")
            _write(self.home / WRITTEN, msgspec.json.format(data, indent=1) + b"\n")
