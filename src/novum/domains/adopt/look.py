"""What somebody's own code offers to a study: entry points, options, constants, metrics that it reports.

It is read and never run or imported: what a module does on import is nobody's business before it is confined.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from novum.records import Level

SKIPPED = ("test", "tests", "docs", "doc", "examples", "node_modules", "venv", "env", "build", "dist", "lab")
ENTRY = ("train", "main", "run", "experiment", "fit")
SEEDS = ("seed", "random_seed", "rng_seed", "random_state")
NO_FACTOR = re.compile(
    r"(^|_)(out|output|outdir|dir|path|file|folder|data|dataset|root|logs?|device|gpus?|cuda|cpus?|workers|"
    r"threads|verbose|debug|resume|checkpoint|ckpt|save|name|tag|port|host|config|quiet|wandb|version)($|_)"
)
REPORT = re.compile(r"([A-Za-z][A-Za-z0-9_]*)['\"]?\s*[:=]\s*$")
NOT_REPORTED = ("epoch", "step", "iter", "iteration", "seed", "time", "batch", "epochs", "steps", "elapsed")
LARGEST = 1 << 20  # bytes of a file that is read


class Option(Struct, frozen=True):
    """An option of a command line: how it is spelt, its plain default, and what it takes."""

    name: str
    flag: str
    kind: str
    default: Level | None = None
    choices: tuple[Level, ...] = ()
    required: bool = False
    help: str = ""


class Found(Struct, frozen=True):
    """What a script offers. `constants` are numbers at the top of the module: (name, line)."""

    script: str
    options: tuple[Option, ...] = ()
    constants: tuple[tuple[str, int], ...] = ()
    metrics: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    runnable: bool = False

    @property
    def seed(self) -> str:
        """The option that takes a seed, or nothing."""
        return next((o.flag for o in self.options if o.name in SEEDS), "")


def scripts(folder: Path) -> list[Found]:
    """Every script of a folder that could be run, the likeliest entry point first."""
    paths = [path for path in sorted(folder.rglob("*.py")) if _counts(path.relative_to(folder))]
    found = [look(path, path.relative_to(folder).as_posix()) for path in paths]
    return sorted((f for f in found if f.runnable or f.options), key=_rank)


def look(path: Path, name: str) -> Found:
    """What one script offers; of one that is no Python nothing."""
    try:
        tree = ast.parse(path.read_text("utf-8")[:LARGEST])
    except (SyntaxError, ValueError, OSError, RecursionError):
        return Found(script=name)
    return Found(
        script=name,
        options=tuple({o.name: o for o in _options(tree)}.values()),
        constants=tuple(_constants(tree)),
        metrics=tuple(dict.fromkeys(_metrics(tree))),
        imports=tuple(sorted(set(_imports(tree)))),
        runnable=any(_is_main(node) for node in tree.body),
    )


def _counts(path: Path) -> bool:
    plain = not any(part.startswith((".", "novum_")) or part.lower() in SKIPPED for part in path.parts)
    return plain and not path.name.startswith(("test_", "conftest", "setup."))


def _rank(found: Found) -> tuple[int, int, int, str]:
    """Entry points by their name, then by how much they offer, then the ones nearest the top."""
    stem = Path(found.script).stem.lower()
    named = next((place for place, word in enumerate(ENTRY) if word in stem), len(ENTRY))
    return (named, -len(found.options), found.script.count("/"), found.script)


# --- options ------------------------------------------------------------------------------------------


def _options(tree: ast.AST) -> Iterator[Option]:
    """Options of argparse (`add_argument`) and click (`option`)."""
    for node in ast.walk(tree):
        called = _called(node)
        if isinstance(node, ast.Call) and called in ("add_argument", "option"):
            flags = [value for arg in node.args if isinstance(value := _plain(arg), str)]
            keywords = {word.arg: word.value for word in node.keywords if word.arg}
            spelt = next((f for f in flags if f.startswith("--")), "")
            if spelt:
                yield _option(spelt, keywords, click=called == "option")


def _option(spelt: str, given: dict[str, ast.expr], *, click: bool) -> Option:
    flag, both = spelt.split("/")[0], "/" in spelt
    name = _plain(given.get("dest")) or flag.lstrip("-").replace("-", "_")
    default, choices = _plain(given.get("default")), _choices(given)
    kind = _kind(given, default, both=both, click=click)
    if kind in ("on", "off", "both"):
        default = bool(default) if default is not None else kind == "off"
    return Option(
        name=re.sub(r"\W+", "_", str(name)).lower(),
        flag=flag,
        kind=kind,
        default=float(default) if isinstance(default, int) and not isinstance(default, bool) else default,
        choices=choices,
        required=_plain(given.get("required")) is True,
        help=str(_plain(given.get("help")) or ""),
    )


def _kind(given: dict[str, ast.expr], default: Any, *, both: bool, click: bool) -> str:
    """What an option takes: int, float, text, or being there at all."""
    action = _plain(given.get("action"))
    if both or "BooleanOptionalAction" in _spelt(given.get("action")):
        return "both"
    if action in ("store_true", "store_false") or _plain(given.get("is_flag")) is True:
        return "off" if action == "store_false" else "on"
    declared = _spelt(given.get("type")).rsplit(".", 1)[-1].lower()
    if declared in ("int", "float"):
        return declared
    if click and "type" not in given and isinstance(default, int | float) and not isinstance(default, bool):
        return "float" if isinstance(default, float) else "int"
    return "text"


def _choices(given: dict[str, ast.expr]) -> tuple[Level, ...]:
    """Of argparse's `choices=[…]` or click's `type=Choice([…])`."""
    node, kind = given.get("choices"), given.get("type")
    if node is None and isinstance(kind, ast.Call) and _called(kind) == "Choice" and kind.args:
        node = kind.args[0]
    items = node.elts if isinstance(node, ast.List | ast.Tuple) else []
    values = [_plain(item) for item in items]
    return tuple(float(v) if isinstance(v, int) else v for v in values if isinstance(v, str | int | float))


# --- the rest -----------------------------------------------------------------------------------------


def _constants(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(_plain(node.value), int | float):
            yield from (
                (t.id, node.lineno) for t in node.targets if isinstance(t, ast.Name) and t.id.isupper()
            )


def _metrics(tree: ast.AST) -> Iterator[str]:
    """Names that values are printed under (`f"loss: {x}"`), then keys of a dict that becomes JSON."""
    tables = {t.id: n.value for n in ast.walk(tree) if isinstance(n, ast.Assign) for t in n.targets
              if isinstance(t, ast.Name) and isinstance(n.value, ast.Dict)}  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in ("dump", "dumps") and node.args:
            first = node.args[0]
            table = tables.get(first.id) if isinstance(first, ast.Name) else first
            keys = table.keys if isinstance(table, ast.Dict) else []
            yield from _reportable([k for key in keys if isinstance(k := _plain(key), str)])
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in ("print", "info", "echo"):
            texts = [arg for arg in node.args if isinstance(arg, ast.JoinedStr)]
            yield from _reportable([name for text in texts for name in _named(text)])


def _named(text: ast.JoinedStr) -> Iterator[str]:
    """The name before each value of an f-string."""
    for before, value in zip(text.values, text.values[1:], strict=False):
        said = _plain(before)
        if isinstance(value, ast.FormattedValue) and isinstance(said, str) and (hit := REPORT.search(said)):
            yield hit[1]


def _reportable(names: Sequence[str]) -> Iterator[str]:
    return (name for name in names if name.lower() not in NOT_REPORTED)


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def _is_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.dump(node.test)


def _called(node: ast.AST) -> str:
    function = node.func if isinstance(node, ast.Call) else None
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _spelt(node: ast.AST | None) -> str:
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""


def _plain(node: ast.AST | None) -> Any:
    """The value of a literal, or None."""
    try:
        value = ast.literal_eval(node) if isinstance(node, ast.expr) else None
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, str | int | float) else None
