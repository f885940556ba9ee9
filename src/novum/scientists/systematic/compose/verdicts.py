# ruff: noqa: E501 (a sentence of prose stands on one line)
"""The table of verdicts, and whether confirmation went as planned."""

from novum.scientists.systematic.compose.claim import Claim
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.wording import (
    paragraph,
    paragraphs,
    units,
)


def verdicts(paper: Paper) -> str:
    forest = paper.figure("forest")
    intro = paper.say(
        "table",
        "Table 4 gives every registered claim with its estimate, adjusted interval and verdict",
        "The outcome of confirmation is in Table 4, one row to a claim",
        "Table 4 sets the estimates of confirmation beside their intervals and verdicts",
        "How the registered claims fared is summed up in Table 4",
        "Estimates, intervals and verdicts of all registered claims stand in Table 4",
    )
    drawn = "" if forest is None else paper.say(
        "forest",
        f"{paper.see(forest)} draws the same intervals against their margins",
        f"The intervals are drawn in {paper.see(forest)}, where the shaded side is the one that supports a claim",
        f"In {paper.see(forest)} each interval can be held against its margin",
        f"{paper.see(forest)} shows what part of each interval, if any, clears the margin",
        f"Against the margins, the same intervals appear in {paper.see(forest)}",
    )  # fmt: skip
    return paragraphs("## Verdicts", paragraph(intro, drawn, conduct(paper)), verdict_table(paper), paper.place(forest))


def conduct(paper: Paper) -> str:
    """Whether confirmation went as planned: runs, failures, interruptions."""
    runs, planned = paper.m("seeds_run", "int", phase="confirm"), paper.m("planned_runs", "int")
    failed = paper.value("trials", "failed", "confirm")
    if paper.value("seeds_run", phase="confirm") < paper.value("planned_runs"):
        done = paper.say(
            "conduct short",
            f"Of {planned} planned runs {runs} were made, so nothing may be read off them",
            f"Confirmation ended after {runs} of {planned} planned runs",
            f"Only {runs} of the {planned} planned runs exist",
            f"With {runs} runs out of {planned} planned, the sample is not the registered one",
            f"The registered {planned} runs were not completed; there are {runs}",
        )
    else:
        done = paper.say(
            "conduct",
            f"All {planned} planned confirmation runs were made",
            f"Confirmation ran to its planned end of {planned} runs",
            f"The planned {planned} runs of confirmation are all there",
            f"None of the {planned} planned confirmation runs is missing",
            f"Confirmation comprises {planned} runs, as planned",
        )
    if not failed:
        return done
    return done + "; " + paper.say(
        "conduct failed",
        f"{paper.m('trials', 'int', 'failed', 'confirm')} trials among them failed as a whole",
        f"{paper.m('trials', 'int', 'failed', 'confirm')} trials of these gave no valid run",
        f"failures took {paper.m('trials', 'int', 'failed', 'confirm')} whole trials",
        f"whole trials that failed number {paper.m('trials', 'int', 'failed', 'confirm')}",
        f"in {paper.m('trials', 'int', 'failed', 'confirm')} trials every run failed",
    )  # fmt: skip


FEW = 3  # claims whose checks are told one by one; of more, the table holds them


def verdict_table(paper: Paper) -> str:
    many = len(paper.claims) > FEW
    head = ["| claim | about | estimate | interval | level | p, adjusted | verdict |", "|:--|:--------|--:|:--|--:|--:|:--|"]
    if many:
        head = ["| claim | about | estimate | interval | level | p, adjusted | p, permuted | verdict |",
                "|:--|:--------|--:|:--|--:|--:|--:|:--|"]  # fmt: skip
    table = "\n".join([*head, *(_verdict_row(c, many) for c in paper.claims)])
    unit = units(paper.metric)
    permuted = ", and by permutation for each claim alone" if many else ""
    return (f"{table}\n\nTable: Confirmation: estimates{f' (in{unit})' if unit else ''}, intervals at the level adjusted over "
            f"the family, adjusted p-values at the margin{permuted}, verdicts. {{.wide}}")  # fmt: skip


def _verdict_row(claim: Claim, permuted: bool) -> str:
    cells = [claim.label, claim.about, *_numbers(claim), claim.verdict]
    if permuted:
        cells.insert(-1, claim.m("cross_check_p", "p") if claim.has("cross_check_p") else "–")
    return f"| {' | '.join(cells)} |"


def _numbers(claim: Claim) -> list[str]:
    """Estimate, interval, level and adjusted p-value, dashes where there was nothing to decide from."""
    if not claim.decided:
        return ["–"] * 4
    bounded = claim.has("claim_low") and claim.has("claim_high")
    ends = f"{claim.m('claim_low')} to {claim.m('claim_high')}" if bounded else "unbounded"
    p = claim.m("p_adjusted", "p") if claim.has("p_adjusted") else "–"
    return [claim.m("estimate"), ends, f"{claim.m('level', '.1f')} %", p]
