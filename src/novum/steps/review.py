"""The verb *review*: a checklist that a machine can answer from the paper and the record.

It follows the topics of the paper checklist of NeurIPS, in our own words and only where text and journal
give an answer; what needs a person's judgement is said to. Every answer names where it was found.
"""

from collections.abc import Mapping, Sequence

from novum.events import Draft, ReviewDone
from novum.protocols import Services
from novum.records import Check
from novum.state import State
from novum.steps.checklist import ITEMS
from novum.steps.checklist.reading import Manuscript


def review(view: State, services: Services) -> Sequence[Draft]:
    """Answer every item of the checklist for the paper of a study."""
    items = tuple(review_items(view, services.literature.entries()))
    return [Draft(body=ReviewDone(items=items, summary=summary(items)))]


def review_items(state: State, entries: Mapping[str, Mapping[str, str]]) -> list[Check]:
    """The checklist as checks: `passed` is false only where the answer is no."""
    if state.paper is None:
        detail = f"no: there is no paper to review; the study ended in its stage '{state.stage}'"
        return [Check(id="paper", passed=False, detail=detail)]
    paper = Manuscript(state, entries)
    answers = ((id, item(paper)) for id, item in ITEMS.items())
    return [Check(id=id, passed=a.word != "no", detail=f"{a.word}: {a.why}") for id, a in answers]


def summary(items: Sequence[Check]) -> str:
    """One sentence: how many items hold, and which do not."""
    failed = [c.id for c in items if not c.passed]
    open_ = sum(c.detail.startswith("not applicable") for c in items)
    held = f"{len(items) - len(failed) - open_} of {len(items)} items hold, {open_} do not apply"
    return f"{held}; answered no: {', '.join(failed)}" if failed else f"{held}, none is answered no"
