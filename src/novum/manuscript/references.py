"""References: how a manuscript names a recorded thing, and how the name becomes text.

| in the source | becomes |
|---|---|
| `{{m:ID|FORMAT}}` | the value of a measurement or derived statistic (`novum.manuscript.formats`) |
| `{{c:ID}}` | the verdict of a claim: supported, refuted or inconclusive |
| `{{fig:ID}}` within text | "Figure 2", a link |
| `{{fig:ID}}` or `{{fig:ID|wide}}` as a paragraph | the figure with its caption, one column or both wide |
| `{{cfg:KEY|FORMAT}}` | a configuration value |
| `{{lit:KEY|42 %}}` | a value that a cited work states, and the citation |
| `[@KEY]` | a citation (left to the renderer) |
| `{{provenance}}` on a line of its own | the table of `novum.manuscript.provenance.complete` |

Code and fenced blocks are left alone. A caption is itself source and may hold references. Resolving never
raises on any text: what cannot be resolved is a fault, and stays visible as `⟦ID?⟧`.
"""

import json
import re
from collections.abc import Mapping

from msgspec import Struct

from novum.manuscript.faults import ManuscriptFault, fault_at, in_order, position
from novum.manuscript.formats import BadFormat, render_value
from novum.manuscript.lookups import ClaimLike, Lookup, StatisticLike
from novum.manuscript.marks import clean, mark, unmarked
from novum.manuscript.text import CITE_KEY, FRONT, MATH, VERBATIM, mask, paragraphs
from novum.records import Figure, Level

__all__ = ["ClaimLike", "Lookup", "Placed", "Reference", "Resolved", "StatisticLike", "Used", "citations",
           "find_references", "resolve"]  # fmt: skip

OPENING = re.compile(r"\{\{")
REFERENCE = re.compile(
    r"\{\{\s*(?P<kind>m|c|fig|cfg|lit):(?P<id>[^{}|\n]+?)\s*(?:\|(?P<spec>[^{}|\n]*))?\}\}"
)
PROVENANCE = re.compile(r"^\{\{provenance\}\}[ \t]*$", re.M)
FIGURE_SUFFIXES = ("svg", "pdf", "png")


class Reference(Struct, frozen=True, kw_only=True):
    """A reference as written: `start` and `end` are offsets in the source."""

    kind: str
    id: str
    spec: str
    start: int
    end: int


class Used(Struct, frozen=True, kw_only=True):
    """A resolved reference in order of appearance, with the text it became."""

    kind: str
    id: str
    spec: str
    text: str
    line: int
    column: int


class Placed(Struct, frozen=True, kw_only=True):
    """A placed figure; `number` counts from 1 in order of placement."""

    id: str
    number: int
    wide: bool
    path: str
    start: int


class Resolved(Struct, frozen=True, kw_only=True):
    """A manuscript without references, and everything that became of them.

    `marked` is the text with the id of each value beside it (`novum.manuscript.marks`).
    """

    text: str
    marked: str
    used: tuple[Used, ...]
    figures: tuple[Placed, ...]
    citations: tuple[str, ...]
    faults: tuple[ManuscriptFault, ...]


def find_references(source: str) -> list[Reference]:
    """All well-formed references outside code, in order."""
    hidden = mask(source, *VERBATIM)
    return [_as_reference(found) for found in REFERENCE.finditer(hidden)]


def _as_reference(found: re.Match[str]) -> Reference:
    return Reference(kind=found["kind"], id=found["id"].strip(), spec=(found["spec"] or "").strip(),
                     start=found.start(), end=found.end())  # fmt: skip


def resolve(source: str, lookup: Lookup) -> Resolved:
    """Put recorded values in the place of references.

    Faults (in `Resolved.faults`, never raised): malformed references, unknown ids, missing values,
    formats that do not fit, figures placed twice or named and never placed.
    """
    work = _Resolving(source, lookup)
    marked = work.run()
    text = unmarked(marked)
    return Resolved(text=text, marked=marked, used=tuple(work.used), figures=tuple(work.placed.values()),
                    citations=citations(text), faults=tuple(in_order(work.faults)))  # fmt: skip


def citations(text: str) -> tuple[str, ...]:
    """Citation keys outside code, each once, in order of appearance."""
    return tuple(dict.fromkeys(CITE_KEY.findall(mask(text, *VERBATIM))))


def figure_path(figure: Figure) -> str:
    """Where a figure lies beside the manuscript: the first vector file it has, else its picture."""
    suffix = next((s for s in FIGURE_SUFFIXES if s in figure.files), "svg")
    return f"figures/{figure.id}.{suffix}"


def blocks_of(source: str) -> dict[int, Reference]:
    """Figure references that stand as a paragraph of their own, by their offset."""
    hidden = mask(source, *VERBATIM)
    found = {}
    for block in paragraphs(hidden):
        match = REFERENCE.fullmatch(block.text.strip())
        if match and match["kind"] == "fig":
            reference = _as_reference(match)
            start = block.start + block.text.index("{{")
            found[start] = _moved(reference, start)
    return found


def _moved(reference: Reference, start: int) -> Reference:
    length = reference.end - reference.start
    return Reference(
        kind=reference.kind, id=reference.id, spec=reference.spec, start=start, end=start + length
    )


class _Resolving:
    """One pass over one source; holds what is gathered on the way."""

    def __init__(self, source: str, lookup: Lookup):
        self.source = source
        self.lookup = lookup
        self.used: list[Used] = []
        self.faults: list[ManuscriptFault] = []
        self.blocks = blocks_of(source)
        self.placed: dict[str, Placed] = {}

    def run(self) -> str:
        self._place_figures()
        front = FRONT.match(self.source)
        front_end = front.end() if front else 0
        pieces, last = [], 0
        for reference in find_references(self.source):
            text = self._text_at(reference)
            pieces += [
                clean(self.source[last : reference.start]),
                _quoted(text) if reference.start < front_end else text,
            ]
            last = reference.end
        self._malformed()
        return "".join([*pieces, clean(self.source[last:])])

    def _place_figures(self) -> None:
        for start, reference in self.blocks.items():
            figure = self.lookup.figure(reference.id)
            if figure is None:
                continue
            if reference.id in self.placed:
                self._fault(start, "figure-placed-twice", f"figure {reference.id} is placed twice",
                            "place it once and refer to it within text")  # fmt: skip
                continue
            self.placed[reference.id] = Placed(id=reference.id, number=len(self.placed) + 1,
                                               wide=reference.spec == "wide", path=figure_path(figure),
                                               start=start)  # fmt: skip

    def _text_at(self, reference: Reference) -> str:
        if reference.start in self.blocks:
            return self._figure_block(reference, reference.start)
        return self._text(reference, reference.start)

    def _text(self, reference: Reference, at: int) -> str:
        handler = getattr(self, f"_{reference.kind}")
        text = handler(reference, at)
        if text is None:
            return f"⟦{reference.id}?⟧"
        self._note(reference, text, at)
        return mark(reference.kind, reference.id, text)

    def _note(self, reference: Reference, text: str, at: int) -> None:
        line, column = position(self.source, at)
        self.used.append(Used(kind=reference.kind, id=reference.id, spec=reference.spec, text=text,
                              line=line, column=column))  # fmt: skip

    def _fault(self, at: int, rule: str, what: str, mend: str) -> None:
        self.faults.append(fault_at(self.source, at, rule, what, mend))

    def _unknown(self, reference: Reference, at: int, noun: str, mend: str) -> None:
        self._fault(at, "unknown-id", f"no {noun} '{reference.id}' is recorded", mend)

    def _m(self, reference: Reference, at: int) -> str | None:
        found = self.lookup.statistic(reference.id)
        if found is None:
            return self._unknown(reference, at, "statistic", "use an id from the catalogue")
        if found.value is None:
            return self._fault(at, "missing-value", f"'{found.label}' has no value",
                               "say in words that it does not exist")  # fmt: skip
        return self._formatted(found.value, reference, at)

    def _cfg(self, reference: Reference, at: int) -> str | None:
        found = self.lookup.config(reference.id)
        if found is None:
            return self._unknown(reference, at, "configuration value", "use a key of the configuration")
        return self._formatted(found, reference, at)

    def _formatted(self, value: Level, reference: Reference, at: int) -> str | None:
        try:
            return render_value(value, reference.spec)
        except BadFormat as bad:
            return self._fault(at, "bad-format", f"reference '{reference.id}': {bad}",
                               "use a format that fits the value")  # fmt: skip

    def _c(self, reference: Reference, at: int) -> str | None:
        found = self.lookup.claim(reference.id)
        if found is None:
            return self._unknown(reference, at, "claim", "use the id of a registered claim")
        if reference.spec:
            return self._fault(at, "bad-format", "a verdict takes no format", "remove what follows the bar")
        return found.verdict

    def _lit(self, reference: Reference, at: int) -> str | None:
        entry = self.lookup.entry(reference.id)
        if entry is None:
            return self._unknown(reference, at, "cited work", "use a key of references.bib")
        if not reference.spec:
            return self._fault(at, "bad-format", f"'{reference.id}' is quoted without a value",
                               "write {{lit:KEY|VALUE}}")  # fmt: skip
        if not states_value(entry, reference.spec):
            what = f"the entry '{reference.id}' does not record '{reference.spec}'"
            mend = "add it to the entry's field 'values', or quote another"
            return self._fault(at, "unstated-value", what, mend)
        return f"{reference.spec} [@{reference.id}]"

    def _fig(self, reference: Reference, at: int) -> str | None:
        if self.lookup.figure(reference.id) is None:
            return self._unknown(reference, at, "figure", "use the id of a drawn figure")
        if reference.id not in self.placed:
            return self._fault(at, "figure-not-placed", f"figure {reference.id} is named and never placed",
                               "put the reference on a line of its own where the figure belongs")  # fmt: skip
        return f"[Figure {self.placed[reference.id].number}](#fig-{reference.id})"

    def _figure_block(self, reference: Reference, at: int) -> str:
        figure = self.lookup.figure(reference.id)
        if figure is None:
            self._unknown(reference, at, "figure", "use the id of a drawn figure")
            return f"⟦{reference.id}?⟧"
        if reference.spec not in ("", "wide"):
            self._fault(at, "bad-format", f"a figure is placed '{reference.spec}'", "use 'wide' or nothing")
        placed = self.placed[reference.id]
        if placed.start != at:
            return ""  # the second placement, already a fault
        self._note(reference, f"Figure {placed.number}", at)
        width = " .wide" if placed.wide else ""
        return f"![{self._caption(figure, at)}]({placed.path}){{#fig-{figure.id}{width}}}"

    def _caption(self, figure: Figure, at: int) -> str:
        caption = " ".join(figure.caption.split())
        pieces, last = [], 0
        for reference in find_references(caption):
            pieces += [clean(caption[last : reference.start]), self._text(reference, at)]
            last = reference.end
        return "".join([*pieces, clean(caption[last:])])

    def _malformed(self) -> None:
        """Double braces that open no reference; those of mathematics are its own affair."""
        hidden = mask(self.source, *VERBATIM, PROVENANCE, REFERENCE, MATH)
        for found in OPENING.finditer(hidden):
            start = found.start()
            what = f"'{self.source[start : start + 24].splitlines()[0]}' is no reference"
            mend = "write {{m:ID|FORMAT}}, {{c:ID}}, {{fig:ID}}, {{cfg:KEY}} or {{lit:KEY|VALUE}}"
            self._fault(start, "malformed-reference", what, mend)


def states_value(entry: Mapping[str, str], value: str) -> bool:
    """Whether a bibliography entry records a value among what its work states."""
    recorded = " ".join(entry.get(f, "") for f in ("values", "states", "note", "abstract", "annotation"))
    return re.search(rf"(?<![\d.]){re.escape(_plain(value))}(?![\d]|\.\d)", _plain(recorded)) is not None


def _plain(text: str) -> str:
    return re.sub(r"[\s~\\]+", "", text)


def _quoted(text: str) -> str:
    """Text as it stands within a quoted TOML string (front matter)."""
    return json.dumps(text, ensure_ascii=False)[1:-1]
