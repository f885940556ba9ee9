# ruff: noqa: E501 (a sentence of prose stands on one line)
"""The results: exploration as such, the table of verdicts, each claim by itself, the literature, the rest."""

from novum.records import Metric
from novum.scientists.systematic.compose.claim import Claim
from novum.scientists.systematic.compose.effects import bounded, headline, means, title_of
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.wording import (
    event,
    listing,
    metric_title,
    paragraph,
    paragraphs,
    quantity,
    units,
)


def results(paper: Paper) -> str:
    return paragraphs(
        "# Results", exploration(paper), verdicts(paper), *(claim_section(paper, c) for c in paper.claims),
        literature(paper), secondary(paper),
    )  # fmt: skip


# --- exploration --------------------------------------------------------------------------------------


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


# --- verdicts -----------------------------------------------------------------------------------------


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


# --- one claim ----------------------------------------------------------------------------------------


def claim_section(paper: Paper, claim: Claim) -> str:
    figures = [f for f in [paper.figure("dose", claim.label)] if f]
    if claim is paper.lead:
        figures += [f for f in map(paper.figure, ("seeds", "events", "curves")) if f]
    body = [headline(paper, claim, claim.number - 1), meaning(paper, claim), *_of_arms(paper, claim), check(paper, claim),
            losses(paper, claim), pictures(paper, claim, figures)]  # fmt: skip
    return paragraphs(f"### {title_of(claim)}", paragraph(*body), *(paper.place(f) for f in figures))


def _of_arms(paper: Paper, claim: Claim) -> list[str]:
    if not claim.decided or claim.none_reached:
        return []
    return [means(paper, claim), bounded(paper, claim), relative(paper, claim), reached(paper, claim)]


def meaning(paper: Paper, claim: Claim) -> str:
    """What the verdict does and does not say; told once, and again only where the verdict is another."""
    before = [c.verdict_word for c in paper.claims[: claim.number - 1]]
    if not claim.decided or claim.none_reached or claim.verdict_word in before:
        return ""
    margin = f"{claim.margin}{units(claim.metric)}"
    if claim.verdict_word == "inconclusive":
        return _open_meaning(paper, claim, margin)
    if claim.verdict_word == "refuted" and not claim.reversed and claim.kind != "same":
        return paper.say(
            f"meaning {claim.id}",
            f"That does not show the absence of any effect, only that one as great as {margin} is ruled out",
            f"Below {margin} an effect remains possible; what is refuted is one that would have mattered",
            f"It is the size that is refuted, {margin} or beyond, not every conceivable influence",
            f"Effects short of {margin} are not excluded by it",
            f"An effect short of {margin} is compatible with these data",
        )
    if claim.reversed:
        return paper.say(
            f"meaning {claim.id}",
            "The interval excludes zero as well as the margin, so it is the sign of the prediction that was wrong",
            "It is the sign that was mistaken, for zero is outside the interval too",
            "As zero is excluded along with the margin, the sign of the effect is settled, and it is the other one",
            "Not only is the predicted size ruled out; the sign itself is opposite",
            "Zero is excluded too, and what remains has the opposite sign",
        )
    return paper.say(
        f"meaning {claim.id}",
        f"The whole interval had to lie beyond {margin} for this verdict, not merely on one side of zero"
        if claim.kind != "same"
        else "The interval leaves no room for an effect that would matter",
        f"The margin of {margin} was fixed as the smallest effect of interest before any of these runs",
        f"By the registered rule it is the near end of the interval that decides, measured against {margin}",
        f"Holding the near end of the interval against {margin} is all that the rule asks",
        f"The margin, {margin}, is the yardstick that was registered for this claim",
    )


def _open_meaning(paper: Paper, claim: Claim, margin: str) -> str:
    if claim.excludes_zero:
        return paper.say(
            f"meaning {claim.id}",
            f"Zero lies outside the interval, so that some effect is likely; whether it comes to {margin} is what stays open",
            f"An effect in the observed direction is indicated, since zero is excluded, but not that it amounts to {margin}",
            f"The interval leaves zero out and {margin} in: some effect, of a size that may or may not be of interest",
            f"While zero is excluded, {margin} is not, and the claim was about the latter",
            f"That zero is excluded does not help, for the claim asked for {margin}",
        )
    return paper.say(
        f"meaning {claim.id}",
        f"Neither the absence of an effect nor one of {margin} can be excluded",
        f"The data rule out neither zero nor {margin}",
        f"Both zero and {margin} are within what the data allow",
        f"From nothing at all to {margin}, every value remains possible",
        f"An effect of {margin} is compatible with the interval, and so is none",
    )


def relative(paper: Paper, claim: Claim) -> str:
    """The size in percent of the first arm, where that is defined and the verdict is not open."""
    if not claim.has("relative_percent") or claim.verdict_word == "inconclusive" or claim.silent_arms:
        return ""
    percent, word = claim.m("relative_percent", ".0f"), claim.centre_word
    name = "the baseline" if claim.kind == "best" else claim.setting(claim.arms[0])
    return paper.say(
        f"relative {claim.id}",
        f"Relative to the {word} with {name}, this is a change of {percent} %",
        f"The difference amounts to {percent} % of the {word} found with {name}",
        f"In proportion to the {word} with {name} the change is {percent} %",
        f"Expressed as a share of the {word} with {name}, the difference makes {percent} %",
        f"Taken against the {word} with {name}, the change comes to {percent} %",
        f"The difference is {percent} % of the {word} with {name}",
        f"Of the {word} with {name}, the difference makes up {percent} %",
        f"As a fraction of what {name} gave, the change is {percent} %",
        f"The change is {percent} % of the {word} with {name}",
        f"By comparison with the {word} for {name}, the change makes {percent} %",
        turn=claim.number - 1,
    )


def reached(paper: Paper, claim: Claim) -> str:
    """How many runs had their event, where some did not."""
    if claim.metric.kind != "time_to_event" or not claim.censored or claim.averaged:
        return ""
    parts = [f"{claim.arm(arm, 'n_reached', 'int')} of {claim.arm(arm, 'n_planned', 'int')} with "
             f"{'the baseline' if claim.kind == 'best' and arm == claim.arms[0] else claim.setting(arm, claim.factors)}"
             for arm in claim.arms]  # fmt: skip
    verb = event(claim.metric)
    return paper.say(
        f"reached {claim.id}",
        f"The runs that did {verb} by the horizon were {listing(parts)}",
        f"By the horizon, {listing(parts)} were seen to {verb}",
        f"Counting those that managed to {verb}, there were {listing(parts)}",
        f"As for runs that came to {verb}, we count {listing(parts)}",
        f"Within the horizon {listing(parts)} did {verb}",
    )


def check(paper: Paper, claim: Claim) -> str:
    """The cross-check by permutation, and the log-rank test for times."""
    d = claim.decision
    if d is None or not claim.has("cross_check_p") or claim.none_reached:
        return ""
    p, own = claim.m("cross_check_p", "p="), claim.m("p_value", "p=")
    if d.agrees and claim.number > 1:
        return _short_check(paper, claim, p) if len(paper.claims) <= FEW else ""
    agree = paper.say(
        f"check {claim.id}",
        f"The permutation test gives p {p} at the same boundary, where the interval's own p {own}, and they agree",
        f"At the boundary p {own}; by permutation p {p}, and the reading is the same",
        f"A {d.cross_check} test puts p {p} where the interval has p {own}, without a change in the verdict",
        f"Permutation bears the reading out, with p {p} against p {own} from the interval",
        f"Without assuming normality, p {p} by {d.cross_check}, in accord with p {own} from the interval",
    ) if d.agrees else paper.say(
        f"check {claim.id}",
        f"The permutation test disagrees, with p {p} where the interval's own p {own}, and the verdict should be read with that in mind",
        f"By permutation p {p}, against p {own} at the boundary of the interval; as they fall on different sides of the level, caution is due",
        f"A {d.cross_check} test gives p {p} and so departs from p {own} of the interval, which weakens whatever is concluded",
        f"There is a disagreement to report: p {p} by permutation and p {own} by the interval",
        f"The check by {d.cross_check} does not agree, p {p} as opposed to p {own}",
    )  # fmt: skip
    return ". ".join(part for part in (agree, _log_rank(paper, claim)) if part)


def _short_check(paper: Paper, claim: Claim, p: str) -> str:
    """What the first claim's check has explained, for the claims after it."""
    also = f", log-rank p {claim.m('log_rank_p', 'p=')}" if claim.has("log_rank_p") else ""
    return paper.say(
        f"short check {claim.id}",
        f"The checks agree (permutation p {p}{also})",
        f"Permutation has p {p}{also}, in agreement",
        f"The other tests do not dissent: permutation p {p}{also}",
        f"Checks as above: permutation p {p}{also}",
        f"By the same checks, permutation p {p}{also}, nothing changes",
        f"On checking, permutation has p {p}{also}, to the same end",
        f"Permutation (p {p}{also}) leaves this as it is",
        f"No check speaks against it (permutation p {p}{also})",
        f"To the checks this is no surprise: permutation p {p}{also}",
        f"Checked as before, it stands (permutation p {p}{also})",
        turn=claim.number,
    )


def _log_rank(paper: Paper, claim: Claim) -> str:
    if not claim.has("log_rank_p"):
        return ""
    p = claim.m("log_rank_p", "p=")
    return paper.say(
        f"log-rank {claim.id}",
        f"A log-rank test of the whole curves, which ignores the margin, has p {p}",
        f"Comparing whole curves rather than means, the log-rank test has p {p}",
        f"For the curves as such, and no margin, a log-rank test gives p {p}",
        f"The log-rank test, blind to pairing and margin, yields p {p}",
        f"On the curves themselves the log-rank test comes to p {p}",
    )


def losses(paper: Paper, claim: Claim) -> str:
    """Seeds that failed, had no value or were duplicates; nothing if there were none."""
    d = claim.decision
    if d is None:
        return ""
    names = {"failed": "failed", "undefined": "had no value", "duplicates": "repeated another seed's output"}
    parts = [f"{claim.m('claim_count', 'int', name)} {text}" for name, text in names.items() if d.n.get(name)]
    if not parts:
        return ""
    return paper.say(
        f"losses {claim.id}",
        f"Among the runs of its arms, {listing(parts)}",
        f"Not every run of its arms counted in full: {listing(parts)}",
        f"In its arms {listing(parts)}",
        f"Runs of its arms were lost in part, for {listing(parts)}",
        f"Of the runs in its arms, {listing(parts)}, and the least favourable values for them were tried",
    )


def pictures(paper: Paper, claim: Claim, figures: list) -> str:
    """A sentence that sends the reader to each figure of the claim."""
    says = {
        "seeds": ("every seed is shown in {f}", "{f} shows all seeds one by one", "individual seeds appear in {f}",
                  "seed by seed, {f} lays the arms side by side", "the seeds themselves are in {f}"),
        "dose": ("the whole response is drawn in {f}", "{f} adds the response by level",
                 "the levels are compared in {f}", "{f} follows the levels", "for the levels, see {f}"),
        "events": ("the share of runs that had their event by a given time can be read off {f}",
                   "{f} shows how events accumulate", "the curves of {f} rise as events occur",
                   "{f} counts events over time", "the course of events is in {f}"),
        "curves": ("the learning curves stand in {f}", "{f} has the curves that lie behind these times",
                   "what happened within runs can be followed in {f}", "{f} opens up the runs",
                   "learning curves are drawn in {f}"),
    }  # fmt: skip
    parts = [paper.say(f"picture {f.kind} {claim.id}", *says[f.kind]).format(f=paper.see(f)) for f in figures]
    return "; ".join(parts)


# --- around the claims --------------------------------------------------------------------------------


def literature(paper: Paper) -> str:
    """Agreement and contradiction, looked up after the verdicts were frozen."""
    opening = paper.say(
        "after",
        "What the listed references state was looked up after the verdicts had been recorded",
        "Only when the verdicts stood in the journal were the references consulted about the same contrasts",
        "The references were held against the claims once nothing could be changed about the verdicts",
        "With the verdicts on record, each claim was compared with what the references state",
        "Verdicts came first and the comparison with the references second",
    )
    clear = [part for claim in paper.claims for part in _relations(claim)]
    silent = [claim for claim in paper.claims if any(c.relation == "silent" for c in claim.compared)]
    lines = [_clear(paper, clear)] * bool(clear) + [_undecided(paper, claim) for claim in silent]
    return paragraphs("## Against the literature", paragraph(opening, *(lines or [_none(paper)])))


def _relations(claim: Claim) -> list[str]:
    """ "claim C1 (supported) agrees with …", one clause for each relation."""
    verbs = {"agrees": "agrees with", "contradicts": "contradicts"}
    return [f"claim {claim.label} ({claim.verdict}) {verb} {_names(found)}"
            for relation, verb in verbs.items() if (found := _references(claim, relation))]  # fmt: skip


def _references(claim: Claim, relation: str) -> list[str]:
    return list(dict.fromkeys(c.reference for c in claim.compared if c.relation == relation))


def _clear(paper: Paper, parts: list[str]) -> str:
    return paper.say(
        "compared",
        f"In the direction observed, {'; '.join(parts)}",
        f"As observed, {'; '.join(parts)}",
        f"By its direction, {'; '.join(parts)}",
        f"As far as directions go, {'; '.join(parts)}",
        f"Going by the sign that was seen, {'; '.join(parts)}",
    )


def _undecided(paper: Paper, claim: Claim) -> str:
    names = _names(_references(claim, "silent"))
    return paper.say(
        f"undecided {claim.id}",
        f"Claim {claim.label} is {claim.verdict} and so can neither agree with {names} nor contradict them",
        f"On claim {claim.label}, {claim.verdict} as it is, {names} get neither agreement nor contradiction",
        f"Nothing can be said for or against {names}, as claim {claim.label} is {claim.verdict}",
        f"Since claim {claim.label} is {claim.verdict}, it says nothing about the statements of {names}",
        f"Claim {claim.label}, being {claim.verdict}, has no bearing on {names}",
    )


def _none(paper: Paper) -> str:
    return paper.say(
        "silent",
        "None of them takes a side on the contrasts registered here",
        "On these contrasts they take no side",
        "They are silent on all of the contrasts",
        "Nothing in them bears on the contrasts as registered",
        "They state nothing about contrasts of this kind, so there is neither agreement nor contradiction to report",
    )


def _names(keys: list[str]) -> str:
    return listing([f"@{key}" for key in keys])


def secondary(paper: Paper) -> str:
    """Descriptive values of the metrics that no claim is about."""
    others = [m for m in paper.domain.metrics if not m.primary]
    if not others or not paper.complete:
        return ""
    intro = paper.say(
        "secondary",
        "The other metrics are given in Table 5 by arm, for description; no test was made of them",
        "Table 5 describes the arms by the remaining metrics, without tests or verdicts",
        "Secondary metrics are listed in Table 5; they were not registered and nothing is concluded from them",
        "For the record, Table 5 has the metrics on which nothing was claimed",
        "Descriptive values of the metrics that no claim concerns are in Table 5",
    )
    return paragraphs("## Secondary metrics", paragraph(intro, _reported_by(others)), secondary_table(paper, others))


def _reported_by(metrics: list[Metric]) -> str:
    own = [metric_title(m) for m in metrics if m.self_reported]
    return f"Reported by the program itself, and certified by nobody: {listing(own)}" if own else ""


def secondary_table(paper: Paper, metrics: list[Metric]) -> str:
    """Rows are arms, columns are metrics: the mean over seeds that have a value."""
    head = "| arm | " + " | ".join(metric_title(m) for m in metrics) + " |"
    rule = "|:-------|" + "--:|" * len(metrics)
    rows = [f"| {paper.brief(arm)} | " + " | ".join(_centre(paper, arm, m) for m in metrics) + " |" for arm in paper.protocol.arms]
    timed = ", of times restricted to the horizon," if any(m.kind == "time_to_event" for m in metrics) else ""
    return "\n".join([head, rule, *rows]) + (
        f"\n\nTable: Secondary metrics by arm in confirmation: means{timed} over the seeds that have a value. {{.wide}}")  # fmt: skip


def _centre(paper: Paper, arm: dict, metric: Metric) -> str:
    kind = "restricted_mean" if metric.kind == "time_to_event" else "mean"
    return paper.arm(arm, kind, metric)
