"""What a model answers when it is asked for an idea: typed, checked, and turned into an `Idea`."""

import re
from typing import Annotated, Literal

from msgspec import Meta

from novum.canonical import short_id
from novum.evidence.design import levels_of
from novum.program import PROGRAM
from novum.records import Direction, Domain, Idea, Record
from novum.steps.typed import Answer

Kind = Literal["main_effect", "equivalence", "dose_response", "interaction", "robustness", "program"]
COUNTS = {"main_effect": 1, "equivalence": 1, "dose_response": 1, "interaction": 2, "robustness": 2}
Score = Annotated[int, Meta(ge=1, le=10)]
Line = Annotated[str, Meta(min_length=8, max_length=200)]
Text = Annotated[str, Meta(min_length=20, max_length=4000)]
DIRECTION = (
    "What happens to the primary metric: of a program, in the edited version against the original; of a main "
    "effect, at the other level against the baseline; of a dose-response, as the factor rises; of an "
    "interaction, to the first factor's effect as the second moves. `open` leaves it to exploration."
)
MOTIVATION = (
    "Why the question is worth asking, in plain sentences. The paper quotes them as yours, but for those "
    "that hold a number or state as fact what nothing on record carries."
)
EVIDENCE = (
    "A few words quoted exactly as they are listed for that key: from the title, a statement, the abstract, "
    "or the line of the earlier study."
)


class IdeaProposal(Answer, frozen=True, kw_only=True):
    """A research idea. `kind` says what is compared:

    main_effect: one factor's baseline against another level. equivalence: the same, claimed not to matter.
    dose_response: the slope over the levels of one ordered factor. interaction: whether moving the second
    factor changes what moving the first does. robustness: whether the first factor's effect holds at every
    level of the second. program: an edit of the program's editable files against the program as it is;
    `factors` is then empty, and `plan` says what is to be edited, and names the functions.
    """

    title: Line
    hypothesis: Text
    kind: Kind
    factors: tuple[str, ...] = ()
    direction: Annotated[Literal["greater", "less", "equivalent", "open"], Meta(description=DIRECTION)]
    motivation: Annotated[Text, Meta(description=MOTIVATION)]
    plan: Text
    risks: str
    interest: Score
    feasibility: Score
    novelty: Score


class Reflection(Answer, frozen=True, kw_only=True):
    """A second look at one's own idea: `done` if nothing about it should change, else the idea anew."""

    done: bool
    idea: IdeaProposal | None = None


class Nearness(Record, kw_only=True):
    """A work or an earlier study that comes near, by its key or id; what shows that it does; how the idea
    differs from it, in one sentence."""

    key: str
    evidence: Annotated[str, Meta(description=EVIDENCE, min_length=1, max_length=400)]
    difference: str


class NoveltyVerdict(Answer, frozen=True, kw_only=True):
    """Whether the works at hand, or an earlier study of this lab, have settled the question."""

    verdict: Literal["known", "novel", "not assessed"]
    nearest: tuple[Nearness, ...] = ()
    reason: str


def fault_of(proposal: IdeaProposal, domain: Domain, editable: bool) -> str:
    """What is wrong with a proposal in this domain, in a sentence for the model; empty if it will do."""
    if proposal.kind == "program":
        return "" if editable else "no file of this domain's program may be edited, so ask about its factors"
    known = {f.name for f in domain.factors} - {PROGRAM}
    unknown = [name for name in proposal.factors if name not in known]
    if unknown:
        return f"the domain has no factor {', '.join(unknown)}; its factors are {', '.join(sorted(known))}"
    if len(set(proposal.factors)) != COUNTS[proposal.kind]:
        return f"an idea of the kind {proposal.kind} is about {COUNTS[proposal.kind]} different factors"
    return _of_levels(proposal, domain)


def _of_levels(proposal: IdeaProposal, domain: Domain) -> str:
    factor = domain.factor(proposal.factors[0])
    if proposal.kind == "dose_response" and (factor.kind == "categorical" or len(levels_of(factor)) < 3):
        return f"a dose-response needs an ordered factor of three levels or more, and {factor.name} is none"
    if proposal.kind == "equivalence" and proposal.direction != "equivalent":
        return "an equivalence predicts the direction equivalent"
    if proposal.kind == "equivalence" and not domain.primary.margin:
        return "the domain names no margin, so that sameness cannot be tested"
    return ""


def idea_of(proposal: IdeaProposal, domain: Domain) -> Idea:
    """The record of a proposal. A question about factors has one id, whoever asks it and however worded."""
    program = proposal.kind == "program"
    what = (PROGRAM,) if program else proposal.factors
    about = (*what, *words_of(proposal.hypothesis)) if program else what
    scores = {name: getattr(proposal, name) / 10 for name in ("interest", "feasibility", "novelty")}
    return Idea(
        id=short_id("idea", domain.id, proposal.kind, about),
        title=" ".join(proposal.title.split()),
        hypothesis=" ".join(proposal.hypothesis.split()),
        kind=proposal.kind,
        factors=what,
        metric=domain.primary.name,
        direction=proposal.direction,
        motivation=proposal.motivation.strip(),
        plan=proposal.plan.strip(),
        risks=proposal.risks.strip(),
        scores=scores | {"total": round(sum(scores.values()) / 3, 4)},
    )


def way(idea: Idea) -> Direction | None:
    """The predicted direction, None where it is left open."""
    return None if idea.direction == "open" else idea.direction


WORD = re.compile(r"[a-z0-9]+")
COMMON = frozenset(
    {*("a", "an", "and", "as", "at", "be", "by", "does", "for", "from", "in", "into", "is", "it", "its"),
     *("of", "on", "or", "that", "the", "than", "this", "to", "with")}
)  # fmt: skip


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text that carry meaning, each once, sorted."""
    return tuple(sorted({w for w in WORD.findall(text.lower()) if w not in COMMON}))
