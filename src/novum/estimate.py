"""What a study may take before it is begun: trials, processor time, calls of models, money.

Trials and processor time are bounds from the domain's budget and the caps. Calls and their lengths are what
the scientist expects; questions that have to be asked again come on top, which is what a cap is for.
Nothing is sent.
"""

import tempfile
from pathlib import Path

from novum import casting
from novum.beginning import check_settings
from novum.domains import find_domain, load_domain
from novum.journal import FileBlobs
from novum.protocols import LanguageModel
from novum.records import Budget, ModelRequest, Part, PlannedCalls, Record, Role, Settings
from novum.search import over_programs
from novum.steps.select import CANDIDATES, EDITS
from novum.wiring import SCIENTISTS

ARMS = 4  # of a confirmation, which is planned after exploration and seldom has more


class CallCost(Record, kw_only=True):
    """Expected calls of one kind, whom they ask, and what they cost; `usd` is null where nobody knows."""

    planned: PlannedCalls
    model: str
    usd: float | None


class Estimate(Record, kw_only=True):
    """`seeds` by phase and `cpu_seconds` at most; `tokens` and `usd` as expected, the latter null where a
    price is not known."""

    domain: str
    budget: str
    scientist: str
    seeds: dict[str, int]
    cpu_seconds: float
    calls: tuple[CallCost, ...]
    tokens: int
    usd: float | None


def estimate(settings: Settings) -> Estimate:
    """What a study of these settings may take.

    Raises:
        UserError: the domain, its budget, the scientist or a model is not there.
    """
    with tempfile.TemporaryDirectory(prefix="novum-estimate-") as scratch:
        blobs = FileBlobs(Path(scratch))
        domain = load_domain(find_domain(settings.domain), blobs)
        check_settings(settings, domain, blobs)
        models = casting.opened(settings, blobs)
        planned = SCIENTISTS[settings.scientist]().planned_calls(domain, settings)
    calls = tuple(_cost(calls, models) for calls in planned)
    budget = domain.budgets[settings.budget]
    seeds = _seeds(budget, settings)
    prices = [call.usd for call in calls]
    return Estimate(
        domain=domain.id,
        budget=settings.budget,
        scientist=settings.scientist,
        seeds=seeds,
        cpu_seconds=sum(seeds.values()) * budget.seconds,
        calls=calls,
        tokens=sum(p.calls * (p.input_tokens + p.output_tokens) for p in planned),
        usd=None if None in prices else sum(price or 0.0 for price in prices),
    )


def _seeds(budget: Budget, settings: Settings) -> dict[str, int]:
    """Runs of a program by phase, at most."""
    cap = settings.budget_trials
    programs = settings.scientist == "language" or over_programs(settings.policy)
    explored = budget.explore_trials if cap is None else min(budget.explore_trials, cap // 2)
    return {
        "explore": explored * budget.explore_seeds,
        "select": (EDITS if programs else CANDIDATES) * budget.select_seeds,
        "confirm": ARMS * budget.confirm_seeds,
    }


def _cost(planned: PlannedCalls, models: dict[Role, tuple[LanguageModel, ...]]) -> CallCost:
    """The cost of calls of this length with the model that is asked first."""
    members = models.get(planned.role, ())
    if not members:
        return CallCost(planned=planned, model="", usd=None)
    # a prompt of so many bytes has at most so many tokens: its worst case is what this length costs
    prompt = ModelRequest(role=planned.role, parts=(Part(text="x" * max(1, planned.input_tokens)),),
                          max_output_tokens=max(1, planned.output_tokens))  # fmt: skip
    usd = members[0].worst_case(prompt).usd
    return CallCost(planned=planned, model=members[0].name, usd=None if usd is None else planned.calls * usd)
