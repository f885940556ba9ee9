"""The plugin door: domains are found by entry point or by path, ours by the same way as others'.

A distribution offers domains under the entry-point group `novum.domains`. The value is a folder, a list
of folders, or a function of no arguments that returns either; a domain's name is its folder's.
"""

import difflib
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from novum.canonical import sha256
from novum.domains.contract import PACKAGE, load_domain
from novum.domains.places import DESCRIPTION
from novum.domains.show import domain_data
from novum.errors import DomainError, UserError

GROUP = "novum.domains"


def shipped() -> list[Path]:
    """The folders of the domains in this package; what its own entry point names."""
    return sorted(path.parent for path in PACKAGE.glob(f"*/{DESCRIPTION}"))


def find_domain(name_or_path: str | Path) -> Path:
    """The folder of a domain, given its name or the path of its folder or `domain.toml`.

    Raises:
        UserError: if nothing of that name is installed and no such folder exists, or if several are.
    """
    path = Path(name_or_path)
    folder = path.parent if path.name == DESCRIPTION else path
    if (folder / DESCRIPTION).is_file():
        return folder.resolve()
    if path.is_dir():
        raise UserError(f"{path} holds no {DESCRIPTION}", fix="make one with `novum domains new`")
    known, _ = _installed()
    found = sorted({folder for folder in known if folder.name == str(name_or_path)})
    if len(found) == 1:
        return found[0]
    if found:
        places = ", ".join(map(str, found))
        raise UserError(f"several domains are named {name_or_path}", fix=f"give the path: {places}")
    raise _unknown(str(name_or_path), sorted({folder.name for folder in known}))


def list_domains() -> list[dict[str, Any]]:
    """What is installed, by name: `name, title, question, folder, shipped, problem` of each.

    A domain or plugin that does not load is listed with its `problem`, and keeps no other from use.
    """
    folders, broken = _installed()
    return sorted([*map(_row, sorted(set(folders))), *broken], key=lambda row: row["name"])


def show_domain(name_or_path: str | Path) -> dict[str, Any]:
    """One domain as plain data, for `--json` and for `domain_text`."""
    folder = find_domain(name_or_path)
    return domain_data(load_domain(folder, _NotKept())) | {"folder": str(folder)}


def _row(folder: Path) -> dict[str, Any]:
    row = {
        "name": folder.name,
        "title": "",
        "question": "",
        "folder": str(folder),
        "shipped": False,
        "problem": "",
    }
    try:
        domain = load_domain(folder, _NotKept())
    except DomainError as fault:
        return row | {"problem": str(fault)}
    return row | {"title": domain.title, "question": domain.question, "shipped": domain.shipped}


def _unknown(name: str, known: list[str]) -> UserError:
    close = difflib.get_close_matches(name, known, n=3)
    hint = f"did you mean {' or '.join(close)}? " if close else ""
    listed = ", ".join(known) or "none"
    return UserError(
        f"there is no domain {name!r}", fix=f"{hint}installed: {listed}; or give a folder's path"
    )


def _installed() -> tuple[list[Path], list[dict[str, Any]]]:
    """Folders that entry points name, and a row for each entry point that could not be used."""
    folders: list[Path] = []
    broken = []
    for point in entry_points(group=GROUP):
        try:
            folders += _folders(point)
        except Exception as error:  # a border: foreign code runs here, and must not hide the others
            problem = f"plugin {point.value} does not load: {error}"
            broken.append({"name": point.name, "title": "", "question": "", "folder": "", "shipped": False,
                           "problem": problem})  # fmt: skip
    return folders, broken


def _folders(point: EntryPoint) -> list[Path]:
    value = point.load()
    value = value() if callable(value) else value
    many: Iterable[str | Path] = [value] if isinstance(value, str | Path) else value
    return [Path(folder).resolve() for folder in many]


class _NotKept:
    """Blobs for a reader who only looks: hashes and forgets."""

    def put(self, data: bytes) -> str:
        return sha256(data)
