# ruff: noqa: E501 (a sentence of prose stands on one line)
"""How a search over programs went, and what the edited program is: the machine's own account, for the paper.

It takes the place of what the systematic scientist says of its designs and of its response model, wherever
that would not be true. A model's plan of an edit is quoted as its words; the edit itself stands in the
appendix as a difference to the original, so that a reader can see what was compared.
"""

from collections.abc import Iterator, Sequence

from novum import patches
from novum.evidence.catalogue import Catalogue
from novum.protocols import Services
from novum.records import Domain, Figure, Node
from novum.scientists.language.authors import models_in
from novum.scientists.language.quoting import quotable, sentences
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.searching import failures, judged, model, selected
from novum.scientists.systematic.compose.wording import listing, paragraph, paragraphs
from novum.search.tree import TUNE_EDIT
from novum.state import State
from novum.steps.pinned import pinned_head

EXPLORATION, PROTOCOL = "\n## Exploration and selection\n", "\n## Registered protocol\n"
APPENDIX = "\n# The difference of the edited program to the original\n"
LONGEST = 24_000  # characters of a difference that is printed


def explained(source: str, paper: Paper, services: Services) -> str:
    """The machine's paper with a true account of exploration, and with the edited program if one is compared."""
    view = paper.view
    if view.made or view.abandoned:
        begin, end = source.find(EXPLORATION), source.find(PROTOCOL)
        if 0 <= begin < end:
            told = paragraphs(search(paper), *edited(paper, services))
            source = f"{source[:begin]}\n{told}\n{source[end:]}"
    elif planners := models_in(view, "register"):
        source = source.replace(model(paper), chosen_by(planners), 1)
    return source.rstrip("\n") + "\n" + difference(paper, services)


def paper_of(view: State, evidence: Catalogue, figures: Sequence[Figure], services: Services) -> Paper:
    """A study under its author's eyes, as the machine's sections want it."""
    head = pinned_head(services.log, "write")
    return Paper(view, evidence, figures, services.blobs, services.literature, head)


def chosen_by(planners: list[str]) -> str:
    """Who chose the comparisons, instead of the machine's response model."""
    named = listing([f"`{name}`" for name in planners])
    return (f"The comparisons below were planned by a model, {named}, which was shown explored means and no hidden score; "
            "having been picked after a look at the data, they count as exploratory until they are confirmed")  # fmt: skip


def search(paper: Paper) -> str:
    """The search over programs, without the numbers that the record does not keep as statistics."""
    view, domain = paper.view, paper.domain
    trials, runs = paper.m("trials", "int", "all", "explore"), paper.m("seeds_run", "int", phase="explore")
    named = listing([f"`{name}`" for name in models_in(view, "explore")]) or "a model"
    files = listing([f"`{path}`" for path in domain.programs[paper.protocol.program].editable])
    tuned = any(node.plan == TUNE_EDIT for node in view.nodes.values())
    return paragraphs(
        "## Exploration and selection",
        paragraph(
            f"Programs were explored by a tree search of {trials} trials and {runs} runs, which began with the program as the domain has it",
            f"Edits of {files} were written by {named}: drafts from the original, repairs of what failed, changes of what worked; the machine ran each of them and showed the model explored measurements and logs alone",
            "No edit could touch data, evaluator or any protected file, and whatever a program says of itself is no measurement",
            "The original and the edit in front were tuned alike, each at the same settings of the other factors" if tuned else "",
            "Attempts of which no program came count as tried, and the journal holds them with the reason" if view.abandoned else "",
            judged(paper), selected(paper), failures(paper),
        ),
    )  # fmt: skip


def edited(paper: Paper, services: Services) -> Iterator[str]:
    """What the registered edit is, in the words of whoever wrote it."""
    node = champion_of(paper.view)
    if node is None:
        return
    told = [s for ancestor in lineage(node, paper.view) for s in sentences(ancestor.plan)]
    kept = quotable(list(dict.fromkeys(told)), paper.view, services)
    files = listing([f"`{path}`" for path in changed(node, paper.domain)])
    yield "### The edited program"
    yield paragraph(
        f"The program that is compared with the original differs from it in {files}; the difference is printed in the appendix",
        "Its versions, from the first draft on, were described by the model that wrote them as follows; these are its words and no evidence" if kept else
        "What the model that wrote it says of its versions is in the journal, since nothing on record carries it",
    )  # fmt: skip
    if kept:
        yield "\n>\n".join(f"> {sentence}" for sentence in kept)


def difference(paper: Paper, services: Services) -> str:
    """An appendix with the difference of the registered edit to the original program."""
    node = champion_of(paper.view)
    if node is None:
        return ""
    own, paths = paper.domain.workspace(), changed(node, paper.domain)
    before, after = (
        {path: services.blobs.get(files[path]).decode("utf-8", "replace") for path in paths if path in files}
        for files in (own, node.workspace)
    )
    text = patches.diff(before, after)
    shown = text if len(text) <= LONGEST and "```" not in text else ""
    listed = f"```diff\n{shown.rstrip()}\n```" if shown else (
        "The difference is too long to be printed, or holds marks of its own; the study's folder has it with the node."
    )  # fmt: skip
    return paragraphs(APPENDIX, listed) + "\n"


def champion_of(view: State) -> Node | None:
    """The node of the registered edit, if there is one."""
    registered = list(view.protocol.programs.values()) if view.protocol else []
    return next((node for node in view.nodes.values() if registered and node.workspace == registered[0]
                 and node.plan != "registered arm"), None)  # fmt: skip


def lineage(node: Node, view: State) -> list[Node]:
    """A written node and those it came of, the first draft first."""
    found, at = [node], node
    while at.parents and (parent := view.nodes[at.parents[0]]).id in view.made.values():
        found.insert(0, parent)
        at = parent
    return found


def changed(node: Node, domain: Domain) -> list[str]:
    """The files of a node that are not the domain's own."""
    own = domain.workspace()
    return sorted(path for path, sha in node.workspace.items() if own.get(path) != sha)
