"""Narrative citations: `@key` as the subject of a sentence becomes "Power et al. [1]".

Numbered styles would spell out every author there, which no reader of a two-column page thanks them for.
"""

import re
from collections.abc import Mapping

from novum.manuscript.text import CITATION, VERBATIM, mask


def name_authors(markdown: str, entries: Mapping[str, Mapping[str, str]]) -> str:
    """`@key` outside brackets and code as the authors' short names and `[@key]`; unknown keys stay."""
    hidden = mask(markdown, *VERBATIM)
    pieces, last = [], 0
    for found in CITATION.finditer(hidden):
        key = _key(found)
        if key and key in entries and found[0].startswith("@"):
            pieces += [markdown[last : found.start()], f"{short_names(entries[key])} [@{key}]"]
            last = found.start() + 1 + len(key)
    return "".join([*pieces, markdown[last:]])


def authors(bibtex: str) -> dict[str, dict[str, str]]:
    """What of a bibliography names a work in a sentence: key -> author, editor, title."""
    import bibtexparser

    named = ("author", "editor", "title")
    library = bibtexparser.parse_string(bibtex)
    return {
        entry.key: {f.key.lower(): str(f.value) for f in entry.fields if f.key.lower() in named}
        for entry in library.entries
    }


def _key(found: re.Match[str]) -> str:
    return (found["key"] or "").rstrip(".,:;?!")


def short_names(entry: Mapping[str, str]) -> str:
    """ "Holm", "Royston and Parmar", "Power et al."; the title where nobody is named."""
    people = re.split(r"\s+and\s+", " ".join((entry.get("author") or entry.get("editor") or "").split()))
    names = [_surname(person) for person in people if person]
    if not names:
        return entry.get("title", "an unnamed work")
    if len(names) > 2 or names[-1] == "others":
        return f"{names[0]} et al."
    return " and ".join(names)


def _surname(person: str) -> str:
    name = person.split(",")[0] if "," in person else person.rsplit(" ", 1)[-1]
    return name.replace("{", "").replace("}", "").strip()
