# ruff: noqa: E501 (a sentence of prose stands on one line)
"""Designs whose seeds share out fractions: what a paper says in place of "all arms on all seeds"."""

from novum.evidence.contrasts import fractions
from novum.records import Config, Metric
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.wording import factor_title, metric_title, paragraph, units


def shared_out(paper: Paper) -> bool:
    """Whether seeds take turns at fractions of a design."""
    return paper.protocol.fractions > 1


def method(paper: Paper) -> str:
    n, each = paper.m("planned_n", "int"), paper.m("arms_of_seed", "int")
    runs = paper.m("seeds_run", "int", phase="explore")
    return paper.say(
        "abstract method in fractions",
        f"An exploration of {runs} runs chose what to compare, which was frozen under a hash and tested on {n} fresh seeds, each at {each} points of a factorial design",
        f"The protocol was frozen after {runs} exploratory runs and then carried out on {n} seeds that no earlier stage had seen, with {each} points of a factorial design on each",
        f"To find out, {n} new seeds were run at {each} points each of a factorial design, under a protocol fixed beforehand and informed by {runs} exploratory runs",
        f"After {runs} exploratory runs a protocol named a factorial design and {n} seeds, each to be run at {each} of its points, and all drawn only once it was frozen",
        f"We froze a protocol of {n} seeds, each at {each} points of a factorial design, on the strength of {runs} exploratory runs, then drew the seeds and ran it",
    )


def sample(paper: Paper, n: str, margin: str, bound: str) -> str:
    """`margin` and `bound` with their unit."""
    each = paper.m("arms_of_seed", "int")
    return paper.say(
        "sample in fractions",
        f"Planned were {n} seeds, each of which is run at {each} points, in view of the margin of {margin} and an upper bound of {bound} on the spread between seeds, never of an estimated effect",
        f"The plan of {n} seeds, at {each} points each, looks to the margin ({margin}) and to a bound on the spread between seeds of {bound}; estimates of effects had no part in it",
        f"With a margin of {margin} and at most {bound} of spread between seeds, as exploration bounds it, {n} seeds of {each} runs each were planned",
        f"Sample size was set by what would matter, {margin}, by a bound of {bound} for the spread between seeds, and by the budget: {n} seeds with {each} runs of each",
        f"We planned {n} seeds with {each} runs of each, given {bound} as the bound on the spread between seeds and {margin} as the margin",
    )


def averaging(paper: Paper) -> str:
    cite = paper.cite("box2005statistics")
    count, each = paper.m("fractions", "int"), paper.m("arms_of_seed", "int")
    return paper.say(
        "averaging in fractions",
        f"The arms are the points of a two-level factorial design in the factors under test{cite}, in {count} fractions of {each} points, at which the seeds take turns. Within a seed every run informs every claim, clear of two-way interactions of the others; over the fractions their three-way interactions cancel as well. An effect is an average over the settings of the other factors",
        f"Claims share their arms, a two-level factorial design{cite} in {count} fractions of {each} points. A seed runs one fraction, the next seed another, so that two-way interactions are kept out of every seed and three-way ones out of their average. What is compared is the average over all points with a level and over all those with the other",
        f"Instead of arms for each claim there is a two-level factorial design{cite}, in which the levels of every factor are balanced against those of the others. It is parted into {count} fractions of {each} points, each of resolution IV; seeds take them in turn, which averages three-way interactions away. Effects are averages over the design and hold on average, not at every setting",
        f"By a two-level factorial design{cite} all runs serve all claims. Seeds share out its {count} fractions ({each} points each), since within a single one a three-way interaction would look like an effect of another factor. An effect is the difference between points that have a factor changed and those that do not, averaged over whatever else changes between them",
        f"A balanced two-level factorial design{cite} supplies the arms: {count} fractions of {each} points, one to a seed, in turn. The effect of a factor is averaged over the settings of the rest, which keeps it apart from their effects, from two-way interactions and, over the fractions, from three-way ones",
    )


def pairing(paper: Paper, over: str, are: str, come: str) -> str:
    return paper.say(
        "paired in fractions",
        f"All runs of a seed share it, and a seed renews {over}; differences are taken within a seed",
        f"Comparisons are paired: a seed fixes {over} for all points that it runs",
        f"As {over} {come} with the seed, running a whole fraction on it makes each seed its own control",
        f"One seed serves a whole fraction, so that {over} {are} the same within a comparison and new in the next",
        f"Within a seed the points share {over} and are compared with each other; between seeds everything is drawn anew",
    )


def watched(paper: Paper) -> str:
    return paper.say(
        "base on every seed",
        "The baseline is run on every seed besides, since a program that does not tell seeds apart shows in an arm of many of them alone",
        "Besides, every seed runs the baseline: equal artefacts under different seeds would show there",
        "In addition the baseline has all seeds, so that outputs which repeat under different seeds are found",
        "The baseline alone has every seed, by which a program that takes different seeds for one would be noticed",
        "All seeds run the baseline as well; were its artefacts to repeat, seeds would not count as different",
    )


def aliasing(paper: Paper) -> str:
    """What is left of joint effects where fractions cannot be run equally often, or where they are no whole."""
    if paper.protocol.seeds_per_arm % paper.protocol.fractions == 0:
        return ""
    return paper.say(
        "limit fractions",
        "The number of seeds is no multiple of that of the fractions, so that a small part of three-way interactions may be left in the effect of another factor; intervals cover it as spread between seeds",
        "Not all fractions of the design got the same number of seeds, and three-way interactions cancel up to that remainder, which adds to the spread between seeds",
        "Three-way interactions cancel over the fractions save for a remainder, as the seeds cannot be shared out evenly",
        "As seeds could not be shared out evenly among the fractions, traces of three-way interactions may remain in an estimate",
        "An uneven share of seeds among fractions leaves a trace of three-way interactions in the estimates",
    )


# --- tables -------------------------------------------------------------------------------------------


def sides_table(paper: Paper, metrics: list[Metric], caption: str) -> str:
    """Rows are the two levels of each factor under test, columns metrics: the mean over its points."""
    head = "| factor | level | " + " | ".join(metric_title(m) for m in metrics) + " |"
    rows = [
        f"| {factor_title(claim.domain.factor(claim.moved[0]))} | {claim.level(arm, claim.moved[0])} | "
        + " | ".join(claim.side(kind, m) for m in metrics) + " |"
        for claim in paper.claims
        for arm, kind in zip(claim.arms, ("mean_before", "mean_after"), strict=True)
    ]  # fmt: skip
    return "\n".join([head, "|:-----|:---|" + "--:|" * len(metrics), *rows]) + f"\n\nTable: {caption}"


def averaged(paper: Paper) -> bool:
    """Whether all claims are averages over a design, so that levels tell more than arms."""
    return bool(paper.claims) and all(claim.averaged for claim in paper.claims)


def design(paper: Paper) -> str:
    """The points of the first fraction as a table of levels, and what the others turn."""
    contrast, names = paper.lead.contrast, [c.moved[0] for c in paper.claims]
    titles = [factor_title(paper.domain.factor(name)) for name in names]
    head = ["| | " + " | ".join(titles) + " |", "|:-|" + ":-:|" * len(names)]
    first = fractions(contrast)[0]
    rows = [
        f"| {chr(97 + k)} | " + " | ".join(_sign(paper, point, n) for n in names) + " |"
        for k, point in enumerate(first)
    ]
    caption = "The first fraction of the design: a minus is the baseline, a plus the other level under test."
    return "\n".join([*head, *rows]) + f"\n\nTable: {caption}\n\n" + paragraph(_turned(paper))


def _sign(paper: Paper, point: Config, name: str) -> str:
    return "−" if point[name] == paper.domain.baseline[name] else "+"


def _turned(paper: Paper) -> str:
    said = [
        " and ".join(factor_title(paper.domain.factor(n)) for n in names)
        for names in paper.lead.contrast.turned
        if names
    ]
    return f"Further fractions have the signs of these factors turned at every point: {'; '.join(said)}. The seeds run the fractions in this order, over and over. What every arm gave stands in the list of trials"


def arms_lead(paper: Paper) -> str:
    n, each = paper.m("planned_n", "int"), paper.m("arms_of_seed", "int")
    return paragraph(paper.say(
        "arms in fractions",
        f"What the points with either level of a factor gave, averaged over {n} planned seeds with {each} points each; for description, as the registered comparison is the difference",
        f"For description, the mean over the points with either level ({n} seeds planned, {each} points of each)",
        f"Either level of each factor as it came out over {n} planned seeds of {each} points",
        f"Averages over all points with a level, from {n} planned seeds of {each} points each",
        f"The levels one by one, averaged over {n} planned seeds and their {each} points",
    ))  # fmt: skip


def arm_table(paper: Paper) -> str:
    unit = f", in{units(paper.metric)}" if paper.metric.unit else ""
    caption = f"Means over the points with a level in confirmation: {metric_title(paper.metric)}{unit}."
    return sides_table(paper, [paper.metric], caption) + "\n\n" + design(paper)
