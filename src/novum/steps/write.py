"""The verb *write*: figures from the journal, prose from the scientist, checks, and every format.

A pure function of the journal up to the point where the step began: no clock, no machine. What is rendered
is what was checked; a single fault ends the step, naming it, so that no bare number reaches a reader.
"""

from collections.abc import Awaitable, Mapping, Sequence

import msgspec

from novum.errors import ManuscriptRefused, MissingExtra
from novum.events import Draft, FigureMade, PaperRendered
from novum.evidence.catalogue import catalogue
from novum.manuscript.checks import check, vocabulary
from novum.manuscript.provenance import provenance_table
from novum.manuscript.references import Lookup, Resolved, figure_path, resolve
from novum.manuscript.render.html.renderer import TRAILS
from novum.protocols import Blobs, Services
from novum.records import Config, Figure
from novum.state import State
from novum.steps.disclose import captioned, disclosed
from novum.steps.illustrate import illustrate
from novum.steps.lookup import StudyLookup, values_of
from novum.steps.pinned import pinned_head
from novum.steps.trails import as_json, trails

PROVENANCE = "<!-- novum:provenance -->"
"""Where a manuscript wants the table that says what each of its numbers is."""

BIBLIOGRAPHY = "references.bib"


class Composed(msgspec.Struct, frozen=True, kw_only=True):
    """A manuscript's source, with the events of how it came about, and the figures that were made anew."""

    source: str
    drafts: tuple[Draft, ...] = ()
    figures: tuple[Figure, ...] = ()


def write(view: State, services: Services) -> Sequence[Draft] | Awaitable[Sequence[Draft]]:
    """The events of a written paper: its figures, then the paper; to be awaited where a model writes.

    Raises:
        ManuscriptRefused: the manuscript breaks a rule; names the first faults.
    """
    assert view.domain is not None
    figures = [captioned(figure, view.domain) for figure in illustrate(view, services.blobs)]
    seen = msgspec.structs.replace(view, figures={f.id: f for f in figures})
    composed = services.scientist.compose(seen, catalogue(view), figures, services)
    if isinstance(composed, str):
        return _written(composed, seen, figures, services)
    return _awaited(composed, seen, figures, services)


async def _awaited(
    composed: Awaitable[Composed], seen: State, figures: Sequence[Figure], services: Services
) -> Sequence[Draft]:
    found = await composed
    anew = seen.figures | {figure.id: figure for figure in found.figures}
    changed = msgspec.structs.replace(seen, figures=anew)
    return [*found.drafts, *_written(found.source, changed, [anew[f.id] for f in figures], services)]


def _written(source: str, seen: State, figures: Sequence[Figure], services: Services) -> list[Draft]:
    """Check and render a source; `seen` is the view with its figures drawn."""
    assert seen.domain is not None and seen.settings is not None
    source = disclosed(source, seen.domain)
    lookup = StudyLookup(seen, services.literature.entries())
    refuse_faults(source, seen, lookup)
    resolved = resolve(source, lookup)
    placed = {p.id for p in resolved.figures}
    used = [f for f in figures if f.id in placed]
    text = finished(resolved, lookup, seen.domain.baseline)
    assets = dict(assets_of(used, services))
    if any(renderer.suffix == "html" for renderer in services.renderers):
        assets[TRAILS] = as_json(trails(seen, resolved.used, services.blobs))
    files, pages, notes = render(text, assets, seen.settings.style, services)
    seq, head = pinned_head(services.log, "write")
    paper = PaperRendered(
        source=source, values=values_of(resolved), files=files, head=head, head_seq=seq,
        protocol_hash=seen.protocol_hash, pages=pages, notes=notes,
    )  # fmt: skip
    return [*(Draft(body=FigureMade(figure=f)) for f in used), Draft(body=paper)]


def refuse_faults(source: str, view: State, lookup: Lookup) -> None:
    """Raise ManuscriptRefused on any fault of a manuscript."""
    assert view.domain is not None
    faults = check(source, lookup, vocabulary(view.domain))
    if faults:
        shown = "; ".join(str(fault) for fault in faults[:3])
        more = f" (and {len(faults) - 3} more)" if len(faults) > 3 else ""
        raise ManuscriptRefused(
            f"the manuscript has {len(faults)} faults: {shown}{more}",
            fix="mend the scientist, then novum resume",
        )


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A statistic as the table of numbers shows it: an arm by its departures from the baseline."""

    id: str
    kind: str
    name: str
    label: str
    metric: str
    unit: str
    phase: str
    config: Config | None
    claim: str
    value: float | str | None
    n: int | None
    sources: tuple[str, ...]


class _Named:
    """A lookup for readers: claims by number, and of a configuration only what the baseline does not say."""

    def __init__(self, lookup: StudyLookup, baseline: Config):
        self._lookup, self._baseline = lookup, baseline
        self.claim, self.figure, self.config, self.entry = (
            lookup.claim,
            lookup.figure,
            lookup.config,
            lookup.entry,
        )

    def statistic(self, id: str) -> Shown | None:
        found = self._lookup.statistic(id)
        if found is None or found.kind == "measurement":
            return None
        moved = {k: v for k, v in (found.config or {}).items() if self._baseline.get(k) != v}
        return Shown(
            id=found.id,
            kind=found.kind,
            name=found.name,
            label=found.label,
            metric=found.metric,
            unit=found.unit,
            phase=found.phase,
            config=None if found.config is None else moved,
            claim=self._lookup.claim_name(found.claim),
            value=found.value,
            n=found.n or None,
            sources=found.sources if found.n else (),
        )


def finished(resolved: Resolved, lookup: StudyLookup, baseline: Config) -> str:
    """The marked text with the table of its numbers; single measurements are left to their own table."""
    return resolved.marked.replace(PROVENANCE, provenance_table(resolved, _Named(lookup, baseline)))


def render(
    markdown: str, assets: Mapping[str, bytes], style: str, services: Services
) -> tuple[dict[str, str], int, tuple[str, ...]]:
    """Every format that can be made here of marked text: (suffix -> blob, pages of the PDF, notes)."""
    files: dict[str, str] = {}
    notes: list[str] = []
    pages = 0
    for renderer in services.renderers:
        try:
            data = renderer.render(markdown, assets, style)
        except MissingExtra as missing:
            notes.append(f"no {renderer.suffix}: {missing}")
            continue
        files[renderer.suffix] = services.blobs.put(data)
        if renderer.suffix == "pdf":
            pages, found = _inspected(data)
            notes += found
    return files, pages, tuple(notes)


def _inspected(pdf: bytes) -> tuple[int, tuple[str, ...]]:
    from novum.manuscript.render.inspect import layout_notes, page_count

    return page_count(pdf), layout_notes(pdf)


def assets_of(figures: Sequence[Figure], services: Services) -> Mapping[str, bytes]:
    """What a renderer needs beside the text: each figure by its path, and the bibliography."""
    drawn = {figure_path(f): _file(f, services.blobs) for f in figures}
    return {**drawn, BIBLIOGRAPHY: services.literature.bibtex().encode()}


def _file(figure: Figure, blobs: Blobs) -> bytes:
    suffix = figure_path(figure).rsplit(".", 1)[-1]
    return blobs.get(figure.files[suffix])
