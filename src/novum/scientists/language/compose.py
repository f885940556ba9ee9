"""The slot *compose*: the machine's paper with the prose of a model in it, as far as it can stand.

Method, protocol, tables, verdicts, trials and appendix are the machine's. A model that may write is asked for
what interprets them (`writing`); without one, or where nothing of its text can stand, the paper is the
machine's, and a model's motivation of its idea is quoted and labelled. The checks of a manuscript hold for
all of it: a sentence that fails them is left out, and that is said.
"""

import json
import re
from collections.abc import Sequence

from novum.events import Draft, FigureExamined
from novum.evidence.catalogue import Catalogue
from novum.manuscript.checks import vocabulary
from novum.manuscript.references import resolve
from novum.protocols import Services
from novum.records import Figure
from novum.scientists.language.authors import author_line, in_mailbox, models_in, written_by
from novum.scientists.language.looking import looked
from novum.scientists.language.nearest import nearest_works
from novum.scientists.language.quoting import quotable, sentences
from novum.scientists.language.writing.prose import Judge
from novum.scientists.language.writing.sheet import sheet_of
from novum.scientists.language.writing.weave import Weaver, before
from novum.scientists.language.writing.writer import Writer
from novum.scientists.systematic.compose.introduction import choice
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.wording import listing, paragraph, paragraphs
from novum.state import State
from novum.steps.lookup import StudyLookup
from novum.steps.pinned import pinned_head
from novum.steps.write import Composed


async def compose(
    source: str, view: State, evidence: Catalogue, figures: Sequence[Figure], services: Services
) -> Composed:
    """The paper, told whose work it is, and what of a model's text was refused."""
    paper = Paper(
        view, evidence, figures, services.blobs, services.literature, pinned_head(services.log, "write")
    )
    chosen = chosen_words(view, paper)
    if chosen and (theirs := choice(paper)):
        source = source.replace(theirs, chosen, 1)
    source = before(source, "# Definitions", nearest_works(view, services))
    if not services.models.names("write"):
        return Composed(source=_machines(source, view, services))
    return await _written(source, paper, chosen, view, services)


async def _written(source: str, paper: Paper, chosen: str, view: State, services: Services) -> Composed:
    assert view.domain is not None
    lookup, words = StudyLookup(view, services.literature.entries()), vocabulary(view.domain)
    placed = tuple(placed.id for placed in resolve(source, lookup).figures)
    sheet = sheet_of(paper, placed)
    writer = Writer(view, services, Judge(sheet, lookup, words))
    await writer.write()
    drawn = {figure.id: figure for figure in paper.figures}
    shown = {f"F{number}": drawn[id] for number, id in enumerate(placed, 1)}
    looks, changed = await looked(view, services, writer, shown)
    weaver = Weaver(source, paper, sheet, lookup, words, writer.told)
    weaver.add(writer.sections, chosen)
    names = sorted(writer.models.names_heard) if weaver.used else []
    text = weaver.source if weaver.used else source
    text = _headed(text, view, weaver.used, names)
    if "introduction" not in weaver.used:
        text = before(text, "# Method", _motivation(view, services))
    told = paragraphs(account(weaver.used, names, writer), of_looks(services.models.names("vision"), looks))
    return Composed(source=before(text, "# What the data leave open", told), figures=tuple(changed),
                    drafts=(*writer.told.drafts, *looks))  # fmt: skip


def of_looks(eyes: Sequence[str], looks: Sequence[Draft]) -> str:
    """For the reader: that a model looked at the figures, and what it may have changed of them."""
    if not looks:
        return ""
    mended = any(isinstance(look.body, FigureExamined) and look.body.mended for look in looks)
    done = ", and what could be of what it found was mended once, as the journal tells" if mended else ""
    named = listing([f"`{name}`" for name in eyes])
    return paragraph(f"A model that sees pictures, {named}, looked at the figures{done}")


def account(used: Sequence[str], names: Sequence[str], writer: Writer) -> str:
    """For the reader: whose words these are, and that some were left out."""
    if not used:
        return ""
    said = [f"The {listing(used)} of this paper {'are' if len(used) > 1 else 'is'} in the words of "
            f"{listing([f'`{name}`' for name in names])}, to which no measured value was shown"]  # fmt: skip
    if writer.told.refusals:
        said.append("Sentences that nothing on record carries went back with the reason")
    if writer.dropped:
        said.append("Those that could not be mended are left out, and the journal holds each with its reason")
    return paragraph(*said)


def _machines(source: str, view: State, services: Services) -> str:
    return before(_headed(source, view), "# Method", _motivation(view, services))


def _headed(source: str, view: State, used: Sequence[str] = (), names: Sequence[str] = ()) -> str:
    source = _with(source, "authors", author_line(view, names))
    return _with(source, '"Written by"', written_by(view, used, names))


def chosen_words(view: State, paper: Paper) -> str:
    """How a question that a model put came to be chosen; empty where the machine's own account is true."""
    idea = view.ideas.get(view.chosen)
    models = models_in(view, "ideate")
    if idea is None or not models:
        return ""
    count = paper.m("ideas", "int")
    who = "who answered in a mailbox" if all(map(in_mailbox, models)) else "a language model"
    if view.given is not None:
        return paragraph("The question was named by the person who began the study")
    near = [f"@{key}" for key in idea.nearest if paper.cites(key)]
    novelty = {"known": "held it to be settled by what was at hand", "novel": "found that left open so far"}
    judged = novelty.get(idea.novelty, "could not tell whether it is new")
    nearest = f", with {listing(near)} nearest" if near else ""
    alone = len(view.ideas) == 1
    shown = "; the appendix shows what of them comes near" if view.nearest.get(view.chosen) else ""
    return paragraph(
        "No other question was proposed that could be used" if alone else
        f"Of {count} proposed questions this one came out in front by the scores of their author and of a "
        "judge of novelty",
        f"The judge, {who}, {judged}{nearest}{shown}",
    )  # fmt: skip


def _with(source: str, key: str, value: str) -> str:
    """The front matter with another value of a key that it holds."""
    line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
    return re.sub(rf"^{re.escape(key)} = .*$", lambda _: line, source, count=1, flags=re.M)


def _motivation(view: State, services: Services) -> str:
    idea, models = view.ideas.get(view.chosen), models_in(view, "ideate")
    if idea is None or not models or not idea.motivation:
        return ""
    told = list(sentences(idea.motivation))
    kept = quotable(told, view, services)
    named = ", ".join(f"`{name}`" for name in models)
    if not kept:
        return (f"The motivation in the words of {named} is in the journal; it is not quoted, since every "
                "sentence of it states something that nothing on record carries.")  # fmt: skip
    short = " Sentences that state what nothing on record carries are left out." if kept != told else ""
    return (f"The question was put by {named}, in whose words, which are no evidence, the motivation is as "
            f"follows.{short}\n\n> {' '.join(kept)}")  # fmt: skip
