# ruff: noqa: E501 (prompts stand on long lines)
"""The slot *build*: a model writes the files of a node, as edits of its parent's.

The prompt begins with the domain, the original program and the idea, the same for every node; of the parent
it holds the *difference* to the original, what was planned, measured and found there, and of the other nodes
a line each. So code is sent once and referred to. An answer whose edits cannot be made goes back with the
exact reason, a bounded number of times; after that the commission is a failed candidate.
"""

from collections.abc import Mapping

from novum import patches, tokens
from novum.patches import PatchError
from novum.program import PROGRAM, level_of
from novum.protocols import Blobs, Services
from novum.records import Commission, Domain, Idea, ModelAnswer, ModelRequest, Node, Part
from novum.scientists.language import brief
from novum.scientists.language.edits import EditError, edited
from novum.scientists.language.results import log_of, summary
from novum.scientists.language.told import Told
from novum.search.programs.history import Question
from novum.search.programs.moves import Worded
from novum.state import State
from novum.steps.build import Built
from novum.steps.typed import Failed, Misfit, ask_until

TRIES = 3  # questions for one node, the first included
ANSWER_TOKENS = 8000
LOG_TOKENS = 800
BRIEF_TOKENS = 250  # of the log of a version that is not to be mended
HISTORY = 6  # versions that a parent came of, the latest
PATCH_TOKENS = 6000
QUOTED_TOKENS = 3000
AGAIN = "This cannot be used: REASON\nAnswer again in full, in the form asked for."
SIBLINGS = 20

TASK = """You write programs for experiments. You are given a program and edit its editable files so that it does what \
is asked; the machine then runs it on seeds and data of its own and measures. The program cannot see held-out data, \
and no file it writes counts as a measurement. Every version is measured on seeds of its own, so that a small difference \
between two of them may be chance.

Answer in this form and no other. First one line
PLAN: what this version does differently and why, in a sentence
and then one or more edits, each of the form

FILE: path
<<<<<<< SEARCH
lines exactly as they stand in the file now
=======
lines that take their place
>>>>>>> REPLACE

Quote as few lines as make the place unique. To rewrite a file as a whole:

FILE: path
<<<<<<< CONTENT
the whole file
>>>>>>> END

Keep the interface of the program: how it is started, the request it reads, the files it writes. It must honour every \
factor of its configuration and every seed. Import only what the program imports already, the standard library, or \
its neighbouring files."""

ASKS: dict[str, str] = {
    "draft": "Write a first version that carries out the idea, as simply as it can be tested. Differ from the "
             "versions tried so far.",
    "debug": "This version does not work. Find the cause in what is shown, and mend it; change nothing else.",
    "improve": "Change one thing about this version that should better the primary metric, in the spirit of the idea.",
    "ablate": "Take exactly one component of this version's edits out, one that has not been taken out yet, so that it "
              "can be told what the component contributes.",
    "cross": "Join what is best of the two versions into one.",
}  # fmt: skip


async def build(view: State, commission: Commission, services: Services) -> Built:
    """The node that a model makes of a commission."""
    workshop = _Workshop(view, commission, services)
    found = await ask_until(services.models, workshop.request(), workshop.read, AGAIN,
                            repairs=TRIES - 1, quoted=QUOTED_TOKENS, node=commission.id)  # fmt: skip
    if not isinstance(found, Failed):
        return found
    if found.refused:
        return workshop.gone(found.reason)
    return workshop.gone(f"no edit could be used in {found.asked} answers; the last: {found.reason}")


class _Workshop:
    """One commission under way."""

    def __init__(self, view: State, commission: Commission, services: Services):
        assert view.domain is not None
        self.view, self.commission, self.services = view, commission, services
        self.domain: Domain = view.domain
        self.told = Told("node", commission.id)
        self.parents = [view.nodes[name] for name in commission.parents]
        self.program = next(iter(self.domain.programs))
        self.base = self.parents[0].workspace if self.parents else self.domain.workspace()
        self.editable = self.domain.programs[self.program].editable

    def gone(self, reason: str) -> Built:
        return Built(reason=" ".join(reason.split())[:400], drafts=tuple(self.told.drafts))

    # --- the answer -----------------------------------------------------------------------------------

    def read(self, answer: ModelAnswer) -> Built:
        """The node of an answer.

        Raises:
            Misfit: its edits cannot be made; the reason is kept.
        """
        try:
            return self.node(answer)
        except (EditError, PatchError) as error:
            raise Misfit(self.told.note(str(error))) from error

    def node(self, answer: ModelAnswer) -> Built:
        """The node of an answer.

        Raises:
            EditError, PatchError: its edits cannot be made, or lead to what is there already.
        """
        before = self._texts(self.base)
        after = (
            patches.applied(before, answer.patch)
            if answer.patch
            else edited(before, answer.text, self.editable)
        )
        if forbidden := sorted(
            p for p in {*before, *after} if before.get(p) != after.get(p) and p not in self.editable
        ):
            raise EditError(f"{', '.join(forbidden)} may not be edited")
        blobs = self.services.blobs
        workspace = self.base | {p: blobs.put(after[p].encode()) for p in self.editable if p in after}
        same = next((n.id for n in self.view.nodes.values() if n.workspace == workspace), "")
        if same:
            raise EditError(f"the outcome is the program that node {same} has already; do something else")
        config = (self.parents[0].config if self.parents else self.domain.baseline) | {
            PROGRAM: level_of(self.domain, workspace)
        }
        made = Node.make(self.commission.operator, self.program, workspace, config,
                         parents=self.commission.parents, plan=plan_of(answer.text))  # fmt: skip
        return Built(node=made, drafts=tuple(self.told.drafts))

    def _texts(self, workspace: Mapping[str, str]) -> dict[str, str]:
        """Files as text; what is no text stays out of the way of edits."""
        return {path: self.services.blobs.get(sha).decode("utf-8", "replace")
                for path, sha in workspace.items() if path in self.editable}  # fmt: skip

    # --- the question ---------------------------------------------------------------------------------

    def request(self) -> ModelRequest:
        idea = self.view.ideas[self.view.chosen]
        stable = (
            brief.system(TASK),
            brief.domain_part(self.domain, self.services.blobs),
            brief.code_part(self.domain, self.program, self.services.blobs),
            Part(text=idea_text(idea), stable=True),
            *brief.lessons_part(self.services.archive),
        )
        asked = "\n\n".join(
            [*(self._version(node, i) for i, node in enumerate(self.parents)), self._tried(), self._ask()]
        )
        return ModelRequest(
            role="code",
            parts=(*stable, Part(text=asked)),
            max_output_tokens=ANSWER_TOKENS,
            sample=self.commission.index,
            workspace=dict(self.base),
            editable=self.editable,
        )

    def _version(self, node: Node, place: int) -> str:
        """A parent: what it changes of the original, what was planned, and what came of it."""
        before = self._texts(self.domain.workspace())
        change = patches.diff(before, self._texts(node.workspace))
        name = "The version to work on" if place == 0 else "The other version"
        trial = next((t for t in self.view.trials_in("explore") if t.node == node.id), None)
        log = log_of(trial, LOG_TOKENS if self.commission.operator == "debug" else BRIEF_TOKENS) if trial else ""
        found = self.view.assessments.get(node.id)
        parts = [
            f"# {name} ({node.id})",
            self._history(node),
            f"Planned: {node.plan}",
            f"Measured in exploration: {summary(self.view, node.id)}",
            f"Found: {found.finding}" if found and found.finding else "",
            f"Its difference to the original program:\n```diff\n{tokens.clip(change, PATCH_TOKENS)}\n```"
            if change else "It is the original program.",
            f"Log (head and tail):\n<material>\n{brief.quoted(log)}\n</material>" if log else "",
        ]  # fmt: skip
        return "\n".join(part for part in parts if part)

    def _history(self, node: Node) -> str:
        """The versions that a parent came of, the first one first: planned, measured, found."""
        line: list[Node] = []
        while node.parents and len(line) < HISTORY and (node := self.view.nodes[node.parents[0]]).parents:
            line.insert(0, node)
        found = self.view.assessments
        told = [f"- {n.id} ({n.operator}): {n.plan}: {summary(self.view, n.id, brief=True)}"
                + (f" ({found[n.id].finding})" if n.id in found and found[n.id].finding else "") for n in line]  # fmt: skip
        return "\n".join(["How it came about, the first version first:", *told]) if told else ""

    def _tried(self) -> str:
        """A line for every version written so far, and for every attempt that came to nothing."""
        lines = [f"- {name} ({node.operator}): {node.plan}: {summary(self.view, name, brief=True)}"
                 for name in list(self.view.made.values())[-SIBLINGS:] if (node := self.view.nodes[name])]  # fmt: skip
        gone = [f"- an attempt that came to nothing: {why}" for why in self.view.abandoned.values()]
        return "# Tried so far\n" + ("\n".join([*lines, *gone][-SIBLINGS:]) or "(nothing)")

    def _ask(self) -> str:
        mine = (self.commission.operator, self.commission.parents)
        meanwhile = sum((c.operator, c.parents) == mine for c in self.view.open_commissions) - 1
        others = f" {meanwhile} more like this are being written meanwhile; take another way." if meanwhile > 0 else ""
        return f"# What is asked\n{ASKS[self.commission.operator]}{others}"


PROMISING = """You steer a search over programs. Of the versions below, each the best of its kind, one is worked on next. \
Name the one from which most can be reached, be it because it is good or because it is different and little was made \
of it. Answer with its name alone."""


def promising(blobs: Blobs) -> Worded:
    """Puts the question which version to work on next into a prompt."""

    def worded(view: State, question: Question) -> ModelRequest:
        assert view.domain is not None
        plans = "\n".join(f"- {name}: {view.nodes[name].plan}" for name in question.choices)
        text = f"# Versions\n{question.text}\n\n# Their plans\n{plans}\n\n# What is asked\nName one version."
        return ModelRequest(
            role="judge",
            parts=(
                brief.system(PROMISING),
                brief.domain_part(view.domain, blobs),
                Part(text=idea_text(view.ideas[view.chosen]), stable=True),
                Part(text=text),
            ),
            max_output_tokens=60,
        )

    return worded


def idea_text(idea: Idea) -> str:
    """An idea as prompts of its study show it."""
    return f"# The idea of this study\n{idea.title}\nHypothesis: {idea.hypothesis}\nPlan: {idea.plan}"


def plan_of(answer: str) -> str:
    """The line that says what a version does; the first line of prose if none is marked."""
    lines = [line.strip() for line in answer.splitlines() if line.strip()]
    marked = (
        line.partition(":")[2].strip() for line in lines if line.upper().lstrip("*# ").startswith("PLAN")
    )
    plain = (line for line in lines if not line.startswith(("FILE", "<", "`")))
    return next(marked, next(plain, "an edit without a plan"))[:300] or "an edit without a plan"
