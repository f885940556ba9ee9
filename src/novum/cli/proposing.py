"""The command `ideas`: what could be asked of a domain, without asking it."""

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from novum import api
from novum.cli.border import say
from novum.cli.output import Output, console, print_json
from novum.cli.running import watcher
from novum.cli.tables import nearest_table
from novum.config import Resolved
from novum.ideas import read_seed_ideas
from novum.records import Idea, Near


def ideas(found: Resolved, count: int, seeds: str, output: Output, evaluator: str = "") -> int:
    """Propose ideas and list them from the best to the worst; no trial is run."""
    seed_ideas = read_seed_ideas(seeds) if seeds else ()
    with watcher(output) as progress:
        proposed = api.ideas(found.settings, count, found.lab, seed_ideas, [progress], evaluator=evaluator)
    if output.json:
        rows = [_row(idea, proposed.nearest.get(idea.id, ())) for idea in proposed.ideas]
        print_json({"domain": found.settings.domain, "study": proposed.study, "ideas": rows})
    else:
        console().print(_table(proposed.ideas))
        if near := nearest_table(proposed.ideas, proposed.nearest):
            console().print()
            console().print(near)
        say("novum run --idea ID studies one of them")
    if proposed.message:
        say(proposed.message)
    return proposed.exit_code


def _row(idea: Idea, near: Sequence[Near]) -> dict[str, object]:
    return {
        "id": idea.id,
        "title": idea.title,
        "hypothesis": idea.hypothesis,
        "kind": idea.kind,
        "factors": idea.factors,
        "direction": idea.direction,
        "motivation": idea.motivation,
        "plan": idea.plan,
        "risks": idea.risks,
        "novelty": idea.novelty,
        "nearest": idea.nearest,
        "works": [{"key": n.key, "evidence": n.evidence, "difference": n.difference} for n in near],
        "scores": idea.scores,
    }


def _table(ideas: tuple[Idea, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("id", no_wrap=True)
    table.add_column("score", no_wrap=True)
    table.add_column("novelty", no_wrap=True)
    table.add_column("idea", ratio=1)
    for idea in ideas:
        told = Text(idea.title, "bold").append(f"\n{idea.hypothesis}", "none")
        table.add_row(idea.id, f"{idea.scores.get('total', 0.0):.2f}", idea.novelty, told)
    return table
