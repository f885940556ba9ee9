"""Small words: joining, cases, quantities, and how a metric's change is said in plain English."""

import math
import re
from collections.abc import Sequence

from novum.records import Domain, Factor, Metric


def listing(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def capital(text: str) -> str:
    """The text with its first letter raised, unless it opens with markup or a reference."""
    return text[:1].upper() + text[1:]


def plain(name: str) -> str:
    return name.replace("_", " ")


def factor_title(factor: Factor) -> str:
    return factor.title or plain(factor.name)


def factor_noun(factor: Factor) -> str:
    """The factor in a sentence: "weight decay", but "the optimiser" and "the number of points"."""
    title = factor_title(factor)
    return f"the {title}" if factor.kind == "categorical" or " of " in title else title


def metric_title(metric: Metric) -> str:
    return metric.title or plain(metric.name)


def sentence(text: str) -> str:
    """One sentence on one line, raised and closed."""
    text = capital(" ".join(text.split()))
    return text if text[-1:] in ".?!" else text + "."


def paragraph(*sentences: str) -> str:
    """A paragraph of the sentences that are not empty."""
    return " ".join(sentence(s) for s in sentences if s.strip())


def paragraphs(*blocks: str) -> str:
    return "\n\n".join(b.strip() for b in blocks if b.strip())


def to_do(metric: Metric) -> str:
    """What a metric called "UNIT to …" counts up to: "generalise" of "updates to generalise", or nothing."""
    if not metric.unit:
        return ""
    found = re.fullmatch(rf"{re.escape(metric.unit)} to (\w.*)", metric_title(metric))
    return found[1] if found else ""


def quantity(metric: Metric) -> str:
    """A metric as a singular noun phrase: "the number of updates to generalise", "the final accuracy"."""
    title = metric_title(metric)
    counted = metric.unit and title.lower().startswith(metric.unit.lower())
    return f"the number of {title}" if counted else f"the {title}"


def event(metric: Metric) -> str:
    """What a time to event waits for, as a verb: "generalise", "reach the end", or "reach the event"."""
    goal = to_do(metric) or "the event"
    return f"reach {goal}" if goal.split()[0] in ("a", "an", "the", "its") else goal


def more(metric: Metric, amount: str, up: bool, here: str, there: str) -> str:
    """`here` against `there`, whose difference is `amount`: "runs with A took N more updates to …"."""
    if to_do(metric):
        return f"{here} took {amount} {'more' if up else 'fewer'} {metric_title(metric)} than {there}"
    unit = f" {metric.unit}" if metric.unit else ""
    return f"{quantity(metric)} was {amount}{unit} {'higher' if up else 'lower'} for {here} than for {there}"


def direction_noun(up: bool) -> str:
    return "increase" if up else "decrease"


def article(noun: str) -> str:
    return "an" if noun[:1] in "aeiou" else "a"


def units(metric: Metric) -> str:
    return f" {metric.unit}" if metric.unit else ""


def whole(metric: Metric) -> str:
    """The format of a value of the metric: whole numbers for counts and large times, else three digits, or as
    many decimals as show a tenth of a margin that three digits of a value near one would hide."""
    counted = metric.kind == "time_to_event" and metric.unit and (metric.horizon or 0) >= 200
    if metric.kind == "count" or counted:
        return ",.0f"
    if metric.kind == "proportion":
        return ".3f"
    fine = metric.margin is not None and 0 < metric.margin < 0.01
    return f".{min(12, math.ceil(-math.log10(metric.margin)) + 1)}f" if fine else ""


def signed(metric: Metric) -> str:
    spec = whole(metric)
    return f"+{spec}" if spec else "+.3g"


def resampled(domain: Domain) -> str:
    """Over what claims generalise: "the data, the split and the initialisation"."""
    return listing([f"the {plain(what)}" for what in domain.resampled])
