"""The one door: a study, a format, a place."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from novum.errors import UserError
from novum.export import crate, jsonlines, latex, page, recording
from novum.export.places import HOME, Exported, Files, place, zipped
from novum.export.source import Source, read_source


class Format(Struct, frozen=True):
    """How one format is made: its files, and its default name within `exports/` (`{study}` is the id).

    A format of a single file has one entry in `files`, whatever its name.
    """

    files: Callable[[Source], Files]
    default: str
    single: bool = False


FORMATS = {
    "latex": Format(latex.files, "latex"),
    "overleaf": Format(latex.bundle, "{study}-overleaf.zip"),
    "html": Format(page.files, "{study}.html", single=True),
    "rocrate": Format(crate.files, "{study}-rocrate.zip"),
    "jsonl": Format(jsonlines.files, "{study}.jsonl", single=True),
    "recording": Format(recording.files, "{study}.recording.jsonl", single=True),
}


def export(folder: str | Path, to: str, out: str | Path | None = None) -> Exported:
    """Write a study in a format; returns what was written. Nothing of the study is changed.

    Without `out` the export goes to `exports/` in the study's folder. With it, a format of one file goes to
    that path, or into it where it is a folder; any other goes to that folder, or into one zip where the path
    ends in `.zip`. An RO-Crate whose `out` is the study's own folder is its description alone, in place.

    Raises:
        UserError: unknown format, no such study, a study without what the format shows, a file in the way.
        JournalDamaged: the study cannot be read.
    """
    if to not in FORMATS:
        raise UserError(f"there is no format {to!r}", fix=f"choose {', '.join(FORMATS)}")
    source = read_source(Path(folder))
    study, format = source.folder.resolve(), FORMATS[to]
    files = format.files(source)
    name = format.default.format(study=source.state.study)
    target = Path(out).resolve() if out is not None else study / HOME / name
    if to == "rocrate" and target == study:
        files = {crate.METADATA: files[crate.METADATA]}
    path, laid = _laid(files, target, name if format.single else "")
    place(laid, study / HOME)
    return Exported(study=source.state.study, format=to, path=path,
                    files=tuple(sorted(str(p) for p in laid)))  # fmt: skip


def _laid(files: Files, target: Path, single: str) -> tuple[Path, dict[Path, bytes]]:
    """(What the person is shown, bytes by absolute path); `single` is the usual name of a one-file format."""
    if single:
        path = target / single if target.is_dir() else target
        return path, {path: next(iter(files.values()))}
    if target.suffix == ".zip":
        return target, {target: zipped(files)}
    return target, {target / name: data for name, data in files.items()}
