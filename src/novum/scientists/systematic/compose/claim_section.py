# ruff: noqa: E501 (a sentence of prose stands on one line)
"""One claim by itself: what was found, what that means, how it was checked, what was lost."""

from novum.scientists.systematic.compose.claim import Claim
from novum.scientists.systematic.compose.effects import bounded, headline, means, title_of
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.verdicts import FEW
from novum.scientists.systematic.compose.wording import (
    event,
    listing,
    paragraph,
    paragraphs,
    units,
)


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
    if claim.verdict_word == "refuted" and claim.immaterial:
        return _immaterial(paper, claim, margin)
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


def _immaterial(paper: Paper, claim: Claim, margin: str) -> str:
    """A refuted prediction whose opposite the same interval excludes as well."""
    return paper.say(
        f"immaterial {claim.id}",
        f"The opposite is excluded too: the whole interval lies within {margin} on both sides",
        f"As the interval stays within {margin} on either side, the other direction is excluded along with the predicted one",
        f"Nor would the contrary have fared otherwise, for the interval ends short of {margin} on both sides",
        f"Within {margin} on both sides, the interval leaves room for either sign but not for a size that matters",
        f"Both ends of the interval lie within {margin}: whatever there is, it is short of what was declared to matter",
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
    """The size in percent of the first arm, where that is defined, not nothing, and the verdict not open."""
    if not claim.has("relative_percent") or claim.verdict_word == "inconclusive" or claim.silent_arms:
        return ""
    if claim.negligible:
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
    """How many runs had their event, where some did not; of more than two arms, those in which some did not."""
    if claim.metric.kind != "time_to_event" or not claim.censored or claim.averaged:
        return ""
    arms = [arm for arm in claim.arms if len(claim.arms) == 2 or not claim.all_reached(arm)]
    parts = [f"{claim.arm(arm, 'n_reached', 'int')} of {claim.arm(arm, 'n_planned', 'int')} with "
             f"{'the baseline' if claim.kind == 'best' and arm == claim.arms[0] else claim.setting(arm, claim.factors)}"
             for arm in arms]  # fmt: skip
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
