"""`domain.toml` for somebody's own code: defaults that run, and comments that say what to edit."""

import importlib.metadata
import json
import re
import sys
from collections.abc import Iterator, Sequence

from novum.domains.adopt.look import NO_FACTOR, SEEDS, Found, Option
from novum.domains.rules import NAME
from novum.records import Level

LESS = re.compile(
    r"(loss|err|error|perplexity|ppl|rmse|mse|mae|nll|bpb|time|latency|regret|wer|cer|fid)($|_)"
)
HELD = ("test", "val", "valid", "eval", "heldout")
SHARE = re.compile(r"(^|_)(dropout|momentum|prob|p|beta1?|rate_of|fraction|share|ratio)($|_)")
BUDGETS = (("smoke", 4, 8), ("default", 16, 30), ("full", 60, 100))


def factors_of(found: Found) -> list[Option]:
    """The options that can be varied: those with a plain default that choose no place, seed or device."""
    return [o for o in found.options if _levels(o) and NAME.fullmatch(o.name) and _varies(o)]


def metrics_of(found: Found) -> dict[str, str]:
    """Metric -> what the script calls it; the likeliest primary first, others in their order."""
    plain = {re.sub(r"\W+", "_", name).lower(): name for name in found.metrics}
    held = [name for name in plain if any(name.startswith(word) for word in HELD)]
    ranked = [*held, *(name for name in plain if name not in held)]
    return {name: plain[name] for name in ranked if NAME.fullmatch(name)} or {"score": "score"}


def goal_of(metric: str) -> str:
    return "minimize" if LESS.search(metric) else "maximize"


def installed(imports: Sequence[str], local: Sequence[str]) -> tuple[list[str], list[str]]:
    """(packages of this environment that the script imports, modules that are not to be had here)."""
    foreign = [m for m in imports if m not in sys.stdlib_module_names and m not in local]
    known = importlib.metadata.packages_distributions() if foreign else {}  # reads all that is installed
    return sorted({known[m][0] for m in foreign if m in known}), [m for m in foreign if m not in known]


def domain_toml(name: str, found: Found, packages: Sequence[str], leave_out: Sequence[str]) -> str:
    """The whole file."""
    metrics = metrics_of(found)
    primary = next(iter(metrics))
    words = primary.replace("_", " ")
    return "\n\n".join([
        "# Written by `novum init`, which read the code and did not run it. Each line is yours to edit;\n"
        "# `novum domains check` says what is still wrong. All keys: docs/domain-guide.md.",
        "\n".join(_about(name, found, words, leave_out)),
        '[program.run]\ncommand = ["python", "novum_program.py"]  # runs the script once for each seed\n'
        f"files = [{_text(found.script)}]\n"
        "# nothing is editable: a program that reports its own metric may not be rewritten to report another",
        '[evaluator]\ncommand = ["python", "novum_evaluator.py"]  # passes on what the program reports',
        f"[environment]\nrequirements = {_list(packages)}  # by name from Novum's environment, or locked",
        *(_metric(metric, metric == primary) for metric in metrics),
        *_factors(found),
        *(_budget(*sizes) for sizes in BUDGETS),
    ]) + "\n"  # fmt: skip


def _about(name: str, found: Found, words: str, leave_out: Sequence[str]) -> Iterator[str]:
    better = "least" if goal_of(words) == "minimize" else "greatest"
    yield "[domain]"
    yield f"id = {_text(name)}"
    yield f"title = {_text(f'What {found.script} reports')}  # EDIT: what the study is about"
    yield f"question = {_text(f'Which settings of {found.script} give the {better} {words}?')}  # EDIT"
    yield 'limits = ""  # EDIT: what a result here does not show'
    yield "resampled = []  # EDIT: what a new seed draws afresh, of: data, split, initialisation, order"
    yield "self_reported = true  # until novum_evaluator.py measures by itself; verdicts are not certified"
    yield f"leave_out = {_list(leave_out)}  # does not belong to the domain; programs do not see it"


def _metric(metric: str, primary: bool) -> str:
    lines = [
        "[[metric]]",
        f"name = {_text(metric)}",
        f'goal = "{goal_of(metric)}"  # EDIT if it is the other',
    ]
    lines += ["primary = true  # the one that claims are about"] if primary else []
    lines += ["# margin = 0.01  # EDIT: the smallest difference worth knowing about"] if primary else []
    return "\n".join([*lines, 'kind = "value"', "self_reported = true"])


def _factors(found: Found) -> Iterator[str]:
    taken = factors_of(found)
    for option in taken:
        yield "\n".join(_factor(option))
    others = [o.flag for o in found.options if o not in taken and o.name not in SEEDS]
    notes = [f"# left as they are, since they name places or have no plain default: {', '.join(others)}"]
    named = ", ".join(f"{name} (line {line})" for name, line in found.constants)
    told = notes if others else []
    told += [f"# constants that are no options, and so no factors: {named}"] if named else []
    if told:
        yield "\n".join(told)


def _factor(option: Option) -> Iterator[str]:
    levels = _levels(option)
    numeric = all(isinstance(v, float) and not isinstance(v, bool) for v in levels)
    yield "[[factor]]"
    yield f"name = {_text(option.name)}"
    if option.help:
        yield f"description = {_text(' '.join(option.help.split()))}"
    yield f'kind = "{"numeric" if numeric else "categorical"}"'
    if numeric and min(levels) > 0 and not SHARE.search(option.name):  # type: ignore[type-var]
        yield 'scale = "log"'
    yield f"levels = [{', '.join(map(_level, levels))}]" + ("" if option.choices else "  # EDIT: a guess")
    yield f"baseline = {_level(_baseline(option))}"


def _varies(option: Option) -> bool:
    return option.name not in SEEDS and not NO_FACTOR.search(option.name)


def _baseline(option: Option) -> Level:
    return option.choices[0] if option.default is None else option.default


def _levels(option: Option) -> list[Level]:
    """Levels to begin with: all choices, both ways of a flag, or the default and two beside it."""
    if option.choices:
        known = option.default is None or option.default in option.choices
        return list(option.choices) if known and len(option.choices) > 1 else []
    if option.kind in ("on", "off", "both"):
        return [False, True]
    if not isinstance(option.default, float) or option.kind not in ("int", "float"):
        return []
    return list(dict.fromkeys(sorted(_around(option.name, option.default, whole=option.kind == "int"))))


def _around(name: str, default: float, *, whole: bool) -> list[float]:
    """A lower level, the default and a higher one; shares stay below one, whole numbers whole."""
    if default == 0:
        return [0.0, 1.0] if whole else [0.0, 0.1]
    if whole:
        return [float(max(1, default // 2)), default, default * 2] if default > 0 else [default * 2, default]
    if SHARE.search(name) and 0 < default < 1:
        return [_round(default / 2), default, _round((1 + default) / 2)]
    return [_round(default / 3), default, _round(default * 3)]


def _round(value: float) -> float:
    return float(f"{value:.2g}")


def _budget(name: str, trials: int, seeds: int) -> str:
    lines = [f"[budget.{name}]", f"explore_trials = {trials}", f"confirm_seeds = {seeds}"]
    lines += ["seconds = 60  # EDIT: CPU seconds that one run may take", "memory_mb = 2048"]
    return "\n".join(lines)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _level(level: Level) -> str:
    if isinstance(level, float) and not isinstance(level, bool):
        return f"{level:g}"
    return json.dumps(level, ensure_ascii=False)
