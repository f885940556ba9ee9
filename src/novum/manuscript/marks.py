"""Marks: resolved text in which each value still says what it is of.

A renderer that sets only words is given plain text. One that can link (LaTeX, HTML) is given marked text, in
which a value resolved from `{{m:ID}}`, `{{c:ID}}` or `{{cfg:KEY}}` stands between three of the code points
that Unicode sets aside for a program's own use and that no text holds:

    U+FDD0 kind:id U+FDD1 text U+FDD2

In the table of provenance the id of each row is marked too, with the kind `row`: there a link may end. Ids
are quoted so that no reader of Markdown finds markup in them.
"""

import re
from collections.abc import Callable

OPEN, TEXT, CLOSE = "\ufdd0", "\ufdd1", "\ufdd2"
KINDS = ("m", "c", "cfg", "row")
HEAD = re.compile(f"{OPEN}[a-z]+:[A-Za-z0-9.=]*{TEXT}")
MARKED = re.compile(
    f"{OPEN}(?P<kind>[a-z]+):(?P<id>[A-Za-z0-9.=]*){TEXT}(?P<text>[^{OPEN}{TEXT}{CLOSE}]*){CLOSE}"
)
STRAY = re.compile(f"[{OPEN}{TEXT}{CLOSE}]")


def mark(kind: str, id: str, text: str) -> str:
    """A value with its mark; kinds that are not marked stay plain."""
    return f"{OPEN}{kind}:{_quoted(id)}{TEXT}{clean(text)}{CLOSE}" if kind in KINDS else text


def clean(text: str) -> str:
    """Text that was never ours, without the code points that marks are made of."""
    return STRAY.sub("", text)


def unmarked(text: str) -> str:
    """Marked text as plain text."""
    return replace_marks(text, lambda kind, id, value: value)


def replace_marks(text: str, written: Callable[[str, str, str], str]) -> str:
    """Marked text with each value as `written(kind, id, text)` gives it; broken marks leave their text."""
    told = MARKED.sub(lambda found: written(found["kind"], _plain(found["id"]), found["text"]), text)
    return clean(HEAD.sub("", told))


def _quoted(id: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]", lambda c: "".join(f"={b:02X}" for b in c[0].encode()), id)


def _plain(quoted: str) -> str:
    raw = re.sub(rb"=([0-9A-F]{2})", lambda c: bytes([int(c[1], 16)]), quoted.encode())
    return raw.decode("utf-8", "replace")
