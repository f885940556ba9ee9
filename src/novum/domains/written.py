"""A domain's folder from what a model wrote of a topic: the machine adds all that the model has no say in.

The model writes what is measured, what may be set, how data are made, how they are scored, and a first
program. Name and title are the topic page's, commands and the list of editable files are fixed, the works are
those of the page, and who wrote what stands in the file itself.
"""

import ast
import json
import re
import tomllib
from collections.abc import Mapping

from novum.errors import DomainError

DESCRIPTION, BACKGROUND, INTERFACE = "domain.toml", "background.md", "interface.md"
PREPARE, EVALUATOR, PROGRAM, REFERENCES = "prepare.py", "evaluator.py", "program.py", "references.bib"
HIDDEN = (PREPARE, EVALUATOR)
"""What no author of a program is ever shown."""

LIBRARIES = ("numpy", "scipy")
TABLES = ("domain", "metric", "factor", "budget")
OWN = ("question", "limits", "resampled")  # keys of [domain] that the model writes
MOST_SECONDS, MOST_MEMORY, MOST_TRIALS, MOST_SEEDS = 120.0, 4096.0, 200, 400
LEAST_WORDS = 20
HEAD = re.compile(r"^[ \t]*\[domain\][ \t]*$", re.M)
LINE = re.compile(r"(domain\.toml):\d+")  # those of the file with what the machine adds
NOTHING = "% The topic page names no works.\n"


def folder_of(
    parts: Mapping[str, str], topic: Mapping[str, str], authors: Mapping[str, str]
) -> dict[str, str]:
    """The files of the domain's folder, path -> text.

    Args:
        parts: what was written, path -> text.
        topic: the page's `id`, `title` and `references`.
        authors: which part (`evaluator`, `prepare`, `program`) was written by which model.
    """
    described = f"{headed(parts[DESCRIPTION], topic).rstrip()}\n\n{_machines(authors)}"
    return dict(parts) | {DESCRIPTION: described, REFERENCES: topic["references"] or NOTHING}


def _machines(authors: Mapping[str, str]) -> str:
    """The tables that the machine adds at the end; keys of [domain] have to stand in it (`headed`)."""
    names = "\n".join(
        f"{part} = {json.dumps(name, ensure_ascii=False)}" for part, name in sorted(authors.items())
    )
    libraries = json.dumps(LIBRARIES)
    return f"""# --- from here on the machine's ---
[domain.authors]
{names}

[program.main]
command = ["python", "{PROGRAM}"]
editable = ["{PROGRAM}"]

[prepare]
command = ["python", "{PREPARE}"]

[evaluator]
command = ["python", "{EVALUATOR}"]

[environment]
requirements = {libraries}
"""


def headed(description: str, topic: Mapping[str, str]) -> str:
    """A model's description with the page's name and title in its table [domain]."""
    said = f"id = {json.dumps(topic['id'])}\ntitle = {json.dumps(topic['title'], ensure_ascii=False)}"
    return HEAD.sub(lambda _: f"[domain]\n{said}", description, count=1)


def fault_of(parts: Mapping[str, str]) -> str:
    """What is wrong with what was written, before any of it runs, in a sentence for its author; or nothing.

    `domain.toml` is as the model wrote it.
    """
    for path in (DESCRIPTION, BACKGROUND, INTERFACE, PREPARE, EVALUATOR):
        if not parts.get(path, "").strip():
            return f"{path} is missing; write it as a whole file"
    for path in (p for p in parts if p.endswith(".py")):
        if wrong := _not_python(path, parts[path]):
            return wrong
    if len(parts[INTERFACE].split()) < LEAST_WORDS:
        return f"{INTERFACE} says too little for somebody who sees neither {PREPARE} nor {EVALUATOR}"
    return _of_description(parts[DESCRIPTION])


def _not_python(path: str, text: str) -> str:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return f"{path} is no Python: {error}"
    return ""


def _of_description(text: str) -> str:
    """Tables and keys that are not the model's, and bounds of what a study may take."""
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        return f"{DESCRIPTION} is not valid TOML: {error}"
    if alien := [name for name in tables if name not in TABLES]:
        return f"{DESCRIPTION} holds [{alien[0]}]; it holds {', '.join(f'[{t}]' for t in TABLES)} and no more"
    about = tables.get("domain")
    if not isinstance(about, dict) or not HEAD.search(text):
        return f"{DESCRIPTION} has no table [domain]"
    if alien := [key for key in about if key not in OWN]:
        return f"[domain] holds {alien[0]}; it holds {', '.join(OWN)}, the rest is set by the machine"
    if any(isinstance(m, dict) and m.get("self_reported") for m in tables.get("metric", ())):
        return "no metric is self-reported here: the evaluator measures all of them"
    metrics = [m for m in tables.get("metric", ()) if isinstance(m, dict)]
    if not any(m.get("primary") and m.get("margin") for m in metrics):
        return "the primary metric needs a margin, the smallest difference worth knowing about"
    return _of_budgets(tables.get("budget"))


def _of_budgets(budgets: object) -> str:
    if not isinstance(budgets, dict):
        return "there is no [budget.smoke] and no [budget.default]"
    seeds = dict.fromkeys(("confirm_seeds", "explore_seeds", "select_seeds"), MOST_SEEDS)
    bounds = {"seconds": MOST_SECONDS, "memory_mb": MOST_MEMORY, "explore_trials": MOST_TRIALS, **seeds}
    for name, budget in budgets.items():
        for key, most in bounds.items():
            value = budget.get(key) if isinstance(budget, dict) else None
            if isinstance(value, int | float) and value > most:
                return f"[budget.{name}] {key} is {value:g}; at most {most:g} may be asked for"
    return ""


def needs_budget(text: str, name: str) -> str:
    """Whether a description has the budget that the study is to have; why not, else nothing."""
    budgets = tomllib.loads(text).get("budget", {})
    return "" if name in budgets else f"this study needs a table [budget.{name}]"


def described(fault: DomainError) -> str:
    """A fault of the contract as a sentence for whoever wrote the description."""
    return LINE.sub(r"\1", f"{fault.what}; {fault.fix}" if fault.fix else fault.what)
