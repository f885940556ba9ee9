"""The offline bibliography: a `references.bib`, read with care, and what its works state.

Beyond the usual BibTeX fields an entry may carry two of ours, which are never printed: `states` (the
grammar is in `novum.literature.states`) and `values`, the numbers that a manuscript may quote from it.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from novum.literature.states import parse_states, relation
from novum.records import Contrast, Direction

OWN_FIELDS = ("states", "values")
ENTRY_TYPE = "entrytype"

Entries = Mapping[str, Mapping[str, str]]


class _Works:
    """What any literature can say once it holds entries."""

    def __init__(self, entries: Entries):
        frozen = {key: MappingProxyType(dict(fields)) for key, fields in entries.items()}
        self._entries: Entries = MappingProxyType(frozen)
        self._statements = {key: parse_states(fields.get("states", "")) for key, fields in frozen.items()}

    def entries(self) -> Entries:
        """Key -> fields (lower-case names), with the type of the entry as field `entrytype`."""
        return self._entries

    def bibtex(self) -> str:
        """The entries as BibTeX for a renderer: in order, without fields that are ours alone."""
        return "\n".join(_written(key, fields) for key, fields in self._entries.items())

    def statements(self, contrast: Contrast, base: Mapping[str, Any],
                   observed: Direction | None = None) -> Sequence[tuple[str, str, str]]:  # fmt: skip
        """(key, "agrees" | "contradicts", the statement) for every statement on the contrast's factor and
        metric; the direction compared is the predicted one unless the `observed` one is given."""
        found = []
        for key, (statements, _) in self._statements.items():
            for statement in statements:
                related = relation(statement, contrast, base, observed)
                if related:
                    found.append((key, related, statement.text))
        return found


class Bibliography(_Works):
    """A `novum.protocols.Literature` read from the text of a `references.bib`.

    A broken block, a repeated key or a statement outside the grammar is reported in `problems` and left
    out; the rest stands.
    """

    def __init__(self, text: str):
        entries, problems = _parsed(text)
        super().__init__(entries)
        self.problems = (*problems, *self._broken_statements())

    def _broken_statements(self) -> list[str]:
        return [f"entry '{key}': '{piece}' is no statement; write 'factor: up -> metric: down'"
                for key, (_, broken) in self._statements.items() for piece in broken]  # fmt: skip


class InMemoryLiterature(_Works):
    """The fake beside `Bibliography`: entries as dictionaries, `states` field included."""

    def __init__(self, entries: Entries | None = None):
        super().__init__(entries or {})
        self.problems: tuple[str, ...] = ()


def _parsed(text: str) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Entries by key, the first of a repeated key, and what is wrong with the rest."""
    import logging

    import bibtexparser

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # it tells us in failed_blocks already
    library = bibtexparser.parse_string(text)
    entries = {entry.key: _fields(entry) for entry in library.entries}
    return entries, [_problem(block) for block in library.failed_blocks]


def _fields(entry: Any) -> dict[str, str]:
    fields = {field.key.lower(): str(field.value) for field in entry.fields}
    return {ENTRY_TYPE: entry.entry_type.lower(), **fields}


def _problem(block: Any) -> str:
    line = (block.start_line or 0) + 1
    start = " ".join((block.raw or "").split())[:50]
    return f"references.bib, line {line}: '{start}' is left out ({type(block).__name__}); mend or remove it"


def _written(key: str, fields: Mapping[str, str]) -> str:
    shown = [(name, value) for name, value in fields.items() if name not in (*OWN_FIELDS, ENTRY_TYPE)]
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in shown)
    return f"@{fields.get(ENTRY_TYPE, 'misc')}{{{key},\n{body}}}\n"
