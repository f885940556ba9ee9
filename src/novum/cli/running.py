"""Commands that carry a study on or make something of it: run, resume, write, audit, review."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from novum import api
from novum.cli import page, summary, tables
from novum.cli.border import say
from novum.cli.output import Output, console, print_json
from novum.config import Resolved, from_command_line
from novum.domains.topics import is_topic
from novum.errors import OutOfBudget, UserError
from novum.ideas import read_seed_ideas
from novum.telemetry.progress import Progress

__all__ = ["Output", "audit", "carry_on", "finish", "resume", "review", "run", "write"]


def run(found: Resolved, output: Output, idea: str = "", seeds: str = "", evaluator: str = "") -> int:
    """A whole study, or several; of an idea that lies in the lab, or with ideas of a file in view."""
    if found.ideas > 1:
        if idea or seeds or evaluator or is_topic(found.settings.domain):
            raise UserError("--ideas is for several studies of the scientist's own ideas", fix="leave it out")
        return run_many(found, output)
    seed_ideas = read_seed_ideas(seeds) if seeds else ()
    with watcher(output) as progress:
        outcome = api.run(
            found.settings, found.lab, [progress], idea=idea, seed_ideas=seed_ideas, evaluator=evaluator
        )
    return finish(outcome, output)


def run_many(found: Resolved, output: Output) -> int:
    """Several studies; the exit code is the worst of theirs."""
    there = api.open_questions(found.settings, found.lab)
    if there < found.ideas:
        say(f"{found.ideas} studies were asked for, and {_open(there)} in this lab: {there} will be made")
    with watcher(output) as progress:
        outcomes = api.run_many(found.settings, found.ideas, found.lab, [progress])
    return finish_all(outcomes, output)


def _open(questions: int) -> str:
    return "one question is open" if questions == 1 else f"{questions} questions are open"


def finish_all(outcomes: Sequence[api.Outcome], output: Output) -> int:
    """What several studies of a run say at their end, and the worst of their exit codes."""
    worst = max(o.exit_code for o in outcomes)
    studies = [api.open_study(o.path) for o in outcomes]
    if output.json:
        print_json({"studies": [summary.describe(study) for study in studies]})
    else:
        for outcome in outcomes:
            finish(outcome, output)
    part = studies[-1].state.several
    if part and part.place + 1 < part.count:
        early = outcomes[-1].exit_code > OutOfBudget.exit_code
        why = "novum resume goes on" if early else "what was left was asked on the way"
        say(f"{part.place + 1} of {part.count} studies were begun; {why}")
    return worst


def resume(lab: Path, ref: str, changes: Mapping[str, Any], output: Output) -> int:
    """Go on with a study; with none named, with the latest unfinished one and the run that it belongs to.

    What else is unfinished is said. With nothing unfinished that is said, and all is well.
    """
    given = {key: value for key, (value, _) in from_command_line(changes).items()}
    if ref:
        return carry_on(api.find_study(lab, ref), given, output)
    left = api.unfinished(lab)
    while left:
        work = left.pop()
        code = _resume(lab, work, given, output)
        if code is not None:
            _tell_rest([path.name for other in left for path in other.studies])
            return code
    print_json({"resumed": None}) if output.json else print(f"nothing unfinished in {lab}")
    return 0


def _resume(lab: Path, work: api.Unfinished, changes: Mapping[str, Any], output: Output) -> int | None:
    """Go on with a study or a run; None if no idea is left for what the run has yet to begin."""
    if not work.run:
        return carry_on(work.studies[0], changes, output)
    with watcher(output) as progress:
        outcomes = api.resume_run(lab, work.run, dict(changes), [progress])
    return finish_all(outcomes, output) if outcomes else None


def _tell_rest(studies: Sequence[str]) -> None:
    if studies:
        say(f"unfinished too: {', '.join(studies)}; novum resume STUDY goes on with one of them")


def carry_on(path: Path, changes: Mapping[str, Any], output: Output) -> int:
    """Let the coordinator work on a study that is not being worked on."""
    with watcher(output) as progress:
        outcome = api.resume(path, dict(changes), [progress])
    return finish(outcome, output)


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


def estimate(found: Resolved, as_json: bool) -> int:
    """What the study may take; nothing is begun."""
    from novum.estimate import estimate as made

    expected = made(found.settings)
    if as_json:
        print_json(to_builtins(expected))
    else:
        console().print(tables.estimate_table(expected))
    return 0


# --- of a study that has been carried out -------------------------------------------------------------


def write(lab: Path, ref: str, style: str | None, as_json: bool) -> int:
    """Render the paper again, from the journal alone."""
    path = api.find_study(lab, ref)
    outcome = api.write(path, style or "")
    told = summary.describe(api.open_study(path))
    if as_json:
        print_json(told)
    elif outcome.status == "unwritten":
        print(outcome.text)
    else:
        tables.print_paper(console(), told)
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
    summing_up = outcome.text
    if as_json:
        print_json({"id": outcome.study, "path": str(outcome.path), "summary": summing_up, "items": items})
    else:
        out = console()
        out.print(tables.checks_table(items, failed="no"))
        out.print(summing_up, markup=False)
    if outcome.message:
        say(outcome.message)
    return outcome.exit_code
