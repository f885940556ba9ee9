# ruff: noqa: E501 (a sentence of prose stands on one line)
"""What an average over a design hides: pairs of factors that act jointly, seen and not registered."""

from novum.evidence import joint
from novum.evidence.catalogue import statistic_id
from novum.evidence.joint import Pair
from novum.records import Figure
from novum.scientists.systematic.compose.claim import Claim
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.wording import (
    listing,
    paragraph,
    paragraphs,
    quantity,
    signed,
    units,
)

IN_WORDS = 2  # pairs that are told in a sentence; the figure shows more


def dependence(paper: Paper) -> str:
    """A section on the pairs of a design that keeps them apart; nothing of other confirmations."""
    found = joint.pairs(paper.view)
    if not found:
        return ""
    told, figure = joint.told(paper.view), paper.figure("pairs")
    return paragraphs(
        "## What depends on what",
        paragraph(_looked(paper, found), _shown(paper, figure) if figure else ""),
        paragraph(*(_told(paper, pair, turn) for turn, pair in enumerate(told[:IN_WORDS])), _picked(paper) if told else ""),
        paper.place(figure),
    )


def _shown(paper: Paper, figure: Figure) -> str:
    return paper.say(
        "pairs figure",
        f"{paper.see(figure)} has the foremost of them",
        f"Those in front are drawn in {paper.see(figure)}",
        f"See {paper.see(figure)} for those that lie farthest apart",
        f"The foremost stand in {paper.see(figure)}",
        f"{paper.see(figure)} draws them, the foremost on top",
    )


def _looked(paper: Paper, found: tuple[Pair, ...]) -> str:
    count, level = _m(paper, "pairs", "int"), f"{_m(paper, 'pair_level', '.2f')} %"
    distinct = _m(paper, "pairs_distinct", "int")
    if not any(pair.distinct for pair in found):
        return paper.say(
            "no pairs",
            f"Averages can hide an effect that another setting turns round. All {count} pairs of factors were looked at for that once the verdicts stood, with intervals at {level}, and none stands out beyond the margin",
            f"Whether effects depend on the settings they are averaged over was looked at afterwards, pair by pair ({count} pairs, intervals at {level}); no pair stands out beyond the margin",
            f"None of the {count} pairs of factors, examined once the verdicts stood, shows an effect that depends on the other factor beyond the margin (intervals at {level})",
            f"Looking at all {count} pairs of factors after the fact, with intervals at {level}, one finds none in which the effect of one depends on the other beyond the margin",
            f"In {count} pairs of factors, looked at without having been registered, what one does was not seen to depend on the other beyond the margin (intervals at {level})",
        )
    one = sum(pair.distinct for pair in found) == 1
    stands, has, does, it = ("stands", "has", "does", "it was") if one else ("stand", "have", "do", "these were")
    return paper.say(
        "pairs",
        f"Averages can hide an effect that another setting turns round. All {count} pairs of factors were looked at for that once the verdicts stood, with intervals at {level}, and {distinct} {stands} out beyond the margin",
        f"Whether effects depend on the settings they are averaged over was looked at afterwards and not registered. Of {count} pairs of factors {distinct} {stands} out beyond the margin, with intervals at {level}",
        f"Once the verdicts stood, {count} pairs of factors were examined for effects that depend on the other factor. Beyond the margin, and with intervals at {level} that leave zero out, {distinct} {does} so",
        f"Nothing was registered on pairs of factors. Of the {count} that were looked at after the fact, {distinct} {has} an effect that depends on the other factor beyond the margin (intervals at {level})",
        f"Behind the averages, the effect of one factor depends on another beyond the margin in {distinct} of {count} pairs, with intervals at {level}; {it} not registered",
    )


def _told(paper: Paper, pair: Pair, turn: int) -> str:
    moved, context = _claim(paper, pair.moved.id), _claim(paper, pair.context.id)
    a, b = (moved.setting(arm, moved.moved) for arm in moved.arms)
    at, there = (context.setting(arm, context.moved) for arm in context.arms)
    unit, spec = units(paper.metric), signed(paper.metric)
    before, after, difference, low, high = (
        _of(paper, kind, pair, spec) for kind in ("before", "after", "difference", "low", "high")
    )
    change, apart = f"moving from {a} to {b}", f"{difference}{unit}, {low} to {high}"
    return paper.say(
        f"pair {pair.name}",
        f"With {at}, {change} changes {quantity(paper.metric)} by {before}{unit}, and with {there} by {after} (a difference of {apart})",
        f"The effect of {change} is {before}{unit} with {at} and {after} with {there} (difference {apart})",
        f"{change} changes {quantity(paper.metric)} by {before}{unit} with {at}, and by {after} with {there}; the difference is {apart}",
        f"What {change} does to {quantity(paper.metric)} comes to {before}{unit} with {at}, as against {after} with {there} (difference {apart})",
        f"{quantity(paper.metric)} changes by {before}{unit} on {change} with {at}, but by {after} with {there} (difference {apart})",
        f"With {at}, {change} is worth {before}{unit}; with {there} it is worth {after} (difference {apart})",
        f"For {change} one reads {before}{unit} with {at}, yet {after} with {there} (difference {apart})",
        f"{quantity(paper.metric)} responds to {change} by {before}{unit} with {at}, while with {there} it is {after} (difference {apart})",
        f"A change of {before}{unit} goes with {change} where one has {at}, and one of {after} with {there} (difference {apart})",
        f"The effect of {change} stands at {before}{unit} with {at}, and at {after} with {there} (difference {apart})",
        turn=turn,
    )


def _picked(paper: Paper) -> str:
    return paper.say(
        "pairs picked",
        "Picked after the fact, such differences call for a study of their own and settle nothing here",
        "These are observations, made after the protocol, from which a prediction could be drawn for new seeds",
        "None of this was predicted, so it is for another study to test",
        "As nobody predicted them, they are leads and no findings",
        "They were picked out for their size, which flatters them, and are not for citing as results",
    )


def lead(paper: Paper) -> str:
    """What a next study could register: the pair that stood out most."""
    for pair in joint.told(paper.view)[:1]:
        names = listing([_claim(paper, c.id).subject for c in (pair.moved, pair.context)])
        return paper.say(
            "next pair",
            f"How {names} act together, seen here and not predicted, could be registered as an interaction",
            f"A claim on the interaction of {names} suggests itself, as it stood out without having been asked about",
            f"The interaction of {names} is worth a protocol of its own",
            f"Registering the interaction of {names} would put to the test what was seen here by the way",
            f"An interaction of {names} showed unasked, and fresh seeds could decide on it",
        )
    return ""


def _claim(paper: Paper, id: str) -> Claim:
    return next(claim for claim in paper.claims if claim.id == id)


def _m(paper: Paper, kind: str, spec: str) -> str:
    return paper.m(kind, spec, phase="confirm")


def _of(paper: Paper, kind: str, pair: Pair, spec: str) -> str:
    return f"{{{{m:{statistic_id(f'pair_{kind}', pair.name, paper.metric.name, 'confirm')}|{spec}}}}}"
