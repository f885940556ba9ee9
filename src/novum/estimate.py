"""What a study may take before it is begun: trials, processor time, calls of models, money.

Trials and processor time are bounds from the domain's budget and the caps. Calls and their lengths are what
the scientist expects; questions that have to be asked again come on top, which is what a cap is for.
Nothing is sent.
"""

import tempfile
from pathlib import Path

from msgspec import structs

from novum import casting
from novum.beginning import check_settings, require_writers
from novum.domains import find_domain, load_domain
from novum.domains.new import TEMPLATE as EXAMPLE
from novum.domains.topics import is_topic, read_page
from novum.journal import FileBlobs
from novum.protocols import LanguageModel
from novum.records import Budget, Domain, ModelRequest, Part, PlannedCalls, Record, Role, Settings
from novum.search import over_programs
from novum.steps.select import rounds
from novum.wiring import SCIENTISTS

WRITING_A_DOMAIN = (
    PlannedCalls(step="specify", role="ideate", calls=2, input_tokens=6000, output_tokens=4000),
    PlannedCalls(step="specify", role="code", calls=2, input_tokens=2500, output_tokens=1000),
)
"""What a topic page takes first: description and measurement, the program, and a repair of each."""
ARMS = 4  # of a confirmation, which is planned after exploration and seldom has more


class CallCost(Record, kw_only=True):
    """Expected calls of one kind, whom they ask, and what they cost; `usd` is null where nobody knows."""

    planned: PlannedCalls
    model: str
    usd: float | None


class Estimate(Record, kw_only=True):
    """`seeds` by phase and `cpu_seconds` at most; `tokens` and `usd` as expected, the latter null where a
    price is not known. `typical`: the domain is yet to be written, so seeds and seconds are those of the
    example that its author is shown."""

    domain: str
    budget: str
    scientist: str
    seeds: dict[str, int]
    cpu_seconds: float
    calls: tuple[CallCost, ...]
    tokens: int
    usd: float | None
    typical: bool = False


def estimate(settings: Settings) -> Estimate:
    """What a study of these settings may take.

    Raises:
        UserError: the domain, its budget, the scientist or a model is not there.
    """
    with tempfile.TemporaryDirectory(prefix="novum-estimate-") as scratch:
        blobs = FileBlobs(Path(scratch))
        domain, typical = _domain(settings, blobs)
        check_settings(settings, domain, blobs)
        models = casting.opened(settings, blobs)
        scientist = SCIENTISTS[settings.scientist]()
        planned = [*(WRITING_A_DOMAIN if typical else ()), *scientist.planned_calls(domain, settings)]
    calls = tuple(_cost(calls, _asked(calls.role, models, settings)) for calls in planned)
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
        typical=typical,
    )


def _domain(settings: Settings, blobs: FileBlobs) -> tuple[Domain, bool]:
    """The domain of a study; for a topic page the example of one, under the page's name, and True."""
    if not is_topic(settings.domain):
        return load_domain(find_domain(settings.domain), blobs), False
    page = read_page(settings.domain)
    require_writers(settings)
    return structs.replace(load_domain(EXAMPLE, blobs), id=page.id, title=page.title), True


def _seeds(budget: Budget, settings: Settings) -> dict[str, int]:
    """Runs of a program by phase, at most."""
    cap = settings.budget_trials
    programs = settings.scientist == "language" or over_programs(settings.policy)
    explored = budget.explore_trials if cap is None else min(budget.explore_trials, cap // 2)
    return {
        "explore": explored * budget.explore_seeds,
        "select": sum(count * seeds for count, seeds in rounds(programs, budget.select_seeds)),
        "confirm": ARMS * budget.confirm_seeds,
    }


def _asked(
    role: Role, models: dict[Role, tuple[LanguageModel, ...]], settings: Settings
) -> tuple[LanguageModel, ...]:
    """The models that calls of a role may begin with: the first, or all that a bandit chooses among."""
    members = models.get(role, ())
    return members if role == "code" and settings.model_choice == "bandit" else members[:1]


def _cost(planned: PlannedCalls, members: tuple[LanguageModel, ...]) -> CallCost:
    """The cost of calls of this length with the dearest of some models; None where a price is not known."""
    if not members:
        return CallCost(planned=planned, model="", usd=None)
    # a prompt of so many bytes has at most so many tokens: its worst case is what this length costs
    prompt = ModelRequest(role=planned.role, parts=(Part(text="x" * max(1, planned.input_tokens)),),
                          max_output_tokens=max(1, planned.output_tokens))  # fmt: skip
    prices = [model.worst_case(prompt).usd for model in members]
    dearest = None if None in prices else planned.calls * max(price or 0.0 for price in prices)
    return CallCost(planned=planned, model=" or ".join(model.name for model in members), usd=dearest)
