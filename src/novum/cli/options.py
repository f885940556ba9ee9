"""The options that commands share, and how they are resolved.

Values are taken as text: `novum.config` checks them by the rules that hold for `novum.toml` and the
environment as well, and says in one line what is wrong.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from novum.config import Resolved

Lab = Annotated[
    str | None, typer.Option("--lab", metavar="DIR", help="The folder of all studies.  [default: lab]")
]
Study = Annotated[
    str,
    typer.Argument(metavar="STUDY", help="Id, unique prefix of one, or path.  [default: the lab's latest]"),
]
Unfinished = Annotated[
    str,
    typer.Argument(metavar="STUDY", help="Id, unique prefix or path.  [default: the latest unfinished]"),
]
Waiting = Annotated[
    str,
    typer.Argument(metavar="STUDY", help="Id, unique prefix or path.  [default: the latest that waits]"),
]
Domain = Annotated[
    str | None,
    typer.Argument(
        metavar="DOMAIN|DIR|TOPIC.md",
        help="A domain's name or folder, or a page that says what to study.  [default: grokking]",
    ),
]
Seed = Annotated[str | None, typer.Option("--seed", metavar="N", help="What all other seeds derive from.")]
Search = Annotated[
    str | None,
    typer.Option(
        "--search",
        metavar="NAME",
        help="How to explore: design or adaptive over factors, or one over programs; see docs/search.md."
        "  [default: design]",
    ),
]
Idea = Annotated[str, typer.Option("--idea", metavar="ID", help="Study this idea; see novum ideas.")]
SeedIdeas = Annotated[
    str, typer.Option("--seed-ideas", metavar="FILE", help="Ideas that the model is to put into form first.")
]
Evaluator = Annotated[
    str, typer.Option("--evaluator", metavar="FILE", help="Your own evaluator, for a topic page.")
]
Scientist = Annotated[
    str | None,
    typer.Option(
        "--scientist",
        metavar="systematic|language",
        help="Who does the research.  [default: language if there is a model, else systematic]",
    ),
]
Ideas = Annotated[
    str | None,
    typer.Option("--ideas", metavar="N", help="So many studies, each of its own idea.  [default: 1]"),
]
Deterministic = Annotated[
    bool | None,
    typer.Option("--deterministic", help="A search sees results in order of proposal, some of them late."),
]
Workers = Annotated[
    str | None, typer.Option("--workers", metavar="N", help="Trials at the same time.  [default: 2]")
]
Executor = Annotated[
    str | None, typer.Option("--executor", metavar="local", help="Where trials run.  [default: local]")
]
Sandbox = Annotated[
    str | None,
    typer.Option(
        "--sandbox",
        metavar="auto|bwrap|namespaces|sandlock|process|none",
        help="What confines trials; auto takes the strongest that works here.  [default: auto]",
    ),
]
Budget = Annotated[
    str | None,
    typer.Option("--budget", metavar="smoke|default|full", help="The study's size.  [default: default]"),
]
BudgetMinutes = Annotated[
    str | None, typer.Option("--budget-minutes", metavar="M", help="At most so many minutes of work.")
]
BudgetTrials = Annotated[
    str | None, typer.Option("--budget-trials", metavar="N", help="At most so many trials.")
]
BudgetUsd = Annotated[
    str | None, typer.Option("--budget-usd", metavar="USD", help="At most so much money for models.")
]
BudgetTokens = Annotated[
    str | None, typer.Option("--budget-tokens", metavar="N", help="At most so many tokens of models.")
]
BudgetCalls = Annotated[
    str | None, typer.Option("--budget-calls", metavar="N", help="At most so many calls of models.")
]
Model = Annotated[
    str | None,
    typer.Option("--model", metavar="NAME", help="Who thinks and writes: provider:name; see docs/models.md."),
]
ModelIdeate = Annotated[
    str | None, typer.Option("--model-ideate", metavar="NAME", help="Another model for ideas.")
]
ModelCode = Annotated[
    str | None, typer.Option("--model-code", metavar="NAME", help="Another model for programs.")
]
ModelJudge = Annotated[
    str | None, typer.Option("--model-judge", metavar="NAME", help="Another model to judge ideas.")
]
ModelWrite = Annotated[
    str | None, typer.Option("--model-write", metavar="NAME", help="Another model for the paper.")
]
ModelReview = Annotated[
    str | None, typer.Option("--model-review", metavar="NAME", help="Another model for the review.")
]
ModelVision = Annotated[
    str | None, typer.Option("--model-vision", metavar="NAME", help="Another model to look at figures.")
]
ModelFallback = Annotated[
    str | None,
    typer.Option("--model-fallback", metavar="NAMES", help="Asked when another fails; comma-separated."),
]
ModelChoice = Annotated[
    str | None,
    typer.Option(
        "--model-choice",
        metavar="order|bandit",
        help="Who writes programs first: the first model, or the one that gained most for its cost."
        "  [default: order]",
    ),
]
PriceInput = Annotated[
    str | None, typer.Option("--price-input", metavar="USD", help="Own price of a million input tokens.")
]
PriceOutput = Annotated[
    str | None, typer.Option("--price-output", metavar="USD", help="Own price of a million output tokens.")
]
CallsAtOnce = Annotated[
    str | None, typer.Option("--calls-at-once", metavar="N", help="Calls at the same time.  [default: 8]")
]
ContextTokens = Annotated[
    str | None,
    typer.Option("--context-tokens", metavar="N", help="Longest prompt, about.  [default: 100000]"),
]
Estimate = Annotated[
    bool, typer.Option("--estimate", help="Say what it may cost at most, and start nothing.")
]
Style = Annotated[str | None, typer.Option("--style", metavar="NAME", help="Look of the paper.")]
Device = Annotated[
    str | None, typer.Option("--device", metavar="cpu|gpu", help="What trials compute on.  [default: cpu]")
]
Until = Annotated[
    str | None,
    typer.Option(
        "--until", metavar="domain|ideas|protocol", help="Stop there and ask, before anything is spent."
    ),
]
Times = Annotated[
    int, typer.Option("--times", metavar="K", min=1, help="Seeds per arm: K times the original's.")
]
Tolerance = Annotated[
    float | None,
    typer.Option(
        "--tolerance",
        metavar="R",
        min=0.0,
        help="Relative difference allowed.  [default: 0 on the machine that ran it, else 1e-6]",
    ),
]
To = Annotated[
    str,
    typer.Option("--to", metavar="latex|overleaf|html|rocrate|jsonl|recording", help="The format to write."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON with stable keys instead of text.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Progress as one line per stage.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Progress with a line per trial.")]


def resolved(**given: str | bool | None) -> "Resolved":
    """The options of this call, joined with those of `novum.toml` and the environment."""
    from novum.config import resolve

    return resolve(given)


def lab_of(lab: str | None) -> Path:
    """The lab that a command is about."""
    return resolved(lab=lab).lab
