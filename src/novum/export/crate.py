"""RO-Crate 1.1: the study with a description that repositories and other programs understand.

The crate holds the record (journal and blobs), the tables, the paper and its figures, as the study's folder
does; what the folder has under `nodes/` is left out, since it follows from the record.
"""

from pathlib import Path

import msgspec

from novum.errors import UserError
from novum.export.described import described
from novum.export.places import Files
from novum.export.source import Source, refuse_unfinished
from novum.export.vocabulary import Part
from novum.folder import contents
from novum.journal import JOURNAL

METADATA = "ro-crate-metadata.json"
LEFT_OUT = "nodes/"


def files(source: Source) -> Files:
    """The files of the study, and their description."""
    refuse_unfinished(source)
    _refuse_open_journal(source.folder / JOURNAL)
    made = contents(source.state, source.blobs, source.head)
    held = {name: data for name, data in made if not name.startswith(LEFT_OUT)}
    held[JOURNAL] = (source.folder / JOURNAL).read_bytes()
    blobs = dict(_blobs(source.folder))
    parts = [Part.of(name, data) for name, data in sorted(held.items())]
    graph = described(source, parts, blobs)
    return {METADATA: msgspec.json.format(msgspec.json.encode(graph), indent=2) + b"\n", **held, **blobs}


def _refuse_open_journal(path: Path) -> None:
    """A journal with a write-ahead log beside it is being written, or was cut short."""
    log = path.with_name(f"{path.name}-wal")
    if log.is_file() and log.stat().st_size:
        raise UserError(f"{path} is being written", fix="wait for that, or tidy up with novum resume")


def _blobs(folder: Path) -> list[tuple[str, bytes]]:
    found = sorted(p for p in (folder / "blobs").rglob("*") if p.is_file() and not p.name.startswith("."))
    return [(path.relative_to(folder).as_posix(), path.read_bytes()) for path in found]
