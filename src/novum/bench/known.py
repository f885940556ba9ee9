"""Known results of a domain, as its `findings.toml` states them; nothing but the benches reads that file."""

import tomllib
from pathlib import Path

import msgspec
from msgspec import Struct

from novum.errors import DomainError
from novum.records import Config, Contrast, Direction, Domain, Estimand

FILE = "findings.toml"


class Known(Struct, kw_only=True, forbid_unknown_fields=True):
    """One known result: of `b` relative to `a`, or of `b` alone where `a` is left out.

    `delta` is in the metric's unit; the metric's own margin if it is left out. `system` is the ledger's.
    """

    text: str
    source: str
    metric: str
    b: Config
    a: Config | None = None
    id: str = ""
    system: str = ""
    estimand: Estimand = "mean_diff"
    direction: Direction = "greater"
    delta: float | None = None


class Variant(Struct, kw_only=True, forbid_unknown_fields=True):
    """A hidden world: trusted files differ, and the findings named are reversed in it, or absent.

    `files` stand in place of the domain's own; `edits` replace, in a file, one passage by another.
    """

    id: str
    absent: bool = False
    reverses: tuple[str, ...]
    files: dict[str, str] = {}
    edits: dict[str, tuple[str, str]] = {}


class Findings(Struct, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    finding: tuple[Known, ...] = ()
    variant: tuple[Variant, ...] = ()


def read_findings(folder: Path, domain: Domain) -> Findings:
    """What the file beside a domain states, checked against the domain; nothing if there is no file.

    Raises:
        DomainError: a metric, factor, level or file that the domain does not have, or a key that is unknown.
    """
    path = folder / FILE
    if not path.is_file():
        return Findings()
    try:
        found = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Findings)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise DomainError(str(error), where=FILE, fix="mend it there") from None
    for known in found.finding:
        _check(known, domain)
    ids = {known.id for known in found.finding}
    for variant in found.variant:
        unknown = [*(set(variant.reverses) - ids), *({*variant.files, *variant.edits} - set(domain.files))]
        if unknown:
            _fail(variant.id, f"there is no {unknown[0]!r}")
    return found


def contrast_of(known: Known, domain: Domain, variant: Variant | None = None) -> Contrast:
    """The finding as a contrast; in a variant its opposite, or that there is no effect beyond delta."""
    opposite: dict[Direction, Direction] = {"greater": "less", "less": "greater"}
    direction = known.direction
    if variant is not None:
        direction = "equivalent" if variant.absent else opposite.get(direction, direction)
    margin = known.delta if known.delta is not None else domain.metric(known.metric).margin or 0.0
    return Contrast(id=known.id or known.text, text=known.text, metric=known.metric, a=known.a or {},
                    b=known.b, estimand=known.estimand, direction=direction, margin=margin,
                    test="t")  # fmt: skip


def _check(known: Known, domain: Domain) -> None:
    where = known.id or known.text
    if known.metric not in {metric.name for metric in domain.metrics}:
        _fail(where, f"there is no metric {known.metric!r}")
    for name, level in {**(known.a or {}), **known.b}.items():
        factor = next((f for f in domain.factors if f.name == name), None)
        if factor is None:
            _fail(where, f"there is no factor {name!r}")
        elif factor.levels and level not in factor.levels:
            _fail(where, f"{name} has no level {level!r}")


def _fail(where: str, what: str) -> None:
    raise DomainError(what, where=f"{FILE} {where}", fix="name what domain.toml has")
