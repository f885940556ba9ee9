"""The README.md of a study's folder: what this is, what came of it, how to check and repeat it."""

from collections.abc import Iterator

from novum.records import Contrast, Decision
from novum.state import State

FILES = (
    ("journal.sqlite", "every event of the study, hash-chained; with the blobs all that cannot be rebuilt"),
    ("blobs/", "the bytes that events name by their SHA-256"),
    ("topic.md, domain/", "of a study that began with a page: the page, and the domain that was made of it"),
    ("protocol.json", "the registered protocol and its hash"),
    ("measurements.csv", "one row per metric, seed and trial"),
    ("claims.json", "each registered claim with its verdict, and what each printed statistic came from"),
    ("nodes/", "per configuration: its files, what was changed in them, logs and outputs of its trials"),
    ("figures/", "each figure, with the data it shows as JSON"),
    (
        "paper/",
        "the manuscript with its references (`paper.md`), what was rendered from it, the bibliography",
    ),
    ("exports/", "what `novum export` wrote, if it was asked to"),
    ("state.snapshot", "a cache for reading a long journal quickly; it may be deleted"),
    ("audit.json", "what the audit checked and found, with the chain's head"),
    ("review.json", "the checklist review"),
)


def readme(state: State, head: tuple[int, str]) -> str:
    """Markdown; a pure function of the state and the chain's head (sequence number, hash)."""
    parts = [_what(state), _results(state), _judged(state), _commands(state), _files(), _anchor(state, head)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _what(state: State) -> str:
    domain = state.domain
    title = domain.title if domain else "a study"
    question = f"\n\n{domain.question}" if domain else ""
    if state.replicates is not None:
        question += f"\n\nThis is a replication of `{state.replicates.study}`."
    author = state.settings.scientist if state.settings else "unknown"
    return (f"# {state.study}: {title}{question}\n\n"
            f"A study by Novum {state.novum_version} (scientist: {author}). "
        f"Its state: {_status(state)}.")  # fmt: skip


def _status(state: State) -> str:
    if state.finished:
        why = f" ({state.finish_reason})" if state.finish_reason else ""
        return f"{state.finished}{why}"
    return f"unfinished, in the stage '{state.stage}'"


def _results(state: State) -> str:
    if state.protocol is None:
        return ""
    if not state.decisions:
        return "No claim has been decided: the registered confirmation is not complete."
    rows = [_row(c, state.decisions.get(c.id), state) for c in state.protocol.contrasts]
    head = ("| claim | verdict | estimate | interval, adjusted |", "|:--|:--|--:|:--|")
    return "## What came of it\n\n" + "\n".join([*head, *rows])


def _row(contrast: Contrast, decision: Decision | None, state: State) -> str:
    if decision is None:
        return f"| {contrast.text} | undecided | | |"
    unit = state.domain.metric(contrast.metric).unit if state.domain and contrast.estimand != "ratio" else ""
    estimate = "" if decision.estimate is None else f"{decision.estimate:.4g} {unit}".strip()
    both = decision.low is not None and decision.high is not None
    interval = f"{decision.low:.4g} to {decision.high:.4g}" if both else ""
    return f"| {contrast.text} | {decision.verdict} | {estimate} | {interval} |"


def _judged(state: State) -> str:
    lines = []
    if state.audit_passed is not None:
        failed = [c.id for c in state.audit if not c.passed]
        found = f"found faults: {', '.join(failed)}" if failed else f"passed all {len(state.audit)} checks"
        lines.append(f"- The audit {found} (`audit.json`).")
    if state.review:
        lines.append(f"- The checklist review: {state.review_summary} (`review.json`).")
    return "## How it was judged\n\n" + "\n".join(lines) if lines else ""


def _commands(state: State) -> str:
    """Only commands that this release has: the README of a study must not promise more."""
    lines = [f"novum audit {state.study}    # check every number, hash and seed again",
             f"novum show {state.study}     # idea, protocol, trials, claims",
             f"novum log {state.study}      # the events, one by one"]  # fmt: skip
    if not state.finished:
        lines.insert(0, f"novum resume {state.study}   # go on where the journal ends")
    if state.paper is not None:
        lines.append(f"novum export {state.study} --to latex  # or overleaf, html, rocrate, jsonl")
    if state.decisions:
        lines += [
            f"novum reproduce {state.study}    # every confirmation trial again, on the same seeds",
            f"novum replicate {state.study}    # the frozen protocol on new seeds and data",
        ]
    again = f"\n\nThe same study again, on any machine: `{command_of(state)}`." if state.settings else ""
    return "## What you can do with it\n\n```sh\n" + "\n".join(lines) + "\n```" + again


def command_of(state: State, answers: str = "") -> str:
    """The command that leads to a study again; `answers`: where its models' are, if not in the lab."""
    assert state.settings is not None
    settings, taken = state.settings, state.replicates
    if taken is not None:
        return f"novum replicate {taken.study} --times {taken.times} --seed {state.seed}"
    subject = "topic.md" if state.topic or state.domain is None else state.domain.id
    words = [f"novum run {subject} --seed {state.seed} --budget {settings.budget}"]
    if settings.scientist == "language":  # a model says something else every time
        words += [f"--workers {settings.workers}", f"--calls-at-once {settings.calls_at_once}"]
        words += [f"--budget-trials {settings.budget_trials}"] if settings.budget_trials else []
        words += [f"--model replay:{answers or state.study}"]
    return " ".join(words)


def _files() -> str:
    return "## What lies here\n\n" + "\n".join(f"- `{name}`: {what}" for name, what in FILES)


def _anchor(state: State, head: tuple[int, str]) -> str:
    lines = list(_hashes(state, head))
    return "## What to compare\n\n" + "\n".join(lines)


def _hashes(state: State, head: tuple[int, str]) -> Iterator[str]:
    yield f"- Chain head: event {head[0]}, `{head[1]}`"
    if state.paper is not None:
        yield f"- Head printed in the paper: event {state.paper.head_seq}, `{state.paper.head}`"
    if state.protocol_hash:
        yield f"- Protocol: `{state.protocol_hash}`"
