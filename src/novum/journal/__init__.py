"""The journal: the only state a study has.

`Journal` appends and reads events (SQLite, hash-chained, one writer), `FileBlobs` keeps bytes by their
hash beside it, `WriterLock` makes the writer single, `verify` finds damage, `migrations` reads what older
releases wrote.
"""

from novum.journal.blobs import FileBlobs
from novum.journal.lock import WriterLock
from novum.journal.store import JOURNAL, Journal, head_of, link, read_events, stored_rows
from novum.journal.verify import verify

__all__ = [
    "JOURNAL",
    "FileBlobs",
    "Journal",
    "WriterLock",
    "head_of",
    "link",
    "read_events",
    "stored_rows",
    "verify",
]
