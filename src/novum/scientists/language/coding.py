# ruff: noqa: E501 (prompts stand on long lines)
"""What an author of programs is asked: the question behind a commission, and what it shows.

It begins with the domain, the original program and the idea, the same for every node. A short program stands
there whole; of a long one, the functions that the idea names, the others by name alone (`folding`). Of the
parent it holds the *difference* to the original, the functions which that difference touches as they stand now,
and what was planned, measured and found; of the other nodes a line each. So code is sent once and referred to.
What is not shown is there for the asking: an answer `SHOW: name` is answered with its text.
"""

from collections.abc import Mapping, Sequence

from novum import tokens
from novum.protocols import Blobs, Services
from novum.records import Commission, Domain, Idea, ModelRequest, Node, Part
from novum.scientists.language import brief, differences, folding, pictures
from novum.scientists.language.results import log_of, summary
from novum.search.programs.history import Question
from novum.search.programs.moves import Worded
from novum.state import State, Trial

ANSWER_TOKENS = 8000
WHOLE_TOKENS = 2500  # of a program that is not folded, however little of it matters
LOG_TOKENS = 800
BRIEF_TOKENS = 250  # of the log of a version that is not to be mended
HISTORY = 6  # versions that a parent came of, the latest
CONTEXT = 1  # lines around a change; the program stands above it
PATCH_TOKENS = 3000
LOOKED_TOKENS = 6000  # of what was asked for by name
SIBLINGS = 20
LINE = 160  # characters of the plan of another version

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
its neighbouring files. What you are not shown and have to read first, a folded function or a protected file, is shown \
when you answer with one line `SHOW: name, name` and nothing else.

""" + pictures.INVITATION

ASKS: dict[str, str] = {
    "draft": "Write a first version that carries out the idea, as simply as it can be tested. Differ from the "
             "versions tried so far.",
    "debug": "This version does not work. Find the cause in what is shown, and mend it; change nothing else.",
    "improve": "Change one thing about this version that should better the primary metric, in the spirit of the idea.",
    "ablate": "Take exactly one component of this version's edits out, one that has not been taken out yet, so that it "
              "can be told what the component contributes.",
    "cross": "Join what is best of the two versions into one.",
}  # fmt: skip


class Coding:
    """The question of one commission. `base` is the workspace that its edits are made in."""

    def __init__(self, view: State, commission: Commission, services: Services):
        assert view.domain is not None
        self.view, self.commission, self.services = view, commission, services
        self.domain: Domain = view.domain
        self.idea = view.ideas[view.chosen]
        self.parents = [view.nodes[name] for name in commission.parents]
        self.program = next(iter(self.domain.programs))
        self.base = self.parents[0].workspace if self.parents else self.domain.workspace()
        self.editable = self.domain.programs[self.program].editable
        self._own = self.texts(self.domain.workspace())
        self._kept = self._focus()

    def texts(self, workspace: Mapping[str, str]) -> dict[str, str]:
        """Editable files as text; what is no text stays out of the way of edits."""
        return {path: self.services.blobs.get(sha).decode("utf-8", "replace")
                for path, sha in workspace.items() if path in self.editable}  # fmt: skip

    def request(self, looked: Sequence[str] = ()) -> ModelRequest:
        """The question; `looked` names what was asked to be shown besides."""
        blobs, first = self.services.blobs, self.commission.operator == "draft"
        stable = (
            brief.system(TASK),
            brief.domain_part(self.domain, blobs, short=not first),
            brief.code_part(self.domain, self.program, blobs, self._kept),
            Part(text=idea_text(self.idea), stable=True),
            *brief.lessons_part(self.services.archive),
        )
        ran = self._trial_of(self.parents[0]) if self.parents else None
        figures, seen = pictures.shown(ran, "code", self.view, blobs)
        told = [*(self._version(node, i, "" if i else figures) for i, node in enumerate(self.parents)), self._tried()]
        told += [self._looked(looked)] if looked else []
        return ModelRequest(
            role="code",
            parts=(*stable, Part(text="\n\n".join([*told, self._ask()])), *seen),
            max_output_tokens=ANSWER_TOKENS,
            sample=self.commission.index,
            workspace=dict(self.base),
            editable=self.editable,
        )

    # --- what is shown of the program -----------------------------------------------------------------

    def _focus(self) -> set[str] | None:
        """The functions that the original is shown with; None for a program that is shown whole.

        Whoever writes a first version of an idea that names no function has to see all of them.
        """
        if sum(tokens.estimate(text) for text in self._own.values()) <= WHOLE_TOKENS:
            return None
        found = folding.named(self._own, f"{self.idea.title} {self.idea.hypothesis} {self.idea.plan}")
        return found if found or self.commission.operator != "draft" else None

    def _as_it_stands(self, node: Node, log: str) -> str:
        """Functions that a version has changed by more than numbers, or that its log speaks of, if folded above."""
        if self._kept is None:
            return ""
        now = self.texts(node.workspace)
        touched = {name for path, text in now.items() for name in folding.changed(self._own.get(path, ""), text)}
        if self.commission.operator == "debug":
            touched |= folding.named(now, log)
        shown = [folding.source(text, piece.name) for text in now.values() for piece in folding.pieces(text)
                 if piece.name in touched - self._kept]  # fmt: skip
        text = tokens.clip("\n\n".join(shown), PATCH_TOKENS)
        return f"Of what is folded above, as it stands in this version:\n```\n{text}\n```" if shown else ""

    def _is_shown(self, move: differences.Move) -> bool:
        """Whether a line of the original stands above."""
        if self._kept is None:
            return True
        return not any(p.start <= move.line < p.end and p.name not in self._kept
                       for p in folding.pieces(self._own[move.path]))  # fmt: skip

    def _looked(self, names: Sequence[str]) -> str:
        """What was asked to be shown: files beside the program, functions of the version to work on."""
        workspace = self.domain.workspace() | self.base
        mine = self.texts(self.base)
        shown = []
        for name in dict.fromkeys(names):
            if name in workspace:
                text = self.services.blobs.get(workspace[name]).decode("utf-8", "replace")
            else:
                text = "\n\n".join(filter(None, (folding.source(text, name) for text in mine.values())))
            shown.append(f"### {name}\n```\n{text.rstrip()}\n```" if text else f"### {name}\nThere is none.")
        return "# What you asked to be shown\n" + tokens.clip("\n".join(shown), LOOKED_TOKENS)

    # --- what is told of versions ---------------------------------------------------------------------

    def _trial_of(self, node: Node) -> Trial | None:
        return next((t for t in self.view.trials_in("explore") if t.node == node.id), None)

    def _version(self, node: Node, place: int, figures: str) -> str:
        """A parent: what it changes of the original, what was planned, and what came of it."""
        change = differences.told(self._own, self.texts(node.workspace), PATCH_TOKENS, context=CONTEXT,
                                  shown=self._is_shown)  # fmt: skip
        name = "The version to work on" if place == 0 else "The other version"
        trial = self._trial_of(node)
        log = log_of(trial, LOG_TOKENS if self.commission.operator == "debug" else BRIEF_TOKENS) if trial else ""
        found = self.view.assessments.get(node.id)
        parts = [
            f"# {name} ({node.id})",
            self._history(node),
            f"Planned: {node.plan}",
            f"Measured in exploration: {summary(self.view, node.id)}",
            f"Found: {found.finding}" if found and found.finding else "",
            f"Its difference to the original program:\n{change}" if change else "It is the original program.",
            self._as_it_stands(node, log),
            f"Log (head and tail):\n<material>\n{brief.quoted(log)}\n</material>" if log else "",
            figures,
        ]  # fmt: skip
        return "\n".join(part for part in parts if part)

    def _history(self, node: Node) -> str:
        """The versions that a parent came of, the first one first: planned, measured, found."""
        found = self.view.assessments
        told = [f"- {n.id} ({n.operator}): {n.plan}: {summary(self.view, n.id, brief=True)}"
                + (f" ({found[n.id].finding})" if n.id in found and found[n.id].finding else "")
                for n in self._ancestors(node)]  # fmt: skip
        return "\n".join(["How it came about, the first version first:", *told]) if told else ""

    def _ancestors(self, node: Node) -> list[Node]:
        """The latest versions that a node came of, the original left out, the first one first."""
        line: list[Node] = []
        while node.parents and len(line) < HISTORY and (node := self.view.nodes[node.parents[0]]).parents:
            line.insert(0, node)
        return line

    def _tried(self) -> str:
        """A line for every version written so far that is not told of above, and for every attempt that failed."""
        above = {n.id for parent in self.parents for n in (parent, *self._ancestors(parent))}
        lines = [f"- {name} ({node.operator}): {node.plan[:LINE]}: {summary(self.view, name, brief=True)}"
                 for name in list(self.view.made.values())[-SIBLINGS:]
                 if name not in above and (node := self.view.nodes[name])]  # fmt: skip
        gone = [f"- an attempt that came to nothing: {why[:LINE]}" for why in self.view.abandoned.values()]
        others = "Others tried" if above & set(self.view.made.values()) else "Tried"
        return f"# {others} so far\n" + ("\n".join([*lines, *gone][-SIBLINGS:]) or "(nothing)")

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
        plans = "\n".join(f"- {name}: {view.nodes[name].plan}" for name in question.choices)
        text = f"# Versions\n{question.text}\n\n# Their plans\n{plans}\n\n# What is asked\nName one version."
        return for_judge(view, blobs, PROMISING, Part(text=text), max_output_tokens=60)

    return worded


def for_judge(view: State, blobs: Blobs, task: str, *parts: Part, max_output_tokens: int) -> ModelRequest:
    """A request to the judge of versions: the task, the domain in short and the idea, then `parts`."""
    assert view.domain is not None
    known = (
        brief.system(task),
        brief.domain_part(view.domain, blobs, short=True),
        Part(text=idea_text(view.ideas[view.chosen]), stable=True),
    )
    return ModelRequest(role="judge", parts=(*known, *parts), max_output_tokens=max_output_tokens)


def idea_text(idea: Idea) -> str:
    """An idea as prompts of its study show it."""
    return f"# The idea of this study\n{idea.title}\nHypothesis: {idea.hypothesis}\nPlan: {idea.plan}"
