"""Finding damage: is this the chain that was written?

The chain is evidence relative to an anchor. Whoever can rewrite the file can recompute the chain, so the
audit compares it with the head that the paper, the archive and the terminal carry.
"""

from pathlib import Path

from novum.errors import JournalDamaged
from novum.journal.store import GENESIS, connect_readonly, decode, link, read_raw


def verify(path: Path) -> tuple[int, str]:
    """Walk the whole chain; return its head.

    Raises:
        JournalDamaged: names the first event that is missing, altered, unreadable or wrongly linked.
    """
    db = connect_readonly(path)
    try:
        seq, prev = 0, GENESIS
        for row_seq, text, row_prev, digest in read_raw(db, path):
            seq += 1
            if row_seq != seq:
                raise JournalDamaged(f"{path}: event {seq} is missing (the next one is {row_seq})")
            if row_prev != prev:
                raise JournalDamaged(f"{path}: event {seq} is not linked to the one before it")
            if link(prev, text) != digest:
                raise JournalDamaged(f"{path}: event {seq} was altered: its text does not give its hash")
            if decode(text, row_prev, digest).seq != seq:
                raise JournalDamaged(f"{path}: event {seq} carries another number inside")
            prev = digest
        return seq, prev
    finally:
        db.close()


def hash_at(path: Path, seq: int) -> str:
    """The stored hash of one event, or "" if there is none."""
    db = connect_readonly(path)
    try:
        for _, _, _, digest in read_raw(db, path, seq - 1, seq):
            return digest
        return ""
    finally:
        db.close()
