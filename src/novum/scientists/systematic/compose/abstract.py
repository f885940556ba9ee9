# ruff: noqa: E501 (a sentence of prose stands on one line)
"""The abstract: question, method, findings, reach, in that order."""

from novum.scientists.systematic.compose import fractions
from novum.scientists.systematic.compose.claim import Claim
from novum.scientists.systematic.compose.effects import headline
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.wording import event, listing, paragraph, quantity, resampled

SHOWN = 3


def abstract(paper: Paper) -> str:
    return "# Abstract\n\n" + paragraph(
        question(paper), method(paper), *findings(paper), tally(paper), reach(paper), standing(paper)
    )


def question(paper: Paper) -> str:
    subject, amount = paper.lead.subject, quantity(paper.metric)
    return {
        "supported": f"We report a registered test of how {subject} bears on {amount}",
        "refuted": f"A prediction about {subject} and {amount} was registered and then put to the test",
        "inconclusive": f"Does {subject} change {amount}?",
        "censored": f"This study set out to compare settings of {subject} by {amount}",
        "interaction": f"Whether the factors {subject} act on {amount} independently is the question of this study",
        "dose": f"How {amount} follows {subject} over its whole range was registered as a dose–response",
        "best": f"A search over all declared factors proposed a setting, and here it meets the baseline in {amount}",
        "same": f"Some choices are believed to be immaterial, and this study tests one of them, {subject}, by {amount}",
        "mixed": f"Several predictions about {amount} were registered together, on {paper.subject}",
        "unfinished": f"A comparison of {subject} by {amount} was registered and its confirmation cannot be read",
    }[paper.story]


def method(paper: Paper) -> str:
    n, runs = paper.m("planned_n", "int"), paper.m("seeds_run", "int", phase="explore")
    arms = paper.m("arms", "int")
    if fractions.shared_out(paper):
        return fractions.method(paper)
    return paper.say(
        "abstract method",
        f"An exploration of {runs} runs chose the comparison, which was frozen under a hash and repeated on {n} fresh seeds in each of {arms} arms",
        f"The protocol was frozen after {runs} exploratory runs and then carried out on {n} seeds per arm that no earlier stage had seen ({arms} arms)",
        f"To find out, {arms} arms were run on {n} new seeds each, under a protocol fixed beforehand and informed by {runs} exploratory runs",
        f"After {runs} exploratory runs a protocol named {arms} arms of {n} seeds, all drawn only once it was frozen",
        f"We froze a protocol of {arms} arms with {n} seeds per arm on the strength of {runs} exploratory runs, then drew the seeds and ran it",
    )


def findings(paper: Paper) -> list[str]:
    """The headline of the leading claim, then of as many others as fit."""
    order = ("supported", "refuted", "inconclusive")
    rest = sorted((c for c in paper.claims if c is not paper.lead), key=lambda c: order.index(c.verdict_word))
    if len(paper.claims) > SHOWN:  # of many, those left open are counted
        rest = [c for c in rest if c.verdict_word != "inconclusive"]
    told = [paper.lead] if paper.story in ("censored", "unfinished") else [paper.lead, *rest][:SHOWN]
    found = [headline(paper, claim, claim.number) for claim in told]  # the results have it in other words
    return [found[0], _bounded(paper), *found[1:]]


def _bounded(paper: Paper) -> str:
    """In short, that the leading difference is a bound; the results say why."""
    lead = paper.lead
    if not lead.decided or len(lead.silent_arms) != 1 or lead.kind not in ("main", "best"):
        return ""
    return paper.say(
        "bound",
        "The difference is a bound from below, as every run of one arm was censored",
        "That is a bound, for in one arm all runs were censored",
        "One arm was censored throughout, so that the difference is understated",
        "Because one arm was censored in every run, the difference is a bound from below",
        "Censoring of every run in one arm makes this a bound",
    )


def tally(paper: Paper) -> str:
    """How the whole family fared; nothing for a family that has been told in full."""
    if len(paper.claims) <= SHOWN:
        return ""
    counts = [f"{paper.m('verdicts', 'int', v)} {v}" for v in ("supported", "refuted", "inconclusive") if paper.value("verdicts", v)]
    total = paper.m("contrasts", "int")
    if len(counts) == 1:
        return _alike(paper)
    return paper.say(
        "tally",
        f"Of {total} registered claims, the count by verdict is {listing(counts)}",
        f"The family of {total} claims divides into {listing(counts)}",
        f"In all, {total} claims were registered, of which {listing(counts)}",
        f"Verdicts over the {total} registered claims: {listing(counts)}",
        f"All {total} claims taken together, we count {listing(counts)}",
    )


def _alike(paper: Paper) -> str:
    """The tally of a family in which every claim ended with the same verdict."""
    verdict, total = paper.lead.verdict, paper.m("verdicts", "int", paper.lead.verdict_word)
    return paper.say(
        "tally alike",
        f"The whole family of {total} claims is {verdict}",
        f"So are all {total} claims of the family: {verdict}",
        f"No other outcome was seen in the family, and all {total} claims are {verdict}",
        f"All of the {total} registered claims came out alike, {verdict}",
        f"Every one of the {total} claims shares this verdict, {verdict}",
    )


def reach(paper: Paper) -> str:
    """Over what the verdicts generalise."""
    over = resampled(paper.domain)
    if not over:
        return ""
    return paper.say(
        "reach",
        f"The verdicts generalise over {over}, which every seed drew anew, and over nothing else",
        f"Each seed drew {over} afresh; beyond these the verdicts make no promise",
        f"What can be concluded holds over {over}, which each seed renewed",
        f"Any conclusion is confined to variation in {over}, redrawn with each seed",
        f"Seeds redrew {over}, and it is over these that the verdicts speak",
    )


def standing(paper: Paper) -> str:
    """Against the listed literature, or what comes next."""
    if paper.story == "censored":
        return (f"A comparison would need a horizon farther off, or arms that are known to {event(paper.metric)} "
                f"(claim {paper.lead.label}: {paper.lead.verdict})")  # fmt: skip
    parts = [part for claim in paper.claims for part in _relations(claim)]
    if parts:
        return paper.say(
            "standing",
            f"In direction, {listing(parts)}",
            f"Held against the works listed by the domain, {listing(parts)}",
            f"In the light of earlier work, {listing(parts)}",
            f"Compared with the literature on record, {listing(parts)}",
            f"As to what was known before, {listing(parts)}",
        )
    return paper.say(
        "standing none",
        "No listed reference takes a side on these claims, and their novelty was not assessed",
        "The works at hand state nothing on the claims that were refuted, whose novelty was not assessed",
        "Whether the question has been settled elsewhere was not assessed",
        "Novelty was not assessed, and no listed work is taken to bear on the comparison",
        "On the claims as registered the listed references are silent; novelty was not assessed",
    )


def _relations(claim: Claim) -> list[str]:
    """ "the result on claim C1 agrees with [@key]", for each relation that the claim has to listed works."""
    verbs = {"agrees": "agrees with", "contradicts": "contradicts"}
    keys = {r: list(dict.fromkeys(c.reference for c in claim.compared if c.relation == r)) for r in verbs}
    small = ", smaller than its margin," if claim.immaterial else ""
    return [f"the result on claim {claim.label}{small} {verbs[r]} {_cited(found)}" for r, found in keys.items() if found]


def _cited(keys: list[str]) -> str:
    return "[" + "; ".join(f"@{key}" for key in keys) + "]"
