"""What a person is asked to approve: the ideas, or the registered protocol on one page."""

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from novum.canonical import SHORT
from novum.cli.output import level, levels, number, plural
from novum.cli.summary import confirm_cost, metric_unit, unit_of
from novum.cli.tables import idea_text, in_order, nearest_table
from novum.domains.contract import domain_hash
from novum.domains.show import domain_data, domain_text
from novum.records import Contrast, Domain, Estimand, Protocol
from novum.state import State
from novum.telemetry.progress import duration

ESTIMANDS: dict[Estimand, str] = {
    "mean_diff": "difference of means",
    "median_diff": "difference of medians",
    "rmst_diff": "difference of restricted means",
    "ratio": "ratio of means",
    "interaction": "difference of differences",
    "slope": "slope over the levels",
}


def print_gate(out: Console, state: State) -> None:
    """The page for the gate that a study waits at, and the three answers to it."""
    if state.protocol is not None:
        print_protocol(out, state, state.protocol)
    elif not state.ideas and state.domain is not None:
        print_domain(out, state.study, state.domain)
    else:
        print_ideas(out, state)
    changes = "" if state.protocol is None else " | novum edit {0} --set KEY=VALUE"
    answers = ("novum approve {0}" + changes + " | novum stop {0}").format(state.study)
    out.print(Text.assemble(("\nnow       ", "bold"), answers), soft_wrap=True)


def print_domain(out: Console, study: str, domain: Domain) -> None:
    """The domain that a model wrote: what it measures and varies, who wrote what, where the files lie."""
    out.print(Text.assemble((study, "bold"), f"  domain {domain_hash(domain)[:SHORT]}"))
    out.print(domain_text(domain_data(domain)), soft_wrap=True, markup=False)
    authors = ", ".join(f"{part} by {name}" for part, name in sorted(domain.authors.items()))
    out.print(f"written   {authors}; no person vouches for it", soft_wrap=True, markup=False)
    out.print("read      domain/evaluator.py and domain/prepare.py in the study's folder", soft_wrap=True)


def print_ideas(out: Console, state: State) -> None:
    """Every idea, the chosen one first."""
    out.print(Text(f"{state.study}: ideas", "bold"))
    for idea in sorted(state.ideas.values(), key=lambda i: i.id != state.chosen):
        chosen = idea.id == state.chosen
        label = Text.assemble((f"\n{idea.id}", "bold"), ("  chosen" if chosen else "", "green"))
        if chosen and state.chosen_reason:
            label.append(f": {state.chosen_reason}", "dim")
        out.print(label)
        out.print(idea_text(_as_dict(idea)))
    if near := nearest_table(list(state.ideas.values()), state.nearest):
        out.print(near)


def print_protocol(out: Console, state: State, protocol: Protocol) -> None:
    """The registration: what will be compared, on how many seeds, what that can detect, what it costs."""
    out.print(Text.assemble((state.study, "bold"), f"  protocol {state.protocol_hash[:SHORT]}"))
    idea = state.ideas.get(protocol.idea)
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column()
    facts.add_row("question", protocol.question)
    if idea is not None:
        facts.add_row("hypothesis", idea.hypothesis)
    for label, text in _facts(state, protocol):
        facts.add_row(label, text)
    out.print(facts)
    out.print()
    out.print(_contrasts(state, protocol))
    out.print()
    out.print(_design(protocol) if protocol.fractions > 1 else _arms(state, protocol))


def _facts(state: State, protocol: Protocol) -> list[tuple[str, str]]:
    unit = metric_unit(protocol.primary_metric, state)
    horizon = f", observed to {number(protocol.horizon)} {unit}" if protocol.horizon else ""
    detectable = f"{number(protocol.detectable_effect)} {unit}".rstrip()
    return [
        ("metric", f"{protocol.primary_metric}{horizon}"),
        ("sample", f"{_sample(protocol)}, {protocol.pairing}; "
                   f"{protocol.stopping}. {protocol.sample_rationale}".rstrip()),
        ("level", ", ".join(f"{alpha:g} over {plural(m, 'contrast')}" for alpha, m in protocol.corrections)
                  + f" ({protocol.correction}); smallest p attainable {protocol.smallest_p:.2g}"),
        ("detects", f"{detectable} with power {number(protocol.target_power)}, twice the margin with power "
                    f"{number(protocol.power)}, if the standard deviation is at most "
                    f"{number(protocol.sd_bound)} {unit}".rstrip()),
        ("resampled", ", ".join(protocol.resampled) or "nothing"),
        ("cost", _cost(state)),
        *([("compared by", _how(protocol.contrasts[0]))] if _alike(protocol) else []),
        ("base", levels(in_order(protocol.base, state))),
    ]  # fmt: skip


def _sample(protocol: Protocol) -> str:
    arms, n = len(protocol.arms), plural(protocol.seeds_per_arm, "fresh seed")
    if protocol.fractions == 1:
        return f"{n} per arm, {plural(arms, 'arm')}"
    each = arms // protocol.fractions
    parts = f"{protocol.fractions} fractions of a design of {arms}"
    return f"{n} on {each} arms each, in turn one of {parts}, and all on the base"


def _cost(state: State) -> str:
    cost = confirm_cost(state)
    if cost is None:
        return "not known: no trial has run yet"
    cpu, wall = cost
    workers = state.settings.workers if state.settings else 1
    return f"about {number(cpu)} CPU-s, {duration(wall)} with {plural(workers, 'worker')}; no money"


def _contrasts(state: State, protocol: Protocol) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("claim", ratio=5)
    table.add_column("compares", ratio=4)
    table.add_column("predicted", ratio=3)
    for contrast in protocol.contrasts:
        claim = Text(contrast.text)
        if not _alike(protocol):
            claim.append(f"\n{_how(contrast)}", "dim")
        table.add_row(claim, comparison(contrast), _predicted(contrast, unit_of(contrast, state)))
    return table


def _alike(protocol: Protocol) -> bool:
    """Whether all contrasts are compared in the same way, so that it need be said only once."""
    return len({_how(contrast) for contrast in protocol.contrasts}) == 1


def _how(contrast: Contrast) -> str:
    return f"{ESTIMANDS[contrast.estimand]}; test: {contrast.test}"


def comparison(contrast: Contrast) -> str:
    """What is compared, as `factor: level in a -> level in b`, with the contexts of an interaction."""
    if contrast.levels:
        return f"{', '.join(contrast.b)}: " + ", ".join(level(value) for value in contrast.levels)
    parts = []
    for name in {**contrast.a, **contrast.b}:
        before, after = (level(c[name]) if name in c else "base" for c in (contrast.a, contrast.b))
        parts.append(f"{name}: {before} to {after}")
    under = " versus ".join(levels(context) or "base" for context in contrast.contexts)
    return "\n".join(parts) + (f"\nunder {under}" if under else "")


def _predicted(contrast: Contrast, unit: str) -> str:
    """The direction with the margin it must clear, in the unit of the estimate."""
    margin = f"{number(contrast.margin)} {unit}".rstrip()
    if contrast.direction == "equivalent":
        return f"within {margin}" if contrast.estimand != "ratio" else f"within a factor of {margin}"
    if contrast.estimand == "ratio":
        return f"{contrast.direction} by a factor of {margin}"
    return f"{contrast.direction} by over {margin}"


def _arms(state: State, protocol: Protocol) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("arm", justify="right")
    table.add_column("differs from the base in")
    table.add_column("seeds", justify="right")
    for number_, arm in enumerate(protocol.arms, 1):
        changed = {k: v for k, v in in_order(arm, state).items() if protocol.base.get(k) != v}
        table.add_row(str(number_), levels(changed) or "nothing: the base", str(protocol.seeds_per_arm))
    return table


def _design(protocol: Protocol) -> Table:
    """The first fraction of a design, a row to a point, and what is turned in the others."""
    first = protocol.contrasts[0]
    names = [name for contrast in protocol.contrasts for name in contrast.b]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False,
                  caption=f"the first fraction; - is the base. Others turn: {_turned(first)}")  # fmt: skip
    for name in names:
        table.add_column(name, justify="center")
    for point in first.points:
        table.add_row(*("-" if point[name] == protocol.base[name] else "+" for name in names))
    return table


def _turned(contrast: Contrast) -> str:
    return "; ".join(", ".join(names) for names in contrast.turned if names)


def _as_dict(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__struct_fields__}
