# ruff: noqa: E501 (a sentence of prose stands on one line)
"""Whether an effect holds at every level of another factor: what several claims say together."""

from novum.scientists.systematic.asked import joint
from novum.scientists.systematic.compose.claim import Claim
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.wording import listing


def groups(paper: Paper) -> list[list[Claim]]:
    """Claims of the same change in the same direction, made at different levels of other factors."""
    found: dict[tuple[object, ...], list[Claim]] = {}
    for claim in paper.claims:
        if claim.kind in ("main", "same"):
            (name,) = claim.moved
            change = (name, claim.arms[0][name], claim.arms[1][name], claim.contrast.direction)
            found.setdefault(change, []).append(claim)
    return [claims for claims in found.values() if len(claims) > 1 and any(c.held for c in claims)]


def robustness(paper: Paper) -> str:
    """The joint reading of each group; nothing where there is none."""
    return ". ".join(_together(paper, claims) for claims in groups(paper))


def _together(paper: Paper, claims: list[Claim]) -> str:
    parts = listing([f"{c.label} ({c.verdict})" for c in claims])
    moved = claims[0].moved_words
    other = next(c.held_words for c in claims if c.held)
    comes_to = {
        "supported": f"The effect of {moved} was found at each registered level of {other}",
        "refuted": f"The effect of {moved} depends on {other} or is missing at some registered level of it",
    }.get(joint([c.verdict_word for c in claims]), f"Whether the effect of {moved} holds across {other} stays open")
    return paper.say(
        f"robust {claims[0].id}",
        f"Claims {parts} have to be read together, since an effect counts as robust only when it is found at every level. {comes_to}",
        f"Robustness was asked for level by level, in {parts}, and needs all of them to go the same way. {comes_to}",
        f"One level would not do: {parts} make a single question, answered with yes only if none fails. {comes_to}",
        f"As each of {parts} is judged by itself at a corrected level, requiring all of them is the strict reading. {comes_to}",
        f"Put together, {parts} say whether the change carries over, and all are needed for that. {comes_to}",
    )
