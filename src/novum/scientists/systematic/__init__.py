"""The systematic scientist: hypotheses from declared factors, designs, statistics, prose from templates.

It uses no language model, says so, and is the control that shows what a model adds.
"""

from collections.abc import Sequence
from typing import Any

from novum.events import Draft
from novum.protocols import Policy, Services
from novum.records import Domain, Figure, Idea, PlannedCalls, Protocol, Settings
from novum.search import make_policy
from novum.state import State


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
        from novum.scientists.systematic.judge import judge

        return judge(view, services)

    def policy(self, view: State, services: Services) -> Policy:
        assert view.domain is not None and view.settings is not None
        return make_policy(
            view.settings.policy, view.domain, view.domain.budgets[view.settings.budget], view.seed
        )

    def register(self, view: State, services: Services) -> Protocol:
        from novum.scientists.systematic.register import register

        return register(view, services)

    def compose(self, view: State, evidence: Any, figures: Sequence[Figure], services: Services) -> str:
        from novum.scientists.systematic.compose import compose
        from novum.scientists.systematic.compose.replication import report

        return (compose if view.replicates is None else report)(view, evidence, figures, services)

    def planned_calls(self, domain: Domain, settings: Settings) -> Sequence[PlannedCalls]:
        return ()
