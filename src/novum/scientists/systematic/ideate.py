"""Choosing a question: every one the factors allow, scored by what an answer would be worth.

Three scores in [0, 1] are averaged: *information* (what an answer is expected to teach under the prior
predictive of `worth`, which a listed reference that takes a side shifts), *coverage* (how little the lab
has studied these factors) and *novelty* (whether the lab has asked before). Each arm beyond two costs a
little. Ties fall to the study's own randomness.

A question that the lab has decided is not proposed again. One that it left inconclusive may be, as a
follow-up that says so; and what was found leads on: a supported effect to whether it holds at the levels
of another factor, a refuted one to whether the factor matters at all, a pair that acted jointly unasked to
its interaction, which counts as if nothing of its factors had been studied. When every first question has
been asked, that is said, and only follow-ups are left.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct, structs

from novum.canonical import short_id
from novum.errors import StudyError
from novum.events import Draft, IdeaChosen, IdeaJudged, IdeaProposed
from novum.evidence.contrasts import family_arms
from novum.protocols import Literature, Services
from novum.records import Direction, Domain, Idea
from novum.scientists.systematic.asked import SEEN, Answer, Asked
from novum.scientists.systematic.hypotheses import (
    Form,
    contrasts_of,
    equivalence,
    forms,
    main_effects,
    robustness,
)
from novum.scientists.systematic.phrases import follow_up, idea_hypothesis, idea_plan, idea_title
from novum.scientists.systematic.programs import REASON, program_idea, searches_programs
from novum.scientists.systematic.worth import LED, openness, prior
from novum.state import State

ACTOR = "scientist:systematic"
ARM = 0.02  # what each arm beyond two costs
KEPT = 12  # ideas put on record; the rest differ from them in little
WAYS: tuple[Direction, ...] = ("less", "equivalent", "greater")


class Candidate(Struct, frozen=True):
    """A question that may be asked, with the answer of an earlier study that it follows up, if any."""

    form: Form
    after: Answer | None = None


def ideate(view: State, services: Services) -> list[Draft]:
    """Propose, judge and choose an idea; the one that the settings name, if they name one.

    Raises:
        StudyError: the lab has decided everything that this domain's factors let it ask, or the idea named.
    """
    assert view.domain is not None and view.settings is not None
    if searches_programs(view):
        return _about_the_program(view, services)
    asked = Asked(services.archive)
    scored = ranked(view.domain, asked, services)
    wanted = view.settings.idea
    best = next((idea for idea, _ in scored if not wanted or idea.id == wanted), None)
    if best is None:
        raise _nothing_left(wanted)
    kept = scored[:KEPT] if best in [idea for idea, _ in scored[:KEPT]] else [
        *scored[: KEPT - 1], *(pair for pair in scored if pair[0] is best)
    ]  # fmt: skip
    drafts: list[Draft] = []
    for idea, reason in kept:
        drafts.append(Draft(body=IdeaProposed(idea=structs.replace(idea, scores={})), actor=ACTOR))
        judged = IdeaJudged(idea=idea.id, scores=idea.scores, novelty=idea.novelty, reason=reason)
        drafts.append(Draft(body=judged, actor=ACTOR))
    first = any(c.after is None or _is_lead(c) for c in candidates(view.domain, asked))
    chosen = IdeaChosen(idea=best.id, reason=_why(best, len(scored), bool(wanted), first))
    return [*drafts, Draft(body=chosen, actor=ACTOR)]


def ideas(view: State, services: Services) -> list[Idea]:
    """Every idea that is open in this lab, from the best to the worst, with its scores.

    Raises:
        StudyError: the lab has decided everything that this domain's factors let it ask.
    """
    assert view.domain is not None
    if searches_programs(view):
        return [program_idea(view.domain, services.archive)]
    found = [idea for idea, _ in ranked(view.domain, Asked(services.archive), services)]
    if not found:
        raise _nothing_left("")
    return found


def _about_the_program(view: State, services: Services) -> list[Draft]:
    """The one idea of a search over programs."""
    assert view.domain is not None and view.settings is not None
    idea = program_idea(view.domain, services.archive)
    if view.settings.idea not in ("", idea.id):
        raise _nothing_left(view.settings.idea)
    bodies = (
        IdeaProposed(idea=structs.replace(idea, scores={})),
        IdeaJudged(idea=idea.id, scores=idea.scores, novelty=idea.novelty, reason=REASON),
        IdeaChosen(idea=idea.id, reason=REASON),
    )
    return [Draft(body=body, actor=ACTOR) for body in bodies]


def _nothing_left(wanted: str) -> StudyError:
    if wanted:
        return StudyError(f"the idea {wanted} is not open in this lab", fix="novum run chooses one that is")
    return StudyError(
        "this lab has decided every question that the domain's factors allow",
        fix="add factors or levels to domain.toml, use novum replicate, or begin another --lab",
    )


def _why(best: Idea, count: int, wanted: bool, first: bool) -> str:
    score = f"{best.scores['total']:.2f}"
    if not first:
        return (f"every first question of this domain has been asked in this lab; of {count} follow-ups this "
                f"one scores highest ({score})")  # fmt: skip
    if wanted:
        return f"taken from the ideas of this run, with a score of {score} among {count}"
    return f"highest score ({score}) of {count} ideas"


# --- what may be asked --------------------------------------------------------------------------------


def candidates(domain: Domain, asked: Asked) -> Iterator[Candidate]:
    """One per kind and factors (levels are settled after exploration), those decided left out."""
    for form in _representatives(domain):
        if not asked.settled(form.kind, form.factors):
            last = next(iter(asked.answers(form.kind, form.factors)[-1:]), None)
            yield Candidate(form, last or asked.lead(form.kind, form.factors))
    for factor in domain.factors:
        first = next(main_effects(factor), None)
        if first is None:
            continue
        refuted = asked.with_verdict("main_effect", (factor.name,), "refuted")
        if refuted and not asked.settled("equivalence", (factor.name,)):
            yield Candidate(equivalence(first), refuted[-1])
        supported = asked.with_verdict("main_effect", (factor.name,), "supported")
        for other in domain.factors if supported else ():
            form = next(robustness(factor, other)) if other.name != factor.name else first
            if len(form.contexts) > 1 and not asked.settled("robustness", form.factors):
                yield Candidate(form, supported[-1])


def _representatives(domain: Domain) -> list[Form]:
    found: dict[tuple[str, tuple[str, ...]], Form] = {}
    for form in forms(domain):
        found.setdefault((form.kind, form.factors), form)
    return list(found.values())


# --- what an answer would be worth --------------------------------------------------------------------


def ranked(domain: Domain, asked: Asked, services: Services) -> list[tuple[Idea, str]]:
    """Every open idea with why it scores so, best first, ties in the order that the study's seed gives."""
    scored = [_scored(c, domain, asked, services.literature) for c in candidates(domain, asked)]
    return sorted(
        scored, key=lambda pair: (-pair[0].scores["total"], services.rng(f"idea {pair[0].id}").random())
    )


def _scored(c: Candidate, domain: Domain, asked: Asked, literature: Literature) -> tuple[Idea, str]:
    form = c.form
    keys, stated = stated_on(form, domain, literature)
    times = len(asked.answers(form.kind, form.factors))
    arms = len(family_arms(contrasts_of(form, domain, "greater"), domain.baseline))
    scores = {
        "information": round(openness(LED if _is_lead(c) else prior(form.kind, stated)), 4),
        "coverage": 1.0 if _is_lead(c) else 1.0 / (1.0 + max(asked.times(f) for f in form.factors)),
        "novelty": 1.0 / (1.0 + 2.0 * times),
    }
    scores["total"] = round(max(0.0, sum(scores.values()) / 3 - ARM * (arms - 2)), 4)
    return _idea(c, domain, scores, keys), _reason(keys, times, c.after)


def _is_lead(candidate: Candidate) -> bool:
    return candidate.after is not None and candidate.after.verdict == SEEN


def stated_on(form: Form, domain: Domain, literature: Literature) -> tuple[list[str], list[Direction]]:
    """The references that take a side on a question, and the sides that they take."""
    keys, sides = [], []
    for way in WAYS:
        found = literature.statements(contrasts_of(form, domain, way)[0], domain.baseline)
        agreeing = [key for key, relation, _ in found if relation == "agrees"]
        keys += agreeing
        sides += [way] * len(agreeing)
    return sorted(dict.fromkeys(keys)), sides


def _reason(keys: Sequence[str], times: int, after: Answer | None) -> str:
    known = "a listed reference takes a side" if keys else "no listed reference takes a side"
    if after is None:
        return f"{known}; not asked before in this lab"
    again = f"; asked {times} time{'s' if times > 1 else ''} before" if times else ""
    return f"{known}{again}; {follow_up(after.verdict, after.study)}"


def _idea(c: Candidate, domain: Domain, scores: dict[str, float], keys: list[str]) -> Idea:
    form, what = c.form, (c.form.kind, c.form.factors, domain)
    again = f" Study {follow_up(c.after.verdict, c.after.study)}." if c.after else ""
    return Idea(
        id=short_id("idea", domain.id, form.kind, form.factors),
        title=idea_title(*what),
        hypothesis=idea_hypothesis(*what),
        kind=form.kind,
        factors=form.factors,
        metric=domain.primary.name,
        direction="equivalent" if form.kind == "equivalence" else "open",
        motivation=domain.question.strip() + again,
        plan=idea_plan(*what),
        risks="an effect near the margin stays inconclusive at any sample that the budget allows",
        scores=scores,
        novelty="known" if keys else "not assessed",
        nearest=tuple(keys),
    )
