"""Who wrote what, read off the journal: the models that answered in each slot, and what is the machine's."""

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


def author_line(view: State) -> str:
    """For the head of a paper: the models that took part, or that none did."""
    named = sorted({name for models in by_model(view).values() for name in models})
    told = f"language scientist ({', '.join(named)})" if named else "language scientist (no model answered)"
    return f"Novum {view.novum_version}, {told}"


def written_by(view: State) -> str:
    """For page one: who did which part. Names stand as code, since they may hold digits."""
    parts = [f"{slot} by {listing([f'`{name}`' for name in models])}"
             for slot, models in by_model(view).items()]  # fmt: skip
    parts = ["the idea as a person named it", *parts] if view.given else parts
    theirs = f"{capital('; '.join(parts))}. " if parts else "No answer of a language model was used. "
    rest = "; ".join([*machines(view), "statistics, figures and verdicts", "prose from templates"])
    return f"Novum {view.novum_version}, the language scientist. {theirs}All else is the machine's: {rest}"


def machines(view: State) -> list[str]:
    """What no model had a hand in, of that which one may have."""
    filled = by_model(view)
    named = {"the edits of the program": "exploration", "the protocol": "the protocol"}
    theirs = {} if view.given else {"the idea": "the idea"}
    return [told for slot, told in (theirs | named).items() if slot not in filled]
