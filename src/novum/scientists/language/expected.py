"""Which calls a language study is likely to make, for `run --estimate`: ideas, nodes, protocol, paper.

Lengths are rough: those of the shipped domains' prompts with short answers. Whether an idea will be about the
program is not known before, so nodes are counted as if it were. Questions asked again come on top.
"""

from collections.abc import Sequence

from novum.records import Domain, PlannedCalls, Settings
from novum.scientists.language.writing.writer import planned as writing


def planned_calls(domain: Domain, settings: Settings) -> Sequence[PlannedCalls]:
    """Expected calls by step and role."""
    n, budget = settings.proposals, domain.budgets[settings.budget]
    calls = [
        PlannedCalls(step="ideate", role="ideate", calls=2 * n, input_tokens=6000, output_tokens=500),
        PlannedCalls(step="ideate", role="judge", calls=n, input_tokens=4000, output_tokens=200),
        PlannedCalls(step="register", role="ideate", calls=1, input_tokens=5000, output_tokens=400),
    ]
    if next(iter(domain.programs.values())).editable:
        nodes = max(0, budget.explore_trials - 1)  # some are tuned without a model, some asked for again
        calls += [
            PlannedCalls(step="explore", role="code", calls=nodes, input_tokens=4500, output_tokens=600),
            PlannedCalls(step="explore", role="judge", calls=nodes, input_tokens=2500, output_tokens=150),
        ]
    return (*calls, writing())
