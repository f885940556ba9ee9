"""The examples of a checkout: studies whose models' answers are recorded, so that anybody can replay them.

Each is a folder of `examples/` with `answers.jsonl` (see `novum.models.recordings`); the README there says
how the studies were begun. They are part of a checkout, not of the installed package.
"""

import os
from pathlib import Path
from typing import Any

from msgspec import Struct

from novum import api
from novum.errors import OutOfBudget
from novum.records import Settings

HOME = Path(__file__).parents[3] / "examples"


class Example(Struct, frozen=True, kw_only=True):
    """A recorded study: its settings, and the cap on trials that it goes on with after the first is spent."""

    name: str
    settings: Settings
    page: str = ""
    trials_later: int | None = None

    @property
    def answers(self) -> Path:
        return HOME / self.name / "answers.jsonl"


def _settings(**given: object) -> Settings:
    fixed: dict[str, Any] = {"seed": 1, "workers": 1, "calls_at_once": 1, "scientist": "language"}
    return Settings(**fixed | given)


EXAMPLES = {
    example.name: example
    for example in (
        Example(name="grokking", settings=_settings(domain="grokking", budget_trials=16), trials_later=40),
        Example(name="forgetting", settings=_settings(domain="forgetting.md"), page="forgetting.md"),
    )
}


def settings_of(example: Example, model: str, **changes: object) -> Settings:
    """The settings of an example under a model, its page where it lies here."""
    from msgspec import structs

    page = {"domain": str(HOME / example.name / example.page)} if example.page else {}
    return structs.replace(example.settings, model=model, **page, **changes)


def carried_out(example: Example, scratch: Path, model: str = "", **changes: object) -> api.Outcome:
    """Carry an example out in `scratch`, by its recorded answers unless another model is named."""
    settings = settings_of(example, model or f"replay:{os.path.relpath(example.answers)}", **changes)
    outcome = api.run(settings, lab=scratch / "lab")
    if outcome.exit_code == OutOfBudget.exit_code and example.trials_later:
        outcome = api.resume(outcome.path, {"budget_trials": example.trials_later})
    return outcome
