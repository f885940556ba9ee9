# ruff: noqa: E501 (a sentence of prose stands on one line)
"""Claims that were left open, told together where there are many: their intervals stand in the table."""

from collections.abc import Sequence

from novum.scientists.systematic.compose.claim import Claim
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.wording import listing, paragraph, paragraphs

TOGETHER = 2  # from so many on


def stays_open(paper: Paper, claim: Claim) -> bool:
    """Whether a claim other than the leading one was left open, without a figure or an incident to tell."""
    d = claim.decision
    if d is None or not claim.decided or claim is paper.lead or claim.verdict_word != "inconclusive":
        return False
    lost = any(d.n.get(name) for name in ("failed", "undefined", "duplicates"))
    return bool(d.agrees) and not lost and not claim.none_reached and paper.figure("dose", claim.label) is None


def undecided(paper: Paper, claims: Sequence[Claim]) -> str:
    """What there is to say of claims whose intervals include their margin."""
    return paragraphs("### Claims left open", paragraph(_named(paper, claims), _indicated(paper, claims)))


def _named(paper: Paper, claims: Sequence[Claim]) -> str:
    names = f"{listing([f'{c.label} on {c.subject}' for c in claims])} ({claims[0].verdict})"
    return paper.say(
        "left open",
        f"The intervals in Table 4 include the margin for {names}",
        f"No decision came about for {names}: as Table 4 shows, the margin lies inside each of their intervals",
        f"As their intervals in Table 4 span the margin, nothing is decided about {names}",
        f"Table 4 leaves open {names}, whose intervals reach to both sides of the margin",
        f"Without a decision, by the intervals in Table 4, are {names}",
    )


def _indicated(paper: Paper, claims: Sequence[Claim]) -> str:
    """Of those left open, which exclude zero and which not."""
    away = [c for c in claims if c.excludes_zero]
    if not away:
        return paper.say(
            "left open at zero",
            "Each of these intervals holds zero as well",
            "Zero, too, is inside all of these",
            "All of them contain zero besides",
            "Nor does any of these intervals leave out zero",
            "Zero is in every one of them too",
        )
    labels = listing([c.label for c in away])
    named = f"{'each of them' if len(away) == len(claims) else labels} ({away[0].verdict})"
    return paper.say(
        "left open beyond zero",
        f"Zero is excluded for {named}, though by an effect of a size that may or may not matter",
        f"The interval of {named} excludes zero, which says that something is there and not that it matters",
        f"In the case of {named} zero lies outside, so that some effect is likely and its importance unknown",
        f"The interval of {named} leaves out zero, though not all that is short of the margin",
        f"Zero lies outside the interval for {named}, without a decision on size",
    )
