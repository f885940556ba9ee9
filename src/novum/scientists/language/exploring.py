# ruff: noqa: E501 (a sentence of prose stands on one line)
"""What a model's hand in exploration changes in the machine's paper: whose edits and whose comparisons these are."""

from collections.abc import Sequence

from novum.evidence.catalogue import Catalogue
from novum.protocols import Services
from novum.records import Figure, Node
from novum.scientists.language.authors import models_in
from novum.scientists.language.quoting import quotable, sentences
from novum.scientists.systematic.compose import programs
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.searching import model
from novum.scientists.systematic.compose.wording import listing
from novum.state import State
from novum.steps.pinned import pinned_head


def explained(source: str, paper: Paper, services: Services) -> str:
    """The machine's paper with a true account of who explored and who planned."""
    view = paper.view
    if view.made or view.abandoned:
        return programs.explained(source, view, paper.catalogue, paper.figures, services,
                                  writers=models_in(view, "explore") or ["a model"],
                                  quote=lambda nodes: quoted(nodes, view, services))  # fmt: skip
    if planners := models_in(view, "register"):
        return source.replace(model(paper), chosen_by(planners), 1)
    return source


def paper_of(view: State, evidence: Catalogue, figures: Sequence[Figure], services: Services) -> Paper:
    """A study under its author's eyes, as the machine's sections want it."""
    head = pinned_head(services.log, "write")
    return Paper(view, evidence, figures, services.blobs, services.literature, head)


def quoted(nodes: Sequence[Node], view: State, services: Services) -> list[str]:
    """Sentences of the plans of some versions that a paper may quote."""
    told = [s for node in nodes if node.operator != "tune" for s in sentences(node.plan)]
    return quotable(list(dict.fromkeys(told)), view, services)


def chosen_by(planners: list[str]) -> str:
    """Who chose the comparisons, instead of the machine's response model."""
    named = listing([f"`{name}`" for name in planners])
    return (f"The comparisons below were planned by a model, {named}, which was shown explored means and no hidden score; "
            "having been picked after a look at the data, they count as exploratory until they are confirmed")  # fmt: skip
