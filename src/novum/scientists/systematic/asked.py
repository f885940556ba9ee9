"""What this lab has asked before, and what became of it: read from the archive that the study saw.

A question is a kind with its factors, whatever the levels. It is *settled* once a study has decided it
(supported or refuted); until then it may be asked again, as a follow-up that says so.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

SETTLED = ("supported", "refuted")
SEEN = "seen"
"""In place of a verdict: what was seen after the verdicts and registered by nobody."""


class Answer(Struct, frozen=True):
    """What one study made of a question."""

    study: str
    verdict: str


Question = tuple[str, tuple[str, ...]]


def question(kind: str, factors: Sequence[str]) -> Question:
    """The question that a kind asks of factors; their order matters only to a robustness."""
    return kind, tuple(factors) if kind == "robustness" else tuple(sorted(factors))


class Asked:
    """The questions of a lab with their answers, oldest first."""

    def __init__(self, archive: Mapping[str, Any]):
        self._claims: Sequence[Mapping[str, Any]] = archive.get("claims", ())
        self._answers: dict[Question, list[Answer]] = {}
        for claim in self._claims:
            if (kind := claim.get("kind", "")) and kind != "robustness":
                answer = Answer(claim["study"], claim["verdict"])
                self._add(question(kind, factors_of(claim["question"])), answer)
        self._leads = {question("interaction", row["factors"].split(",")): Answer(row["study"], SEEN)
                       for row in archive.get("leads", ())}  # fmt: skip
        for idea in archive.get("ideas", ()):
            if idea["chosen"]:
                self._lead(idea["study"], question(idea["kind"], idea["factors"].split(",")))

    def _lead(self, study: str, asked: Question) -> None:
        """Add what became of a study's own idea, unless one of its claims has told that already."""
        kind, factors = asked
        known = [asked, question("equivalence", factors)] if kind == "main_effect" else [asked]
        if not any(a.study == study for q in known for a in self._answers.get(q, ())):
            mine = [c for c in self._claims if c["study"] == study and _bears_on(c, kind, factors)]
            self._add(asked, Answer(study, joint([c["verdict"] for c in mine])))

    def _add(self, asked: Question, answer: Answer) -> None:
        self._answers.setdefault(asked, []).append(answer)

    def answers(self, kind: str, factors: Sequence[str]) -> list[Answer]:
        """What studies of this lab made of a question."""
        return self._answers.get(question(kind, factors), [])

    def settled(self, kind: str, factors: Sequence[str]) -> bool:
        """Whether a study has decided it; a main effect also by what was found on sameness.

        A refuted main effect leaves sameness open, a supported one does not; decided sameness, either
        way, says whether the factor matters.
        """
        if any(a.verdict in SETTLED for a in self.answers(kind, factors)):
            return True
        if kind == "main_effect":
            return any(a.verdict in SETTLED for a in self.answers("equivalence", factors))
        return kind == "equivalence" and bool(self.with_verdict("main_effect", factors, "supported"))

    def lead(self, kind: str, factors: Sequence[str]) -> Answer | None:
        """The latest study that saw factors act jointly without having asked, if any did."""
        return self._leads.get(question(kind, factors))

    def with_verdict(self, kind: str, factors: Sequence[str], verdict: str) -> list[Answer]:
        return [a for a in self.answers(kind, factors) if a.verdict == verdict]

    def times(self, factor: str) -> int:
        """How many claims of the lab were about a factor."""
        return sum(factor in factors_of(claim["question"]) for claim in self._claims)

    def registered(self, key: str) -> bool:
        """Whether some study registered a comparison of this question key, whatever became of it."""
        return any(claim["question"] == key for claim in self._claims)


def factors_of(key: str) -> tuple[str, ...]:
    """The factors of a question key, sorted (see `records.question_key`)."""
    return tuple(key.rsplit(":", 1)[-1].split(","))


def _bears_on(claim: Mapping[str, Any], kind: str, factors: tuple[str, ...]) -> bool:
    """Whether a claim of a study is one of those that answer its idea."""
    about = factors_of(claim["question"])
    if kind == "robustness":  # at the baseline of the other factor it is a main effect
        return claim.get("kind") == kind or about == factors[:1]
    return about == tuple(sorted(factors))


def joint(verdicts: Sequence[str]) -> str:
    """The verdict on an intersection: supported if all are, refuted if any is, else inconclusive."""
    if not verdicts or "unfinished" in verdicts:
        return "unfinished"
    if "refuted" in verdicts:
        return "refuted"
    return "supported" if set(verdicts) == {"supported"} else "inconclusive"
