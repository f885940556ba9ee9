# ruff: noqa: E501 (a sentence of prose stands on one line)
"""What the listed references say of the claims, looked up after the verdicts."""

import re

from novum.scientists.systematic.compose.claim import Claim
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.wording import (
    listing,
    paragraph,
    paragraphs,
    quantity,
)


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
    small = [claim for claim in paper.claims if claim.immaterial and _relations(claim)]
    lines = [_clear(paper, clear)] if clear else []
    lines += [_small(paper, small)] if small else []
    lines += [_undecided(paper, silent)] if silent else []
    told = paragraph(opening, *(lines or [_none(paper)]))
    return paragraphs("## Against the literature", told, reached(paper))


def reached(paper: Paper) -> str:
    """The single run that went farthest, beside what a listed work gives as a value of the primary metric; empty
    where none gives any. The field `values` of a work says so: `METRIC: NUMBER`."""
    metric = paper.metric
    kind, word = ("max", "largest") if metric.goal == "maximize" else ("min", "smallest")
    given = [(key, found[1]) for key, entry in paper.literature.entries().items()
             if (found := re.match(rf"{metric.name}: ([\d.]+)$", entry.get("values", "")))]  # fmt: skip
    arms = [(value, arm) for arm in paper.protocol.arms
            if (value := paper.arm_value(arm, kind, metric)) is not None]  # fmt: skip
    if not given or not arms:
        return ""
    _, arm = (max if kind == "max" else min)(arms, key=lambda pair: pair[0])
    spec = f".{max(len(number.partition('.')[2]) for _, number in given)}f"
    works = listing([f"{{{{lit:{key}|{number}}}}}" for key, number in given])
    return paragraph(
        f"Of all runs of confirmation, the {word} value of {quantity(metric)} is {paper.arm(arm, kind, metric, spec=spec)}, in the arm of {paper.brief(arm)}; on record in the references {'is' if len(given) == 1 else 'are'} {works}",
        "Being picked among many runs, it supports no claim",
    )


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


def _small(paper: Paper, claims: list[Claim]) -> str:
    """Claims of an effect within the margin: its sign is all that bears on a reference."""
    labels = listing([c.label for c in claims])
    return paper.say(
        "small",
        f"For {labels} that is a matter of the sign alone, as the whole interval lies within the margin",
        f"Of {labels} the sign alone counts here, with an interval wholly within the margin",
        f"The effect of {labels} lies within the margin, so that its sign alone bears on the references",
        f"With {labels} the sign alone is held against them, of an effect within the margin",
        f"As the margin holds all of the interval of {labels}, its sign alone speaks for or against a reference",
    )


def _undecided(paper: Paper, claims: list[Claim]) -> str:
    """References on which claims without a decision have no bearing."""
    names = _names(list(dict.fromkeys(key for c in claims for key in _references(c, "silent"))))
    one, labels = len(claims) == 1, f"{listing([c.label for c in claims])} ({claims[0].verdict})"
    return paper.say(
        "undecided",
        f"{'Claim' if one else 'Claims'} {labels} can neither agree with {names} nor contradict them",
        f"On {'claim' if one else 'claims'} {labels}, {names} get neither agreement nor contradiction",
        f"Nothing can be said for or against {names} by way of {labels}",
        f"As to the statements of {names}, nothing follows from {labels}",
        f"{'Claim' if one else 'Claims'} {labels} {'has' if one else 'have'} no bearing on {names}",
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
