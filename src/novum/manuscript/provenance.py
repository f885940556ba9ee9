"""The provenance appendix: what each number in the paper is, and what it was computed from.

Numbers of one claim, or of one arm, rest on the same measurements. So the table has a row to each of these
and lists its numbers there, each with the reference by which it can be looked up.
"""

from collections.abc import Iterable, Sequence

from novum.manuscript.marks import mark
from novum.manuscript.references import PROVENANCE, Lookup, Resolved, StatisticLike, Used

SHOWN = 2
HEADER = (
    "| of | its numbers in the text, each with its reference | computed from |",
    "|:--------|:--------------------------------|:----------|",
)
STUDY, RECORD = "the study", "the study's record"


def complete(resolved: Resolved, lookup: Lookup) -> str:
    """The marked text with the provenance table where the source says `{{provenance}}`."""
    table = provenance_table(resolved, lookup)
    return PROVENANCE.sub(lambda _: table, resolved.marked)


def provenance_table(resolved: Resolved, lookup: Lookup, *, where: str = "claims.json") -> str:
    """A Markdown table of the referenced statistics, by what they are of: first claims, then the rest.

    A statistic written in several formats is listed once, with each text it became. `where` names the
    file that holds the folded lists in full. The id of each statistic is marked (`novum.manuscript.marks`).
    """
    groups: dict[str, list[tuple[list[str], StatisticLike]]] = {}
    for texts, found in _statistics(resolved.used, lookup):
        groups.setdefault(subject(found), []).append((texts, found))
    claims = sorted((of for of, rows in groups.items() if rows[0][1].claim), key=lambda of: (len(of), of))
    rows = [_group(of, groups[of], where) for of in dict.fromkeys([*claims, *groups])]
    return "\n".join([*HEADER, *rows]) if rows else "No number in this paper is a measurement."


def _group(of: str, rows: Sequence[tuple[list[str], StatisticLike]], where: str) -> str:
    origins = dict.fromkeys(origin(found, where) for _, found in rows)
    measured = [o for o in origins if o != RECORD] or [RECORD]
    return _row(of, "; ".join(_entry(texts, found) for texts, found in rows), "; ".join(measured))


def _statistics(used: Iterable[Used], lookup: Lookup) -> list[tuple[list[str], StatisticLike]]:
    texts: dict[str, list[str]] = {}
    for reference in used:
        if reference.kind == "m" and reference.text not in texts.setdefault(reference.id, []):
            texts[reference.id].append(reference.text)
    found = ((shown, lookup.statistic(id)) for id, shown in texts.items())
    return [(shown, statistic) for shown, statistic in found if statistic is not None]


def subject(found: StatisticLike) -> str:
    """What a statistic is of: a claim, else an arm, else the study; with the phase it was measured in."""
    if found.claim:
        return found.claim
    phase = f" ({found.phase})" if found.phase else ""
    if found.config is None:
        return STUDY + phase
    arm = ", ".join(f"{name.replace('_', ' ')} {_level(v)}" for name, v in sorted(found.config.items()))
    return (arm or "baseline") + phase


def _level(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _entry(texts: Sequence[str], found: StatisticLike) -> str:
    what = found.label or found.kind
    told = not found.unit or found.unit in what.split() or (found.unit == "%" and "percent" in what)
    unit = "" if told else f" in {found.unit}"
    return f"{what}{unit} **{' or '.join(texts)}** {mark('row', found.id, f'`{found.id}`')}"


def origin(found: StatisticLike, where: str = "claims.json") -> str:
    """How many seeds and which measurements a statistic rests on."""
    seeds = "" if found.n is None else f"{found.n} seeds: "
    return seeds + fold(found.sources, where)


def fold(sources: Sequence[str], where: str = "claims.json") -> str:
    """Source ids as they fit a cell: a few, else how many there are and where they stand by reference."""
    if not sources:
        return RECORD
    if len(sources) <= SHOWN:
        return ", ".join(f"`{s}`" for s in sources)
    return f"{len(sources)} measurements, by reference in {where}"


def _row(*cells: str) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
