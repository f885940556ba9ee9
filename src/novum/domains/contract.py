"""Reads a domain's folder into a frozen `Domain`, or says exactly what is wrong with it, where, and how
to mend it.

The folder is described by `domain.toml`. Files that `prepare` or `evaluator` names, and that no program
names, are hidden from programs; a file that both need is listed in the `files` of both.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn, Protocol, TypeVar

import msgspec
from msgspec import Struct

from novum.canonical import digest
from novum.domains import rules
from novum.domains.files import command_files, read_files
from novum.domains.places import DESCRIPTION, Place
from novum.domains.reported import labelled
from novum.domains.shared import kit_files
from novum.records import Budget, Domain, Factor, Metric, Program, Series

T = TypeVar("T")
PACKAGE = Path(__file__).resolve().parent
MANIFEST = PACKAGE / "manifest.toml"
MOST = 1 << 20  # bytes of a description: far more than anybody writes, few enough to read


class Keeper(Protocol):
    """The part of `novum.protocols.Blobs` that reading a folder needs."""

    def put(self, data: bytes) -> str: ...


class About(Struct, kw_only=True, forbid_unknown_fields=True):
    """The table `[domain]`."""

    id: str
    title: str
    question: str
    limits: str = ""
    resampled: tuple[str, ...] = ()
    self_reported: bool = False
    leave_out: tuple[str, ...] = ()
    kit: tuple[str, ...] = ()
    authors: dict[str, str] = {}


class Trusted(Struct, kw_only=True, forbid_unknown_fields=True):
    """The tables `[prepare]` and `[evaluator]`."""

    command: tuple[str, ...]
    files: tuple[str, ...] = ()


class Environment(Struct, kw_only=True, forbid_unknown_fields=True):
    """The table `[environment]`."""

    requirements: tuple[str, ...] = ()


TABLES = ("domain", "program", "prepare", "evaluator", "metric", "factor", "series", "budget", "environment")


def load_domain(folder: Path, blobs: Keeper) -> Domain:
    """The domain in `folder`, checked; its files are kept in `blobs`.

    Raises:
        DomainError: if the folder breaks the contract; `where` names file, table and key.
    """
    folder = Path(folder)
    text = _description(folder)
    contents = read_files(folder, _left_out(_parse(text)))
    domain = domain_of(text, contents, blobs)
    return msgspec.structs.replace(domain, shipped=is_shipped(folder, domain))


def domain_of(text: str, contents: Mapping[str, bytes], blobs: Keeper) -> Domain:
    """The domain that a description and its files (path -> content) make, checked; no folder is read.

    Raises:
        DomainError: as `load_domain`.
    """
    tables = _parse(text)
    contents = dict(contents) | _kit(tables, contents, text)
    domain = _assemble(tables, text, contents)
    rules.check(domain, text, self_reported=tables["domain"].get("self_reported", False))
    domain = labelled(domain) if domain.self_reported else domain
    hashes = {path: blobs.put(data) for path, data in sorted(contents.items())}
    return msgspec.structs.replace(domain, files=hashes)


def domain_hash(domain: Domain) -> str:
    """Names a domain by its contract and files, wherever its folder lies (64 hex digits)."""
    return digest(msgspec.structs.replace(domain, shipped=False))


def is_shipped(folder: Path, domain: Domain) -> bool:
    """Whether a folder is one of this package's own and holds exactly what was shipped, by its hash.

    `manifest.toml` holds the hashes; `scripts/manifest.py` writes it when a shipped domain changes.
    """
    if folder.resolve().parent != PACKAGE or not MANIFEST.is_file():
        return False
    return tomllib.loads(MANIFEST.read_text("utf-8")).get(folder.resolve().name) == domain_hash(domain)


def _left_out(tables: dict[str, Any]) -> tuple[str, ...]:
    """The paths that do not belong to the domain; a value of another kind is refused with its place."""
    try:
        about = msgspec.convert(tables["domain"], About)
    except msgspec.ValidationError:
        return ()
    return tuple(name.strip("/") for name in about.leave_out)


def _kit(tables: dict[str, Any], own: dict[str, bytes], text: str) -> dict[str, bytes]:
    """The files of the kit that the domain names; no scientist may edit them."""
    place = Place(text, "domain")
    names = _convert(tables["domain"], About, place).kit
    shared = kit_files(names, own, place.key("kit"))
    programs = tables["program"] if shared and isinstance(tables["program"], dict) else {}
    for name, program in programs.items():
        for path in program.get("editable", ()) if isinstance(program, dict) else ():
            if path in shared:
                Place(text, f"program.{name}", None, "editable").fail(
                    f"{path!r} belongs to the kit, which is protected", fix="copy the file under another name"
                )
    return shared


def _description(folder: Path) -> str:
    path = folder / DESCRIPTION
    if not path.is_file():
        Place("").fail(f"there is no {DESCRIPTION} in {folder}",
                       fix="name a folder that has one, or make one with `novum domains new`")  # fmt: skip
    if path.stat().st_size > MOST:
        Place("").fail(f"more than {MOST} bytes", fix="keep data in files of their own")
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        Place("").fail(f"not UTF-8 text at byte {error.start}", fix="save the file as UTF-8")


def _parse(text: str) -> dict[str, Any]:
    """The tables of the file; unknown and missing ones are faults."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        Place(text).fail(f"not valid TOML: {error}", fix="mend the syntax there")
    except (RecursionError, ValueError) as error:  # nested too deep, or a number of thousands of digits
        Place(text).fail(f"not readable: {error}", fix="mend what is overlong there")
    for name in tables:
        if name not in TABLES:
            Place(text, name).fail("unknown table", fix=f"use one of: {', '.join(TABLES)}")
    for name in ("domain", "program", "evaluator", "metric", "factor", "budget"):
        if not tables.get(name):
            Place(text).fail(f"[{name}] is missing", fix=f"add a table [{name}]; see docs/domain-guide.md")
    return tables


def _assemble(tables: dict[str, Any], text: str, contents: dict[str, bytes]) -> Domain:
    """All tables, converted one by one so that a fault has a place."""
    about = _convert(tables["domain"], About, Place(text, "domain"))
    prepare = _convert(tables.get("prepare", {"command": []}), Trusted, Place(text, "prepare"))
    evaluator = _convert(tables["evaluator"], Trusted, Place(text, "evaluator"))
    environment = _convert(tables.get("environment", {}), Environment, Place(text, "environment"))
    domain = Domain(
        id=about.id,
        title=about.title,
        question=about.question,
        limits=" ".join(about.limits.split()),
        programs=_named(tables["program"], Program, Place(text, "program")),
        prepare=prepare.command,
        evaluator=evaluator.command,
        metrics=_listed(tables["metric"], Metric, Place(text, "metric")),
        factors=_listed(tables["factor"], Factor, Place(text, "factor")),
        series=_listed(tables.get("series", []), Series, Place(text, "series")),
        budgets=_named(tables["budget"], Budget, Place(text, "budget")),
        requirements=environment.requirements,
        resampled=about.resampled,
        authors=about.authors,
        prepare_files=command_files(prepare.command, prepare.files, contents, Place(text, "prepare")),
        evaluator_files=command_files(evaluator.command, evaluator.files, contents, Place(text, "evaluator")),
    )
    return msgspec.structs.replace(domain, programs=_with_files(domain.programs, contents, text))


def _with_files(programs: dict[str, Program], contents: dict[str, bytes], text: str) -> dict[str, Program]:
    """Programs whose `files` hold everything that they name, once."""
    found = {}
    for name, program in programs.items():
        place = Place(text, f"program.{name}")
        named = command_files(program.command, (*program.editable, *program.files), contents, place)
        found[name] = msgspec.structs.replace(program, files=named)
    return found


def _named(table: Any, kind: type[T], place: Place) -> dict[str, T]:
    if not isinstance(table, dict) or not all(isinstance(entry, dict) for entry in table.values()):
        place.fail("needs a name", fix=f"write [{place.table}.NAME]")
    return {name: _convert(entry, kind, place.inside(name)) for name, entry in table.items()}


def _listed(entries: Any, kind: type[T], place: Place) -> tuple[T, ...]:
    if not isinstance(entries, list):
        place.fail("is a list of tables", fix=f"write [[{place.table}]]")
    return tuple(_convert(entry, kind, place.at(index)) for index, entry in enumerate(entries))


def _convert(table: Any, kind: type[T], place: Place) -> T:
    """One table as a record; the error names the key."""
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        _explain(str(error), table, kind, place)


def _explain(message: str, table: Any, kind: type, place: Place) -> NoReturn:
    """Turn msgspec's message into what, where and how to mend it."""
    what, _, path = message.partition(" - at `$")
    keys = [field.name for field in msgspec.structs.fields(kind)]
    if "unknown field" in what:
        key = what.split("`")[1]
        place.key(key).fail("unknown key", fix=f"use one of: {', '.join(keys)}")
    if "missing required field" in what:
        key = what.split("`")[1]
        place.fail(f"{key} is missing", fix=f"add `{key} = …`")
    key = path.strip(".`").split(".")[0].split("[")[0]
    place.key(key).fail(what[0].lower() + what[1:], fix=f"give {key or place.table} a value of that kind")
