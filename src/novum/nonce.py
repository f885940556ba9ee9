"""The nonce behind confirmation seeds: committed to in the protocol, revealed when confirmation begins.

With a seed given by the user it is derived from it, so that the same command gives the same study. Without
one it is random, and waits in a file of its own that only the coordinator reads.
"""

import os
import secrets
from pathlib import Path

from novum.canonical import digest
from novum.journal.blobs import sync_folder


def obtain(folder: Path, seed: int | None, study_seed: int) -> str:
    """The study's nonce, the same on every call."""
    if seed is not None:
        return digest(["novum", "nonce", study_seed])
    path = folder / "secret" / "nonce"
    if not path.is_file():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        part = path.with_suffix(".part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.write(handle, secrets.token_hex(32).encode())
        os.fsync(handle)
        os.close(handle)
        part.replace(path)
        sync_folder(path.parent)
    return path.read_text().strip()
