"""Who wrote what, read off the journal: the models that answered in each slot, and what is the machine's."""

from collections.abc import Sequence

from novum.records import Slot
from novum.scientists.systematic.compose.wording import capital, listing
from novum.state import State

SLOTS: dict[str, str] = {
    "ideate": "the idea",
    "explore": "the edits of the program",
    "register": "the protocol",
}
"""Step in which models may be asked -> what comes of it."""


FILLS: dict[str, Slot] = {"ideate": "idea", "register": "protocol"}


def models_in(view: State, step: str) -> list[str]:
    """Models whose answers a step used, sorted; none where the machine's default filled its slot."""
    slot = FILLS.get(step)
    if any(refusal.final and refusal.slot == slot for refusal in view.refusals):
        return []
    if step == "explore" and not view.made:
        return []
    return sorted({c.model for c in view.model_calls.values() if c.step == step and c.answered})


def by_model(view: State) -> dict[str, list[str]]:
    """Slot in words -> models that filled it; slots that no model filled are not in it."""
    return {slot: named for step, slot in SLOTS.items() if (named := models_in(view, step))}


def in_mailbox(model: str) -> bool:
    """Whether nobody knows who answered: a person or a model, through a mailbox."""
    return model.startswith("mailbox:")


def author_line(view: State, text: Sequence[str] = ()) -> str:
    """For the head of a paper: the models that took part, or that none did; `text` are those that wrote it.

    A paper is written from the journal as it was before its text was asked for, so that the view does not
    know these.
    """
    named = sorted({name for models in by_model(view).values() for name in models} | set(text))
    told = f"language scientist ({', '.join(named)})" if named else "language scientist (no model answered)"
    return f"Novum {view.novum_version}, {told}"


def written_by(view: State, sections: Sequence[str] = (), text: Sequence[str] = ()) -> str:
    """For page one: who did which part. Names stand as code, since they may hold digits."""
    filled = by_model(view) | ({listing(sections): list(text)} if sections else {})
    parts = [f"{slot} by {listing([f'`{name}`' for name in models])}" for slot, models in filled.items()]
    parts = ["the idea as a person named it", *parts] if view.given else parts
    theirs = f"{capital('; '.join(parts))}. " if parts else "No answer of a language model was used. "
    prose = "the rest of the text from templates" if sections else "prose from templates"
    rest = "; ".join([*machines(view), "statistics, figures and verdicts", prose])
    later = ". The calls for the text come after the point of the journal named below" if sections else ""
    return (f"Novum {view.novum_version}, the language scientist. {theirs}All else is the machine's: "
            f"{rest}{later}")  # fmt: skip


def machines(view: State) -> list[str]:
    """What no model had a hand in, of that which one may have."""
    filled = by_model(view)
    named = {"the edits of the program": "exploration", "the protocol": "the protocol"}
    theirs = {} if view.given else {"the idea": "the idea"}
    return [told for slot, told in (theirs | named).items() if slot not in filled]
