"""The language scientist: models fill the slots of the steps, and the machine checks what they answer.

Protocol, evaluator, statistics and references are those of the systematic scientist, so that no answer of a
model can become a number or a verdict. Whatever a model proposes is typed, checked, sent back with the reason
a bounded number of times, and then left to the machine; what was refused is an event. A slot that no model
fills is the systematic scientist's, and page one says so (`authors`).
"""

from collections.abc import Sequence
from typing import Any

from novum.events import Draft
from novum.protocols import Policy, Services
from novum.records import Commission, Domain, Figure, Idea, PlannedCalls, Settings
from novum.scientists.systematic import SystematicScientist
from novum.search import over_programs
from novum.state import State
from novum.steps.build import Built
from novum.steps.register import Registration
from novum.steps.specify import Specified
from novum.steps.write import Composed


class LanguageScientist:
    """Fills the slots of the steps; see `protocols.Scientist`."""

    name = "language"
    author_line = "the language scientist of Novum, with the models that page one names"

    def __init__(self) -> None:
        self._machine = SystematicScientist()

    async def specify(self, view: State, services: Services) -> Specified:
        """The files of a domain, from a topic page."""
        from novum.scientists.language.specify import specify

        return await specify(view, services)

    async def ideate(self, view: State, services: Services) -> Sequence[Draft]:
        from novum.scientists.language.ideate import chosen_in, ideate
        from novum.scientists.language.told import Told

        drafts = await ideate(view, services)
        if chosen_in(drafts):
            return drafts
        told = Told("idea")
        told.gave_up("no idea of the model could be used, so the systematic scientist chose one")
        return [*drafts, *told.drafts, *self._machine.ideate(view, services)]

    def ideas(self, view: State, services: Services) -> Sequence[Idea]:
        return self._machine.ideas(view, services)

    def judge(self, view: State, services: Services) -> Sequence[Draft]:
        """By the machine's expected information, of factors: of a program nothing is known before."""
        return () if about_program(view) else self._machine.judge(view, services)

    def policy(self, view: State, services: Services) -> Policy:
        """A search over programs for an idea about the program, over factors for one about these.

        The one that the settings name where it fits the idea, else the default of the other family. One over
        programs is the agenda among the stages of a study (`novum.search.programs.stages`).
        """
        from novum.scientists.language.coding import promising
        from novum.search.programs import DEFAULT, make_program_policy
        from novum.search.programs.stages import Staged

        assert view.domain is not None and view.settings is not None
        if not about_program(view):
            return self._machine.policy(view, services)
        name = view.settings.policy if over_programs(view.settings.policy) else DEFAULT
        budget = view.domain.budgets[view.settings.budget]
        domain, worded = view.domain, promising(services.blobs)
        return Staged(lambda share: make_program_policy(name, domain, share, worded=worded),
                      domain, budget, view.seed, view.settings.budget_trials)  # fmt: skip

    async def build(self, view: State, commission: Commission, services: Services) -> Built:
        """By an operator without a model where only numbers are to be moved, else by a model."""
        from novum.scientists.language.build import build

        if commission.operator == "tune":
            return await self._machine.build(view, commission, services)
        return await build(view, commission, services)

    async def assess(self, view: State, trial: str, services: Services) -> Sequence[Draft]:
        from novum.scientists.language.assess import assess

        return await assess(view, trial, services)

    async def register(self, view: State, services: Services) -> Registration:
        """The model's plan where the check admits one, else the machine's."""
        from novum.scientists.language.register import register

        planned = await register(view, services)
        if planned.protocol is not None:
            return planned
        return Registration(self._machine.register(view, services), planned.drafts)

    async def compose(
        self, view: State, evidence: Any, figures: Sequence[Figure], services: Services
    ) -> Composed:
        from novum.scientists.language.compose import compose
        from novum.scientists.language.exploring import explained, paper_of

        source = self._machine.written(view, evidence, figures, services)
        source = explained(source, paper_of(view, evidence, figures, services), services)
        return await compose(source, view, evidence, figures, services)

    def planned_calls(self, domain: Domain, settings: Settings) -> Sequence[PlannedCalls]:
        from novum.scientists.language.expected import planned_calls

        return planned_calls(domain, settings)


def about_program(view: State) -> bool:
    """Whether the chosen idea is about the program, whose files are then written anew."""
    idea = view.ideas.get(view.chosen)
    return idea is not None and idea.kind == "program"
