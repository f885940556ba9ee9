# ruff: noqa: E501 (a sentence of prose stands on one line)
"""How exploration and selection went, and what became of the ideas on the way."""

from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.wording import (
    paragraph,
    paragraphs,
)


def search(paper: Paper) -> str:
    trials, configs = paper.m("trials", "int", "all", "explore"), paper.m("configurations", "int", phase="explore")
    runs = paper.m("seeds_run", "int", phase="explore")
    explored = adaptive(paper, trials, configs, runs) if paper.adaptive else paper.say(
        "explored",
        f"Exploration spread {trials} trials over {configs} configurations by a space-filling design, {runs} runs in all, each trial on seeds of its own",
        f"The factors were explored together: {trials} trials over {configs} configurations, laid out so as to fill the space, came to {runs} runs",
        f"In exploration a design that spaces its points widely placed {trials} trials at {configs} configurations ({runs} runs)",
        f"Before anything was registered, {trials} exploratory trials visited {configs} configurations, {runs} runs altogether, without repeating a seed",
        f"A space-filling design of {configs} configurations, in {trials} trials and {runs} runs, served for exploration",
    )  # fmt: skip
    return paragraphs("## Exploration and selection", paragraph(explored, model(paper), judged(paper), selected(paper), failures(paper)))


def adaptive(paper: Paper, trials: str, configs: str, runs: str) -> str:
    return paper.say(
        "adaptive",
        f"Exploration made {trials} trials at {configs} configurations ({runs} runs); the first part followed a space-filling design, and later points were those that promised to tell most about the contrasts in question",
        f"The factors were explored together in {trials} trials at {configs} configurations, {runs} runs; points after the initial design were chosen by what earlier results left open",
        f"In exploration {trials} trials were placed at {configs} configurations ({runs} runs), by a design to begin with and afterwards by the expected information of a point",
        f"Before anything was registered, {trials} exploratory trials visited {configs} configurations, {runs} runs altogether, the later ones where the response model was unsure of what mattered",
        f"A design opened the exploration, and results steered it afterwards: {trials} trials, {configs} configurations, {runs} runs",
    )


def model(paper: Paper) -> str:
    looked = paper.m("exploratory_comparisons", "int")
    return paper.say(
        "model",
        f"A Bayesian linear model of these runs ranked {looked} candidate contrasts, and that number of looks is why none of them is evidence by itself",
        f"From it a response model ranked {looked} candidate contrasts; having been picked from so many, the ranks are no evidence",
        f"Its runs were summarised by a shrinking linear model, by which {looked} candidate contrasts were ranked and then set aside as evidence",
        f"A linear model with shrinkage put {looked} candidate contrasts into an order; the order served to choose and to nothing else",
        f"What it suggested was read off a linear response model that ranked {looked} candidate contrasts, interactions among them",
    )


def judged(paper: Paper) -> str:
    """What exploration made of the choice of the idea, which it did not undo."""
    if not paper.value("idea_place"):
        return ""
    place, ideas = paper.m("idea_place", "int"), paper.m("ideas", "int")
    return paper.say(
        "judged",
        f"As trials came in, ideas were judged again by what an answer could still be expected to teach; the question asked here ended at place {place} of {ideas}, and it was kept",
        f"The expected information of all {ideas} ideas was reckoned anew as results arrived; the chosen one, now at place {place}, was not exchanged for one that results had picked",
        f"With every quarter of the trials the {ideas} ideas were scored afresh for what they promised to teach, which put the question at hand at place {place} and did not change it",
        f"Expected information was brought up to date along the way; among {ideas} ideas the one pursued here closed at place {place} and had been settled on before the first result",
        f"The journal holds what became of the ranking of ideas meanwhile: of {ideas}, the one asked here finished at place {place} by expected information, and the choice stood",
    )


def selected(paper: Paper) -> str:
    if not paper.value("seeds_run", phase="select"):
        return ""
    runs, configs = paper.m("seeds_run", "int", phase="select"), paper.m("configurations", "int", phase="select")
    return paper.say(
        "selected",
        f"A hidden selection phase of {runs} runs then compared the foremost {configs} configurations on seeds that the search had not been scored on",
        f"The {configs} configurations in front were run again in a hidden selection phase, {runs} runs whose scores went to no proposer",
        f"Which of the {configs} leading configurations to keep was settled in a hidden selection phase of {runs} runs",
        f"Scores of the {configs} front-runners were not trusted; a hidden selection phase of {runs} runs took their place",
        f"To undo the flattery of having been picked, {configs} configurations went through a hidden selection phase of {runs} runs",
    )


def failures(paper: Paper) -> str:
    """Failed trials of the search. What the machine cut short is no trial: its count stands on page one."""
    failed = paper.value("trials", "failed", "explore")
    parts = []
    if failed == 1:
        parts.append(paper.say(
            "failed once",
            "One exploratory trial failed and is listed with the rest in the appendix",
            "A failure was kept: one exploratory trial gave no valid run, as the appendix shows",
            "The appendix also lists the one exploratory trial that failed",
            "One exploratory trial failed, counts as tried and appears in the appendix",
            "A single exploratory trial ended without a valid run and was not struck from the record",
        ))  # fmt: skip
    elif failed:
        parts.append(paper.say(
            "failed",
            f"{paper.m('trials', 'int', 'failed', 'explore')} of the exploratory trials failed and are listed with the rest in the appendix",
            f"Failures were kept: {paper.m('trials', 'int', 'failed', 'explore')} exploratory trials gave no valid run, as the appendix shows",
            f"The appendix also lists {paper.m('trials', 'int', 'failed', 'explore')} exploratory trials that failed",
            f"Exploratory trials that failed ({paper.m('trials', 'int', 'failed', 'explore')}) count as tried and appear in the appendix",
            f"As many as {paper.m('trials', 'int', 'failed', 'explore')} exploratory trials ended without a valid run; none was struck from the record",
        ))  # fmt: skip
    return ". ".join(parts)
