"""Bytes near to valid ones, and what a command may say to them."""

import contextlib
import io
import random
from collections.abc import Sequence

from hypothesis import strategies as st

from novum.cli.border import OUR_BUG, guarded

HOSTILE = (
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"1e400", b"-1e999", b"NaN", b"Infinity", b"null", b"true", b'""',
    b"[" * 3000, b'{"a":' * 1500, b"9" * 5000, b"-0.0", b"1e-400", b'"\\ud800"', b"\r\n", b"'" * 40, b'"""',
    b"}" * 50, b"= =", b"../../../etc/passwd", b"/dev/zero", "\u202e\u0300".encode(), b"a" * 3000, b"@{",
)  # fmt: skip
"""Pieces that have broken readers of JSON, TOML and text before."""

EXAMPLES = 60
Edit = tuple[float, int, bytes]


def edits(most: int = 4) -> st.SearchStrategy[list[Edit]]:
    """Where (a share of the length), how many bytes go, and what comes in their place."""
    piece = st.sampled_from(HOSTILE) | st.binary(max_size=6) | st.just(b"")
    return st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), piece), min_size=1, max_size=most)


def edited(data: bytes, changes: Sequence[Edit]) -> bytes:
    for place, gone, piece in changes:
        at = int(place * len(data))
        data = data[:at] + piece + data[at + gone :]
    return data


def cut(data: bytes, luck: random.Random) -> bytes:
    """The beginning of it, as a torn write leaves it."""
    return data[: luck.randrange(len(data))]


def told(*words: str) -> tuple[int, str]:
    """Exit code and standard error of a command, which may be anything but our bug or a traceback."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = guarded(list(words))
    said = err.getvalue()
    assert code != OUR_BUG, said
    assert "Traceback" not in said + out.getvalue()
    if code:
        lines = [line for line in said.splitlines() if line.strip()]
        assert lines or code == 1, "it fails without a word"
        assert all(len(line) < 2000 for line in lines), "a line that nobody can read"
    return code, said
