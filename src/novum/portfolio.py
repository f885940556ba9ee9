"""Several studies in one run: how the budget is shared between their ideas.

A run of N studies has N times the budget of one, and exactly the caps that were given for the run as a
whole. Both are shared in proportion to what the ideas are worth, within bounds, so that no study is left
with too little to conclude anything.
"""

from collections.abc import Sequence

from msgspec import structs

from novum.canonical import derive_seed
from novum.records import Budget, Domain, Settings

LEAST, MOST = 0.75, 1.5  # of an equal share


def shares(worth: Sequence[float]) -> list[float]:
    """What each of several ideas gets, in units of an equal share; they sum to the number of ideas.

    Proportional to what each is worth (none less than nothing), as far as nobody gets less than three
    quarters of an equal share or more than one and a half.
    """
    if not any(worth):
        return [1.0] * len(worth)
    fair = [w * len(worth) / sum(worth) for w in worth]
    bounded = [min(max(f, LEAST), MOST) for f in fair]
    return [b * len(bounded) / sum(bounded) for b in bounded]


def with_share(domain: Domain, size: str, share: float) -> Domain:
    """The domain with one of its budgets scaled: the trials of exploration, the seeds of confirmation."""
    budget = domain.budgets.get(size)
    if budget is None or share == 1.0:
        return domain
    return structs.replace(domain, budgets=domain.budgets | {size: scaled(budget, share)})


def scaled(budget: Budget, share: float) -> Budget:
    return structs.replace(
        budget,
        explore_trials=max(4, round(budget.explore_trials * share)),
        confirm_seeds=max(8, round(budget.confirm_seeds * share)),
    )


def settings_of(settings: Settings, idea: str, place: int, share: float, count: int) -> Settings:
    """The settings of the study at `place` of `count`: its idea, a seed of its own, its part of the caps."""
    part = share / count
    trials, minutes = settings.budget_trials, settings.budget_minutes
    seed = settings.seed
    return structs.replace(
        settings,
        idea=idea,
        seed=seed if seed is None or place == 0 else derive_seed(seed, "study of a run", place),
        budget_trials=None if trials is None else max(1, int(trials * part)),
        budget_minutes=None if minutes is None else minutes * part,
        budget_usd=None if settings.budget_usd is None else settings.budget_usd * part,
        budget_calls=None if settings.budget_calls is None else max(1, int(settings.budget_calls * part)),
        budget_tokens=None if settings.budget_tokens is None else max(1, int(settings.budget_tokens * part)),
    )
