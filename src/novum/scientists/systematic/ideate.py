"""Choosing a question: every one the factors allow, scored by what an answer would be worth.

Three scores in [0, 1] are averaged: *information* (how open the answer is: a contrast on which a listed
reference already takes a side is half as open), *coverage* (how little the lab has studied these
factors) and *novelty* (whether the lab has asked it before). Interactions and dose-responses cost more
arms and lose a little for it. Ties fall to the study's own randomness.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from msgspec import structs

from novum.canonical import short_id
from novum.events import Draft, IdeaChosen, IdeaJudged, IdeaProposed
from novum.protocols import Services
from novum.records import Domain, Idea, question_key
from novum.scientists.systematic.hypotheses import (
    Form,
    contrast_of,
    forms,
    metric_title,
    setting,
    show,
    title_of,
)
from novum.state import State

ACTOR = "scientist:systematic"
COST = {"main_effect": 0.0, "dose_response": 0.05, "interaction": 0.1}
KEPT = 12  # ideas put on record; the rest differ from them in a level only


def ideate(view: State, services: Services) -> list[Draft]:
    """Propose, judge and choose an idea."""
    assert view.domain is not None
    scored = sorted(
        (_scored(form, view.domain, services) for form in _representatives(view.domain)),
        key=lambda pair: (-pair[0].scores["total"], services.rng(f"idea {pair[0].id}").random()),
    )[:KEPT]
    if not scored:
        return []
    best = scored[0][0]
    drafts: list[Draft] = []
    for idea, reason in scored:
        drafts.append(Draft(body=IdeaProposed(idea=structs.replace(idea, scores={})), actor=ACTOR))
        judged = IdeaJudged(idea=idea.id, scores=idea.scores, novelty=idea.novelty, reason=reason)
        drafts.append(Draft(body=judged, actor=ACTOR))
    chosen = IdeaChosen(
        idea=best.id, reason=f"highest score ({best.scores['total']:.2f}) of {len(scored)} ideas"
    )
    return [*drafts, Draft(body=chosen, actor=ACTOR)]


def _representatives(domain: Domain) -> list[Form]:
    """One form per kind and set of factors: levels are settled after exploration."""
    first: dict[tuple[str, tuple[str, ...]], Form] = {}
    for form in forms(domain):
        first.setdefault((form.kind, form.factors), form)
    return list(first.values())


def _scored(form: Form, domain: Domain, services: Services) -> tuple[Idea, str]:
    stated = services.literature.statements(contrast_of(form, domain, "greater"), domain.baseline)
    asked = Counter(_questions(services.archive))
    studied = Counter(
        f for claim in services.archive.get("claims", ()) for f in _factors_of(claim["question"])
    )
    question = question_key(domain.id, domain.primary.name, form.factors)
    scores = {
        "information": 0.5 if stated else 1.0,
        "coverage": 1.0 / (1.0 + max(studied[f] for f in form.factors)),
        "novelty": 1.0 / (1.0 + 2.0 * asked[question]),
    }
    scores["total"] = round(sum(scores.values()) / 3 - COST[form.kind], 4)
    return _idea(form, domain, scores, [key for key, *_ in stated]), _reason(stated, asked[question])


def _questions(archive: Any) -> list[str]:
    return [claim["question"] for claim in archive.get("claims", ())]


def _factors_of(question: str) -> Sequence[str]:
    return question.rsplit(":", 1)[-1].split(",")


def _reason(stated: Sequence[Any], asked: int) -> str:
    known = "a listed reference takes a side" if stated else "no listed reference takes a side"
    return f"{known}; asked {asked} times before in this lab"


def _idea(form: Form, domain: Domain, scores: dict[str, float], keys: list[str]) -> Idea:
    names = [title_of(f, domain) for f in form.factors]
    return Idea(
        id=short_id("idea", domain.id, form.kind, form.factors),
        title=_title(form, names, metric_title(domain.primary)),
        hypothesis=_hypothesis(form, domain),
        kind=form.kind,
        factors=form.factors,
        metric=domain.primary.name,
        direction="open",
        motivation=domain.question,
        plan="explore the factors together, then compare the arms that matter on fresh seeds",
        risks="an effect smaller than the margin stays inconclusive at the planned sample",
        scores=scores,
        novelty="known" if keys else "not assessed",
        nearest=tuple(sorted(set(keys))),
    )


def _title(form: Form, names: list[str], metric: str) -> str:
    if form.kind == "interaction":
        return f"How {names[0]} and {names[1]} act together on {metric}"
    if form.kind == "dose_response":
        return f"How {metric} responds to {names[0]}"
    return f"The effect of {names[0]} on {metric}"


def _hypothesis(form: Form, domain: Domain) -> str:
    metric = metric_title(domain.primary)
    names = [title_of(f, domain) for f in form.factors]
    if form.kind == "interaction":
        return f"what {names[0]} does to {metric} depends on {names[1]}"
    if form.kind == "dose_response":
        span = f"{show(form.levels[0])} to {show(form.levels[-1])}"
        return f"{metric} changes steadily as {names[0]} goes from {span}"
    return f"moving {names[0]} away from {setting(form.a, domain)} changes {metric}"
