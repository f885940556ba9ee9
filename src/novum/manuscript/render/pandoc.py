"""Pandoc, run as a program: Markdown to Typst markup, several pieces in one run.

Pandoc is a GPL program and stays one: it is started, never linked. It runs in its own sandbox mode, reads
no raw markup, so that a manuscript cannot smuggle commands into the typesetter, and never goes online.
"""

import re
import subprocess
from importlib.resources import files

from novum.errors import MachineError, MissingExtra

READER = (
    "markdown+autolink_bare_uris-raw_html-raw_tex-raw_attribute-yaml_metadata_block-native_divs-native_spans"
)
SEPARATOR = "NOVUMPIECEENDSHERE"
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
    text = f"\n\n{SEPARATOR}\n\n".join(piece.replace("\x00", "") for piece in pieces)
    markup, said = _run(text)
    parts = [part.strip() for part in markup.split(SEPARATOR)]
    if len(parts) != len(pieces):  # a piece left a fence or list open and swallowed a separator
        parts = [_run(piece)[0].strip() for piece in pieces]
    return parts, tuple(f"the formula '{tex.strip()}' is not understood" for tex in UNREAD.findall(said))


def _run(markdown: str) -> tuple[str, str]:
    """(What pandoc writes, what it says on standard error)."""
    lua = files("novum.manuscript.render") / "templates" / "structure.lua"
    command = [pandoc_path(), "--from", READER, "--to", "typst", "--wrap=none", "--columns=100000",
               "--sandbox", "--lua-filter", str(lua)]  # fmt: skip
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
