"""How the systematic scientist words claims and ideas: sentences that a researcher would write.

Levels stand here as numbers: these are declared settings, not results. The paper has words of its own
(`compose`), which point to every number.
"""

from collections.abc import Mapping, Sequence

from novum.records import Config, Direction, Domain, Factor, Level, Metric

WAYS = {"greater": "raises", "less": "lowers"}


def claim_text(
    *, kind: str, a: Config, b: Config, contexts: Sequence[Config], levels: Sequence[Level],
    direction: Direction, domain: Domain, averaged: bool = False,
) -> str:  # fmt: skip
    """A claim as it is registered; `averaged` over the settings of the other factors of a design."""
    metric = metric_title(domain.primary)
    does = f"{WAYS[direction]} {metric}" if direction in WAYS else f"leaves {metric} within the margin"
    if kind == "interaction":
        return _joint(a, b, contexts, direction, domain)
    if kind == "dose_response":
        (name,) = a
        span = f"{show(levels[0])} to {show(levels[-1])}"
        return f"increasing {title(name, domain)} from {span} steadily {does}"
    if kind == "best_setting":
        return f"the configuration chosen in the hidden phase {does} relative to the baseline"
    held = {k: v for k, v in a.items() if b[k] == v}
    (name,) = (k for k in a if k not in held)
    where = f"at {setting(held, domain)}, " if held else ""
    over = ", averaged over the settings of the other factors varied" if averaged else ""
    return f"{where}{change(name, a[name], b[name], domain)} {does}{over}"


def _joint(a: Config, b: Config, contexts: Sequence[Config], direction: Direction, domain: Domain) -> str:
    (name,), (second,) = b, contexts[1]
    low, high = (f"{title(second, domain)} {show(c[second])}" for c in contexts)
    start, end = show(a[name]), show(b[name])
    metric, what = metric_title(domain.primary), title(name, domain)
    moved = f"the change in {metric} as {what} goes from {start} to {end}"
    if direction == "equivalent":
        return f"{moved} is the same, within the margin, at {high} as at {low}"
    return f"{moved} is {'larger' if direction == 'greater' else 'smaller'} at {high} than at {low}"


def change(name: str, start: Level, end: Level, domain: Domain) -> str:
    """`raising weight decay from 1 to 2`, `choosing the optimiser sgd over adamw`."""
    factor, what = domain.factor(name), title(name, domain)
    if factor.kind == "categorical":
        return f"choosing {show(end)} over {show(start)} as {what}"
    moving = "raising" if _above(factor, end, start) else "lowering"
    return f"{moving} {what} from {show(start)} to {show(end)}"


def _above(factor: Factor, one: Level, other: Level) -> bool:
    if factor.kind == "numeric":
        return float(one) > float(other)
    return factor.levels.index(one) > factor.levels.index(other)


# --- ideas --------------------------------------------------------------------------------------------


def idea_title(kind: str, factors: Sequence[str], domain: Domain) -> str:
    """What a paper on the idea would be called."""
    metric, names = metric_title(domain.primary), [title(f, domain) for f in factors]
    return {
        "main_effect": "The effect of {0} on {metric}",
        "equivalence": "Is {metric} indifferent to {0}?",
        "dose_response": "How {metric} responds to the dose of {0}",
        "interaction": "How {0} and {1} act together on {metric}",
        "robustness": "Does the effect of {0} on {metric} hold whatever the {1}?",
    }[kind].format(*names, metric=metric)


def idea_hypothesis(kind: str, factors: Sequence[str], domain: Domain) -> str:
    """The hypothesis as a statement that can turn out false; the direction is left open."""
    metric, names = metric_title(domain.primary), [title(f, domain) for f in factors]
    margin = _amount(domain.primary)
    more, within = (f" by more than {margin}", f"within {margin}") if margin else ("", "unchanged")
    return {
        "main_effect": f"{{metric}} depends on {{0}}: a change from its baseline moves the mean{more}",
        "equivalence": f"{{0}} does not matter: a change from its baseline leaves mean {{metric}} {within}",
        "dose_response": f"{{metric}} changes steadily with {{0}}, from end to end of its range{more}",
        "interaction": "what {0} does to {metric} depends on {1}",
        "robustness": f"{{0}} changes {{metric}}{more} at every level of {{1}}",
    }[kind].format(*names, metric=metric)


def _amount(metric: Metric) -> str:
    """The margin with its unit, or nothing where the domain names none."""
    return f"{metric.margin:g}{' ' + metric.unit if metric.unit else ''}" if metric.margin else ""


def idea_plan(kind: str, factors: Sequence[str], domain: Domain) -> str:
    """What will be done, in a sentence."""
    names = [title(f, domain) for f in factors]
    arms = {
        "main_effect": "the baseline with the level of {0} that exploration finds most telling",
        "equivalence": "the baseline with another level of {0}, for sameness within the margin",
        "dose_response": "ordered levels of {0}, by the slope of the response",
        "interaction": "what {0} does at two levels of {1}",
        "robustness": "what {0} does at each level of {1}; it holds if it is supported at all of them",
    }[kind].format(*names)
    return f"explore all factors together, freeze a protocol, then compare {arms}, on fresh seeds and data"


def follow_up(verdict: str, study: str) -> str:
    """How an idea says that the lab has asked before, and what came of it."""
    return {
        "inconclusive": "{} asked this and left it inconclusive",
        "unfinished": "{} asked this and did not come to its end",
        "supported": "{} supported the effect about which this asks further",
        "refuted": "{} refuted the effect, and this asks whether there is any that matters",
        "seen": "{} saw this without having asked, and nobody has tested it",
    }[verdict].format(study)


# --- small pieces -------------------------------------------------------------------------------------


def title(name: str, domain: Domain) -> str:
    factor = domain.factor(name)
    return factor.title or factor.name.replace("_", " ")


def metric_title(metric: Metric) -> str:
    return metric.title or metric.name.replace("_", " ")


def show(level: Level) -> str:
    if isinstance(level, bool):
        return "on" if level else "off"
    return f"{level:g}" if isinstance(level, float) else level.replace("_", " ")


def setting(config: Mapping[str, Level], domain: Domain) -> str:
    """`weight decay 0.1 and optimiser sgd`."""
    parts = [f"{title(k, domain)} {show(v)}" for k, v in sorted(config.items())]
    return ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]
