# ruff: noqa: E501 (a sentence of prose stands on one line)
"""The results: exploration as such, the table of verdicts, each claim by itself, the literature, the rest."""

from novum.scientists.systematic.compose.claim_section import claim_section
from novum.scientists.systematic.compose.compared import literature
from novum.scientists.systematic.compose.joint import dependence
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.secondary import secondary
from novum.scientists.systematic.compose.undecided import TOGETHER, stays_open, undecided
from novum.scientists.systematic.compose.verdicts import FEW, verdicts
from novum.scientists.systematic.compose.wording import (
    paragraph,
    paragraphs,
    quantity,
    units,
)


def results(paper: Paper) -> str:
    return paragraphs(
        "# Results", exploration(paper), verdicts(paper), *_claims(paper),
        dependence(paper), literature(paper), secondary(paper),
    )  # fmt: skip


def _claims(paper: Paper) -> list[str]:
    """A section to a claim; of a large family, those left open with nothing else to tell share one."""
    open_ = [c for c in paper.claims if stays_open(paper, c)] if len(paper.claims) > FEW else []
    told = [claim_section(paper, c) for c in paper.claims if len(open_) < TOGETHER or c not in open_]
    return [*told, undecided(paper, open_)] if len(open_) >= TOGETHER else told


def exploration(paper: Paper) -> str:
    figure = paper.figure("map")
    shown = "" if figure is None else paper.say(
        "map",
        f"{paper.see(figure)} shows every explored configuration against each factor",
        f"What exploration saw is drawn in {paper.see(figure)}, factor by factor",
        f"The explored configurations stand in {paper.see(figure)}, one panel to a factor",
        f"A panel of {paper.see(figure)} takes the explored configurations along one factor",
        f"See {paper.see(figure)} for the response along each factor during exploration",
    )  # fmt: skip
    label = paper.say(
        "exploratory",
        f"Everything in this subsection is exploratory: {paper.m('exploratory_comparisons', 'int')} contrasts were looked at, so some would stand out by chance alone",
        f"These observations are exploratory and come from {paper.m('exploratory_comparisons', 'int')} contrasts; they suggested predictions and support none",
        f"Exploratory as they are, and picked out of {paper.m('exploratory_comparisons', 'int')} contrasts, these values prove nothing",
        f"All of these are exploratory values, reported for completeness, out of {paper.m('exploratory_comparisons', 'int')} contrasts that were examined",
        f"Exploratory values such as this, with {paper.m('exploratory_comparisons', 'int')} contrasts in view, enter the protocol as predictions only",
    )
    return paragraphs("## What exploration suggested", paragraph(shown, front_runner(paper), label))


def front_runner(paper: Paper) -> str:
    """The configuration that exploration left in front, flattered by having been picked."""
    found = paper.catalogue.find(kind="explored_best")
    if not found or found[0].config is None or paper.story == "censored":
        return _nothing_seen(paper)
    best = found[0]
    value, where = f"{{{{m:{best.id}|,.0f}}}}" if abs(float(best.value or 0)) >= 100 else f"{{{{m:{best.id}}}}}", paper.config(best.config, "the baseline itself")
    unit = units(paper.metric)
    return paper.say(
        "front",
        f"In exploration the configuration in front ({where}) came to {value}{unit} on average over its seeds, a value that flatters, since it was picked",
        f"The exploratory front-runner was {where}, at {value}{unit}, which is biased by its selection",
        f"Of what was explored, {where} came out in front with {value}{unit}; selection makes such a value too good",
        f"Exploration left {where} in front, with {value}{unit} before any correction for having been picked",
        f"The foremost explored configuration, {where}, averaged {value}{unit} and owes some of that to luck",
    )


def _nothing_seen(paper: Paper) -> str:
    return paper.say(
        "nothing",
        f"Exploration gave little to go by in {quantity(paper.metric)}",
        f"In {quantity(paper.metric)} exploration found hardly anything to rank",
        f"There was not much to choose between the explored configurations in {quantity(paper.metric)}",
        f"As far as {quantity(paper.metric)} goes, explored configurations could hardly be told apart",
        f"The explored configurations offered no clear order in {quantity(paper.metric)}",
    )
