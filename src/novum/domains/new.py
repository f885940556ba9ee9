"""Makes a domain to start from: small, real, and passing the conformance suite as it is."""

import re
import shutil
from pathlib import Path

from novum.domains.contract import PACKAGE
from novum.domains.places import DESCRIPTION
from novum.domains.rules import NAME
from novum.errors import UserError

TEMPLATE = PACKAGE / "templates" / "curve"


def new_domain(folder: Path, name: str = "") -> Path:
    """Write a new domain into `folder`, which must be empty or absent; returns the folder.

    `name` becomes the domain's id; without it the folder's name is used.

    Raises:
        UserError: if there is something in the folder, or the name is not plain.
    """
    folder = Path(folder)
    name = name or re.sub(r"\W+", "_", folder.resolve().name.lower())
    if not NAME.fullmatch(name):
        raise UserError(f"{name!r} is no plain name", fix="use a-z, 0-9 and _, a letter first")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} is not empty", fix="name a new folder")
    shutil.copytree(TEMPLATE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    description = folder / DESCRIPTION
    description.write_text(description.read_text().replace('id = "curve"', f'id = "{name}"', 1))
    return folder
