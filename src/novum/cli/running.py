"""Commands that carry a study on or make something of it: run, resume, write, audit, review."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from novum import api
from novum.cli import page, summary, tables
from novum.cli.border import say
from novum.cli.output import Output, console, print_json
from novum.config import Resolved, from_command_line
from novum.telemetry.progress import Progress

__all__ = ["Output", "audit", "carry_on", "finish", "resume", "review", "run", "write"]


def run(found: Resolved, output: Output) -> int:
    """A whole study, or several."""
    if found.ideas > 1:
        return run_many(found, output)
    with watcher(output) as progress:
        outcome = api.run(found.settings, found.lab, [progress])
    return finish(outcome, output)


def run_many(found: Resolved, output: Output) -> int:
    """Several studies; the exit code is the worst of theirs."""
    with watcher(output) as progress:
        outcomes = api.run_many(found.settings, found.ideas, found.lab, [progress])
    if output.json:
        print_json({"studies": [summary.describe(api.open_study(o.path)) for o in outcomes]})
        return max(o.exit_code for o in outcomes)
    for outcome in outcomes:
        finish(outcome, output)
    if len(outcomes) < found.ideas:
        why = "the last did not end" if outcomes[-1].exit_code > 3 else "no further idea is open in this lab"
        say(f"{len(outcomes)} of {found.ideas} studies were made: {why}")
    return max(o.exit_code for o in outcomes)


def resume(lab: Path, ref: str, changes: Mapping[str, Any], output: Output) -> int:
    """Go on with a study; with nothing unfinished and none named that is said, and all is well."""
    given = {key: value for key, (value, _) in from_command_line(changes).items()}
    if not ref and not unfinished(lab):
        print_json({"resumed": None}) if output.json else print(f"nothing unfinished in {lab}")
        return 0
    return carry_on(api.find_study(lab, ref, unfinished=True), given, output)


def carry_on(path: Path, changes: Mapping[str, Any], output: Output) -> int:
    """Let the coordinator work on a study that is not being worked on."""
    with watcher(output) as progress:
        outcome = api.resume(path, dict(changes), [progress])
    return finish(outcome, output)


def unfinished(lab: Path) -> bool:
    """Whether some study of a lab has not ended."""
    return any(not study.state.finished for study in api.list_studies(lab))


def watcher(output: Output) -> Progress:
    verbosity = "quiet" if output.quiet else "verbose" if output.verbose else "normal"
    return Progress(verbosity=verbosity)


def finish(outcome: api.Outcome, output: Output) -> int:
    """What a run says at its end, and its exit code."""
    study = api.open_study(outcome.path)
    told = summary.describe(study)
    if output.json:
        print_json(told)
    elif told["waits_for"] and not outcome.exit_code:
        page.print_gate(console(), study.state)
    else:
        tables.print_report(console(), told)
    if outcome.exit_code and outcome.message:
        say(outcome.message)
    return outcome.exit_code


# --- of a study that has been carried out -------------------------------------------------------------


def write(lab: Path, ref: str, style: str | None, as_json: bool) -> int:
    """Render the paper again, from the journal alone."""
    path = api.find_study(lab, ref)
    outcome = api.write(path, style or "")
    told = summary.describe(api.open_study(path))
    print_json(told) if as_json else tables.print_paper(console(), told)
    if outcome.message:
        say(outcome.message)
    return outcome.exit_code


def audit(lab: Path, ref: str, as_json: bool) -> int:
    """Every check of the evidence as it lies there now, line by line."""
    outcome = api.audit(api.find_study(lab, ref))
    passed = not outcome.exit_code
    checks = [to_builtins(check) for check in outcome.checks]
    if as_json:
        print_json({"id": outcome.study, "path": str(outcome.path), "passed": passed, "checks": checks})
    else:
        out = console()
        out.print(tables.checks_table(checks))
        out.print(tables.audit_line({"passed": passed, "checks": checks}))
    return outcome.exit_code


def review(lab: Path, ref: str, as_json: bool) -> int:
    """The checklist, and what it comes to."""
    outcome = api.review(api.find_study(lab, ref))
    items = [to_builtins(check) for check in outcome.checks]
    summing_up = api.open_study(outcome.path).state.review_summary
    if as_json:
        print_json({"id": outcome.study, "path": str(outcome.path), "summary": summing_up, "items": items})
    else:
        out = console()
        out.print(tables.checks_table(items, failed="no"))
        out.print(summing_up, markup=False)
    return outcome.exit_code
