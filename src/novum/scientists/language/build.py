"""The slot *build*: a model writes the files of a node, as edits of its parent's.

What it is asked stands in `coding`. An answer whose edits cannot be made goes back with the exact reason, one
that asks to be shown something is answered, both a bounded number of times; after that the commission is a
failed candidate.
"""

import re

from novum import patches
from novum.patches import PatchError
from novum.program import PROGRAM, level_of
from novum.protocols import Services
from novum.records import Commission, ModelAnswer, ModelRequest, Node, Record
from novum.scientists.language.coding import Coding
from novum.scientists.language.edits import EditError, edited
from novum.scientists.language.told import Told
from novum.state import State
from novum.steps.build import Built
from novum.steps.typed import Failed, Misfit, ask_until

TRIES = 3  # answers for one node that cannot be used, after which it is given up
LOOKS = 2  # answers for one node that ask to be shown something
QUOTED_TOKENS = 3000
AGAIN = "This cannot be used: REASON\nAnswer again in full, in the form asked for."
SHOW = re.compile(r"^[\W_]*SHOW\s*:(?P<names>.+)$", re.M)


class Look(Record, kw_only=True):
    """An answer that asks to be shown something first, by name."""

    names: tuple[str, ...]


async def build(view: State, commission: Commission, services: Services) -> Built:
    """The node that a model makes of a commission."""
    workshop = _Workshop(view, commission, services)
    found: Built | Look | Failed = Look(names=())
    while isinstance(found, Look):
        workshop.looked += found.names
        found = await ask_until(services.models, workshop.question(), workshop.read, AGAIN,
                                repairs=TRIES - 1 - workshop.misfits, quoted=QUOTED_TOKENS,
                                node=commission.id)  # fmt: skip
    if not isinstance(found, Failed):
        return found
    if found.refused:
        return workshop.gone(found.reason)
    return workshop.gone(f"no edit could be used in {workshop.misfits} answers; the last: {found.reason}")


class _Workshop:
    """One commission under way."""

    def __init__(self, view: State, commission: Commission, services: Services):
        self.view, self.commission, self.services = view, commission, services
        self.coding = Coding(view, commission, services)
        self.told = Told("node", commission.id)
        self.looked: tuple[str, ...] = ()
        self.misfits = self._looks = 0

    def question(self) -> ModelRequest:
        """The commission with what was asked to be shown so far."""
        return self.coding.request(self.looked)

    def gone(self, reason: str) -> Built:
        return Built(reason=" ".join(reason.split())[:400], drafts=tuple(self.told.drafts))

    def read(self, answer: ModelAnswer) -> Built | Look:
        """The node of an answer, or what it asks to be shown.

        Raises:
            Misfit: its edits cannot be made; the reason is kept.
        """
        names = () if answer.patch else asked_for(answer.text)
        if set(names) - set(self.looked) and self._looks < LOOKS:
            self._looks += 1
            return Look(names=names)
        try:
            if names:
                raise EditError("nothing more is shown; answer with edits of what you have seen")
            return self.node(answer)
        except (EditError, PatchError) as error:
            self.misfits += 1
            raise Misfit(self.told.note(str(error))) from error

    def node(self, answer: ModelAnswer) -> Built:
        """The node of an answer.

        Raises:
            EditError, PatchError: its edits cannot be made, or lead to what is there already.
        """
        coding = self.coding
        before = coding.texts(coding.base)
        after = (
            patches.applied(before, answer.patch)
            if answer.patch
            else edited(before, answer.text, coding.editable)
        )
        if forbidden := sorted(
            p for p in {*before, *after} if before.get(p) != after.get(p) and p not in coding.editable
        ):
            raise EditError(f"{', '.join(forbidden)} may not be edited")
        blobs = self.services.blobs
        workspace = coding.base | {p: blobs.put(after[p].encode()) for p in coding.editable if p in after}
        same = next((n.id for n in self.view.nodes.values() if n.workspace == workspace), "")
        if same:
            raise EditError(f"the outcome is the program that node {same} has already; do something else")
        config = (coding.parents[0].config if coding.parents else coding.domain.baseline) | {
            PROGRAM: level_of(coding.domain, workspace)
        }
        made = Node.make(self.commission.operator, coding.program, workspace, config,
                         parents=self.commission.parents, plan=plan_of(answer.text))  # fmt: skip
        return Built(node=made, drafts=tuple(self.told.drafts))


def asked_for(answer: str) -> tuple[str, ...]:
    """What an answer without edits asks to be shown; nothing for every other answer."""
    if "<<<<" in answer or not (found := SHOW.search(answer)):
        return ()
    names = (name.strip(" `'\"*.()") for name in re.split(r"[,;\s]+", found["names"]))
    return tuple(name for name in names if name)[:20]


def plan_of(answer: str) -> str:
    """The line that says what a version does; the first line of prose if none is marked."""
    lines = [line.strip() for line in answer.splitlines() if line.strip()]
    marked = (
        line.partition(":")[2].strip() for line in lines if line.upper().lstrip("*# ").startswith("PLAN")
    )
    plain = (line for line in lines if not line.startswith(("FILE", "<", "`")))
    return next(marked, next(plain, "an edit without a plan"))[:300] or "an edit without a plan"
