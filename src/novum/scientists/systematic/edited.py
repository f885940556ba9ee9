"""Planning the confirmation of an edited program: the champion of the hidden phase against the original.

Who wrote the edit does not matter here: a model or an operator without one. Both programs run at the domain's
baseline, on fresh seeds, so that they differ in nothing but their files.
"""

from collections.abc import Sequence
from functools import cached_property

from msgspec import structs

from novum.canonical import digest
from novum.errors import StudyError, UserError
from novum.evidence import account, planning
from novum.evidence.analysis import registered_test
from novum.evidence.contrasts import family_arms
from novum.evidence.effects import explored
from novum.evidence.samples import bounds_of
from novum.program import ORIGINAL, PROGRAM
from novum.protocols import Services
from novum.records import Contrast, Direction, Domain, Idea, Node, Protocol
from novum.scientists.systematic.family import POWER, Means, sample, widest
from novum.scientists.systematic.hypotheses import Form, contrasts_of
from novum.state import State
from novum.steps.confirm import BATCH
from novum.steps.run import limits_for
from novum.steps.select import champion


class Planner:
    """What a registration rests on: the champion, if it is an edit, and the spread between seeds.

    Raises:
        StudyError: nothing that was explored gave a measurement.
    """

    def __init__(self, view: State, services: Services):
        assert view.domain is not None and view.settings is not None
        self.view, self.services = view, services
        self.domain: Domain = view.domain
        self.budget = view.domain.budgets[view.settings.budget]
        self.idea: Idea = view.ideas[view.chosen]
        best = champion(view)
        self.champion: Node | None = best if best is not None and edited(best) else None
        self._values = self._explored()
        if not self._values:
            raise StudyError("nothing that was explored gave a measurement", fix="see novum log")

    def _explored(self) -> list[tuple[float, ...]]:
        """Explored values by version, without versions that are no candidates for a confirmation.

        One that does not do its work, or of which single seeds ran away, would make any effect look too small
        to be found.
        """
        view, metric = self.view, self.domain.primary
        found = {node: judged.broken for node, judged in view.assessments.items()}
        usable = [t.node for t in view.trials_in("explore") if not found.get(t.node)]
        data = explored(metric, [view.nodes[node].config for node in usable],
                        view.measurements_of(metric.name, "explore"))  # fmt: skip
        compared = [self.domain.baseline, *([self.champion.config] if self.champion else [])]
        kept = planning.unremarkable(data.values, [i for i, c in enumerate(data.configs) if c in compared])
        return [data.values[i] for i in kept]

    @cached_property
    def spread(self) -> planning.SdBound:
        """An upper bound of the spread between seeds, of versions that work.

        Raises:
            StudyError: there is none, so that no difference could be told from chance.
        """
        try:
            return planning.sd_upper_bound(self._values, bounds=bounds_of(self.domain.primary))
        except UserError as error:
            name = self.domain.primary.name
            raise StudyError(
                f"{name} does not vary between the seeds of a program, so that no sample can be planned",
                fix="let the program use its seed, or measure what varies",
            ) from error

    @property
    def level(self) -> str:
        """The level of the factor `program` that is the champion's; empty if there is none."""
        return str(self.champion.config[PROGRAM]) if self.champion else ""

    def means(self, contrasts: Sequence[Contrast]) -> Means:
        earlier = account.earlier_studies(self.domain.id, contrasts[:1], self.services.archive)
        return Means(seeds=self.budget.confirm_seeds, sd=self.spread.value,
                     typical=self.spread.pooled or self.spread.value, alpha=account.level(len(earlier)),
                     domain=self.domain)  # fmt: skip

    def plan(self) -> Protocol | None:
        """The plan for an idea about the program: the champion against the original, at the baseline.

        Raises:
            StudyError: no edited program worked.
        """
        if self.idea.kind != PROGRAM:
            return None
        if self.champion is None:
            raise StudyError(
                "no edited program worked, so that there is nothing to confirm", fix="see novum show --tree"
            )
        form = Form(kind="main_effect", factors=(PROGRAM,), a={PROGRAM: ORIGINAL}, b={PROGRAM: self.level})
        contrasts = contrasts_of(form, self.domain, self._way())
        n, why = sample(contrasts, self.means(contrasts))
        return self.protocol_of(contrasts, n, why)

    def _way(self) -> Direction:
        """The direction that the idea predicts, else the one that the metric is to go."""
        return better(self.domain) if self.idea.direction == "open" else self.idea.direction

    def protocol_of(self, contrasts: Sequence[Contrast], n: int, why: str) -> Protocol:
        """The protocol of some comparisons with so many seeds in each arm."""
        domain, m = self.domain, len(contrasts)
        means, weight = self.means(contrasts), widest(contrasts, domain)
        margin = max(c.margin for c in contrasts)
        return Protocol(
            idea=self.view.chosen,
            question=self.idea.title,
            primary_metric=domain.primary.name,
            horizon=domain.primary.horizon,
            contrasts=tuple(structs.replace(c, test=registered_test(c.estimand, n)) for c in contrasts),
            base=domain.baseline,
            arms=family_arms(contrasts, domain.baseline),
            seeds_per_arm=n,
            alpha=means.alpha,
            sd_bound=means.sd,
            detectable_effect=planning.detectable_effect(
                n, means.sd, means.alpha, m, POWER, margin=margin, weight=weight
            ),
            power=planning.power(margin, n, means.sd, means.alpha, m, weight=weight),
            smallest_p=planning.smallest_attainable_p(n),
            program=next(iter(domain.programs)),
            workspace_hash=digest(domain.workspace()),
            evaluator_hash=domain.evaluator_hash,
            prepare_hash=domain.prepare_hash,
            domain_hash=digest(domain),
            resampled=domain.resampled,
            limits=limits_for(self.budget, BATCH),
            nonce_commitment=self.services.nonce_commitment,
            exploratory_comparisons=len({t.node for t in self.view.trials_in("explore")}),
            earlier_studies=account.earlier_studies(domain.id, contrasts[:1], self.services.archive),
            sample_rationale=why,
            programs=self._programs(contrasts),
        )

    def _programs(self, contrasts: Sequence[Contrast]) -> dict[str, dict[str, str]]:
        """The champion's files, if an arm runs them."""
        arms = family_arms(contrasts, self.domain.baseline)
        runs = self.champion is not None and any(arm.get(PROGRAM) == self.level for arm in arms)
        return {self.level: dict(self.champion.workspace)} if runs and self.champion else {}


def edited(node: Node) -> bool:
    """Whether a node's files are not the domain's own."""
    return node.config.get(PROGRAM, ORIGINAL) != ORIGINAL


def better(domain: Domain) -> Direction:
    """The direction that the primary metric is to go."""
    return "less" if domain.primary.goal == "minimize" else "greater"
