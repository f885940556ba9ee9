"""Keeps what was refused of a model's proposals, so that it becomes events and the audit can show it."""

from collections.abc import Callable
from typing import Any

from novum.events import Draft, ProposalRefused
from novum.records import Slot

ACTOR = "scientist:language"
LONGEST = 400


class Told:
    """Refusals of one slot, in their order."""

    def __init__(self, slot: Slot, about: str = ""):
        self.slot: Slot = slot
        self.about = about
        self.refusals: list[ProposalRefused] = []

    def note(self, reason: str, final: bool = False) -> str:
        """Keep a reason; returns it as it was given."""
        if reason:
            short = " ".join(reason.split())[:LONGEST]
            self.refusals.append(ProposalRefused(slot=self.slot, about=self.about, reason=short, final=final))
        return reason

    def noting(self, check: Callable[[Any], str]) -> Callable[[Any], str]:
        """A check whose objections are kept."""
        return lambda value: self.note(check(value))

    def gave_up(self, reason: str, final: bool = True) -> None:
        """No answer could be used; `final`: the machine's default fills the slot."""
        self.note(reason, final)

    @property
    def drafts(self) -> list[Draft]:
        return [Draft(body=refusal, actor=ACTOR) for refusal in self.refusals]
