"""The conformance suite of a domain: what `novum domains check PATH` runs.

Everything is asked of the domain's own commands, run by an executor as trials are: a check that only
reads the files could be talked round.
"""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from novum.domains import spoil
from novum.domains.contract import load_domain
from novum.domains.leaks import leaks, under
from novum.domains.stages import evaluator_job
from novum.domains.tryout import Rows, Tryout
from novum.errors import DomainError
from novum.manuscript.checks import check as prose
from novum.manuscript.checks import vocabulary
from novum.manuscript.memory import InMemoryLookup
from novum.protocols import Blobs, Executor
from novum.records import Check, Domain, Factor, JobResult, Level

FIRST, SECOND = 1001, 2002  # the seeds that the suite uses; any two would do
AT_ONCE = 2


def check_domain(folder: Path, blobs: Blobs, executor: Executor, sandbox: str = "auto") -> list[Check]:
    """Every check in turn; a domain conforms if all of them passed.

    Costs about four trials at the baseline and two for each factor, of two seeds at most.
    """
    try:
        domain = load_domain(folder, blobs)
    except DomainError as fault:
        return [Check(id="contract", passed=False, detail=str(fault))]
    return list(asyncio.run(try_domain(domain, blobs, executor, sandbox)).checks)


class Tried(NamedTuple):
    """What the suite found: its checks, what failing commands said, and why the machine lost a job, if so."""

    checks: tuple[Check, ...]
    log: str
    lost: str


async def try_domain(domain: Domain, blobs: Blobs, executor: Executor, sandbox: str = "auto") -> Tried:
    """The suite on a domain that has been read, for whoever has a loop of events already."""
    tryout = Tryout(domain, blobs, executor, sandbox)
    checks = (*static_checks(domain, blobs), *await _dynamic(tryout))
    return Tried(checks, tryout.log, tryout.lost)


# --- what the files show ------------------------------------------------------------------------------


def static_checks(domain: Domain, blobs: Blobs) -> Iterator[Check]:
    """What can be said before anything runs."""
    yield Check(
        id="contract", passed=True, detail=f"{len(domain.factors)} factors, {len(domain.files)} files"
    )
    workspace = domain.workspace()
    named = {path for program in domain.programs.values() for path in program.files}
    secret = sorted({*domain.prepare_files, *domain.evaluator_files} - named)
    seen = [path for path in secret if path in workspace]
    why = f"programs would see {', '.join(seen)}" if seen else "no file of the evaluator is hidden"
    yield _check("hidden", not seen and bool(secret), f"kept from programs: {', '.join(secret)}", why)
    unseen = "findings.toml" not in domain.files
    yield _check("findings", unseen, "findings.toml is not frozen with the domain", "findings.toml is frozen")
    yield _check_names(domain)
    yield _check_captions(domain)
    yield _check_references(domain, blobs)
    yield _check_background(domain, blobs)


def _check_names(domain: Domain) -> Check:
    """Titles of metrics and factors obey the rules of prose: sentences of a paper hold them as they are."""
    lookup, words = InMemoryLookup(), vocabulary(domain)
    titles = [thing.title or thing.name.replace("_", " ") for thing in (*domain.metrics, *domain.factors)]
    told = {title: prose(f"The {title} is told.", lookup, words) for title in titles}
    faults = [f"“{title}”: {fault}" for title, found in told.items() for fault in found]
    return _check("names", not faults, f"{len(titles)} titles that sentences can hold", "; ".join(faults[:3]))


def _check_captions(domain: Domain) -> Check:
    """What a series shows obeys the rules of prose: the caption of its figure says it word for word."""
    lookup, words = InMemoryLookup(), vocabulary(domain)
    faults = [f"series {s.name}: {f}" for s in domain.series for f in prose(s.description, lookup, words)]
    sound = f"{len(domain.series)} series that captions can tell"
    return _check("captions", not faults, sound, "; ".join(faults[:3]))


def _check_background(domain: Domain, blobs: Blobs) -> Check:
    """background.md obeys the rules of prose; a paper's introduction leaves out a paragraph that does not."""
    paragraphs = _text(domain, blobs, "background.md").split("\n\n")
    known = {key: {"title": key} for key in _keys(_text(domain, blobs, "references.bib"))}
    lookup, words = InMemoryLookup(entries=known), vocabulary(domain)
    spoken = [p for p in paragraphs if p.strip() and not p.startswith("#")]
    faults = [f"paragraph {i}: {f}" for i, p in enumerate(spoken, 1) for f in prose(p, lookup, words)]
    ill = "; ".join(faults[:3]) or "there is no background.md"
    return _check("background", bool(spoken) and not faults, f"{len(spoken)} paragraphs of sound prose", ill)


def _text(domain: Domain, blobs: Blobs, name: str) -> str:
    return blobs.get(domain.files[name]).decode("utf-8", "replace") if name in domain.files else ""


def _keys(bibtex: str) -> set[str]:
    return set(re.findall(r"@\w+\s*\{\s*([^,\s]+)\s*,", bibtex))


def _check_references(domain: Domain, blobs: Blobs) -> Check:
    """background.md and references.bib are there, and every citation has its entry."""
    missing = [name for name in ("background.md", "references.bib") if name not in domain.files]
    if missing:
        return _check("references", False, "", f"there is no {' and no '.join(missing)}")
    text, known = _text(domain, blobs, "background.md"), _keys(_text(domain, blobs, "references.bib"))
    cited = set(re.findall(r"(?<![\w.])@([A-Za-z][\w:-]*)", text))
    unknown = ", ".join(sorted(cited - known))
    return _check("references", not unknown, f"{len(cited)} works cited, all listed",
                  f"references.bib has no entry for {unknown}")  # fmt: skip


# --- what running shows -------------------------------------------------------------------------------


async def _dynamic(tryout: Tryout) -> list[Check]:
    """Runs the baseline first: what does not run cannot be asked more."""
    both = await tryout.trial(tryout.domain.baseline, (FIRST, SECOND), "both seeds")
    checks = [_check_runs(both)]
    if not both.ok:
        return checks
    rows = tryout.rows(both)
    alone = tryout.rows(await tryout.trial(tryout.domain.baseline, (SECOND,), "one seed"))
    checks += [_check_measured(tryout.domain, rows), _check_repeats(rows, alone)]
    checks += [_check_fresh(both), _check_held_out(both, tryout.blobs), _check_plain(both, tryout.blobs)]
    checks += [await _check_spoilt(tryout, both, rows, name) for name in spoil.KINDS]
    return [*checks, await _check_levels(tryout)]


def _check_runs(result: JobResult) -> Check:
    bad = next((stage for stage in result.stages if stage.status != "ok"), None)
    why = result.lost
    if bad:
        why = f"{bad.name} {bad.status}: {(bad.stderr.strip().splitlines() or [bad.detail])[-1]}"
    return _check("runs", result.ok, f"prepare, program and evaluator ran ({result.sandbox})", why)


def _check_measured(domain: Domain, rows: Rows) -> Check:
    """Each declared metric once per seed, nothing undeclared, and a primary that exists at the baseline."""
    wanted = {(seed, metric.name) for seed in (FIRST, SECOND) for metric in domain.metrics}
    faults = [f"{metric} of seed {seed} is missing" for seed, metric in sorted(wanted - set(rows))]
    faults += [f"{metric} of seed {seed} was not asked for" for seed, metric in sorted(set(rows) - wanted)]
    faults += [
        f"{key[1]} of seed {key[0]}: {why}" for key, row in sorted(rows.items()) if (why := _fault(row))
    ]
    faults += [f"the primary metric of seed {seed} is {rows[seed, domain.primary.name][0]} at the baseline"
               for seed in (FIRST, SECOND)
               if rows.get((seed, domain.primary.name), ("",))[0] in ("failed", "undefined")]  # fmt: skip
    return _check(
        "measured", not faults, f"{len(rows)} measurements, each of a declared metric", "; ".join(faults)
    )


def _fault(row: tuple) -> str:
    """Why a measurement is none, or nothing."""
    status, value, censored_at = row
    number = value if status == "observed" else censored_at
    if status in ("failed", "undefined"):
        return "" if value is None else f"{status} and yet has a value"
    if status not in ("observed", "censored"):
        return f"its status is {status}"
    finite = isinstance(number, int | float) and not isinstance(number, bool) and abs(number) < float("inf")
    return "" if finite else f"{status} without a finite number"


def _check_repeats(both: Rows, alone: Rows) -> Check:
    """The same seed gives the same measurements, also when no other seed runs beside it."""
    differ = [metric for (seed, metric), row in sorted(both.items()) if seed == SECOND
              and alone.get((seed, metric)) != row]  # fmt: skip
    return _check("repeats", not differ, "a seed measures the same alone and beside another",
                  f"a seed run again gives another {', '.join(differ)}")  # fmt: skip


def _check_fresh(result: JobResult) -> Check:
    """Two seeds share neither their data nor their artefacts."""
    same = [
        what
        for stage, part, what in (("prepare", "/in", "inputs"), ("program", "", "artefacts"))
        if (found := result.stage(stage))
        and under(found.outputs, f"out/{FIRST}{part}")
        and under(found.outputs, f"out/{FIRST}{part}") == under(found.outputs, f"out/{SECOND}{part}")
    ]
    return _check("fresh", not same, "seeds differ in data and artefacts",
                  f"two seeds have identical {' and '.join(same)}")  # fmt: skip


def _check_held_out(result: JobResult, blobs: Blobs) -> Check:
    """No held-out file, nor the content of a held-out array, is in what the program sees."""
    prepare = result.stage("prepare")
    outputs = prepare.outputs if prepare else {}
    found = sorted({f"{name} holds {other}" for name, other in leaks(outputs, (FIRST, SECOND), blobs)})
    return _check("held-out", not found, "held-out data is not in what programs see", "; ".join(found))


def _check_plain(result: JobResult, blobs: Blobs) -> Check:
    program = result.stage("program")
    outputs = program.outputs if program else {}
    bad = [path for path, sha in sorted(outputs.items()) if not spoil.is_plain(path, blobs.get(sha))]
    return _check("plain", not bad, "artefacts are plain arrays and text",
                  f"neither plain array nor text: {', '.join(bad)}")  # fmt: skip


async def _check_spoilt(tryout: Tryout, honest: JobResult, rows: Rows, name: str) -> Check:
    """The evaluator meets a spoilt seed: that one fails alone, or nothing changes, as the kind demands."""
    kind = spoil.KINDS[name]
    given = {}
    for seed in (FIRST, SECOND):
        given |= _given(honest, seed)
    spoilt = kind.apply(given, FIRST, tryout.blobs)
    job = evaluator_job(tryout.domain, tryout.domain.baseline, (FIRST, SECOND), spoilt, tryout.limits(2))
    result = await tryout.run(job, name)
    if not result.ok:
        return _check(
            f"evaluator: {name}", False, "", f"the evaluator did not survive: {_check_runs(result).detail}"
        )
    found = tryout.rows(result)
    faults = [f"{metric} of the other seed changed" for (seed, metric), row in sorted(rows.items())
              if seed == SECOND and found.get((seed, metric)) != row]  # fmt: skip
    primary = (FIRST, tryout.domain.primary.name)
    status = found.get(primary, ("failed",))[0]
    if kind.fails and status != "failed":
        faults.append(f"the spoilt seed is {status}, not failed")
    if not kind.fails and found != rows:
        faults.append("the measurements changed")
    return _check(f"evaluator: {name}", not faults, kind.passed, "; ".join(faults))


def _given(result: JobResult, seed: int) -> dict[str, str]:
    """What the evaluator got for a seed: path in its folder -> blob."""
    folders = (("program", f"out/{seed}", "artefacts"), ("prepare", f"out/{seed}/heldout", "heldout"),
               ("prepare", f"out/{seed}/in", "in"))  # fmt: skip
    return {f"{there}/{seed}/{path}": sha for stage, here, there in folders if (found := result.stage(stage))
            for path, sha in under(found.outputs, here).items()}  # fmt: skip


async def _check_levels(tryout: Tryout) -> Check:
    """The lowest and highest level of every factor, one at a time: a run may do badly, but must run."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(factor: Factor, level: Level) -> str:
        async with gate:
            config = tryout.domain.baseline | {factor.name: level}
            result = await tryout.trial(config, (FIRST,), f"{factor.name}={level}")
        row = tryout.rows(result).get((FIRST, tryout.domain.primary.name), ("missing",))
        good = result.ok and row[0] not in ("missing", "failed")
        return (
            "" if good else f"{factor.name} = {level}: {row[0] if result.ok else _check_runs(result).detail}"
        )

    asked = [(factor, level) for factor in tryout.domain.factors for level in _ends(factor)]
    faults = [fault for fault in await asyncio.gather(*(one(f, level) for f, level in asked)) if fault]
    return _check(
        "levels", not faults, f"{len(asked)} settings away from the baseline ran", "; ".join(faults)
    )


def _ends(factor: Factor) -> list[Level]:
    levels = (factor.levels[0], factor.levels[-1]) if factor.levels else factor.range
    return [level for level in levels or () if level != factor.baseline]


def _check(name: str, passed: bool, well: str, ill: str) -> Check:
    return Check(id=name, passed=passed, detail=well if passed else ill)
