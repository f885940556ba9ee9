"""The systematic scientist's paper: prose composed from what the journal holds, without a language model.

Sections are small functions of a `Paper` that return Markdown. What a sentence says is chosen by content
(verdict, sign, size, kind of claim, what failed); how it is said, by the story the study has to tell and by
the study's hash. Numbers are never written, only pointed to (`novum.manuscript.references`).
"""

from collections.abc import Sequence

from novum.evidence.catalogue import Catalogue
from novum.protocols import Services
from novum.records import Figure
from novum.scientists.systematic.compose.abstract import abstract
from novum.scientists.systematic.compose.appendix import appendix, reproducibility
from novum.scientists.systematic.compose.discussion import discussion
from novum.scientists.systematic.compose.front import front_matter
from novum.scientists.systematic.compose.introduction import introduction
from novum.scientists.systematic.compose.method import method
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.results import results
from novum.scientists.systematic.compose.wording import paragraphs
from novum.state import State
from novum.steps.lookup import StudyLookup
from novum.steps.pinned import pinned_head

__all__ = ["compose"]


def compose(view: State, catalogue: Catalogue, figures: Sequence[Figure], services: Services) -> str:
    """The Markdown source of the paper, with front matter and references."""
    head = pinned_head(services.log, "write")
    paper = Paper(view, catalogue, figures, services.blobs, services.literature, head)
    lookup = StudyLookup(view, services.literature.entries())
    body = paragraphs(
        abstract(paper), introduction(paper, lookup), method(paper), results(paper), discussion(paper),
        reproducibility(paper), appendix(paper),
    )  # fmt: skip
    return f"{front_matter(paper)}\n\n{body}\n"
