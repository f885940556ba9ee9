"""The command `export`: a study in other people's formats."""

from pathlib import Path

from novum import api
from novum.cli.output import plural, print_json


def export(lab: Path, ref: str, to: str, out: str | None, as_json: bool) -> int:
    """Write a study in a format, and say where it lies."""
    written = api.export(api.find_study(lab, ref), to, out)
    if as_json:
        told = {"id": written.study, "format": written.format, "path": str(written.path)}
        print_json({**told, "files": list(written.files)})
    else:
        print(f"{written.path} ({plural(len(written.files), 'file')})")
    return 0
