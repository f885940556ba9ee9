"""Writes the generated parts of docs/: `scripts/docs.py` writes them, `scripts/docs.py --check` compares.

A page is written by hand but for blocks between `<!-- generated: NAME -->` and `<!-- end -->`; a block
holds what the generator NAME below makes from the code or data it describes. Exit code 1 of `--check`
says that a page is stale.
"""

import argparse
import ast
import importlib
import importlib.util
import inspect
import re
import statistics
import sys
import tomllib
import types
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
BLOCK = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
SHOWN = 12  # entries of a list of words
GENERATORS: dict[str, Callable[[], str]] = {}


def generator(make: Callable[[], str]) -> Callable[[], str]:
    GENERATORS[make.__name__.replace("_", "-")] = make
    return make


# --- words ---------------------------------------------------------------------------------------------


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table; cells lose line breaks and keep literal bars."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(_cell(c) for c in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def doc(thing: Any) -> str:
    """A docstring without its indentation, its names in Markdown's backquotes as written."""
    return inspect.cleandoc(thing.__doc__ or "").strip()


def first_line(thing: Any) -> str:
    return " ".join(doc(thing).split("\n\n")[0].split())


def spelled(kind: Any) -> str:
    """A type as a reader would write it."""
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if kind is type(None):
        return "none"
    if origin is typing.Annotated:
        return spelled(args[0])
    if origin is typing.Literal:
        return " or ".join(f'"{a}"' for a in args)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(spelled(a) for a in args) if len(args) < 8 else "one of those below"
    if origin is tuple:
        inner = [spelled(a) for a in args if a is not ...]
        return f"list of {inner[0]}" if ... in args else f"[{', '.join(inner)}]"
    if origin is dict:
        return f"table of {spelled(args[0])} to {spelled(args[1])}"
    return getattr(kind, "__name__", str(kind))


def fields(record: type) -> list[tuple[str, str, str]]:
    """(name, type, default) of a record's fields; the default is empty where one is required."""
    hints = typing.get_type_hints(record, include_extras=True)
    found = []
    for field in msgspec.structs.fields(record):
        known = field.default is not msgspec.NODEFAULT
        made = field.default_factory is not msgspec.NODEFAULT
        default = repr(field.default) if known else "empty" if made else ""
        found.append((field.name, spelled(hints[field.name]), default))
    return found


# --- the ledger of systems -----------------------------------------------------------------------------


def systems() -> list[dict[str, Any]]:
    return tomllib.loads((DOCS / "seeds.toml").read_text())["systems"]


def reference(ref: str) -> str:
    """A link to an arXiv number or a public repository, or a dash."""
    if re.fullmatch(r"\d{4}\.\d{5}", ref):
        return f"[arXiv:{ref}](https://arxiv.org/abs/{ref})"
    return f"[{ref}](https://github.com/{ref})" if ref else "—"


def _home(system: dict[str, Any]) -> str:
    links = ", ".join(f"[`{path}`](../{path})" for path in system.get("path", []))
    return f"{system['status']}: " + "; ".join(part for part in (links, system["home"]) if part)


def _part(system: dict[str, Any]) -> str:
    return ", ".join([system["kind"], *system.get("also", [])]) + (
        " (toy scale)" if system.get("toy") else ""
    )


@generator
def seeds() -> str:
    rows = [(s["id"], s["name"], reference(s["ref"]), s["does"], _part(s), _home(s)) for s in systems()]
    return table(("S", "system", "reference", "what it is", "part", "where in Novum"), rows)


@generator
def seeds_counts() -> str:
    words = {
        "lives": "live here",
        "begun": "have begun",
        "planned": "are planned",
        "guidance": "are guidance",
    }
    counts = {words[state]: sum(s["status"] == state for s in systems()) for state in words}
    return "Of 81 systems " + ", ".join(f"{n} {what}" for what, n in counts.items()) + "."


# --- the policy ----------------------------------------------------------------------------------------


def _limit(rule: Any) -> str:
    if rule.limit is None:
        return "—"
    shown = ", ".join(rule.limit) if isinstance(rule.limit, tuple) else f"{rule.limit:g}"
    return shown + (f" (from {rule.after} on)" if rule.after else "")


@generator
def policy() -> str:
    from novum.safeguards import SECTIONS, load_policy

    parts = []
    for section in SECTIONS:
        rows = [
            (f"`{name}`", rule.rule, rule.action, _limit(rule), rule.change, ", ".join(rule.sources))
            for name, rule in getattr(load_policy(), section).items()
        ]
        parts.append(f"### {section.capitalize()}\n")
        parts.append(table(("control", "rule", "action", "limit", "change", "from"), rows) + "\n")
    return "\n".join(parts)


# --- audit and review -----------------------------------------------------------------------------------


@generator
def audit() -> str:
    from novum.steps.audit import CHECKS

    rows = [(f"`{c.id}`", c.title, c.finds, c.misses) for c in CHECKS]
    return table(("check", "what must hold", "what it finds", "what it cannot find"), rows)


@generator
def checklist() -> str:
    from novum.steps.checklist import ITEMS

    return table(("item", "what is asked"), [(f"`{id}`", first_line(item)) for id, item in ITEMS.items()])


# --- truth ---------------------------------------------------------------------------------------------


@generator
def truth() -> str:
    """The rows that `novum bench truth --json` printed last, kept as they were printed."""
    printed = msgspec.json.decode((DOCS / "truth.json").read_bytes())
    head = ("row", "value", "95 % limits", "n", "target", "met")
    return table(head, [_truth_row(row) for row in printed["rows"]])


def _truth_row(row: dict[str, Any]) -> tuple[str, ...]:
    met = {None: "", True: "yes", False: "**no**"}[row["met"]]
    if row["value"] is None:
        return row["name"], "", "", str(row["n"]), row["target"], met
    return (row["name"], f"{row['value']:.3f}", f"{row['low']:.3f} to {row['high']:.3f}", str(row["n"]),
            row["target"], met)  # fmt: skip


# --- known findings -------------------------------------------------------------------------------------


def _known_findings() -> list[dict[str, Any]]:
    """What `novum bench findings DOMAIN --json` printed last for each domain, kept as it was printed."""
    runs = [msgspec.json.decode(path.read_bytes()) for path in sorted((DOCS / "findings").glob("*.json"))]
    return [found for run in runs for found in run["findings"]]


@generator
def findings() -> str:
    head = ("system", "domain", "finding", "effect", "95 % limits", "delta", "seeds", "", "CPU-s")
    rows = [_finding_row(found) for found in _known_findings()]
    return table(head, rows)


def _finding_row(found: dict[str, Any]) -> tuple[str, ...]:
    text = f"{found['text']} (*{found['variant']}*)" if found["variant"] else found["text"]
    word = found["verdict"] if found["verdict"] == "holds" else f"**{found['verdict']}**"
    value = "" if found["value"] is None else f"{found['value']:.3f}"
    limits = found["why"] if found["low"] is None else f"{found['low']:.3f} to {found['high']:.3f}"
    domain = f"[`{found['domain']}`](../src/novum/domains/{found['domain']}/findings.toml)"
    return (found["system"], domain, text, value, limits, f"{found['delta']:g}", str(found["n"]), word,
            f"{found['cpu_seconds']:.0f}")  # fmt: skip


@generator
def findings_counts() -> str:
    told = [found["verdict"] for found in _known_findings() if not found["variant"]]
    worlds = [found["verdict"] for found in _known_findings() if found["variant"]]
    words = ("holds", "does not", "inconclusive")
    plain = ", ".join(f"{told.count(word)} {word}" for word in words)
    seen = f"Of {len(worlds)} changes by a hidden world, {worlds.count('holds')} came out as foreseen."
    return f"Of {len(told)} findings: {plain}. {seen}"


def _searched() -> dict[str, Any]:
    """What `novum bench search --out docs/search.json` wrote last."""
    return msgspec.json.decode((DOCS / "search.json").read_bytes())


@generator
def search_rows() -> str:
    head = ("row", "value", "limits", "n", "target", "met")
    return table(head, [_search_row(row) for part in _searched()["parts"].values() for row in part["rows"]])


def _search_row(row: dict[str, Any]) -> tuple[str, ...]:
    met = {None: "", True: "yes", False: "**no**"}[row["met"]]
    value = "" if row["value"] is None else f"{row['value']:.4g}"
    limits = "" if row["low"] is None else f"{row['low']:.4g} to {row['high']:.4g}"
    return row["name"], value, limits, str(row["n"]), row["target"], met


@generator
def search_scores() -> str:
    """Mean true scores: a row for each task, a column for each contender."""
    scores = _searched()["parts"]["a"]["scores"]
    contenders = list(next(iter(scores.values())))
    rows = [(task, *(f"{mine[c]:.4g}" for c in contenders)) for task, mine in scores.items()]
    return table(("task", *contenders), rows)


@generator
def search_seeds() -> str:
    found = _searched()
    size = "full" if found["full"] else "default"
    told = "; ".join(f"part {part}: {_seeds_of(kept['seeds'])}" for part, kept in found["parts"].items())
    return f"Size {size}, seed {found['seed']}. Seeds that were played: {told}."


def _seeds_of(seeds: dict[str, str]) -> str:
    return ", ".join(f"{what} {which}" for what, which in seeds.items())


# --- speed ---------------------------------------------------------------------------------------------


def speed_groups() -> list[dict[str, Any]]:
    """What `benchmarks/speed.py` measured last."""
    return msgspec.json.decode((DOCS / "speed.json").read_bytes())


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}" if abs(value) >= 100 else f"{value:g}"


def _speed_row(row: dict[str, Any]) -> tuple[str, ...]:
    spread = f"{_figure(row['low'])} to {_figure(row['high'])}" if row["n"] > 1 else ""
    met = {None: "", True: "yes", False: "**no**"}[row["met"]]
    return row["name"], _figure(row["value"]), spread, str(row["n"]), row["target"], met


@generator
def speed() -> str:
    parts = []
    for group in speed_groups():
        parts.append(f"### {group['title']}\n")
        parts.append(f"`{group['command']}`, {group['date']}, {group['machine']}\n")
        head = ("row", "value", "middle four fifths", "n", "target", "met")
        parts.append(table(head, [_speed_row(row) for row in group["rows"]]) + "\n")
    return "\n".join(parts)


@generator
def speed_peers() -> str:
    known = {(g["name"], row["name"]): row["value"] for g in speed_groups() for row in g["rows"]}
    told = tomllib.loads((DOCS / "peers.toml").read_text())
    rows = [(f["what"], _figure(known[tuple(f["ours"])]), *f["theirs"], f["how"]) for f in told["figure"]]
    return table(("", "Novum, above", *told["systems"], "how"), rows) + f"\n\nMeasured in {told['measured']}."


# --- optima --------------------------------------------------------------------------------------------


def _optima(domain: str) -> Callable[[], str]:
    """The seeds of every task of a domain that `benchmarks/optima.py` ran last."""

    def made() -> str:
        measured = msgspec.json.decode((DOCS / "optima.json").read_bytes())
        return "\n\n".join(_task(one) for one in measured if one["task"]["domain"] == domain)

    return made


def _task(one: dict[str, Any]) -> str:
    head = ("seed", "certified", "target reached", "CPU-s")
    target, ended = one["task"].get("target"), one["ended"]
    rows = [(str(e["seed"]), "none" if e["value"] is None else f"{e['value']:.12f}",
             "" if target is None else "yes" if e["met"] else "no", f"{e['cpu']:.1f}")
            for e in ended]  # fmt: skip
    spent = sorted(e["cpu"] for e in ended)
    told = (f"{len(ended)} seeds took {sum(spent):.0f} CPU-s: {spent[0]:.1f} to {spent[-1]:.1f} each, median "
            f"{statistics.median(spent):.1f}")  # fmt: skip
    if target is not None:
        told = f"{sum(e['met'] for e in ended)} of {len(ended)} seeds reached {target:.13g}. {told}"
    asked = f"`{one['command']}`, {one['date']}, {one['machine']}"
    return f"{asked}\n\n{told}.\n\n{table(head, rows)}"


for _domain in ("circles", "overlap", "autoconvolution", "heilbronn", "distances", "hexagons"):
    GENERATORS[f"optima-{_domain}"] = _optima(_domain)


# --- references ----------------------------------------------------------------------------------------


def _field_rows(record: type) -> list[tuple[str, ...]]:
    return [(f"`{n}`", kind, f"`{default}`" if default else "") for n, kind, default in fields(record)]


@generator
def events() -> str:
    from novum import events as ev

    parts = []
    for body in typing.get_args(ev.EventBody):
        parts += [f"### `{body.__struct_config__.tag}`", *([doc(body)] if body.__doc__ else [])]
        parts.append(table(("field", "type", "default"), _field_rows(body)))
    return "\n\n".join(parts)


@generator
def envelope() -> str:
    from novum.events import Event

    return doc(Event) + "\n\n" + table(("field", "type", "default"), _field_rows(Event))


def _subclasses(kind: type, depth: int = 0) -> Iterator[tuple[int, type]]:
    yield depth, kind
    for child in sorted(kind.__subclasses__(), key=lambda c: c.__name__):
        if child.__module__ == "novum.errors" and not child.__name__.startswith("_"):
            yield from _subclasses(child, depth + 1)


@generator
def errors() -> str:
    from novum.errors import NovumError

    rows = [
        ("&nbsp;" * 4 * depth + f"`{kind.__name__}`", str(kind.exit_code), first_line(kind))  # type: ignore[attr-defined]
        for depth, kind in _subclasses(NovumError)
    ]
    return table(("error", "exit code", "meaning"), rows)


@generator
def domain_keys() -> str:
    from novum.domains import contract
    from novum.records import Budget, Factor, Metric, Program, Series

    meanings = tomllib.loads((DOCS / "domain-keys.toml").read_text())
    tables = [
        ("[domain]", "domain", contract.About),
        ("[program.NAME]", "program", Program),
        ("[prepare], [evaluator]", "trusted", contract.Trusted),
        ("[[metric]]", "metric", Metric),
        ("[[factor]]", "factor", Factor),
        ("[[series]]", "series", Series),
        ("[budget.smoke], [budget.default], [budget.full]", "budget", Budget),
        ("[environment]", "environment", contract.Environment),
    ]
    parts = []
    for header, name, record in tables:
        keys = {key for key, _, _ in fields(record)}
        if keys != set(meanings[name]):
            raise SystemExit(f"docs/domain-keys.toml [{name}]: {sorted(keys ^ set(meanings[name]))} differ")
        rows = [(f"`{k}`", kind, _default(d), meanings[name][k]) for k, kind, d in fields(record)]
        parts += [f"#### `{header}`", table(("key", "type", "default", "meaning"), rows)]
    return "\n\n".join(parts)


@generator
def kit() -> str:
    """The kit's files with the first sentences of what they say of themselves."""
    from novum.domains.shared import KIT, kit_names

    rows = []
    for name in kit_names():
        tree = ast.parse((KIT / name).read_text())
        said = " ".join((ast.get_docstring(tree) or "").split("\n\n")[0].split())
        defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        shown = ", ".join(f"`{n}`" for n in defined if not n.startswith("_"))
        rows.append((f"[`{name}`](../src/novum/domains/kit/{name})", said, shown))
    return table(("file", "what it holds", "names"), rows)


def _default(shown: str) -> str:
    plain = {"''": "empty", "()": "none", "None": "none", "False": "false"}
    return f"`{shown}`" if shown and shown not in plain else plain.get(shown, "required")


@generator
def settings() -> str:
    from novum.config import DEFAULT_LAB, OPTIONS, PREFIX, SETTING, resolve

    own = {"lab": DEFAULT_LAB, "ideas": 1}
    defaults = msgspec.structs.asdict(resolve({}, environ={}, cwd=DOCS).settings) | own
    rows = []
    for key, option in OPTIONS.items():
        value = defaults[SETTING.get(key, key)]
        default = f"`{value}`" if value not in (None, "") else "—"
        flag = "argument" if key == "domain" else f"`--{key.replace('_', '-')}`"
        rows.append((f"`{key}`", flag, f"`{PREFIX}{key.upper()}`", option.expects, default))
    return table(("key in novum.toml", "command line", "environment", "value", "default"), rows)


@generator
def commands() -> str:
    if importlib.util.find_spec("novum.cli.app") is None:
        return "*No command exists yet.*"
    typer_main = importlib.import_module("typer.main")
    group = typer_main.get_command(importlib.import_module("novum.cli.app").app)
    return "\n".join(_commands(group, "novum"))


def _commands(command: Any, path: str) -> Iterator[str]:
    children = getattr(command, "commands", None)
    if not children:
        yield from _command(command, path)
        return
    for name in sorted(children):
        if not children[name].hidden:
            yield from _commands(children[name], f"{path} {name}")


def _command(command: Any, path: str) -> Iterator[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and not p.hidden]
    words = [path, *(_metavar(a) for a in arguments), *(["[OPTIONS]"] if options else [])]
    yield f"### `{' '.join(words)}`\n"
    yield inspect.cleandoc(command.help or "") + "\n"
    rows = [(f"`{_metavar(a)}`", getattr(a, "help", None) or "") for a in arguments]
    rows += [(f"`{_flags(o)}`", o.help or "") for o in options]
    if rows:
        yield table(("", "meaning"), rows) + "\n"


def _metavar(argument: Any) -> str:
    shown = argument.metavar or argument.name.upper()
    return shown if argument.required or shown.startswith("[") else f"[{shown}]"


def _flags(option: Any) -> str:
    flags = ", ".join([*option.opts, *option.secondary_opts])
    return flags if getattr(option, "is_flag", False) else f"{flags} {option.metavar or option.name.upper()}"


# --- letters -------------------------------------------------------------------------------------------


@generator
def stages() -> str:
    from novum.search.programs.stages import STAGES

    rows = [(s.name, s.of, "what is left" if s.share == 1 else f"{s.share:.0%}" if s.share else "one trial",
             s.does, s.over) for s in STAGES]  # fmt: skip
    return table(("stage", "works on", "share of the trials", "what it does", "over when"), rows)


@generator
def words() -> str:
    """The lists of words, and how many labelled sentences they are tested on."""
    prose = "scientists/language/writing/data/prose.toml"
    return "\n\n".join([
        _words("All prose", "manuscript/checks/data/words.toml", "manuscript/sentences.toml", "rules"),
        _words("The prose of a model, beyond these", prose, "scientists/language/prose.toml", "bad"),
    ])  # fmt: skip


def _words(title: str, path: str, labelled: str, bad: str) -> str:
    known = tomllib.loads((ROOT / "tests" / labelled).read_text())["sentence"]
    faulty = sum(bool(sentence.get(bad)) for sentence in known)
    tested = (f"Tested on {len(known)} labelled sentences, of which {faulty} must not stand "
              f"([`{labelled}`](../../tests/{labelled})): each is judged as it is labelled.")  # fmt: skip
    lists = tomllib.loads((ROOT / "src" / "novum" / path).read_text())
    head = ("list", "entries", "the first of them")
    return f"## {title}\n\n{tested}\n\n{table(head, [_listed(*one) for one in lists.items()])}"


def _listed(name: str, found: Any) -> tuple[str, str, str]:
    entries = [str(entry) for entry in found]
    more = ", …" if len(entries) > SHOWN else ""
    return f"`{name}`", str(len(entries)), ", ".join(f"`{word}`" for word in entries[:SHOWN]) + more


@generator
def letter() -> str:
    """A request as it lies in a mailbox."""
    from novum.models.letters import Mark
    from novum.models.letters import letter as written
    from novum.records import ModelRequest, Part

    novelty = {"type": "number", "minimum": 0, "maximum": 1}
    fields = {"novelty": novelty, "reason": {"type": "string"}}
    verdict = {"type": "object", "properties": fields, "required": ["novelty", "reason"]}
    parts = (
        Part(speaker="system", text="You judge ideas for experiments, briefly."),
        Part(text="Domain: when a small network begins to generalise.", stable=True),
        Part(text="Idea: more weight decay brings the moment forward. How new is it?"),
    )
    request = ModelRequest(
        role="judge", parts=parts, output=verdict, output_name="Judgement", max_output_tokens=500
    )
    text = written(request, Mark(request.key, "grokking-4f1c"), "0003-judge", {})
    return f"````markdown\n{text}````"


# --- pages ---------------------------------------------------------------------------------------------


def filled(text: str) -> str:
    """A page with every block made anew."""
    return BLOCK.sub(lambda found: found[1] + GENERATORS[found[2]]().rstrip() + "\n" + found[3], text)


def pages() -> dict[Path, str]:
    """Each page that holds a generated block, with its current content."""
    texts = {path: path.read_text() for path in sorted(DOCS.rglob("*.md"))}
    return {path: filled(text) for path, text in texts.items() if BLOCK.search(text)}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Write the generated parts of docs/.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a page is stale")
    check = parser.parse_args(argv).check
    stale = [(path, text) for path, text in pages().items() if path.read_text() != text]
    for path, text in stale:
        print(f"{'stale' if check else 'wrote'}: {path.relative_to(ROOT)}")
        if not check:
            path.write_text(text)
    if stale and check:
        print("run python scripts/docs.py", file=sys.stderr)
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main())
