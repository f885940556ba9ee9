# ruff: noqa: E501 (a sentence of prose stands on one line)
"""How a search over programs went, and what the edited program is: the machine's own account, for the paper.

It takes the place of what the systematic scientist says of its designs and of its response model, wherever
that would not be true. A model's plan of an edit is quoted as its words; the edit itself stands in the
appendix as a difference to the original, so that a reader can see what was compared.
"""

from collections.abc import Callable, Iterator, Sequence

from novum import patches
from novum.evidence.catalogue import Catalogue
from novum.protocols import Services
from novum.records import Domain, Figure, Node
from novum.scientists.systematic.compose.introduction import choice, novelty
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.searching import failures, judged, model, selected
from novum.scientists.systematic.compose.wording import listing, paragraph, paragraphs
from novum.search.programs.stages import tuned_alike
from novum.state import State
from novum.steps.pinned import pinned_head

EXPLORATION, PROTOCOL = "\n## Exploration and selection\n", "\n## Registered protocol\n"
APPENDIX = "\n# The difference of the edited program to the original\n"
LONGEST = 24_000  # characters of a difference that is printed
WORDS = {
    "draft": "a draft from the original",
    "debug": "a repair",
    "improve": "a change of what worked",
    "tune": "numbers moved",
    "ablate": "a change taken back",
    "cross": "programs crossed",
}
"""What an operator does, where nobody's words tell it."""

QUESTIONS = "questions from the domain's declared factors"
QUESTION = "the question from the search that was named, edits of the program by operators without a model"
"""Of page one: the former stands there, the latter is true of a search over programs."""

ROUNDS = "It went in rounds, after each of which those in front were run on further seeds, all of them on the same"
TUNED_ALIKE = ("The original was tuned before anything was edited, and the edit in front at the end, each at the same settings of "
               "the other factors")  # fmt: skip

Quote = Callable[[Sequence[Node]], Sequence[str]]
"""What may be quoted of the words in which the versions of a program were described."""


def explained(
    source: str,
    view: State,
    evidence: Catalogue,
    figures: Sequence[Figure],
    services: Services,
    *,
    writers: Sequence[str] = (),
    quote: Quote = lambda nodes: (),
) -> str:
    """The machine's paper with a true account of a search over programs, and the edited program if one is compared.

    `writers` names the models that wrote edits; without any they are the machine's operators'.
    """
    if not (view.made or view.abandoned):
        return source
    paper = Paper(view, evidence, figures, services.blobs, services.literature, pinned_head(services.log, "write"))
    begin, end = source.find(EXPLORATION), source.find(PROTOCOL)
    if 0 <= begin < end:
        told = paragraphs(search(paper, writers), *edited(paper, writers, quote))
        source = f"{source[:begin]}\n{told}\n{source[end:]}"
    if not writers:
        source = source.replace(choice(paper), chosen(paper), 1).replace(QUESTIONS, QUESTION, 1)
    return source.replace(model(paper), looked(paper)).rstrip("\n") + "\n" + difference(paper, services)


def chosen(paper: Paper) -> str:
    """How the question of a search without models came to be: it was named with the search."""
    return paragraph(
        f"The question came with the search `{paper.settings.policy}` that the study was begun with, which works on the program and knows no other question",
        novelty(paper),
    )


def looked(paper: Paper) -> str:
    """The number of looks, without the response model that made none of them."""
    return f"{paper.m('exploratory_comparisons', 'int')} programs were looked at before the comparison was registered, and that number of looks is why none of them is evidence by itself"


def search(paper: Paper, writers: Sequence[str]) -> str:
    """The search over programs, without the numbers that the record does not keep as statistics."""
    view, domain = paper.view, paper.domain
    trials, runs = paper.m("trials", "int", "all", "explore"), paper.m("seeds_run", "int", phase="explore")
    files = listing([f"`{path}`" for path in domain.programs[paper.protocol.program].editable])
    return paragraphs(
        "## Exploration and selection",
        paragraph(
            f"Programs were explored by the search {listing(policies(view))} in {trials} trials and {runs} runs, which began with the program as the domain has it",
            by_models(files, writers, view) if writers else by_operators(files, view),
            whom(view) if writers else "",
            TUNED_ALIKE if tuned_alike(view, domain) else "",
            "No edit could touch data, evaluator or any protected file, and whatever a program says of itself is no measurement",
            "Attempts of which no program came count as tried, and the journal holds them with the reason" if view.abandoned else "",
            judged(paper), selected(paper), ROUNDS if in_rounds(view) else "", failures(paper),
        ),
    )  # fmt: skip


def in_rounds(view: State) -> bool:
    """Whether some candidates of the hidden phase went on to further seeds."""
    nodes = [t.node for t in view.trials_in("select")]
    return len(set(nodes)) < len(nodes)


def policies(view: State) -> list[str]:
    """The searches that gave commissions, as code; a portfolio is one."""
    return [f"`{name}`" for name in dict.fromkeys(c.policy.partition("/")[0] for c in view.commissions.values()) if name]


def by_models(files: str, writers: Sequence[str], view: State) -> str:
    named = listing([f"`{name}`" for name in writers])
    tuned = any(view.nodes[node].operator == "tune" for node in view.made.values())
    moved = "; numbers were also moved by an operator without a model" if tuned else ""
    return (f"Edits of {files} were written by {named}: drafts from the original, repairs of what failed, changes of what worked{moved}; "
            "the machine ran each of them and showed the model explored measurements and logs alone")  # fmt: skip


def whom(view: State) -> str:
    """How it was chosen which model writes a version; empty where the settings gave the order."""
    if not view.choices:
        return ""
    priced = all(choice.priced for choice in view.choices.values())
    cost = "for a trial and for the money that it took" if priced else "for a trial alone, since not every price was known"
    return ("Which model was asked for a version was drawn by Thompson sampling with costs, after each model had been asked: the more its versions "
            f"had gained over what they were made of, for their cost ({cost}), the likelier it was; the journal has the odds of each choice")  # fmt: skip


def by_operators(files: str, view: State) -> str:
    used = dict.fromkeys(c.operator for c in view.commissions.values())
    return (f"No model took part: edits of {files} were made by operators that read the program's syntax tree, "
            f"each one of the following: {listing([WORDS[name] for name in used])}")  # fmt: skip


def edited(paper: Paper, writers: Sequence[str], quote: Quote) -> Iterator[str]:
    """What the registered edit is, in the words of whoever wrote it."""
    node = champion_of(paper.view)
    if node is None:
        return
    line = lineage(node, paper.view)
    files = listing([f"`{path}`" for path in changed(node, paper.domain)])
    yield "### The edited program"
    differs = f"The program that is compared with the original differs from it in {files}; the difference is printed in the appendix"
    if not writers:
        steps = listing(list(dict.fromkeys(WORDS[ancestor.operator] for ancestor in line)))
        yield paragraph(differs, f"It was made in these ways, in the order of their first use: {steps}")
        return
    kept = quote(line)
    yield paragraph(
        differs,
        "Its versions, from the first draft on, were described by the model that wrote them as follows, as far as its sentences can be printed (one that states a number of its own stands in the journal alone); these are its words and no evidence" if kept else
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
