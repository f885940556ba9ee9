# ruff: noqa: E501 (prompts stand on long lines)
"""The slot *register*: a model plans the confirmation, the machine checks it, and refuses what it must.

Checked are the metric (claims are made of the domain's primary one alone), every level, the margin, that the
idea itself is asked, the number of seeds against the budget and against the power that the margin needs, and
all that `steps.register.faults` checks of any protocol. A refusal goes back with its reason a bounded number of
times; then the machine's own plan is registered, and that is an event. Hidden scores are in no prompt.
"""

from collections.abc import Sequence

from novum.evidence import planning
from novum.evidence.analysis import registered_test
from novum.program import is_open
from novum.protocols import Services
from novum.records import Contrast, Domain, ModelRequest, Node, Part, Protocol
from novum.scientists.language import brief
from novum.scientists.language.coding import idea_text
from novum.scientists.language.plans import CHAMPION, Plan, Unfit, contrasts_in
from novum.scientists.language.results import summary
from novum.scientists.language.told import Told
from novum.scientists.systematic.edited import Planner
from novum.scientists.systematic.family import ENOUGH, FAMILY, POWER, Means
from novum.state import State
from novum.steps.register import Registration, faults
from novum.steps.typed import Failed, propose

ANSWER_TOKENS = 3000
SHOWN = 60  # explored nodes in the prompt

TASK = """You plan the confirmation of a study: a few comparisons that are registered, frozen, and then decided on fresh \
seeds and data by a rule that nobody can change afterwards. What exploration showed is a reason to ask and no evidence. \
A claim is supported only if its whole interval lies beyond the margin in the predicted direction, and every further \
comparison makes all of them harder, so ask few. You choose the number of seeds per arm, never the seeds. Answer with \
one JSON value and nothing else."""


async def register(view: State, services: Services) -> Registration:
    """The registration of a model's plan; else of the machine's for an idea about the program.

    Without a protocol: no plan of the model could be used, and the systematic scientist has one for factors.
    """
    planner = _Planner(view, services)
    found = await propose(services.models, planner.request(), Plan, check=planner.told.noting(planner.fault))
    if not isinstance(found, Failed):
        return Registration(planner.protocol(found), planner.told.drafts)
    planner.told.gave_up(f"no plan of the model could be registered, so the machine's is: {found.reason}")
    default = planner.plan()
    return Registration(default, planner.told.drafts)


class _Planner(Planner):
    """One registration under way."""

    def __init__(self, view: State, services: Services):
        super().__init__(view, services)
        self.told = Told("protocol")

    # --- the check ------------------------------------------------------------------------------------

    def fault(self, plan: Plan) -> str:
        """Why a plan cannot be registered; empty if it can."""
        primary = self.domain.primary.name
        if plan.metric != primary:
            return f"claims of this domain are made of {primary} alone, not of {plan.metric}"
        try:
            contrasts = contrasts_in(plan, self.domain, self.level)
        except Unfit as unfit:
            return str(unfit)
        wrong = self._of_family(contrasts) or self._of_sample(plan, contrasts)
        return wrong or "; ".join(faults(self.protocol(plan), self.domain, self.view)[:3])

    def _of_family(self, contrasts: Sequence[Contrast]) -> str:
        if len({c.id for c in contrasts}) < len(contrasts):
            return "a comparison stands there twice"
        if not set(self.idea.factors) <= set(contrasts[0].factors):
            return (
                f"the first comparison has to be about what the idea is about: {', '.join(self.idea.factors)}"
            )
        means = self.means(contrasts)
        if not means.attainable(len(contrasts)):
            return (
                f"{means.seeds} seeds cannot decide a family of {len(contrasts)}; register fewer comparisons"
            )
        return ""

    def _of_sample(self, plan: Plan, contrasts: Sequence[Contrast]) -> str:
        means, n, m = self.means(contrasts), plan.seeds_per_arm, len(contrasts)
        arms, least = means.cost(contrasts), planning.fewest_seeds("paired", means.alpha, m)
        most = max(least, means.seeds_for(arms))
        if n > most:
            return (
                f"the budget pays {most} seeds for each of {arms} arms, not {n}; ask for fewer, or fewer arms"
            )
        if n < least:
            return f"{n} seeds cannot decide {m} comparisons at all; {least} are the least"
        if (reached := means.power(contrasts, n)) < ENOUGH and n < most:
            return (f"with {n} seeds an effect one margin beyond the margin would be found with chance "
                    f"{reached:.2f}; up to {most} may be had")  # fmt: skip
        tests = {registered_test(c.estimand, n) for c in contrasts}
        if plan.test != "auto" and plan.test not in tests:
            return f"the test registered for this is {' or '.join(sorted(tests))}; name it, or auto"
        return ""

    # --- protocols ------------------------------------------------------------------------------------

    def protocol(self, plan: Plan) -> Protocol:
        """The protocol of a plan that passes the check."""
        contrasts = contrasts_in(plan, self.domain, self.level)
        why = "as many as the model planned and the machine's check of power and budget admitted"
        return self.protocol_of(contrasts, plan.seeds_per_arm, why)

    # --- the question ---------------------------------------------------------------------------------

    def request(self) -> ModelRequest:
        stable = (
            brief.system(TASK),
            brief.domain_part(self.domain, self.services.blobs),
            Part(text=idea_text(self.idea), stable=True),
        )
        return ModelRequest(
            role="ideate", parts=(*stable, Part(text=self._asked())), max_output_tokens=ANSWER_TOKENS
        )

    def _asked(self) -> str:
        means = self.means(())
        lines = [f"- {_settings(self.view.nodes[t.node], self.domain)}: {summary(self.view, t.node, brief=True)}"
                 for t in self.view.trials_in("explore")[:SHOWN]]  # fmt: skip
        chosen = (f"The hidden phase chose the version “{self.champion.plan}” ({self.level}), named `{CHAMPION}` here."
                  if self.champion else "There is no edited program to compare." if is_open(self.domain) else "")  # fmt: skip
        return f"""# What exploration showed
{chr(10).join(lines)}
{chosen}

# What may be planned
Metric: {self.domain.primary.name}. At most {FAMILY} comparisons.
The spread of one arm between seeds is at most about {means.sd:.4g}; the family's level is {means.alpha:g}.
{self._costs(means)}
The first comparison has to be about: {", ".join(self.idea.factors)}; predicted by the idea: {self.idea.direction}.

# What is asked
Plan the confirmation."""


    def _costs(self, means: Means) -> str:
        """How many seeds families of several sizes can have and need, and what effect they would find."""
        primary = self.domain.primary
        lines = []
        for m in range(1, 4):
            most, least = means.seeds_for(m + 1), planning.fewest_seeds("paired", means.alpha, m)
            if most < least:
                continue
            found = planning.detectable_effect(most, means.sd, means.alpha, m, POWER, margin=primary.margin or 0.0)
            what = "comparison with the baseline" if m == 1 else "comparisons with the baseline"
            lines.append(f"- {m} {what} ({m + 1} arms): from {least} to {most} seeds per arm; with {most} an effect of "
                         f"{found:.4g} {primary.unit} is supported with chance {POWER:g}".replace("  ", " "))  # fmt: skip
        return "\n".join([*lines, "An interaction has four arms, and needs an effect half as large again. Plan for as many "
                          "seeds as the budget pays unless fewer decide as well."])  # fmt: skip


def _settings(node: Node, domain: Domain) -> str:
    moved = [f"{k}={v}" for k, v in node.config.items() if domain.baseline[k] != v]
    return f"{', '.join(moved) or 'the baseline'} ({node.plan})"
