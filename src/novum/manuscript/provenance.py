"""The provenance appendix: what each number in the paper is, and what it was computed from."""

from collections.abc import Iterable, Sequence

from novum.manuscript.marks import mark
from novum.manuscript.references import PROVENANCE, Lookup, Resolved, StatisticLike, Used

SHOWN = 2
HEADER = ("| in the text | reference | what it is | n | computed from |", "|--:|:--|:--|--:|:--|")


def complete(resolved: Resolved, lookup: Lookup) -> str:
    """The marked text with the provenance table where the source says `{{provenance}}`."""
    table = provenance_table(resolved, lookup)
    return PROVENANCE.sub(lambda _: table, resolved.marked)


def provenance_table(resolved: Resolved, lookup: Lookup, *, where: str = "claims.json") -> str:
    """A Markdown table with one row per referenced statistic, in order of first appearance.

    A statistic written in several formats is listed once, with each text it became. `where` names the
    file that holds the folded lists in full. The id of each row is marked (`novum.manuscript.marks`).
    """
    rows = [_row(texts, found, where) for texts, found in _statistics(resolved.used, lookup)]
    return "\n".join([*HEADER, *rows]) if rows else "No number in this paper is a measurement."


def _statistics(used: Iterable[Used], lookup: Lookup) -> list[tuple[list[str], StatisticLike]]:
    texts: dict[str, list[str]] = {}
    for reference in used:
        if reference.kind == "m" and reference.text not in texts.setdefault(reference.id, []):
            texts[reference.id].append(reference.text)
    found = ((shown, lookup.statistic(id)) for id, shown in texts.items())
    return [(shown, statistic) for shown, statistic in found if statistic is not None]


def _row(texts: Sequence[str], found: StatisticLike, where: str) -> str:
    n = "" if found.n is None else str(found.n)
    id = mark("row", found.id, f"`{found.id}`")
    cells = ("; ".join(texts), id, describe(found), n, fold(found.sources, where))
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def describe(found: StatisticLike) -> str:
    """What a statistic is, in words: label, arm, phase, unit, claim."""
    arm = ", ".join(f"{k} = {v}" for k, v in sorted((found.config or {}).items()))
    phase = f"{found.phase} phase" if found.phase else ""
    claim = f"claim `{found.claim}`" if found.claim else ""
    unit = f"in {found.unit}" if found.unit else ""
    what = f"{found.label or found.kind} {unit}".strip()
    return "; ".join(part for part in (what, arm, phase, claim) if part)


def fold(sources: Sequence[str], where: str = "claims.json") -> str:
    """Source ids as they fit a cell: all of a few, else how many and the first of them."""
    if not sources:
        return "the study's record"
    names = ", ".join(f"`{s}`" for s in sources[:SHOWN])
    if len(sources) <= SHOWN:
        return names
    return f"{len(sources)} measurements: {names}, …; all in {where}"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
