# ruff: noqa: E501 (a sentence of prose stands on one line)
"""The verdict of novelty in the paper, and the works it rests on: which, what shows it, how the idea differs.

Titles and years come from the record of works; quoted words were found there when they were given. How an
idea differs is told in the judge's words. Of all these a cell shows what passes the checks of a manuscript.
"""

from collections.abc import Callable, Mapping

from novum.manuscript.checks import check, vocabulary
from novum.protocols import Services
from novum.records import Near
from novum.scientists.language.authors import models_in
from novum.scientists.language.quoting import MARKUP
from novum.scientists.systematic.compose.wording import listing, paragraph, paragraphs
from novum.state import State
from novum.steps.lookup import StudyLookup

TITLE = "# Novelty: the nearest works"
HEAD = "| work | title | words of it that come near | how the question differs |\n|:------|:----------|:----------|:----------|"
CAPTION = "Table: What the verdict of novelty rests on."
LONGEST = 300  # characters of a cell
VERDICTS = {
    "novel": "novel: these come near and leave it open",
    "known": "known: a work or study at hand has settled it",
    "not assessed": "not assessed: too little was at hand to tell",
}
LEFT_OUT = "(in the journal)"


def nearest_works(view: State, services: Services) -> str:
    """A section of the appendix; empty where no judge of novelty named anything."""
    idea = view.ideas.get(view.chosen)
    near, judges = view.nearest.get(view.chosen, ()), models_in(view, "ideate")
    if idea is None or not near or not judges or view.domain is None:
        return ""
    entries = services.literature.entries()
    lookup, words = StudyLookup(view, entries), vocabulary(view.domain)

    def passes(text: str) -> bool:
        return not check(f"{TITLE}\n\n{text}\n", lookup, words)

    rows = [row(one, entries.get(one.key, {}), passes) for one in near]
    lead = paragraph(
        f"The verdict on the question is {VERDICTS[idea.novelty]}",
        f"It was given by {listing([f'`{name}`' for name in judges])}, which was shown the works and studies at hand and searched nothing else",
        "The words of each work were looked up in what is on record of it; how the question differs is told in the judge's words, which are no evidence",
    )  # fmt: skip
    return paragraphs(TITLE, lead, "\n".join([HEAD, *rows]) + f"\n\n{CAPTION}")


def row(near: Near, entry: Mapping[str, str], passes: Callable[[str], bool]) -> str:
    """A row with as many of its cells as pass the checks."""
    work = f"@{near.key}" if entry else f"`{near.key}`"
    year = f" (published in {entry['year']})" if entry.get("year", "").isdecimal() else ""
    title = _quoted(entry.get("title", ""))
    cells = [f"{title}{year}" if title else "", _quoted(near.evidence), _plain(near.difference)]
    shown = [cell if cell and passes(f"{HEAD}\n| {work} | {cell} | – | – |") else LEFT_OUT if cell else "–"
             for cell in cells]  # fmt: skip
    return f"| {' | '.join([work, *shown])} |"


def _quoted(text: str) -> str:
    return f"“{plain}”" if (plain := _plain(text)) else ""


def _plain(text: str) -> str:
    """A text without marks that a manuscript would read, at most so long."""
    plain = " ".join(MARKUP.sub(" ", text).split())
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST].rsplit(' ', 1)[0]} …"
