"""The ranks of the architecture, and what the pure layers may not touch."""

import ast
from functools import cache
from pathlib import Path

import pytest

import novum

SOURCE = Path(novum.__file__).parent
RANKS = [
    {"canonical", "records", "errors", "events", "protocols"},
    {
        *("state", "journal", "models", "compute", "literature", "telemetry", "safeguards", "tokens"),
        *("secrecy", "patches", "program"),
    },
    {"search", "evidence", "manuscript", "domains"},
    {"steps", "scientists"},
    {
        "config",
        "recording",
        "asking",
        "casting",
        "pacing",
        "estimate",
        "spending",
        "services",
        "tryouts",
        "inbox",
        "archive",
        "nonce",
        "folder",
        "loop",
        "interrupts",
        "portfolio",
        "several",
        "ideas",
        "wiring",
        "beginning",
        "auditing",
        "snapshot",
        "opening",
    },
    {"api", "cli", "web", "mcp", "testing", "bench", "doctor", "export", "reproduce", "report", "importers"},
]
RANK = {name: rank for rank, names in enumerate(RANKS) for name in names}
EFFECTFUL = {"journal", "models", "compute", "literature", "telemetry"}
MAY_COMPOSE = {
    *("wiring", "beginning", "auditing", "recording", "folder", "inbox", "nonce", "archive"),
    *("domains", "safeguards", "snapshot", "opening", "casting", "estimate"),
}
PURE = ("steps", "scientists", "search", "evidence", "manuscript")
DOMAINS = {p.parent for p in SOURCE.rglob("domain.toml")}  # programs of domains are data of the package
COPIED = {*DOMAINS, SOURCE / "domains" / "kit"}  # the kit's files as well, which are copied into workspaces
MODULES = sorted(p for p in SOURCE.rglob("*.py") if not COPIED & set(p.parents))


def unit(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


@cache
def imports(path: Path, *, top: bool = False) -> frozenset[str]:
    """Absolute names that a module imports (top-level statements only, if `top`)."""
    tree = ast.parse(path.read_text())
    nodes = tree.body if top else ast.walk(tree)
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return frozenset(found)


def ours(path: Path) -> set[str]:
    return {
        name.split(".")[1]
        for name in imports(path)
        if name.startswith("novum.") and name.split(".")[1] in RANK
    }


def test_every_unit_has_a_rank() -> None:
    assert {unit(p) for p in MODULES} - set(RANK) <= {"__init__", "__main__"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_go_down_the_ranks(path: Path) -> None:
    here = unit(path)
    if here in RANK:
        assert {f"{name} (rank {RANK[name]})" for name in ours(path) if RANK[name] > RANK[here]} == set()


def test_units_of_one_rank_do_not_import_each_other_in_a_circle() -> None:
    graph = {name: set() for name in RANK}
    for path in MODULES:
        if unit(path) in RANK:
            graph[unit(path)] |= {n for n in ours(path) if n != unit(path)}

    def reach(start: str, seen: set[str]) -> set[str]:
        for name in graph[start] - seen:
            seen |= {name}
            reach(name, seen)
        return seen

    assert [name for name in graph if name in reach(name, set())] == []


def test_effects_are_composed_in_few_places() -> None:
    offenders = {
        f"{unit(p)} imports {name}"
        for p in MODULES
        for name in ours(p)
        if name in EFFECTFUL and RANK.get(unit(p), 9) < 5 and unit(p) not in EFFECTFUL | MAY_COMPOSE
    }
    assert offenders == set()


FORBIDDEN = {"time", "uuid", "secrets", "socket", "subprocess", "asyncio", "sqlite3"}


@pytest.mark.parametrize(
    "path", [p for p in MODULES if unit(p) in PURE], ids=lambda p: str(p.relative_to(SOURCE))
)
def test_pure_layers_read_no_clock_and_draw_no_shared_randomness(path: Path) -> None:
    allowed = {"subprocess"} if "render" in path.parts else set()
    assert {name.split(".")[0] for name in imports(path)} & (FORBIDDEN - allowed) == set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "random":
            assert node.attr == "Random", f"{path}:{node.lineno} uses the shared random state"
        if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today"):
            pytest.fail(f"{path}:{node.lineno} reads the clock")
        if isinstance(node, ast.For) and isinstance(node.iter, ast.Set | ast.SetComp):
            pytest.fail(f"{path}:{node.lineno} iterates over a set")


HEAVY = {"scipy", "matplotlib", "typst", "pypandoc", "pypdfium2", "bibtexparser", "numpy"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_heavy_libraries_are_imported_where_they_are_used(path: Path) -> None:
    if "testing" not in path.parts:
        assert {name.split(".")[0] for name in imports(path, top=True)} & HEAVY == set()
