"""A topic page: a Markdown text that says what is to be studied, where there is no domain yet.

Its first heading is the title. BibTeX entries that stand in it, between fences or not, are the works that may
be cited: they are taken out as they are, and nobody adds to them. All else is for whoever writes the domain.
"""

import re
from pathlib import Path

from msgspec import Struct

from novum.errors import UserError

SUFFIXES = (".md", ".markdown", ".txt")
LARGEST = 100_000  # characters of a page
LONGEST_ID = 40
_ENTRY = re.compile(r"^[ \t]*@(?!comment|string|preamble)[a-z]+[ \t]*\{", re.I | re.M)
_EMPTY_FENCE = re.compile(r"^```[a-z]*\n\s*```[ \t]*\n?", re.M)
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.M)
_LABEL = re.compile(r"^(title|topic)\s*:\s*", re.I)


class Page(Struct, frozen=True):
    """A topic page in its parts: `text` is the page without its BibTeX, `references` the BibTeX alone."""

    title: str
    text: str
    references: str

    @property
    def id(self) -> str:
        """The title as a plain name, by which the lab keeps account of what was asked."""
        plain = re.sub(r"[^a-z0-9]+", "_", self.title.lower()).strip("_")
        short = plain if len(plain) <= LONGEST_ID else plain[:LONGEST_ID].rsplit("_", 1)[0]
        return short if re.match(r"[a-z]", short) else f"topic_{short}".rstrip("_")


def is_topic(name: str | Path) -> bool:
    """Whether a name is that of a page, and not of a domain: a file of text, by its ending."""
    path = Path(name)
    return path.suffix.lower() in SUFFIXES and not path.is_dir()


def read_page(path: str | Path) -> Page:
    """The page in a file.

    Raises:
        UserError: there is none, it is too long, or it says nothing.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        fix = "name a topic page, a domain or a folder"
        raise UserError(f"{path} cannot be read: {error.strerror}", fix=fix) from error
    text = data[: 4 * LARGEST].decode("utf-8", "replace").replace("\r\n", "\n")
    if len(text) > LARGEST:
        raise UserError(
            f"{path} has more than {LARGEST} characters", fix="say what is to be studied on a page or two"
        )
    page = parsed(text)
    if len(page.text.split()) < 5:
        raise UserError(f"{path} says too little", fix="write a heading and what is to be found out")
    return page


def parsed(text: str) -> Page:
    """The parts of a page's text; its first line is the title where it has no heading."""
    entries, rest, place = [], [], 0
    for found in _ENTRY.finditer(text):
        if found.start() < place:
            continue
        end = _closing(text, found.end() - 1)
        if end:
            entries.append(text[found.start() : end].strip())
            rest.append(text[place : found.start()])
            place = end
    prose = _EMPTY_FENCE.sub("", "".join([*rest, text[place:]])).strip()
    heading = _HEADING.search(prose)
    first = heading[1] if heading else next((line for line in prose.splitlines() if line.strip()), "")
    title = " ".join(_LABEL.sub("", first).split())[:150].strip()
    return Page(title, prose, "\n\n".join(entries) + "\n" if entries else "")


def _closing(text: str, start: int) -> int:
    """One past the brace that closes the one at `start`; 0 if none does."""
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] == "{") - (text[place] == "}")
        if not depth:
            return place + 1
    return 0
