"""Nodes without a model: what *tune*, *ablate* and *cross* make of the programs there are.

`make_node` is a function of the view, the commission and the blobs it names: the same commission gives
the same node. A program that is there already (see `sameness`), or is no Python any more, is none.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from novum.canonical import derive_seed
from novum.program import PROGRAM, is_open, level_of
from novum.protocols import Blobs
from novum.records import Commission, Config, Domain, Node
from novum.search.operators.changes import changes, joined, made
from novum.search.operators.literals import literals, parsed, replaced, template
from novum.search.operators.sameness import fingerprint
from novum.search.operators.tuner import (
    Recorded,
    Which,
    changed,
    guilty,
    limits,
    movable,
    numbers,
    step_size,
    tuned,
)
from novum.search.programs.history import Candidate, history_of

TRIES = 8
NAMED = 3
"""Numbers that a plan names; more are not told one by one."""

Files = dict[str, str]
Attempt = tuple[Files, Config, str]
"""Editable files, configuration, and what was done in words."""


class Outcome(Struct, frozen=True):
    """A node, or why there is none."""

    node: Node | None = None
    reason: str = ""


def make_node(view: Any, commission: Commission, blobs: Blobs) -> Outcome:
    """The node that an operator without a model makes of a commission."""
    shop = _Shop(view, commission, blobs)
    attempts = {"tune": shop.tune, "ablate": shop.ablate, "cross": shop.cross}.get(commission.operator)
    if attempts is None:
        return Outcome(reason=f"nobody can {commission.operator} without a model")
    reason = f"there is nothing to {commission.operator}"
    for _, (files, config, plan) in zip(range(TRIES), attempts(), strict=False):
        reason = shop.fault(files, config)
        if not reason:
            return Outcome(node=shop.node(files, config, plan))
    return Outcome(reason=reason)


def tunable(domain: Domain, blobs: Blobs) -> bool:
    """Whether the program as it came holds a number that could be moved: without one nothing can begin."""
    program = next(iter(domain.programs.values()))
    texts = {path: _decoded(blobs.get(domain.workspace()[path])) for path in program.editable}
    return any(text is not None and numbers(path, text) for path, text in texts.items())


class _Shop:
    """One commission: its parents' editable files as text, and randomness of its own."""

    def __init__(self, view: Any, commission: Commission, blobs: Blobs):
        self._view, self._commission, self._blobs = view, commission, blobs
        self._domain: Domain = view.domain
        self._program = next(iter(self._domain.programs))
        self._rng = random.Random(derive_seed(view.seed, "operator", commission.id))
        self._parents = [view.nodes[name] for name in commission.parents]
        self._texts = [self.texts(parent.workspace) for parent in self._parents]
        self._own = self.texts(self._domain.workspace())
        self._history = history_of(view, self._domain, 0)

    def texts(self, workspace: Mapping[str, str]) -> Files:
        """Editable files that are text, by path."""
        editable = self._domain.programs[self._program].editable
        raw = {path: self._blobs.get(sha) for path, sha in sorted(workspace.items()) if path in editable}
        return {path: text for path, data in raw.items() if (text := _decoded(data)) is not None}

    # --- operators ------------------------------------------------------------------------------------

    def tune(self) -> Iterator[Attempt]:
        """The first parent with some of its numbers moved."""
        files, config = self._texts[0], self._parents[0].config
        moves = list(self._moves())
        bounds = limits(self._domain.factors)
        avoided = guilty((names, child.good) for child, _, names in moves)
        if not any(movable(path, text, bounds, avoided) for path, text in files.items()):
            return
        step, record = step_size(self._outcomes(moves)), self._record()
        while True:
            found = tuned(files, step, self._rng, bounds, avoided, record)
            yield found, config, f"{_told(files, found)}, by a step of up to {step:.3g}"

    def ablate(self) -> Iterator[Attempt]:
        """The first parent without one of the things it has changed: a setting, numbers, or lines."""
        files, config = self._texts[0], self._parents[0].config
        base = self._domain.baseline
        found: list[Attempt] = [
            (files, config | {name: base[name]}, f"{name} as it was")
            for name in sorted(config) if name != PROGRAM and config[name] != base[name]
        ]  # fmt: skip
        for path in sorted(files):
            found += [(files | {path: text}, config, what) for text, what in self._without(path)]
        self._rng.shuffle(found)
        yield from found

    def _without(self, path: str) -> Iterator[tuple[str, str]]:
        before, now = self._own.get(path, ""), self._texts[0][path]
        if template(before) == template(now):
            for k, (old, new) in enumerate(zip(literals(before), literals(now), strict=True)):
                if old.value != new.value:
                    yield replaced(now, {k: old.value}), f"{new.value!r} in {path} is {old.value!r} again"
            return
        todo = changes(before, now)
        for k, change in enumerate(todo):
            kept = (*todo[:k], *todo[k + 1 :])
            yield made(before, kept), f"line {change.start + 1} of {path} is as it was"

    def cross(self) -> Iterator[Attempt]:
        """What two parents have changed, joined; settings from either."""
        if len(self._texts) < 2:
            return
        one, other = self._texts[:2]
        settings = [parent.config for parent in self._parents]
        names = " and ".join(parent.id for parent in self._parents[:2])
        while True:
            files = one | {path: self._crossed(path) for path in sorted(one) if path in other}
            config = {name: self._rng.choice(settings)[name] for name in sorted(settings[0])}
            yield files, config, f"{names} crossed"

    def _crossed(self, path: str) -> str:
        one, other, base = self._texts[0][path], self._texts[1][path], self._own.get(path, "")
        if template(one) == template(other):
            taken = {k: l.value for k, l in enumerate(literals(other)) if self._rng.random() < 0.5}
            return replaced(one, taken)
        sides = [changes(base, one), changes(base, other)]
        if self._rng.random() < 0.5:  # whose change stands where both have one
            sides.reverse()
        both = joined(sides[0], sides[1])
        return made(base, both)

    def _moves(self) -> Iterator[tuple[Candidate, Candidate, frozenset[Which]]]:
        """Programs that differ from their first parent in numbers alone, with that and the numbers, in order.

        Whoever moved them, and in whatever version: what made one fail is not to be tried in another.
        """
        history = self._history
        for child in history.candidates:
            parent = history.by_id.get(child.parents[0]) if child.parents else None
            if child.status == "pending" or parent is None or not parent.good:
                continue
            one, other = (self.texts(self._view.nodes[c.id].workspace) for c in (parent, child))
            if one.keys() == other.keys() and all(template(one[p]) == template(other[p]) for p in one):
                yield child, parent, frozenset(changed(one, other))

    def _record(self) -> list[Recorded]:
        """Programs of this very form and these settings; a failure counts as the worst of those that work."""
        mine, settings = _forms(self._texts[0]), _settings(self._parents[0].config)
        alike = [
            (candidate, texts)
            for candidate in self._history.candidates
            if _settings((node := self._view.nodes[candidate.id]).config) == settings
            and _forms(texts := self.texts(node.workspace)) == mine
        ]
        worst = min((c.score for c, _ in alike if c.good), default=0.0)
        scores = {"pending": None, "failed": worst}
        return [Recorded(texts, scores.get(c.status, c.score)) for c, texts in alike]

    def _outcomes(self, moves: Sequence[tuple[Candidate, Candidate, frozenset[Which]]]) -> list[bool]:
        """Whether moves of the numbers of this very program, in order, bettered what they moved."""
        mine = _forms(self._texts[0])
        return [
            child.good and child.score > parent.score
            for child, parent, _ in moves
            if child.operator == "tune" and _forms(self.texts(self._view.nodes[child.id].workspace)) == mine
        ]

    # --- the outcome ----------------------------------------------------------------------------------

    def fault(self, files: Files, config: Config) -> str:
        """Why files and configuration make no new node, or ""."""
        torn = [path for path, text in sorted(files.items()) if path.endswith(".py") and not parsed(text)]
        if torn:
            return f"{', '.join(torn)} would be no Python"
        wanted = (fingerprint(files), _settings(config))
        for node in self._view.nodes.values():
            if (fingerprint(self.texts(node.workspace)), _settings(node.config)) == wanted:
                return f"the outcome is the program of node {node.id}"
        return ""

    def node(self, files: Files, config: Config, plan: str) -> Node:
        workspace = self._parents[0].workspace | {
            path: self._blobs.put(text.encode()) for path, text in sorted(files.items())
        }
        if is_open(self._domain):
            config = config | {PROGRAM: level_of(self._domain, workspace)}
        return Node.make(
            self._commission.operator, self._program, workspace, config,
            parents=self._commission.parents, plan=plan,
        )  # fmt: skip


def _forms(files: Files) -> dict[str, str]:
    """What is left of the files without their numbers, by path."""
    return {path: template(text) for path, text in files.items()}


def _told(before: Files, after: Files) -> str:
    """Which numbers were moved, by the program's names as far as they have one."""
    moves = list(changed(before, after).values())
    named = [f"{old.name} from {old.value!r} to {new.value!r}" for old, new in moves if old.name]
    if len(named) < len(moves) or len(moves) > NAMED:
        return "numbers moved"
    return f"numbers moved: {', '.join(named)}"


def _decoded(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _settings(config: Config) -> Config:
    return {name: level for name, level in config.items() if name != PROGRAM}
