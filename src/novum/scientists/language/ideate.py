# ruff: noqa: E501 (prompts stand on long lines)
"""The slot *ideate*: a few ideas, each thought over, held against what is known, and one of them chosen.

An idea is asked for with all earlier ones in view, of this study and of the lab; one that repeats another
goes back with the reason. Its author may then change it, in rounds that end as soon as nothing is to be
changed. A judge says whether the works at hand or the lab have settled it. Where no idea can be used, the
systematic scientist's ideation steps in, and that is an event.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import structs

from novum.events import Draft, IdeaChosen, IdeaJudged, IdeaProposed, ProposalRefused
from novum.program import is_open
from novum.protocols import Services
from novum.records import Domain, Idea, ModelRequest, Near, Part
from novum.scientists.language import brief
from novum.scientists.language.duplicates import duplicate_of
from novum.scientists.language.proposals import (
    IdeaProposal,
    NoveltyVerdict,
    Reflection,
    fault_of,
    idea_of,
)
from novum.scientists.language.told import Told
from novum.state import State
from novum.steps.typed import Failed, propose

ACTOR = "scientist:language"
ROUNDS = 2  # of reflection after an idea, at most
ANSWER_TOKENS = 2500
KNOWN = 0.5  # factor on the total of an idea that is known already
QUOTABLE = ("author", "year", "title", "states", "values", "abstract")
UNMARKED = re.compile(r"[^a-z0-9]+")
EARLIER = 40  # earlier ideas and claims of the lab that a prompt shows, the latest

TASK = """Propose research ideas that this machine can carry out and that would teach something whatever comes \
out. Good ideas are specific, can turn out false, are not settled by the works at hand, and do not repeat an \
earlier idea. Rate your own ideas soberly; most are a 4 to 7. Answer with one JSON value and nothing else."""

ASK = """Propose one idea that differs from all of the above."""

FROM_SEED = """A person wants this idea put into the form of a proposal. Keep its substance; say in `risks` what \
of it cannot be carried out here.
<material>
{seed}
</material>"""

REFLECT = """Look at your idea again with a referee's eyes: is it specific, feasible here, can it turn out false, \
does it differ from what is known, are the scores sober? If nothing is to be changed, answer with `done` true and \
no idea ("I am done"). Otherwise answer with `done` false and the idea in full as you would have it now."""

JUDGE = """You judge whether a research idea is new. Say `known` if a work at hand or an earlier study of this lab \
has settled the question as asked, `novel` if they come near and leave it open, and `not assessed` if too little \
is at hand to tell. Name the nearest works or studies, at most four, by their key or id, only ones that are listed; quote \
a few words of each as they are listed, which show that it comes near; and say how the idea differs from it. A work \
of which only the title is at hand can be near, and cannot settle a question by its title alone. Answer with one JSON value and nothing else."""


async def ideate(view: State, services: Services) -> list[Draft]:
    """Propose, judge and choose; what a person gave comes first, and an idea that was named is taken as it is."""
    assert view.domain is not None and view.settings is not None
    if view.given is not None:
        chosen = IdeaChosen(idea=view.given.id, reason="named by the person who began the study")
        return [_draft(IdeaProposed(idea=view.given)), _draft(chosen)]
    author = _Author(view, services)
    for turn in range(max(view.settings.proposals, len(view.seed_ideas))):
        seed = view.seed_ideas[turn] if turn < len(view.seed_ideas) else ""
        await author.idea(turn, seed)
    if not author.ideas:
        return author.told.drafts
    verdicts = await author.verdicts()
    return [*author.told.drafts, *verdicts]


class _Author:
    """One ideation under way."""

    def __init__(self, view: State, services: Services):
        assert view.domain is not None and view.settings is not None
        self.domain: Domain = view.domain
        self.budget = view.domain.budgets[view.settings.budget]
        self._view = view
        self.services = services
        self.ideas: list[Idea] = []
        self.told = Told("idea")
        self._editable = is_open(self.domain)
        self._failed = 0
        self._works = {key: dict(entry) for key, entry in services.literature.entries().items()}

    # --- proposing ------------------------------------------------------------------------------------

    async def idea(self, turn: int, seed: str) -> None:
        """One further idea, if one can be used."""
        ask = FROM_SEED.format(seed=seed) if seed else ASK
        request = ModelRequest(
            role="ideate",
            parts=(*self._stable(TASK), self._earlier(), Part(text=ask)),
            max_output_tokens=ANSWER_TOKENS,
            sample=self._failed,
        )
        found = await propose(
            self.services.models, request, IdeaProposal, check=self.told.noting(self._fault)
        )
        if isinstance(found, Failed):
            self.told.gave_up(f"idea {turn + 1}: {found.reason}", final=False)
            self._failed += 1  # else the next question would be this one, and its answer the same
            return
        self.ideas.append(idea_of(await self._reflected(request, found), self.domain))

    async def _reflected(self, request: ModelRequest, first: IdeaProposal) -> IdeaProposal:
        """The idea as its author leaves it; a reflection that cannot be used changes nothing."""
        idea = first
        for _ in range(ROUNDS):
            question = structs.replace(
                request,
                parts=(*request.parts, Part(speaker="model", text=_json(idea)), Part(text=REFLECT)),
            )
            found = await propose(
                self.services.models, question, Reflection, check=self._fault_of_reflection, repairs=1
            )
            if isinstance(found, Failed) or found.done or found.idea in (None, idea):
                return idea
            idea = found.idea
        return idea

    def _fault_of_reflection(self, reflection: Reflection) -> str:
        if reflection.done or reflection.idea is None:
            return ""
        return self._fault(reflection.idea)

    def _fault(self, proposal: IdeaProposal) -> str:
        wrong = fault_of(proposal, self.domain, self._editable)
        if wrong:
            return wrong
        return duplicate_of(idea_of(proposal, self.domain), self.ideas, self.services.archive)

    # --- judging and choosing -------------------------------------------------------------------------

    async def verdicts(self) -> list[Draft]:
        """The events of all ideas and of the choice."""
        drafts: list[Draft] = []
        judged = []
        for idea in self.ideas:
            found, verdict = await self._verdict(idea)
            judged.append(found)
            plain = structs.replace(idea, scores={})
            drafts += [
                _draft(IdeaProposed(idea=structs.replace(plain, nearest=found.nearest))),
                _draft(_judged(found, verdict)),
            ]
        rng = self.services.rng
        best = min(judged, key=lambda i: (-i.scores["total"], rng(f"idea {i.id}").random()))
        return [*drafts, _draft(IdeaChosen(idea=best.id, reason=_why(best, len(judged))))]

    async def _verdict(self, idea: Idea) -> tuple[Idea, NoveltyVerdict]:
        """The idea with its novelty and the keys of the nearest works, and the judge's verdict as it stands."""
        request = ModelRequest(
            role="judge",
            parts=(
                *self._stable(JUDGE, code=False),
                self._earlier(ours=False),
                Part(text=f"# The idea\n<material>\n{_json(_told(idea))}\n</material>"),
            ),
            max_output_tokens=1500,
        )
        found = await propose(self.services.models, request, NoveltyVerdict, check=self._fault_of_nearest)
        if isinstance(found, Failed):
            reason = f"novelty could not be judged: {found.reason}"
            return idea, NoveltyVerdict(verdict="not assessed", reason=reason)
        known = found.verdict == "known"
        total = round(idea.scores["total"] * (KNOWN if known else 1.0), 4)
        nearest = tuple(near.key for near in found.nearest)
        scores = idea.scores | {"total": total}
        judged = structs.replace(idea, scores=scores, novelty=found.verdict, nearest=nearest)
        return judged, found

    def _fault_of_nearest(self, verdict: NoveltyVerdict) -> str:
        """A work that nobody lists is made up."""
        known = listed(self._works, self.services.archive)
        unknown = [near.key for near in verdict.nearest if near.key not in known]
        if unknown:
            wrong = f"{', '.join(unknown)} is not among the works and studies that are listed"
            return self.told.note(wrong)
        if verdict.verdict == "known" and not verdict.nearest:
            return "a question that is known was settled by something: name it"
        for near in verdict.nearest:
            if not is_quoted(near.evidence, known[near.key]):
                made_up = (
                    f"“{near.evidence[:80]}” does not stand in what is listed for {near.key}; quote its words"
                )
                return self.told.note(made_up)
        return ""

    # --- prompts --------------------------------------------------------------------------------------

    def _stable(self, task: str, code: bool = True) -> tuple[Part, ...]:
        parts = [brief.system(task), brief.domain_part(self.domain, self.services.blobs)]
        if code and self._editable:
            parts.append(brief.code_part(self.domain, next(iter(self.domain.programs)), self.services.blobs))
        return (*parts, brief.works_part(self._works, abstracts=not code),
                *brief.lessons_part(self.services.archive), *self._means(code))  # fmt: skip

    def _means(self, wanted: bool) -> tuple[Part, ...]:
        """What the study may spend, for whoever plans one."""
        return (brief.means_part(self._view, self.budget),) if wanted else ()

    def _earlier(self, ours: bool = True) -> Part:
        """What has been asked before: in this lab with what came of it, and in this ideation."""
        mine = [f"- {i.title} ({i.kind}; {', '.join(i.factors)})" for i in self.ideas] if ours else []
        text = f"# Earlier studies of this lab\n<material>\n{earlier(self.services.archive)}\n</material>"
        if ours:
            text += "\n\n# Ideas of this study so far\n" + ("\n".join(mine) or "(none)")
        return Part(text=text)


def earlier(archive: Mapping[str, Any]) -> str:
    """Chosen ideas and decided claims of the lab, the latest of them."""
    ideas = [f"- {i['study']} asked: {i['title']} ({i['kind']}; {i['factors']})"
             for i in archive.get("ideas", ()) if i["chosen"]]  # fmt: skip
    claims = [f"- {c['study']}: {c['text']}: {c['verdict']}" for c in archive.get("claims", ())]
    return "\n".join([*ideas[-EARLIER:], *claims[-EARLIER:]]) or "(none)"


def _judged(idea: Idea, verdict: NoveltyVerdict) -> IdeaJudged:
    """The judgement of an idea as an event, with what it rests on."""
    told = "; ".join(f"{near.key}: {near.difference}" for near in verdict.nearest)
    return IdeaJudged(
        idea=idea.id,
        scores=idea.scores,
        novelty=idea.novelty,
        reason=verdict.reason + (f" Nearest: {told}" if told else ""),
        nearest=tuple(
            Near(
                key=near.key,
                evidence=" ".join(near.evidence.split()),
                difference=" ".join(near.difference.split()),
            )
            for near in verdict.nearest
        ),
    )


def listed(works: Mapping[str, Mapping[str, str]], archive: Mapping[str, Any]) -> dict[str, str]:
    """What is at hand of every work and earlier study, as text that may be quoted."""
    found = {key: " ".join(str(entry.get(name, "")) for name in QUOTABLE) for key, entry in works.items()}
    for row in (*archive.get("ideas", ()), *archive.get("claims", ())):
        text = " ".join(str(row.get(name, "")) for name in ("title", "text", "verdict"))
        found[row["study"]] = f"{found.get(row['study'], '')} {text}"
    return found


def is_quoted(words: str, text: str) -> bool:
    """Whether words stand in a text, whatever their case, spacing, braces and quotation marks."""
    plain, within = (" ".join(UNMARKED.sub(" ", part.lower()).split()) for part in (words, text))
    return bool(plain) and f" {plain} " in f" {within} "


def _why(best: Idea, count: int) -> str:
    return (
        f"highest score ({best.scores['total']:.2f}) of {count} ideas, by their author and a judge of novelty"
    )


def _told(idea: Idea) -> dict[str, Any]:
    """An idea without its author's own scores, which might sway a judge."""
    return {
        "title": idea.title,
        "hypothesis": idea.hypothesis,
        "kind": idea.kind,
        "factors": idea.factors,
        "direction": idea.direction,
        "plan": idea.plan,
    }


def _json(value: Any) -> str:
    from msgspec import json

    return json.encode(value).decode()


def _draft(body: IdeaProposed | IdeaJudged | IdeaChosen | ProposalRefused) -> Draft:
    return Draft(body=body, actor=ACTOR)


def chosen_in(drafts: Sequence[Draft]) -> bool:
    """Whether an ideation came to a choice."""
    return any(isinstance(draft.body, IdeaChosen) for draft in drafts)
