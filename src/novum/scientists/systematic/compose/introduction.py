# ruff: noqa: E501 (a sentence of prose stands on one line)
"""The introduction: the subject in the domain's words, the question put here, what is on record about it."""

from novum.manuscript.checks import check
from novum.manuscript.references import Lookup
from novum.scientists.systematic.compose.claim import Claim
from novum.scientists.systematic.compose.effects import said
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.wording import (
    event,
    listing,
    paragraph,
    paragraphs,
    quantity,
    sentence,
    units,
)


def introduction(paper: Paper, lookup: Lookup) -> str:
    return paragraphs(
        "# Introduction", background(paper, lookup), question(paper), choice(paper), known(paper), plan(paper)
    )


def background(paper: Paper, lookup: Lookup) -> str:
    """The domain's own account, paragraph by paragraph; one that breaks the rules of prose is left out."""
    blocks = [" ".join(b.split()) for b in paper.background.split("\n\n") if b.strip() and not b.startswith("#")]
    return paragraphs(*(block for block in blocks if not check(block, lookup)))


def question(paper: Paper) -> str:
    subject, amount = paper.lead.subject, quantity(paper.metric)
    opening = {
        "supported": f"Of the factors that the domain lets us set, this paper is about {subject}, and about its bearing on {amount}",
        "refuted": f"What exploration suggests, confirmation may take away: the case in point is {subject} and its bearing on {amount}",
        "inconclusive": f"Here we ask something narrow: whether {subject} matters for {amount} by more than a margin stated in advance",
        "censored": f"The comparison attempted here concerns {subject}, judged by {amount}",
        "interaction": f"Factors are mostly studied one at a time; here {subject} are varied jointly, with {amount} as the outcome",
        "dose": f"A single contrast says little about the shape of a response, so {subject} is followed here over several levels, with {amount} as the outcome",
        "best": f"Searching is one thing and confirming another; a setting found by the former is held here against the baseline, by {amount}",
        "same": f"Sameness can be tested like difference, and here it is tested for {subject}, by {amount}",
        "mixed": f"A family of predictions is put on trial here, all of them about {amount} and the factors {paper.subject}",
        "unfinished": f"The subject of this paper is a comparison of {subject} by {amount}",
    }[paper.story]
    return paragraph(opening, why(paper), claim_list(paper))


def why(paper: Paper) -> str:
    """What the answer is good for, from the kind of metric."""
    if paper.metric.kind == "time_to_event":
        done = event(paper.metric)
        return paper.say(
            "why",
            f"Until a run does {done}, little about it says when it will, which is why the time itself has to be measured",
            f"The time that runs take to {done} is what any account of the matter has to get right, whatever it says about the reasons",
            f"Time to {done} is a demanding outcome: it varies between seeds, and a run may end before it is known",
            f"Waiting for runs to {done} costs updates, and knowing when waiting is pointless would save them",
            f"If the time to {done} answers to several settings at once, then varying one alone tells a part of the story",
        )
    return paper.say(
        "why value",
        f"The outcome, {quantity(paper.metric)}, is what a user of such a program would look at first",
        f"In practice {quantity(paper.metric)} decides whether a setting is kept",
        f"As an outcome {quantity(paper.metric)} varies between seeds, so single runs say little about it",
        f"To know {quantity(paper.metric)} of one run is not to know it of the next",
        f"With {quantity(paper.metric)} as the outcome, settings may well depend on each other",
    )


def claim_list(paper: Paper) -> str:
    """What the idea predicts, in words; the rest of the family stands in the table of claims.

    The idea's own claim is registered first, whichever claim the paper tells first.
    """
    first_claim = paper.claims[0]
    told = f"{said(first_claim, 'should')} ({first_claim.label})"
    first = paper.say(
        "claims",
        f"The registered hypothesis is that {told}",
        f"What was predicted is that {told}",
        f"The expectation, stated so that it can fail, is that {told}",
        f"Exploration led us to predict that {told}",
        f"On trial is the hypothesis that {told}",
    )
    if len(paper.claims) == 1:
        return first
    further = paper.say(
        "further",
        "Further claims were registered beside it and stand in Table 3",
        "It is one of a family, which Table 3 lists in full",
        "Other claims were registered along with it, as Table 3 shows",
        "Table 3 has the claims that were registered in its company",
        "The rest of the registered family is in Table 3",
    )
    return f"{first}. {further}"


def choice(paper: Paper) -> str:
    """How the question came to be chosen, and by whom."""
    idea = paper.view.ideas.get(paper.view.chosen)
    if idea is None:
        return ""
    count = paper.m("ideas", "int")
    chosen = paper.say(
        "choice",
        f"The question was taken by a score of how open its answer is, how little this lab has asked about the factors, and whether it has been asked before; {count} such questions are on record",
        f"The leading question was picked by a fixed score, made up of openness, coverage of the factors so far, and novelty to this lab, which put {count} questions on record",
        f"Among questions generated from the declared factors this one was taken by openness, coverage and novelty within this lab, a score that ranks questions without judging their worth; {count} of them are on record",
        f"A fixed rule that weighs openness, coverage and novelty to the lab selected this comparison and recorded {count} questions, this one included",
        f"Of the {count} questions on record the one pursued here was singled out by the rule of the systematic scientist, a sum of openness, coverage and novelty to the lab",
    )
    return paragraph(chosen, novelty(paper))


def novelty(paper: Paper) -> str:
    idea = paper.view.ideas.get(paper.view.chosen)
    if idea is not None and idea.novelty == "known":
        return paper.say(
            "known",
            "Since a listed work takes a side on it, the question counts as known, and an answer is a replication under registered conditions",
            "The question is known: a listed work has already taken a side, so what is offered is a stricter test of it",
            "It is a known question, one on which the domain's own bibliography takes a side",
            "Because the bibliography already speaks to it, the question is filed as known",
            "The question is filed as known, for the domain's bibliography holds an answer to some part of it",
        )
    return paper.say(
        "unassessed",
        "Its novelty was not assessed: no search of the literature beyond the domain's own list was made",
        "Beyond the works that the domain lists nothing was searched, so novelty is not assessed",
        "Whether anybody has asked it before is not assessed here, as only the domain's list of works was at hand",
        "No claim of novelty is made, for only the works listed by the domain were consulted",
        "We looked no further than the domain's list of works and therefore leave novelty not assessed",
    )


def known(paper: Paper) -> str:
    """What the listed works state about each claim before any verdict."""
    lines = [line for claim in paper.claims if (line := _stated(paper, claim))]
    if not lines:
        return ""
    return paragraph(*lines)


def _stated(paper: Paper, claim: Claim) -> str:
    statements = paper.literature.statements(claim.contrast, paper.protocol.base)
    ways = {"agrees": "the direction that", "contradicts": "the direction opposite to what"}
    sides = {way: list(dict.fromkeys(key for key, r, _ in statements if r == relation)) for relation, way in ways.items()}
    parts = [f"{_as_subject(keys)} {_states(paper, keys)} {way} claim {claim.label} predicts" for way, keys in sides.items() if keys]
    if not parts:
        return ""
    subject = claim.subject
    return paper.say(
        f"stated {claim.id}",
        f"On {subject}, {listing(parts)}",
        f"As regards {subject}, {listing(parts)}",
        f"Of {subject} it is on record that {listing(parts)}",
        f"With respect to {subject}, {listing(parts)}",
        f"Concerning {subject}, {listing(parts)}",
    )


def _as_subject(keys: list[str]) -> str:
    return listing([f"@{key}" for key in keys])


def _states(paper: Paper, keys: list[str]) -> str:
    """The verb for works named by their authors: plural for several works, and for several authors of one."""
    authors = paper.literature.entries().get(keys[0], {}).get("author", "")
    return "state" if len(keys) > 1 or " and " in authors else "states"


def plan(paper: Paper) -> str:
    """What sort of evidence is to come."""
    horizon = f" up to {paper.m('horizon', 'int')}{units(paper.metric)}" if paper.protocol.horizon else ""
    return sentence(
        paper.say(
            "plan",
            f"Everything that led up to the comparison is reported as exploration, and only runs{horizon} on seeds drawn after the protocol was frozen bear on a verdict",
            f"The runs that bear on a verdict were made after the protocol was frozen, on seeds that did not exist before it{', and were observed' + horizon if horizon else ''}",
            f"Exploration suggested the comparison; the verdict rests on runs{horizon} that came after it",
            f"No verdict rests on the runs that suggested the comparison; a separate set{', observed' + horizon + ',' if horizon else ''} was drawn for it",
            f"We keep apart what was looked at first and what was registered{', both observed' + horizon if horizon else ''}: the verdicts use the latter alone",
        )
    )
