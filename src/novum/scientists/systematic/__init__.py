"""The systematic scientist: hypotheses from declared factors, designs, statistics, prose from templates.

It uses no language model, says so, and is the control that shows what a model adds. Named a search over
programs, it asks whether an edit that its operators find does better than the program as it came.
"""

from collections.abc import Sequence
from typing import Any

from novum.events import Draft
from novum.protocols import Policy, Services
from novum.records import Commission, Domain, Figure, Idea, PlannedCalls, Protocol, Settings
from novum.search import make_policy, over_programs
from novum.state import State
from novum.steps.build import Built


class SystematicScientist:
    """Fills the slots of the steps; see `protocols.Scientist`."""

    name = "systematic"
    author_line = "the systematic scientist of Novum, without any language model"

    def ideate(self, view: State, services: Services) -> Sequence[Draft]:
        from novum.scientists.systematic.ideate import ideate

        return ideate(view, services)

    def ideas(self, view: State, services: Services) -> Sequence[Idea]:
        from novum.scientists.systematic.ideate import ideas

        return ideas(view, services)

    def judge(self, view: State, services: Services) -> Sequence[Draft]:
        """By expected information, of ideas about factors: of a program nothing is known before."""
        from novum.scientists.systematic.programs import about_program

        if about_program(view):
            return ()
        from novum.scientists.systematic.judge import judge

        return judge(view, services)

    def policy(self, view: State, services: Services) -> Policy:
        """The search that the settings name; `design` for an idea about factors if that is over programs."""
        from novum.scientists.systematic.programs import about_program, program_policy

        assert view.domain is not None and view.settings is not None
        if about_program(view):
            return program_policy(view)
        name = "design" if over_programs(view.settings.policy) else view.settings.policy
        return make_policy(name, view.domain, view.domain.budgets[view.settings.budget], view.seed)

    async def build(self, view: State, commission: Commission, services: Services) -> Built:
        from novum.scientists.systematic.programs import build

        return build(view, commission, services)

    async def assess(self, view: State, trial: str, services: Services) -> Sequence[Draft]:
        from novum.scientists.systematic.programs import assess

        return assess(view, trial)

    def register(self, view: State, services: Services) -> Protocol:
        from novum.scientists.systematic.edited import Planner
        from novum.scientists.systematic.programs import about_program
        from novum.scientists.systematic.register import register

        planned = Planner(view, services).plan() if about_program(view) else None
        return planned or register(view, services)

    def compose(self, view: State, evidence: Any, figures: Sequence[Figure], services: Services) -> str:
        from novum.scientists.systematic.compose.programs import explained

        source = self.written(view, evidence, figures, services)
        return explained(source, view, evidence, figures, services)

    def written(self, view: State, evidence: Any, figures: Sequence[Figure], services: Services) -> str:
        """The paper from templates, before it is said how programs were searched, and by whom."""
        from novum.scientists.systematic.compose import compose
        from novum.scientists.systematic.compose.replication import report

        return (compose if view.replicates is None else report)(view, evidence, figures, services)

    def planned_calls(self, domain: Domain, settings: Settings) -> Sequence[PlannedCalls]:
        return ()
