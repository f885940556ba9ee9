"""What a domain must satisfy beyond having the right keys. Each rule names the place it is about."""

import math
import re
from collections.abc import Iterable

from novum.domains.places import Place
from novum.records import Budget, Domain, Factor, Level, Metric

NAME = re.compile(r"[a-z][a-z0-9_]*")
REQUIREMENT = re.compile(
    r"[A-Za-z0-9._-]+(\[[A-Za-z0-9._,-]+\])?(==\S+(\s+--hash=sha256:[0-9a-f]{64})+)?"
)  # a bare name is the library that Novum's own environment holds; its version is recorded with the study
BUDGETS = ("smoke", "default", "full")
RESAMPLED = ("data", "split", "initialisation", "order")


def check(domain: Domain, text: str, *, self_reported: bool = False) -> None:
    """Raises `DomainError` at the first rule that the domain breaks."""
    _about(domain, Place(text, "domain"))
    _commands(domain, text)
    _metrics(domain.metrics, Place(text, "metric"), self_reported)
    if self_reported:
        _nothing_edited(domain, text)
    _unique((f.name for f in domain.factors), Place(text, "factor"))
    _unique((s.name for s in domain.series), Place(text, "series"))
    for index, factor in enumerate(domain.factors):
        _factor(factor, Place(text, "factor").at(index))
        _program_factor(factor, domain, Place(text, "factor").at(index))
    _budgets(domain.budgets, Place(text, "budget"))
    for requirement in domain.requirements:
        if not REQUIREMENT.fullmatch(requirement):
            Place(text, "environment", None, "requirements").fail(
                f"{requirement!r} is not locked", fix="write a bare name, or name==version --hash=sha256:…"
            )


def _about(domain: Domain, place: Place) -> None:
    if not NAME.fullmatch(domain.id):
        place.key("id").fail(f"{domain.id!r} is no plain name", fix="use a-z, 0-9 and _, a letter first")
    for key in ("title", "question"):
        if not getattr(domain, key).strip():
            place.key(key).fail("is empty", fix="say it in one sentence")
    for source in domain.resampled:
        if source not in RESAMPLED:
            place.key("resampled").fail(f"unknown source {source!r}", fix=f"use {', '.join(RESAMPLED)}")


def _commands(domain: Domain, text: str) -> None:
    """Every command has words; nothing editable belongs to what prepares or scores."""
    stages = {"evaluator": domain.evaluator} | {f"program.{n}": p.command for n, p in domain.programs.items()}
    for table, command in stages.items():
        if not command or not all(command):
            Place(text, table, None, "command").fail("is empty", fix='write command = ["python", "FILE.py"]')
    trusted = {*domain.prepare_files, *domain.evaluator_files}
    for name, program in domain.programs.items():
        for path in program.editable:
            if path in trusted:
                Place(text, f"program.{name}", None, "editable").fail(
                    f"{path!r} belongs to prepare or the evaluator", fix="split the file in two"
                )


def _nothing_edited(domain: Domain, text: str) -> None:
    """Who may rewrite a program that reports its own metric may write the metric."""
    for name, program in domain.programs.items():
        if program.editable:
            Place(text, f"program.{name}", None, "editable").fail(
                "is not empty, and the program reports its own metrics",
                fix="remove it, or supply an evaluator and remove self_reported from [domain]",
            )


def _metrics(metrics: tuple[Metric, ...], place: Place, self_reported: bool) -> None:
    _unique((m.name for m in metrics), place)
    primary = [m for m in metrics if m.primary]
    if len(primary) != 1:
        place.fail(f"{len(primary) or 'no'} metrics are primary", fix="write primary = true for exactly one")
    for index, metric in enumerate(metrics):
        _metric(metric, place.at(index), self_reported)
        certified = {m.name for m in metrics if not m.self_reported}
        if metric.reports and not (metric.self_reported and metric.reports in certified):
            place.at(index).key("reports").fail(
                f"is {metric.reports!r}, no metric that is certified, or this one is not self-reported",
                fix=f"name one of {', '.join(sorted(certified)) or 'none'}, and write self_reported = true",
            )


def _metric(metric: Metric, place: Place, self_reported: bool) -> None:
    if metric.kind == "time_to_event" and metric.horizon is None:
        place.key("horizon").fail("a time_to_event metric has no horizon", fix="add horizon = …, in its unit")
    if metric.kind != "time_to_event" and metric.horizon is not None:
        place.key("horizon").fail(f"a horizon says nothing for kind {metric.kind}", fix="remove it")
    if self_reported and not metric.self_reported:
        fix = "write self_reported = true here, or supply an evaluator and remove it from [domain]"
        place.key("self_reported").fail("is not set, and [domain] says that all metrics are", fix=fix)
    if metric.primary and metric.self_reported and not self_reported:
        fix = "let the evaluator measure it, or say self_reported = true of the whole [domain]"
        place.key("self_reported").fail("the primary metric is self-reported", fix=fix)
    for key in ("horizon", "margin"):
        if not math.isfinite(getattr(metric, key) or 0.0):
            place.key(key).fail("is not finite", fix="give a finite number")


def _factor(factor: Factor, place: Place) -> None:
    if bool(factor.levels) == (factor.range is not None):
        place.key("levels").fail("needs either levels or a range", fix="give exactly one of them")
    if factor.range is not None:
        _range(factor, place)
    elif len(set(factor.levels)) < max(2, len(factor.levels)):
        place.key("levels").fail("needs at least two levels, each once", fix="add or remove levels")
    elif factor.baseline not in factor.levels:
        place.key("baseline").fail(f"{factor.baseline!r} is not among the levels", fix="name one of them")
    for level in (*factor.levels, *(factor.range or ()), factor.baseline):
        _level(level, factor, place)
    _trivial(factor, place)


def _range(factor: Factor, place: Place) -> None:
    low, high = factor.range or (0.0, 0.0)
    if factor.kind != "numeric":
        place.key("range").fail(f"a {factor.kind} factor has no range", fix="list its levels")
    if not low < high:
        place.key("range").fail("does not rise", fix="write range = [low, high]")
    if not _is_number(factor.baseline) or not low <= float(factor.baseline) <= high:
        place.key("baseline").fail(f"{factor.baseline!r} is outside the range", fix="choose one inside")


def _trivial(factor: Factor, place: Place) -> None:
    for level in factor.trivial:
        if level not in factor.levels:
            place.key("trivial").fail(f"{level!r} is not among the levels", fix="name some of them")
        if level == factor.baseline:
            place.key("trivial").fail(
                f"{level!r} is the baseline", fix="compare with a baseline that is hard to beat"
            )


def _level(level: Level, factor: Factor, place: Place) -> None:
    if _is_number(level) and not math.isfinite(float(level)):
        place.key("levels").fail("holds a number that is not finite", fix="give finite numbers")
    if factor.kind == "numeric" and not _is_number(level):
        place.key("levels").fail(f"{level!r} is no number", fix='give numbers, or kind = "categorical"')
    if factor.kind != "numeric" and factor.scale == "log":
        place.key("scale").fail(f"a {factor.kind} factor has no logarithmic scale", fix="remove scale")
    if factor.scale == "log" and float(level) <= 0:
        place.key("scale").fail(f"{level!r} has no logarithm", fix="use positive numbers or a linear scale")


def _is_number(level: Level) -> bool:
    return isinstance(level, float) and not isinstance(level, bool)


def _program_factor(factor: Factor, domain: Domain, place: Place) -> None:
    """A factor named `program` chooses among the programs."""
    unknown = [level for level in factor.levels if level not in domain.programs]
    if factor.name == "program" and unknown:
        place.key("levels").fail(f"there is no program {unknown[0]!r}", fix="name tables [program.NAME]")


def _budgets(budgets: dict[str, Budget], place: Place) -> None:
    for name, budget in budgets.items():
        if name not in BUDGETS:
            place.inside(name).fail("unknown budget", fix=f"use {', '.join(BUDGETS)}")
        for key in ("explore_trials", "confirm_seeds", "explore_seeds", "select_seeds"):
            if getattr(budget, key) < 1:
                place.inside(name).key(key).fail("is less than 1", fix="give at least 1")
        if budget.explore_seeds < 2:  # the spread between seeds is what a confirmation is planned from
            fix = "give at least 2, which show the spread between seeds"
            place.inside(name).key("explore_seeds").fail("is less than 2", fix=fix)
        for key in ("seconds", "memory_mb"):
            if not math.isfinite(getattr(budget, key)):
                place.inside(name).key(key).fail("is not finite", fix="give a finite number")
    for name in ("smoke", "default"):
        if name not in budgets:
            place.fail(f"[budget.{name}] is missing", fix=f"add a table [budget.{name}]")


def _unique(names: Iterable[str], place: Place) -> None:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if not NAME.fullmatch(name):
            place.at(index).key("name").fail(f"{name!r} is no plain name", fix="use a-z, 0-9 and _")
        if name in seen:
            place.at(index).key("name").fail(f"{name!r} is named twice", fix="rename one")
        seen.add(name)
