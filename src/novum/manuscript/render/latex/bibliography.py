"""The bibliography for BibTeX: the works that are cited, with the fields that a style prints.

Values are read as the LaTeX that they are, made plain text and written anew, so that no entry can hold a
command, a stray sign breaks nothing, and capitals stay as they were.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from novum.manuscript.render.latex.escape import address, escape, name
from novum.manuscript.render.latex.mathematics import Refused, formula

PRINTED = (
    "author", "editor", "title", "booktitle", "journal", "series", "volume", "number", "pages", "chapter",
    "edition", "publisher", "organization", "institution", "school", "howpublished", "address", "month",
    "year", "note",
)  # fmt: skip
PEOPLE = ("author", "editor")
KINDS = (
    "article", "book", "booklet", "inbook", "incollection", "inproceedings", "manual", "mastersthesis",
    "misc", "phdthesis", "proceedings", "techreport", "unpublished",
)  # fmt: skip
RENAMED = {"conference": "inproceedings", "online": "misc", "software": "misc", "dataset": "misc",
           "report": "techreport", "thesis": "phdthesis"}  # fmt: skip
INLINE = re.compile(r"(?<!\\)\$([^$]+)\$")


def cleaned(bibtex: str, keys: Iterable[str]) -> str:
    """BibTeX with an entry for each cited key that the bibliography holds, in the order of the keys."""
    entries = _entries(bibtex)
    return "\n".join(_entry(key, *entries[key]) for key in keys if key in entries)


def _entries(bibtex: str) -> dict[str, tuple[str, dict[str, str]]]:
    """Key -> (type, fields in lower case), the first of a repeated key."""
    import logging

    from bibtexparser.entrypoint import parse_string

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for entry in parse_string(bibtex).entries:
        fields = {field.key.lower(): " ".join(str(field.value).split()) for field in entry.fields}
        found.setdefault(entry.key, (entry.entry_type.lower(), fields))
    return found


def _entry(key: str, kind: str, fields: Mapping[str, str]) -> str:
    kind = RENAMED.get(kind, kind if kind in KINDS else "misc")
    shown = {field: _value(field, fields[field]) for field in PRINTED if fields.get(field)}
    links = [link for link in (shown.get("note", ""), *_links(fields)) if link]
    if links:
        shown["note"] = "{" + ", ".join(_bare(link) for link in links) + "}"
    body = "".join(f"  {field} = {value},\n" for field, value in shown.items())
    return f"@{kind}{{{name(key)},\n{body}}}\n"


def _bare(value: str) -> str:
    return value[1:-1] if value.startswith("{") and value.endswith("}") else value


def _links(fields: Mapping[str, str]) -> Iterable[str]:
    """Where the work lies: its arXiv number, its DOI, else its address."""
    eprint, doi, url = (_plain(fields.get(field, "")) for field in ("eprint", "doi", "url"))
    if eprint and fields.get("archiveprefix", "arXiv").lower() == "arxiv":
        yield _link(f"https://arxiv.org/abs/{eprint}", f"arXiv:{eprint}")
    if doi:
        bare = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:)", "", doi, flags=re.I)
        yield _link(f"https://doi.org/{bare}", f"doi:{bare}")
    elif url.startswith(("http://", "https://")) and not eprint:
        yield _link(url, url)


def _link(where: str, text: str) -> str:
    return f"\\href{{{address(where)}}}{{{escape(text)}}}"


def _value(field: str, raw: str) -> str:
    """A field in braces; a title in two, since styles lower the case of what one pair holds."""
    if field in PEOPLE:
        return "{" + " and ".join(_person(person) for person in _people(raw)) + "}"
    written = _text(raw)
    return f"{{{{{written}}}}}" if field in ("title", "booktitle") else f"{{{written}}}"


def _people(raw: str) -> list[str]:
    """Names, parted by "and" outside braces."""
    names, depth, start = [], 0, 0
    for found in re.finditer(r"\{|\}|\s+and\s+", raw):
        if found[0] in "{}":
            depth += 1 if found[0] == "{" else -1
        elif depth == 0:
            names.append(raw[start : found.start()])
            start = found.end()
    return [person.strip() for person in (*names, raw[start:]) if person.strip()]


def _person(raw: str) -> str:
    """A name; one in braces as a whole is an organisation and is not taken apart."""
    whole = re.fullmatch(r"\{(.*)\}", raw)
    return f"{{{_text(raw)}}}" if whole and _closes_last(raw) else _text(raw)


def _closes_last(raw: str) -> bool:
    depth = 0
    for i, char in enumerate(raw):
        depth += (char == "{") - (char == "}")
        if depth == 0:
            return i == len(raw) - 1
    return False


def _text(raw: str) -> str:
    pieces, last = [], 0
    for found in INLINE.finditer(raw):
        pieces += [escape(_plain(raw[last : found.start()])), _formula(found[1])]
        last = found.end()
    return "".join([*pieces, escape(_plain(raw[last:]))])


def _formula(tex: str) -> str:
    try:
        return f"\\({formula(tex)}\\)"
    except Refused:
        return escape(tex)


def _plain(latex: str) -> str:
    """LaTeX as the characters it prints; surrounding space is kept."""
    if not re.search(r"[\\{}~$]|--|``|''", latex):
        return latex
    core = re.sub(r"(?<!\\)([%&#])", r"\\\1", latex.strip())  # none of them is special to BibTeX
    core = re.sub(r"\\(?:url|path)\s*\{([^{}]*)\}", r"\1", core)
    before, after = latex[: len(latex) - len(latex.lstrip())], latex[len(latex.rstrip()) :]
    return before + _decoder().latex_to_text(core) + (after if core else "")


def _decoder() -> Any:
    from pylatexenc.latex2text import LatexNodes2Text

    return LatexNodes2Text(math_mode="text", keep_comments=False)
