"""The commands of `novum`: their names, arguments and help; what they do is in the modules they call."""

from pathlib import Path
from typing import Annotated

import typer

from novum.cli import options as opt

app = typer.Typer(
    name="novum",
    help="An AI scientist: from a research domain to a paper whose every number has an address.",
    epilog="Exit codes: 0 done, 1 the study failed or an audit found a fault, 2 wrong input, "
    "3 out of budget, 4 machine or provider failed, 5 our bug, 130 interrupted. "
    "After 3, 4 and 130 'novum resume' goes on. Options may also stand in novum.toml or as NOVUM_<OPTION>.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
)
domains = typer.Typer(help="The subjects of study: list, show, check, new.", rich_markup_mode=None)
app.add_typer(domains, name="domains")
bench = typer.Typer(
    help="Measure Novum itself: truth, search, findings.", rich_markup_mode=None, no_args_is_help=True
)
app.add_typer(bench, name="bench")


@app.callback(invoke_without_command=True)
def top(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    if version:
        from novum import __version__

        print(f"novum {__version__}")
        raise typer.Exit


# --- studies ------------------------------------------------------------------------------------------


@app.command()
def run(
    domain: opt.Domain = None,
    lab: opt.Lab = None,
    budget: opt.Budget = None,
    until: opt.Until = None,
    scientist: opt.Scientist = None,
    search: opt.Search = None,
    ideas: opt.Ideas = None,
    idea: opt.Idea = "",
    seed_ideas: opt.SeedIdeas = "",
    evaluator: opt.Evaluator = "",
    seed: opt.Seed = None,
    deterministic: opt.Deterministic = None,
    workers: opt.Workers = None,
    sandbox: opt.Sandbox = None,
    model: opt.Model = None,
    model_ideate: opt.ModelIdeate = None,
    model_code: opt.ModelCode = None,
    model_judge: opt.ModelJudge = None,
    model_write: opt.ModelWrite = None,
    model_review: opt.ModelReview = None,
    model_vision: opt.ModelVision = None,
    model_fallback: opt.ModelFallback = None,
    model_choice: opt.ModelChoice = None,
    price_input: opt.PriceInput = None,
    price_output: opt.PriceOutput = None,
    calls_at_once: opt.CallsAtOnce = None,
    context_tokens: opt.ContextTokens = None,
    budget_usd: opt.BudgetUsd = None,
    budget_tokens: opt.BudgetTokens = None,
    budget_calls: opt.BudgetCalls = None,
    budget_minutes: opt.BudgetMinutes = None,
    budget_trials: opt.BudgetTrials = None,
    executor: opt.Executor = None,
    device: opt.Device = None,
    style: opt.Style = None,
    estimate: opt.Estimate = False,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
) -> int:
    """Carry out a whole study, from idea to paper.

    Idea, exploration, registered protocol, confirmation, paper, audit and review, in this order. The end
    says where the paper is, what became of each claim, and what it cost.

    With TOPIC.md, a page that says what is to be studied, a model writes the domain first, its evaluator
    included unless --evaluator gives one. It is tried, frozen, and never shown to whoever writes programs.

    With --ideas N so many studies, one after another, but no more than there are open questions: their ideas
    are chosen by value, and by value they share N times the budget of one, or the caps given for the run.
    """
    from novum.cli import running

    found = opt.resolved(
        domain=domain, lab=lab, budget=budget, until=until, scientist=scientist, search=search,
        ideas=ideas, seed=seed, deterministic=deterministic, workers=workers, sandbox=sandbox,
        budget_minutes=budget_minutes, budget_trials=budget_trials, executor=executor, device=device,
        style=style, model=model, model_ideate=model_ideate, model_code=model_code, model_judge=model_judge,
        model_write=model_write, model_review=model_review, model_vision=model_vision,
        model_fallback=model_fallback, model_choice=model_choice, price_input=price_input,
        price_output=price_output, calls_at_once=calls_at_once, context_tokens=context_tokens,
        budget_usd=budget_usd, budget_tokens=budget_tokens, budget_calls=budget_calls,
    )  # fmt: skip
    if estimate:
        return running.estimate(found, as_json)
    return running.run(found, running.Output(as_json, quiet, verbose), idea, seed_ideas, evaluator)


@app.command()
def ideas(
    domain: opt.Domain = None,
    number: Annotated[int, typer.Option("-n", metavar="N", min=1, help="At most so many.")] = 10,
    lab: opt.Lab = None,
    scientist: opt.Scientist = None,
    seed_ideas: opt.SeedIdeas = "",
    evaluator: opt.Evaluator = "",
    seed: opt.Seed = None,
    model: opt.Model = None,
    model_ideate: opt.ModelIdeate = None,
    model_code: opt.ModelCode = None,
    model_judge: opt.ModelJudge = None,
    model_fallback: opt.ModelFallback = None,
    price_input: opt.PriceInput = None,
    price_output: opt.PriceOutput = None,
    context_tokens: opt.ContextTokens = None,
    budget_usd: opt.BudgetUsd = None,
    budget_tokens: opt.BudgetTokens = None,
    budget_calls: opt.BudgetCalls = None,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
) -> int:
    """Propose ideas for a domain; run --idea studies one of them.

    Without a model: the open questions of the declared factors, by what an answer would be worth. With one:
    its ideas, thought over and judged for novelty, in a study that waits after them. No trial is run.
    """
    from novum.cli import proposing, running

    found = opt.resolved(
        domain=domain, lab=lab, scientist=scientist, seed=seed, model=model, model_ideate=model_ideate,
        model_code=model_code, model_judge=model_judge, model_fallback=model_fallback,
        price_input=price_input, price_output=price_output, context_tokens=context_tokens,
        budget_usd=budget_usd, budget_tokens=budget_tokens, budget_calls=budget_calls,
    )  # fmt: skip
    output = running.Output(as_json, quiet, verbose)
    return proposing.ideas(found, number, seed_ideas, output, evaluator)


@app.command()
def resume(
    study: opt.Unfinished = "",
    lab: opt.Lab = None,
    workers: opt.Workers = None,
    sandbox: opt.Sandbox = None,
    model: opt.Model = None,
    model_ideate: opt.ModelIdeate = None,
    model_code: opt.ModelCode = None,
    model_judge: opt.ModelJudge = None,
    model_write: opt.ModelWrite = None,
    model_review: opt.ModelReview = None,
    model_vision: opt.ModelVision = None,
    model_fallback: opt.ModelFallback = None,
    model_choice: opt.ModelChoice = None,
    price_input: opt.PriceInput = None,
    price_output: opt.PriceOutput = None,
    calls_at_once: opt.CallsAtOnce = None,
    context_tokens: opt.ContextTokens = None,
    budget_usd: opt.BudgetUsd = None,
    budget_tokens: opt.BudgetTokens = None,
    budget_calls: opt.BudgetCalls = None,
    budget_minutes: opt.BudgetMinutes = None,
    budget_trials: opt.BudgetTrials = None,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
) -> int:
    """Go on with a study that did not end.

    It was interrupted, ran out of budget, or its machine failed. It keeps the settings that it began with,
    but for those given here. Without STUDY it is the latest; if that belongs to a run of several (--ideas N),
    all of that run that did not end, and what it has yet to begin. What else is unfinished is said.
    """
    from novum.cli import running

    changes = {
        "workers": workers,
        "sandbox": sandbox,
        "budget_minutes": budget_minutes,
        "budget_trials": budget_trials,
        "model": model,
        "model_ideate": model_ideate,
        "model_code": model_code,
        "model_judge": model_judge,
        "model_write": model_write,
        "model_review": model_review,
        "model_vision": model_vision,
        "model_fallback": model_fallback,
        "model_choice": model_choice,
        "price_input": price_input,
        "price_output": price_output,
        "calls_at_once": calls_at_once,
        "context_tokens": context_tokens,
        "budget_usd": budget_usd,
        "budget_tokens": budget_tokens,
        "budget_calls": budget_calls,
    }
    return running.resume(opt.lab_of(lab), study, changes, running.Output(as_json, quiet, verbose))


@app.command(name="list")
def list_(
    lab: opt.Lab = None,
    report: Annotated[
        bool, typer.Option("--report", help="Every claim tried, with its verdict; also as LAB/report.md.")
    ] = False,
    as_json: opt.Json = False,
) -> int:
    """List the studies of a lab, oldest first.

    With --report: all that was tried, with all verdicts alike, replications, the account of alpha by
    question, and what failed.
    """
    from novum.cli import reading

    if report:
        return reading.report(opt.lab_of(lab), as_json)
    return reading.list_studies(opt.lab_of(lab), as_json)


@app.command()
def show(
    study: opt.Study = "",
    lab: opt.Lab = None,
    tree: Annotated[bool, typer.Option("--tree", help="Show every configuration tried.")] = False,
    number: Annotated[
        str, typer.Option(metavar="ID", help="Walk from a number of the paper to its trials.")
    ] = "",
    as_json: opt.Json = False,
) -> int:
    """Show idea, protocol, claims, trials, audit and cost."""
    from novum.cli import reading

    if number:
        return reading.show_number(opt.lab_of(lab), study, number, as_json)
    return reading.show(opt.lab_of(lab), study, tree, as_json)


@app.command()
def log(study: opt.Study = "", lab: opt.Lab = None, as_json: opt.Json = False) -> int:
    """Print a study's journal, one event per line."""
    from novum.cli import reading

    return reading.log(opt.lab_of(lab), study, as_json)


@app.command()
def write(
    study: opt.Study = "", lab: opt.Lab = None, style: opt.Style = None, as_json: opt.Json = False
) -> int:
    """Render the paper again from the journal."""
    from novum.cli import running

    return running.write(opt.lab_of(lab), study, style, as_json)


@app.command()
def audit(study: opt.Study = "", lab: opt.Lab = None, as_json: opt.Json = False) -> int:
    """Check a study's evidence; exit code 1 if a check fails."""
    from novum.cli import running

    return running.audit(opt.lab_of(lab), study, as_json)


@app.command()
def review(study: opt.Study = "", lab: opt.Lab = None, as_json: opt.Json = False) -> int:
    """Review a study's paper by a checklist."""
    from novum.cli import running

    return running.review(opt.lab_of(lab), study, as_json)


@app.command()
def mailbox(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="The folder, as in --model mailbox:DIR.")],
    lab: opt.Lab = None,
    as_json: opt.Json = False,
) -> int:
    """List the questions that wait in a mailbox.

    With each, where its answer belongs.
    """
    from novum.cli import mailing

    return mailing.mailbox(opt.lab_of(lab), folder, as_json)


@app.command()
def reproduce(
    study: opt.Study = "",
    lab: opt.Lab = None,
    tolerance: opt.Tolerance = None,
    workers: opt.Workers = None,
    sandbox: opt.Sandbox = None,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> int:
    """Run a study's confirmation again on the same seeds; compare.

    Programs, evaluator, data and seeds come from the study itself, which is not changed. Where platform and
    libraries are those that it recorded, values have to be equal to the last bit. Exit code 1 if one is not.
    """
    from novum.cli import again

    changes = {"workers": workers, "sandbox": sandbox}
    return again.reproduce(opt.lab_of(lab), study, changes, tolerance, again.Output(as_json, quiet, False))


@app.command()
def replicate(
    study: opt.Study = "",
    lab: opt.Lab = None,
    times: opt.Times = 1,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", min=0, help="What new seeds derive from.")
    ] = None,
    workers: opt.Workers = None,
    sandbox: opt.Sandbox = None,
    budget_minutes: opt.BudgetMinutes = None,
    budget_trials: opt.BudgetTrials = None,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
) -> int:
    """Carry out a study's frozen protocol on new seeds and data.

    It becomes a study of its own in the same lab, with a verdict on each claim: replicated, not replicated or
    inconclusive. Exit code 0 if that study is done and audited, whatever its verdicts.
    """
    from novum.cli import again

    changes = {
        "workers": workers,
        "sandbox": sandbox,
        "budget_minutes": budget_minutes,
        "budget_trials": budget_trials,
    }
    output = again.Output(as_json, quiet, verbose)
    return again.replicate(opt.lab_of(lab), study, times, seed, changes, output)


@app.command()
def export(
    to: opt.To,
    study: opt.Study = "",
    lab: opt.Lab = None,
    out: Annotated[
        str | None,
        typer.Option("--out", metavar="PATH", help="Where to.  [default: exports/ in the study's folder]"),
    ] = None,
    as_json: opt.Json = False,
) -> int:
    """Write a study in another format.

    LaTeX that compiles as it is, a zip for Overleaf, the paper as one HTML file, an RO-Crate, or all events
    and measurements as JSON lines. The study is only read, and no other file is overwritten.
    """
    from novum.cli import exporting

    return exporting.export(opt.lab_of(lab), study, to, out, as_json)


# --- a person's decisions -----------------------------------------------------------------------------


@app.command()
def approve(
    study: opt.Waiting = "",
    lab: opt.Lab = None,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
) -> int:
    """Approve what a study waits with, and go on with it.

    A study waits after its ideas or its protocol if it was begun with run --until ideas|protocol.
    """
    from novum.cli import deciding, running

    return deciding.approve(opt.lab_of(lab), study, running.Output(as_json, quiet, verbose))


@app.command()
def edit(
    study: opt.Waiting = "",
    lab: opt.Lab = None,
    change: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A value of the protocol to change; repeatable."),
    ] = None,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
) -> int:
    """Change values of a protocol before confirmation.

    The change is recorded as an amendment and disclosed in the paper. Without --set an editor opens.
    """
    from novum.cli import deciding, running

    return deciding.edit(opt.lab_of(lab), study, change or [], running.Output(as_json, quiet, verbose))


@app.command()
def stop(study: opt.Unfinished = "", lab: opt.Lab = None, as_json: opt.Json = False) -> int:
    """End a study for good; its records are kept."""
    from novum.cli import deciding, running

    return deciding.stop(opt.lab_of(lab), study, running.Output(as_json, True, False))


# --- domains and the machine --------------------------------------------------------------------------


@app.command()
def init(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="The folder of your code.")] = ".",
    as_json: opt.Json = False,
) -> int:
    """Make a domain of your own code.

    Looks at the code without running it, and writes domain.toml and what else is missing beside it; no file
    that is there is changed. What the program reports of itself is labelled self-reported until you supply an
    evaluator.
    """
    from novum.cli import subjects

    return subjects.adopt(folder, as_json)


@domains.callback(invoke_without_command=True)
def domains_top(context: typer.Context) -> int | None:
    from novum.cli import subjects

    return subjects.list_domains(False) if context.invoked_subcommand is None else None


@domains.command(name="list")
def domains_list(as_json: opt.Json = False) -> int:
    """List the domains that are installed."""
    from novum.cli import subjects

    return subjects.list_domains(as_json)


@domains.command(name="show")
def domains_show(domain: opt.Domain = None, as_json: opt.Json = False) -> int:
    """Show a domain's question, factors, metrics and budgets."""
    from novum.cli import subjects

    return subjects.show_domain(opt.resolved(domain=domain).settings.domain, as_json)


@domains.command(name="check")
def domains_check(
    path: Annotated[str, typer.Argument(metavar="DOMAIN|DIR", help="The domain to check.")],
    as_json: opt.Json = False,
) -> int:
    """Check that a domain keeps its contract.

    Runs a few small trials of it; the exit code is 1 if a check fails.
    """
    from novum.cli import subjects

    return subjects.check_domain(path, as_json)


@domains.command(name="new")
def domains_new(path: Annotated[str, typer.Argument(metavar="DIR", help="The folder to make.")]) -> int:
    """Make a small domain that works, to start from."""
    from novum.cli import subjects

    return subjects.new_domain(path)


@bench.callback()
def bench_top() -> None: ...


@bench.command(name="truth")
def bench_truth(
    full: Annotated[bool, typer.Option("--full", help="2,000 studies in place of 400.")] = False,
    studies: Annotated[
        int | None, typer.Option("--studies", metavar="N", min=1, help="So many studies.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", min=0, help="What all seeds derive from.  [default: random]"),
    ] = None,
    policy: Annotated[
        str,
        typer.Option("--policy", metavar="design|adaptive", help="How exploration goes.  [default: design]"),
    ] = "design",
    against: Annotated[
        str,
        typer.Option("--against", metavar="POLICY", help="Compare with this policy on the same worlds."),
    ] = "",
    as_json: opt.Json = False,
) -> int:
    """Carry out studies of simulated worlds whose truth is known, and compare.

    Each study goes through the real loop and journal without a paper; half of the worlds hold no effect at
    all. The exit code is 1 if a target is missed.
    """
    from novum.cli import benches

    return benches.bench_truth(full, studies, seed, as_json, policy, against)


@bench.command(name="search")
def bench_search(
    part: Annotated[
        str, typer.Option("--part", metavar="a|b|c|d", help="One part, or several as in ab.  [default: all]")
    ] = "abcd",
    full: Annotated[bool, typer.Option("--full", help="More seeds: 125 of circle packing.")] = False,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", min=0, help="What all seeds derive from.  [default: random]"),
    ] = None,
    discs: Annotated[
        int, typer.Option("--discs", metavar="N", min=1, help="Of part d; 26 and 32 have a target.")
    ] = 26,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write rows after each part, beside those of this run."),
    ] = None,
    as_json: opt.Json = False,
) -> int:
    """Search where it is known what there is to be found.

    Part a: every search over programs beside a reference of forty lines. Part b: what selection makes of
    noise. Part c: time that the loop wastes, and what a candidate costs. Part d: how often discs are packed,
    without a model, as well as is known. The exit code is 1 if a target is missed.
    """
    from novum.cli import benches

    return benches.bench_search(part, full, seed, as_json, discs, out)


@bench.command(name="findings")
def bench_findings(
    domain: Annotated[str, typer.Argument(metavar="[DOMAIN]", help="One domain; all that state any.")] = "",
    seeds: Annotated[int, typer.Option("--seeds", metavar="N", min=2, help="Seeds of each arm.")] = 20,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", min=0, help="What all seeds derive from.  [default: random]"),
    ] = None,
    as_json: opt.Json = False,
) -> int:
    """Test what papers found, in the shipped domains, and say whether it holds at their size.

    Seeds are fresh, trials run as in a study, and each finding has its smallest effect of interest set
    beforehand. A finding that does not hold is a result; the exit code is 0.
    """
    from novum.cli import benches

    return benches.bench_findings(domain, seeds, seed, as_json)


@app.command()
def doctor(lab: opt.Lab = None, as_json: opt.Json = False) -> int:
    """Check this machine: what works, what is missing.

    Each line says whether all is well and, where it is not, how to mend it.
    """
    from novum.cli import checkup

    return checkup.doctor(opt.lab_of(lab), as_json)
