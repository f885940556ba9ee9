"""A study as a person reads it at the terminal, drawn from the data of `novum.cli.summary`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins
from rich import box
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from novum.canonical import SHORT
from novum.cli.output import levels, number, plural
from novum.cli.summary import WITHHELD, nodes, primary_values
from novum.records import Config, Idea, Near, Phase
from novum.state import State, Trial
from novum.telemetry.glance import asked_by
from novum.telemetry.progress import duration

if TYPE_CHECKING:
    from novum.estimate import Estimate
    from novum.report import page as report

STYLES = {
    "supported": "green", "refuted": "red", "inconclusive": "yellow",
    "done": "green", "running": "cyan", "interrupted": "yellow", "out_of_budget": "yellow", "failed": "red",
}  # fmt: skip

OUTCOME_STYLES = {"replicated": "green", "not replicated": "red", "inconclusive": "yellow"}


def print_study(out: Console, told: Mapping[str, Any]) -> None:
    """The whole of `novum show`."""
    out.print(heading(told))
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column()
    for label, what in _rows(told):
        grid.add_row(label, what)
    out.print(grid)
    print_paper(out, told)


def print_report(out: Console, told: Mapping[str, Any]) -> None:
    """How a run ended: claims, audit, cost, and where the paper is; of an early end only what there is."""
    out.print(heading(told))
    if told["replication"] and told["replication"]["claims"]:
        out.print(replication_table(told["replication"]))
    elif told["claims"]:
        out.print(claims_table(told["claims"]))
    if told["audit"]["passed"] is not None:
        out.print(labelled("audit", audit_line(told["audit"])))
    out.print(labelled("cost", cost_line(told)))
    if told["paper"]:
        print_paper(out, told)


def heading(told: Mapping[str, Any]) -> Text:
    words = Text.assemble((told["id"], "bold"), "  ", status_text(told))
    when = f"{datetime.fromtimestamp(told['created']):%Y-%m-%d %H:%M}"
    words.append(f"  seed {told['seed']}, begun {when}", "dim")
    return words


def status_text(told: Mapping[str, Any]) -> Text:
    """Status in a word or two, with the stage of a study that runs."""
    status = told["status"]
    text = Text(status.replace("_", " "), STYLES.get(status, ""))
    if told["waits_for"]:
        return Text("waits for approval", "yellow")
    if status == "running":
        text.append(f" ({told['stage']})")
    return text


def reason_of(told: Mapping[str, Any]) -> str:
    """Why a study is not done, where the status alone does not say it."""
    if told["status"] in ("done", "running") or told["waits_for"]:
        return ""
    status = told["status"].replace("_", " ")
    return told["reason"].removeprefix(status).removeprefix(": ")


def print_paper(out: Console, told: Mapping[str, Any]) -> None:
    """The paper's path on a line of its own, never broken, so that it can be copied."""
    out.print(labelled("paper", told["paper"] or "none yet"), soft_wrap=True)
    if page := _page_beside(told["paper"]):
        out.print(labelled("", Text(f"{page}: click a number", "dim")), soft_wrap=True)
    if str(told["paper"]).endswith(".md"):
        out.print(labelled("", Text("for a PDF: pip install 'novum[pdf]', then novum write", "dim")))


def _page_beside(paper: str | None) -> Path | None:
    """The HTML paper, where the paper has another form besides."""
    page = Path(paper).with_name("paper.html") if paper else None
    return page if page and page.is_file() and str(page) != paper else None


def labelled(label: str, what: str | Text) -> Text:
    """A line in the columns of the grid that `print_study` draws."""
    return Text.assemble((f"{label:<10}", "bold"), what)


def _rows(told: Mapping[str, Any]) -> list[tuple[str, Any]]:
    reason = reason_of(told)
    rows: list[tuple[str, Any]] = [("reason", Text(reason, "yellow"))] if reason else []
    if told["run"]:
        rows.append(("run", f"{told['run']['id']}, study {told['run']['place']} of {told['run']['of']}"))
    rows.append(("question", told["question"]))
    if told["idea"]:
        rows.append(("idea", idea_text(told["idea"])))
    if any(idea["judged"][-1:] and idea["judged"][-1]["trials"] for idea in told["ideas"]):
        rows.append(("ideas", judgements_table(told["ideas"])))
    if told["protocol"]:
        rows.append(("protocol", protocol_text(told["protocol"])))
    if told["claims"]:
        rows.append(("claims", claims_table(told["claims"])))
    if told["replication"]:
        rows.append(("replicates", replication_text(told["replication"])))
    return [
        *rows,
        ("trials", trials_line(told)),
        ("audit", audit_text(told["audit"])),
        ("review", told["review"]["summary"] or "none yet"),
        ("cost", cost_line(told)),
        *([("calls", calls_text(told["models"]["by_stage"]))] if told["models"] else []),
    ]


def calls_text(by_stage: Mapping[str, Mapping[str, Any]]) -> str:
    """Calls of models by stage, with what they came to."""
    return "\n".join(f"{stage:<9} {_calls(asked)}" for stage, asked in by_stage.items())


def _calls(asked: Mapping[str, Any]) -> str:
    money = f", {asked['usd']:.2f} USD" if asked["usd"] else ""
    return f"{plural(asked['calls'], 'call')}, {asked['tokens']:,} tokens{money}"


def idea_text(idea: Mapping[str, Any]) -> Text:
    text = Text.assemble((idea["title"], "italic"), "\n", idea["hypothesis"])
    scores = ", ".join(f"{name} {number(value)}" for name, value in idea["scores"].items())
    return text.append(
        f"\n{idea['kind']}; novelty: {idea['novelty']}" + (f"; {scores}" if scores else ""), "dim"
    )


SHOWN = 5  # ideas in the table of judgements, beside the chosen one


def judgements_table(ideas: Sequence[Mapping[str, Any]]) -> Table:
    """Expected information of the foremost ideas and the chosen one, before data and as trials came in."""
    ranked = sorted(ideas, key=lambda idea: -_judged_last(idea))
    kept = [i for place, i in enumerate(ranked) if place < SHOWN or i["chosen"]]
    points = sorted({j["trials"] for idea in kept for j in idea["judged"]})
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for place, point in enumerate(points):
        head = "before" if not point else f"{point} trials" if place == 1 else str(point)
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("expected information of", ratio=1)
    for idea in kept:
        at = {j["trials"]: number(j["information"]) for j in idea["judged"]}
        title = Text(f"{idea['title']} (chosen)", "bold") if idea["chosen"] else Text(idea["title"])
        table.add_row(*(at.get(point, "") for point in points), title)
    return table


def _judged_last(idea: Mapping[str, Any]) -> float:
    return idea["judged"][-1]["information"] or 0.0 if idea["judged"] else 0.0


def _level(protocol: Mapping[str, Any]) -> str:
    repeated = protocol["repeated"]
    again = f"; {plural(len(repeated), 'repeated claim')} at {max(repeated.values()):g}" if repeated else ""
    return f"{protocol['alpha']:g}{again}"


def _sample(protocol: Mapping[str, Any]) -> str:
    arms, seeds, parts = protocol["arms"], plural(protocol["seeds_per_arm"], "seed"), protocol["fractions"]
    if parts == 1:
        return f"{plural(arms, 'arm')} of {seeds}"
    return f"{seeds} on {arms // parts} of {arms} arms each"


def protocol_text(protocol: Mapping[str, Any]) -> Text:
    detects = f"{number(protocol['detectable_effect'])} {protocol['unit']}".rstrip()
    text = Text(
        f"{protocol['hash'][:SHORT]}  {plural(protocol['contrasts'], 'contrast')}, "
        f"{_sample(protocol)}, "
        f"level {_level(protocol)} ({protocol['correction']}), "
        f"detects {detects} with power {number(protocol['target_power'])}"
    )
    for amendment in protocol["amendments"]:
        text.append(f"\namended: {amendment['reason']}", "yellow")
    return text


def claims_table(claims: Sequence[Mapping[str, Any]]) -> Table:
    """One row per registered claim: its verdict, its text, and beneath it the estimate with its interval."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for claim in claims:
        verdict = claim["verdict"] or "open"
        text = Text(claim["text"])
        if effect := effect_of(claim):
            text.append(f"\n{effect}", "dim")
        table.add_row(Text(verdict, STYLES.get(verdict, "dim")), text)
    return table


def replication_text(told: Mapping[str, Any]) -> Table | Text:
    """What is replicated; beneath it the outcomes, once there are any."""
    title = Text(f"{told['of']}, {told['times']} times its seeds per arm")
    if not told["claims"]:
        return title
    grid = Table.grid()
    grid.add_row(title)
    grid.add_row(replication_table(told))
    return grid


def replication_table(told: Mapping[str, Any]) -> Table:
    """One row per claim: its outcome, its text, and beneath it both estimates with their intervals."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for claim in told["claims"]:
        text = Text(claim["text"])
        for label, side in (("original", "original"), ("now", "replication")):
            decided = claim[side] | {"unit": claim["unit"], "reason": ""}
            text.append(f"\n{label:<9} {decided['verdict']}: {effect_of(decided)}", "dim")
        table.add_row(Text(claim["outcome"], OUTCOME_STYLES[claim["outcome"]]), text)
    return table


def effect_of(claim: Mapping[str, Any]) -> str:
    """`-18.2 steps, -24.5 to -12 at 97.5 %`; empty before the verdict, a reason if there is no estimate."""
    if claim["verdict"] is None:
        return ""
    if claim["estimate"] is None:
        return claim["reason"] or "no estimate"
    value = f"{number(claim['estimate'])} {claim['unit']}".rstrip()
    return f"{value}, {number(claim['low'])} to {number(claim['high'])} at {100 * claim['level']:.4g} %"


def trials_line(told: Mapping[str, Any]) -> str:
    trials = told["trials"]
    parts = [
        f"{trials[name]} {name}" for name in ("done", "failed", "running") if trials[name] or name == "done"
    ]
    return ", ".join(parts) + (f"; sandbox {told['sandbox']}" if told["sandbox"] else "")


def audit_line(audit: Mapping[str, Any]) -> Text:
    if audit["passed"] is None:
        return Text("not done yet", "dim")
    failed = [check["id"] for check in audit["checks"] if not check["passed"]]
    if audit["passed"]:
        return Text.assemble(("passed", "green"), f", {plural(len(audit['checks']), 'check')}")
    return Text.assemble(("failed", "bold red"), f": {', '.join(failed)}")


def audit_text(audit: Mapping[str, Any]) -> Text:
    text = audit_line(audit)
    for check in audit["checks"]:
        if not check["passed"]:
            text.append(f"\n{check['id']}: {check['detail']}", "red")
    return text


def cost_line(told: Mapping[str, Any]) -> str:
    spend = told["spend"]
    asked = told["models"]
    unknown = " at least" if asked and asked["unpriced"] else ""
    doubt = f", {asked['in_doubt']} in doubt" if asked and asked["in_doubt"] else ""
    money = f", {asked['usd']:.2f} USD{unknown} for {asked['calls']} calls{doubt}" if asked else ""
    return f"{duration(spend['wall_seconds'])} of work, {number(spend['cpu_seconds'])} CPU-s of trials{money}"


def estimate_table(expected: "Estimate") -> Table:
    """What a study may take, line by line."""
    table = Table(box=None, pad_edge=False, show_header=False)
    seeds = ", ".join(f"{phase} {count}" for phase, count in expected.seeds.items())
    most = "as in the example of a domain" if expected.typical else "at most"
    table.add_row(f"runs of the program, {most}", seeds)
    table.add_row(f"processor time, {most}", f"{duration(expected.cpu_seconds)} ({expected.domain})")
    for call in expected.calls:
        of = call.planned
        length = f"{of.input_tokens} tokens in, {of.output_tokens} out"
        table.add_row(
            f"calls in {of.step}", f"{of.calls} of {call.model or 'nobody'}, {length}: {_usd(call.usd)}"
        )
    asks = f"{expected.tokens} tokens, {_usd(expected.usd)}" if expected.calls else "none is asked"
    table.add_row("models, as expected", asks)
    return table


def _usd(usd: float | None) -> str:
    return "price not known" if usd is None else f"{usd:.2f} USD"


def checks_table(checks: Sequence[Mapping[str, Any]], failed: str = "FAIL") -> Table:
    """Audit or review, line by line; `failed` is the word for a line that did not pass."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(ratio=1)
    for check in checks:
        mark = Text("ok", "green") if check["passed"] else Text(failed, "bold red")
        table.add_row(mark, check["id"], check["detail"])
    return table


def studies_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """One row per study of a lab."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("study", "domain", "status", "claims", "begun"):
        table.add_column(name, no_wrap=name not in ("domain", "claims"))
    for told in rows:
        when = f"{datetime.fromtimestamp(told['created']):%Y-%m-%d %H:%M}"
        table.add_row(told["id"], told["domain"], status_text(told), tally(told["claims"]), when)
    return table


def plain_table(told: "report.Table") -> Table:
    """A table of text under its title, verdicts and outcomes in their colours."""
    table = Table(
        title=told.title,
        caption=told.note or None,
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        title_justify="left",
        title_style="bold",
        caption_justify="left",
    )
    for name in told.head:
        table.add_column(name, no_wrap=name in ("study", "verdict", "outcome"), overflow="fold")
    for row in told.rows:
        table.add_row(*(Text(cell, STYLES.get(cell, OUTCOME_STYLES.get(cell, ""))) for cell in row))
    return table


def tally(claims: Sequence[Mapping[str, Any]]) -> Text:
    """`2 supported, 1 inconclusive`"""
    verdicts = [claim["verdict"] for claim in claims]
    counts = [(v, verdicts.count(v)) for v in ("supported", "refuted", "inconclusive") if v in verdicts]
    parts = [Text(f"{n} {verdict}", STYLES[verdict]) for verdict, n in counts]
    return Text(", ").join(parts) if parts else Text("none" if not claims else "open", "dim")


# --- the tree -----------------------------------------------------------------------------------------


def search_tree(state: State, concealed: set[str]) -> Tree | Text:
    """Every node in the order of its proposal: what it changes, how it ended, what it scored."""
    if state.domain is None or not state.trials:
        return Text("nothing was tried yet", "dim")
    baseline = levels(in_order(state.domain.baseline, state))
    tree = Tree(Text.assemble(("baseline  ", "bold"), baseline), guide_style="dim")
    branches: dict[str, Tree] = {}
    asked = asked_by(state, "node")
    for told in nodes(state, concealed):
        parent = next((branches[p] for p in told["parents"] if p in branches), tree)
        called = asked.get(told["id"])
        more = [f"models  {_calls(to_builtins(called))}"] if called else []
        branches[told["id"]] = parent.add(_node(state, told["id"], concealed, more))
    return tree


def programs_tree(state: State, told: dict[str, Any]) -> Group:
    """Every program that was tried, line by line: what it was made of and by, its scores, and what it is."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, expand=True)
    chosen = any(node["choice"] for node in told["nodes"])
    for name in ("program", "made of", "by", *(["model (odds)"] if chosen else [])):
        table.add_column(name, no_wrap=True)
    table.add_column(told["metric"], justify="right", no_wrap=True)
    table.add_column("hidden", justify="right", no_wrap=True)
    table.add_column("what it is", ratio=1, no_wrap=True, overflow="ellipsis")
    lines: dict[str, list[dict[str, Any]]] = {}
    for node in told["nodes"]:
        lines.setdefault(node["line"], []).append(node)
    for mine in lines.values():
        for node in mine:
            table.add_row(*_program_row(node, told, chosen), end_section=node is mine[-1])
    failed = sum(node["status"] == "failed" for node in told["nodes"])
    counts = [f"{plural(len(told['nodes']), 'program')} in {plural(len(lines), 'line')}", f"{failed} failed",
              f"{len(told['abandoned'])} came to nothing"]  # fmt: skip
    by = ", ".join(dict.fromkeys(name.partition("/")[0] for name in told["searches"]))
    legend = "* chosen in the hidden phase" if told["champion"] else "scores are of exploration"
    return Group(Text.assemble((by, "bold"), f"  {'; '.join(counts)}"), table, Text(legend, "dim"))


def _program_row(node: dict[str, Any], told: dict[str, Any], chosen: bool) -> tuple[Text, ...]:
    best = told["record"][-1:] == [node["id"]]
    style = "red" if node["status"] == "failed" else "bold green" if node["id"] == told["champion"] else ""
    name = Text(node["id"][:8], style or ("bold" if best else ""))
    name.append(" *" if node["id"] == told["champion"] else "")
    made_of = Text(" ".join(parent[:8] for parent in node["parents"]), "dim")
    scores = [Text("" if value is None else number(value)) for value in (node["score"], node["hidden"])]
    what = Text(node["reason"] or node["plan"], "red" if node["reason"] else "")
    if node["status"] == "pending":
        scores[0] = Text("under way", "dim")
    by = [Text(node["operator"]), *([_model(node["choice"])] if chosen else [])]
    return name, made_of, *by, *scores, what


def _model(choice: dict[str, Any] | None) -> Text:
    """The model that was asked first, and the odds that it had; empty where none was chosen."""
    if choice is None:
        return Text("")
    first = choice["models"][0]
    return Text(f"{first.rpartition('/')[2]} ({choice['odds'][first]:.2f})")


def in_order(config: Config, state: State) -> Config:
    """A configuration in the order of the domain's factors; a journal keeps keys sorted by name."""
    place = {factor.name: i for i, factor in enumerate(state.domain.factors if state.domain else ())}
    return dict(sorted(config.items(), key=lambda item: (place.get(item[0], len(place)), item[0])))


def _node(state: State, node_id: str, concealed: set[str], more: Sequence[str] = ()) -> Group:
    node = state.nodes[node_id]
    assert state.domain is not None
    base = state.domain.baseline
    changed = {name: value for name, value in in_order(node.config, state).items() if base.get(name) != value}
    title = Text.assemble((node_id, "bold"), f"  {node.operator}  ", (levels(changed) or "baseline", "cyan"))
    phases: tuple[Phase, ...] = ("explore", "select", "confirm")
    lines = [_phase_line(state, node_id, phase, concealed) for phase in phases]
    told = [*(line for line in lines if line is not None), *(Text(line, "dim") for line in more)]
    return Group(title, *(Padding(line, (0, 0, 0, 2)) for line in told))


def _phase_line(state: State, node_id: str, phase: Phase, concealed: set[str]) -> Text | None:
    trials = [t for t in state.trials_in(phase) if t.node == node_id]
    if not trials:
        return None
    done = sum(t.status == "done" for t in trials)
    text = Text(f"{phase:<8}{done}/{plural(len(trials), 'trial')} done")
    if any(t.id in concealed for t in trials):
        return text.append(f"; {WITHHELD}", "dim")
    for reason in sorted({t.reason for t in trials if t.status == "failed"}):
        text.append(f"; failed: {reason}", "red")
    return text.append(_score(state, trials))


def _score(state: State, trials: Sequence[Trial]) -> str:
    """Mean of the primary metric over a node's seeds; censored ones count with their horizon."""
    assert state.domain is not None
    metric, measured = state.domain.primary, primary_values(state, trials, set())
    values = [m.value for m in measured if m.value is not None]
    if not values:
        return ""
    censored = sum(m.status == "censored" for m in measured)
    mean = f"; {metric.name} {number(sum(values) / len(values))} {metric.unit}".rstrip()
    return f"{mean} over {plural(len(values), 'seed')}" + (f", {censored} censored" if censored else "")


def nearest_table(ideas: Sequence[Idea], nearest: Mapping[str, Sequence[Near]]) -> Table | None:
    """What the verdicts of novelty rest on; none where nobody gave a reason."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("idea", "nearest work"):
        table.add_column(name, no_wrap=True)
    table.add_column("what shows it", ratio=1)
    table.add_column("how the idea differs", ratio=1)
    for idea in ideas:
        for near in nearest.get(idea.id, ()):
            table.add_row(idea.id, near.key, f"“{near.evidence}”", near.difference)
    return table if table.row_count else None
