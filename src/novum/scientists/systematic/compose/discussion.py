# ruff: noqa: E501 (a sentence of prose stands on one line)
"""What the data leave open, what limits the conclusions, what to do next, and what it is good or bad for."""

from novum.evidence import factorial
from novum.scientists.systematic.compose import fractions, joint
from novum.scientists.systematic.compose.claim import Claim
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.robust import robustness
from novum.scientists.systematic.compose.wording import (
    capital,
    event,
    factor_noun,
    listing,
    paragraph,
    paragraphs,
    quantity,
    resampled,
    units,
)

LEFT_OUT = 4


def discussion(paper: Paper) -> str:
    return paragraphs(unsettled(paper), limitations(paper), following(paper), impact(paper))


# --- negative and inconclusive ------------------------------------------------------------------------


def unsettled(paper: Paper) -> str:
    """Refuted and inconclusive claims, with what the sample could have shown."""
    refuted, unclear = paper.with_verdict("refuted"), paper.with_verdict("inconclusive")
    if paper.story == "censored":
        return paragraphs("# What the data leave open", paragraph(_all_censored(paper), _detectable(paper)))
    lines = [_refuted(paper, refuted) if refuted else "", _unclear(paper, unclear) if unclear else "",
             "" if refuted or unclear else _none_open(paper), robustness(paper), _detectable(paper)]  # fmt: skip
    return paragraphs("# What the data leave open", paragraph(*lines))


def _all_censored(paper: Paper) -> str:
    end = f"{paper.m('horizon', 'int')}{units(paper.metric)}"
    verb = event(paper.metric)
    return ". ".join([
        f"Equal restricted means would be a misleading summary here, for they equal the horizon of {end} in every arm by construction",
        f"The data say that runs of all arms need beyond {end} to {verb}, if they ever do, and say nothing on which arm would be first",
        "That is a bound on the time and no measurement of a difference; it is reported because leaving it out would make the horizon look well chosen",
    ])  # fmt: skip


def _labels(claims: list[Claim]) -> str:
    """Claims with the verdict that they share: "C1 and C3 (inconclusive)"."""
    return f"{listing([c.label for c in claims])} ({claims[0].verdict})"


def _refuted(paper: Paper, claims: list[Claim]) -> str:
    named = _labels(claims)
    one = len(claims) == 1
    return paper.say(
        "refuted",
        f"Not all went as predicted: {named} {'was' if one else 'were'} decided against the prediction",
        f"A negative result is a result: with {named} {'an effect' if one else 'effects'} of the size and sign that had been registered {'is' if one else 'are'} ruled out",
        f"Against prediction went {named}; fresh seeds were there to say so",
        f"The registered expectation failed for {named}",
        f"What was expected did not come in the case of {named}, and finding that out is what confirmation is for",
    )


def _unclear(paper: Paper, claims: list[Claim]) -> str:
    named = _labels(claims)
    one = len(claims) == 1
    return paper.say(
        "unclear",
        f"{named} {'remains' if one else 'remain'} without a decision, which is no evidence of equality",
        f"No decision was reached on {named}; absence of a verdict is not evidence of absence",
        f"For {named} the sample did not suffice, and neither difference nor sameness may be read into {'it' if one else 'them'}",
        f"Undecided {'is' if one else 'are'} {named}, and {'it' if one else 'they'} should be cited as such",
        f"As to {named}, the honest summary is that we do not know",
    )


def _none_open(paper: Paper) -> str:
    return paper.say(
        "none open",
        "Every registered claim was decided in the direction predicted, and what stays open lies outside of them",
        "The family was decided in full",
        "No registered claim is left without a verdict",
        "Nothing that was registered stays undecided",
        "All that was registered has been decided as predicted, so the open questions are those not asked",
    )


def _detectable(paper: Paper) -> str:
    effect = paper.m("detectable_effect", ",.0f" if paper.metric.kind == "time_to_event" else "")
    unit = units(paper.metric)
    return paper.say(
        "could have",
        f"The plan could reliably find effects from {effect}{unit} upwards; between the margin and that value a true effect may well have been missed",
        f"Planned as it was, the study is dependable for effects of {effect}{unit} and beyond, and undependable below",
        f"An effect short of {effect}{unit}, the minimal detectable one, might have escaped this sample even if it exceeds the margin",
        f"The minimal detectable effect of the plan, {effect}{unit}, marks how fine the study could have been under the spread assumed",
        f"For effects short of {effect}{unit} the sample was not planned",
    )


# --- limitations --------------------------------------------------------------------------------------


def limitations(paper: Paper) -> str:
    text = "“{{cfg:domain.limits}}”"
    own = paper.say(
        "limits lead",
        f"The domain states its limits in these words: {text}",
        f"What the domain's author says about its limits applies here in full: {text}",
        f"The limits of the subject itself are given by the domain as follows: {text}",
        f"To begin with, the domain declares: {text}",
        f"In the words of the domain: {text}",
    )
    declared = own if paper.domain.limits else ""
    return paragraphs(
        "# Limitations", declared,
        paragraph(reach(paper), censoring(paper), resolution(paper)),
        paragraph(untested(paper), baseline(paper), aliasing(paper), margin(paper)),
        paragraph(losses(paper), author(paper)),
    )  # fmt: skip


def reach(paper: Paper) -> str:
    over = resampled(paper.domain)
    if not over:
        return paper.say(
            "limit fixed",
            "Data are the same in every run, so that conclusions hold for these data only",
            "Since nothing but the program's own chance varied, nothing beyond these data can be concluded",
            "All conclusions are conditional on the one data set used",
            "The data were not resampled, and conclusions do not extend past them",
            "Conclusions hold given the data, which no seed renewed",
        )
    return paper.say(
        "limit reach",
        f"Beyond that, seeds renewed {over} and nothing else, so no verdict extends to other programs, sizes or tasks",
        f"Further, the verdicts average over {over}; change anything else and they need not hold",
        f"Variation between seeds covers {over}, and to what was held fixed no conclusion extends",
        f"Moreover only {over} varied between seeds; architecture, size and task did not",
        f"In addition, {over} were all that seeds renewed, which is the population that verdicts are about",
    )


def censoring(paper: Paper) -> str:
    if paper.metric.kind != "time_to_event":
        return ""
    end = f"{paper.m('horizon', 'int')}{units(paper.metric)}"
    if any(c.censored for c in paper.claims):
        return paper.say(
            "limit censored",
            f"Some runs were censored at {end}, and with another horizon their weight in the restricted means would be another",
            f"Restricted means depend on the horizon of {end}, the more so as some runs were censored there",
            f"Because some runs reached {end} without an event, another horizon could shift the estimates",
            f"Everything was censored at {end}, so the horizon, which was a choice, decided what could be seen",
            f"Runs censored at {end} enter with that value, and the estimates are tied to it",
        )
    return paper.say(
        "limit uncensored",
        f"No run of a claim was censored, so the horizon of {end} did not shape the estimates",
        f"The horizon of {end} was long enough for every run behind a claim",
        f"As all runs had their event before {end}, restricted and ordinary means coincide",
        f"Censoring at {end} did not occur among the runs compared",
        f"Since every run ended before {end}, nothing hangs on the choice of that horizon",
    )


def resolution(paper: Paper) -> str:
    if paper.metric.kind != "time_to_event":
        return ""
    return paper.say(
        "limit resolution",
        "Times are read at fixed checks and are no finer than the distance between them",
        "The resolution of times is that of the checks at which they are read",
        "Between checks nothing is seen, which limits how exact a time can be",
        "A time is known to the nearest check",
        "How finely times are known depends on the spacing of the checks",
    )


def untested(paper: Paper) -> str:
    moved = {f for c in paper.claims for f in (*c.factors, *c.held)}
    rest = [factor_noun(f) for f in paper.domain.factors if f.name not in moved]
    if not rest:
        return ""
    named = listing([*rest[:LEFT_OUT], "others"] if len(rest) > LEFT_OUT else rest)
    return paper.say(
        "limit untested",
        f"No claim concerns {named}, kept at the baseline throughout, and effects may differ elsewhere",
        f"{capital(named)} went untested, and the baseline there is part of every conclusion",
        f"The claims hold with {named} at the baseline and may not elsewhere",
        f"Nothing was tested about {named}, held at the baseline as a condition of all else",
        f"Away from the baseline of {named}, the same comparison could turn out differently",
    )


def baseline(paper: Paper) -> str:
    interacting = [c for c in paper.claims if c.kind == "interaction"]
    if interacting:
        return paper.say(
            "limit joint",
            f"The interaction was examined at the registered levels of {interacting[0].subject} only",
            f"Of {interacting[0].subject}, the registered combinations alone were compared",
            f"How {interacting[0].subject} combine at other levels is unknown",
            f"Other levels of {interacting[0].subject} might combine in another way",
            f"Between the registered levels of {interacting[0].subject} nothing is known about their joint effect",
        )
    return paper.say(
        "limit levels",
        "A contrast of levels says nothing about levels in between or beyond",
        "Only the registered levels were compared, and the response between them is not claimed",
        "Other levels of the same factors were seen in exploration alone",
        "Had other levels been registered, the answer might have been another",
        "Claims are about levels, not about factors as such",
    )


def aliasing(paper: Paper) -> str:
    """Where several factors act jointly beyond their pairs, a fraction of a factorial lends that to another."""
    if fractions.shared_out(paper):
        return fractions.aliasing(paper)
    points = paper.lead.contrast.points
    varied = sum(len({point[name] for point in points}) > 1 for name in paper.domain.baseline)
    if not points or factorial.fractions(varied) == ((),):
        return ""
    return paper.say(
        "limit aliasing",
        "The design holds a fraction of all combinations of settings: what several factors do jointly, beyond what any pair of them does, can pass for an effect of a factor that has none",
        "Since a fraction of all combinations was run, joint effects beyond those of pairs of factors are mixed with the effects of single ones and can feign them",
        "A factor without any effect can seem to have one where others act jointly in ways that their pairs do not show, as the design is a fraction of all combinations",
        "Joint effects beyond those of pairs of factors are taken to be negligible; where they are not, the fraction of combinations that was run lends them to single factors",
        "The fraction of all combinations that was run cannot tell the effect of a factor from joint effects of several others",
    )


def margin(paper: Paper) -> str:
    return paper.say(
        "limit margin",
        f"The margin of {paper.lead.margin}{units(paper.metric)} is the domain's idea of what matters, and readers with another need may judge the same intervals by their own",
        f"Whether {paper.lead.margin}{units(paper.metric)} is the right margin is a judgement made by the domain's author",
        f"Someone for whom {paper.lead.margin}{units(paper.metric)} is not the right margin can read the intervals without the verdicts",
        f"The margin, {paper.lead.margin}{units(paper.metric)}, was declared by the domain and not derived from a use",
        f"Verdicts depend on a margin of {paper.lead.margin}{units(paper.metric)}, which the domain sets by convention",
    )


def losses(paper: Paper) -> str:
    total = sum(d.n.get(k, 0) for d in paper.view.decisions.values() for k in ("failed", "duplicates"))
    if total:
        return paper.say(
            "limit losses",
            "Some runs of registered arms failed or repeated another's output; the results section says how many and how they were counted",
            "Failed or duplicate runs did occur in confirmation and are accounted for above",
            "Confirmation was not free of failed or duplicate runs",
            "Among the registered runs there were failures or duplicates, stated with each claim",
            "Failures or duplicates among the registered runs are stated with each claim, and they weaken it",
        )
    return paper.say(
        "limit no losses",
        "No run of a registered arm failed, and none repeated the output of another",
        "There were neither failed nor duplicate runs in confirmation",
        "Confirmation lost no run to failure or duplication",
        "All confirmation runs were valid and distinct",
        "In confirmation every run was valid, and no output occurred again",
    )


def author(paper: Paper) -> str:
    return paper.say(
        "limit author",
        "Finally, this text was composed by rules that can report a mechanism and cannot propose one",
        "The author of this text is a program of fixed rules, and an explanation of the outcome is beyond it",
        "An explanation of what was observed is not attempted: the writer is a set of rules without an opinion on mechanisms",
        "This paper offers no mechanism, since its author, a program of rules, has none to offer",
        "What lies behind the outcome is not discussed, as the rules that wrote this text know the data and not the reason",
    )


# --- next, and impact ---------------------------------------------------------------------------------


def _after_refuted(lead: Claim) -> str:
    if lead.immaterial:
        return f"A sequel should take levels of {lead.subject} farther apart or another baseline. For the levels at hand it could register sameness within the margin, to which the interval points"
    if lead.reversed:
        return f"A sequel should register the opposite of what was predicted here for {lead.subject}, before any story is built on it"
    return f"A sequel should register the opposite of what was predicted here for {lead.subject}, or look at levels farther apart, before any story is built on it"


def following(paper: Paper) -> str:
    lead, amount = paper.lead, quantity(paper.metric)
    step = {
        "supported": f"The next study should ask where the response to {lead.subject} bends, with several levels between those compared here, and whether it survives a change of another factor",
        "refuted": _after_refuted(lead),
        "inconclusive": f"To decide the matter, a study of {lead.subject} would need a larger sample, or an outcome less variable than {amount}; the intervals above say how much would have to change",
        "censored": f"Before comparing these arms again one has to find, for {lead.subject}, a setting in which some runs {event(paper.metric)}, or to afford a horizon well beyond this one",
        "interaction": f"What comes next is the full table of {lead.subject}, at as many levels as can be afforded, to see whether the joint pattern is a threshold or a slope",
        "dose": f"A follow-up could search for the end of the response to {lead.subject}, beyond the levels used, and repeat the slope at another setting of a second factor",
        "best": "The found setting moves several factors at once; taking them back one by one would show which of them carries it",
        "same": f"If the choice of {lead.subject} is immaterial at the baseline, the same test at the corners of the design would show whether it stays so",
        "mixed": "Claims that stayed open are the first candidates for additional seeds, and those that were decided should be carried to another baseline",
        "unfinished": "The first thing to do is to complete the registered sample under the same protocol",
    }[paper.story]
    spent = paper.say(
        "next account",
        "Any further test of the same question in this lab draws on what is left of its account of error, and will say so",
        "A further test would draw on the same account of error as this one did",
        "Any further test will have a stricter level, because the account of error for the question has been drawn upon here",
        "The account of error for this question is now partly spent, and a further test gets what remains",
        "A further test inherits an account of error on which this study has drawn",
    )
    return paragraphs("# What a next study would do", paragraph(step, joint.lead(paper), spent))


def impact(paper: Paper) -> str:
    """What use or harm could come of it; there is little of either, and that is said."""
    amount, verb = quantity(paper.metric), event(paper.metric)
    text = {
        "supported": f"A finding on {amount} of small programs has no direct application; its use is to guide what is studied next, and its misuse would be to quote it for systems it is not about",
        "refuted": "Negative results keep others from repeating a search in vain, and that is the use of this one; we see no way in which it could do harm",
        "inconclusive": "No harm is foreseen from a comparison that was left undecided, except where it is quoted as if it had been decided",
        "censored": f"That runs fail to {verb} is of no consequence outside the study, good or bad, save for the energy that others may be spared",
        "interaction": "Knowing that factors act together may save effort in tuning programs of this kind; we see no direct path to harm",
        "dose": f"To know how {amount} responds to a setting may spare some computation; we see no harm in it",
        "best": "A tuned setting of a small program is of use to whoever runs that program, and of no harm to anybody",
        "same": "That a choice is immaterial is worth knowing mainly because it ends discussions; no harm is in sight",
        "mixed": "The use of such a study lies in what it left open as much as in what it decided, and no harm of either is foreseen",
        "unfinished": "An unfinished study has no consequence but its cost, and its protocol remains to be carried out",
    }[paper.story]
    return paragraphs("# Broader impact", paragraph(text))
