"""What an audit is handed: everything it can look at in a study's folder, and in the lab about it."""

from pathlib import Path

from msgspec.structs import replace

from novum.archive import Archive
from novum.errors import JournalDamaged, UserError
from novum.events import StudyCreated
from novum.journal import JOURNAL, FileBlobs, read_events, stored_rows
from novum.records import Original
from novum.state import fold
from novum.steps.audit import AuditCase
from novum.wiring import literature, references_of


def evidence_of(folder: Path) -> AuditCase:
    """Everything an audit can look at in a study's folder, opened for reading only."""
    from novum.steps.audit import build_case

    path, blobs = folder / JOURNAL, FileBlobs(folder / "blobs")
    events = list(read_events(path))
    created = next((e.body for e in events if isinstance(e.body, StudyCreated)), None)
    archive = Archive(folder.parent.parent)
    head = archive.head_of(folder.name)
    memory = "the lab's archive" + (", rebuilt from journals" if archive.is_rebuilt(folder.name) else "")
    return build_case(
        events,
        blobs,
        rows=tuple(stored_rows(path)),
        folder=folder,
        anchors={memory: head} if head else {},
        entries=literature(_references(created), blobs).entries() if created else None,
        original=_quoted(folder, created.replicates) if created and created.replicates else None,
    )


def _references(created: StudyCreated) -> str:
    """The blob of the works that the study began with, of its domain or of its topic page."""
    if created.domain is not None:
        return references_of(created.domain)
    return created.topic.references if created.topic else ""


def _quoted(folder: Path, taken: Original) -> Original | None:
    """What the journal of a replicated study says where the replication took it up, if that study is here."""
    from novum.steps.replicate import original_of

    path = folder.parent / taken.study / JOURNAL
    if not path.is_file():
        return None
    try:
        events = list(read_events(path, until=taken.head_seq))
        return original_of(fold(events), (events[-1].seq, events[-1].hash), taken.times)
    except JournalDamaged:  # an audit of that study says so
        return None
    except (UserError, IndexError):  # it holds no result: whatever is quoted of it is not there
        return replace(taken, decisions=())
