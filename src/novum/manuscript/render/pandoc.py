"""Pandoc, run as a program: Markdown to Typst markup or a syntax tree, several pieces in one run.

Pandoc is a GPL program and stays one: it is started, never linked. It runs in its own sandbox mode, reads
no raw markup, so that a manuscript cannot smuggle commands into the typesetter, and never goes online.
"""

import json
import re
import subprocess
from importlib.resources import files
from typing import Any

from novum.errors import MachineError, MissingExtra

READER = (
    "markdown+autolink_bare_uris-raw_html-raw_tex-raw_attribute-yaml_metadata_block-native_divs-native_spans"
)
SEPARATOR = "NOVUMPIECEENDSHERE"
SEPARATING = {"t": "Para", "c": [{"t": "Str", "c": SEPARATOR}]}
LIMIT_SECONDS = 120
UNREAD = re.compile(r"Could not convert TeX math (.*?), rendering as TeX", re.S)


def pandoc_path() -> str:
    """Where the packaged pandoc lies. Raises MissingExtra without the extra `pdf`."""
    try:
        import pypandoc
    except ImportError:
        raise MissingExtra("pdf", "a PDF") from None
    try:
        return pypandoc.get_pandoc_path()
    except OSError:
        raise MissingExtra("pdf", "a PDF") from None


def to_typst(pieces: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """(Typst markup of each Markdown piece, in order; notes on formulas that stay as they were written).

    Footnotes and links may cross pieces.

    Raises MissingExtra without pandoc, MachineError where it cannot run or fails.
    """
    markup, said = _run(_joined(pieces), "typst")
    parts = [part.strip() for part in markup.split(SEPARATOR)]
    if len(parts) != len(pieces):  # a piece left a fence or list open and swallowed a separator
        parts = [_run(piece, "typst")[0].strip() for piece in pieces]
    return parts, tuple(f"the formula '{tex.strip()}' is not understood" for tex in UNREAD.findall(said))


def to_tree(pieces: list[str]) -> list[list[dict[str, Any]]]:
    """The blocks of each Markdown piece as plain data, `{"t": kind, "c": content}`, in order.

    Footnotes and links may cross pieces. Raises as `to_typst` does.
    """
    parts: list[list[dict[str, Any]]] = [[]]
    for block in _tree(_joined(pieces)):
        if block == SEPARATING:
            parts.append([])
        else:
            parts[-1].append(block)
    return parts if len(parts) == len(pieces) else [_tree(piece) for piece in pieces]


def _tree(markdown: str) -> list[dict[str, Any]]:
    return json.loads(_run(markdown, "json")[0])["blocks"]


def _joined(pieces: list[str]) -> str:
    return f"\n\n{SEPARATOR}\n\n".join(piece.replace("\x00", "") for piece in pieces)


def _run(markdown: str, to: str) -> tuple[str, str]:
    """(What pandoc writes, what it says on standard error)."""
    lua = files("novum.manuscript.render") / "templates" / "structure.lua"
    command = [pandoc_path(), "--from", READER, "--to", to, "--wrap=none", "--columns=100000",
               "--sandbox", *(["--lua-filter", str(lua)] if to == "typst" else [])]  # fmt: skip
    try:
        done = subprocess.run(command, input=markdown.encode(errors="replace"), capture_output=True,
                              timeout=LIMIT_SECONDS, check=False)  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as failed:
        raise MachineError(
            f"pandoc did not run: {failed}", fix="try again, or reinstall novum[pdf]"
        ) from None
    if done.returncode:
        raise MachineError(
            f"pandoc refused the manuscript: {done.stderr.decode(errors='replace').strip()[:300]}"
        )
    return done.stdout.decode(), done.stderr.decode(errors="replace")
