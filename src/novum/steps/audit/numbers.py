"""Checks of the paper: its numbers, verdicts, citations and tables are those that the journal gives."""

from collections.abc import Iterator, Mapping

import msgspec

from novum.canonical import sha256
from novum.evidence.tables import measurements_csv
from novum.manuscript.checks import check, vocabulary
from novum.manuscript.references import citations, resolve
from novum.records import Decision
from novum.steps.audit.case import AuditCase, Finding, alike, found, when_written
from novum.steps.blinding import blinded
from novum.steps.conclude import decisions
from novum.steps.lookup import StudyLookup, values_of

NO_PAPER = "no paper was written: the study ended in its stage '{}'"


def no_paper(case: AuditCase) -> Finding:
    """A study that ended early has no paper; one that says it is done must have one."""
    state = case.state
    lost = state.finished == "done" or "write" in state.steps_done
    faults = ["the study says that it is done and has no paper"] if lost else []
    return Finding(tuple(faults), NO_PAPER.format(state.stage))


def verdicts(case: AuditCase) -> Finding:
    """Each claim's predicate, evaluated again on the confirmation data, gives the journaled verdict."""
    given = case.state.decisions
    if not given:
        return found([], f"nothing was decided: the study ended in its stage '{case.state.stage}'")
    expected = {d.claim: d for d in decisions(case.state)}
    faults = [f for claim, d in given.items() for f in _decided(claim, d, expected.get(claim))]
    said = ", ".join(f"{n} {v}" for v, n in _counted(d.verdict for d in given.values()))
    return found(faults, f"{len(given)} predicates evaluated again: {said}")


def _decided(claim: str, given: Decision, expected: Decision | None) -> Iterator[str]:
    if expected is None:
        yield f"claim {claim} was decided and is not registered"
        return
    ours, theirs = msgspec.to_builtins(expected), msgspec.to_builtins(given)
    wrong = [k for k in ours if not alike(ours[k], theirs[k])]
    if wrong:
        k = "verdict" if "verdict" in wrong else wrong[0]
        yield f"claim {claim} is journaled with {k} {theirs[k]!r}, and its data give {ours[k]!r}"


def _counted(items: Iterator[str]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    return sorted(counts.items())


def numbers(case: AuditCase) -> Finding:
    """Every reference of the manuscript resolves against a catalogue rebuilt from the journal, to the
    text that was printed."""
    paper = case.state.paper
    if paper is None:
        return no_paper(case)
    resolved = resolve(paper.source, StudyLookup(when_written(case), case.entries or {}))
    faults = [str(f) for f in resolved.faults]
    rebuilt = values_of(resolved)
    faults += [f"{key} is printed as '{text}' and the journal gives '{rebuilt.get(key, 'nothing')}'"
               for key, text in sorted(paper.values.items()) if rebuilt.get(key) != text]  # fmt: skip
    faults += [f"{key} stands in the manuscript and not among the printed values"
               for key in sorted(rebuilt.keys() - paper.values.keys())]  # fmt: skip
    faults += _file_differs(case, "paper/paper.md", paper.source)
    faults += _rendered_differs(case, paper.files)
    return found(faults, f"{len(rebuilt)} references resolve to what was printed")


def _rendered_differs(case: AuditCase, files: Mapping[str, str]) -> Iterator[str]:
    """Papers of the folder that say something else than what was rendered."""
    for suffix, sha in sorted(files.items()):
        name = "paper/resolved.md" if suffix == "md" else f"paper/paper.{suffix}"
        held = case.file(name)
        if held is not None and sha256(held) != sha:
            yield f"{name} is not the paper that the journal holds"


def bare_numbers(case: AuditCase) -> Finding:
    """The manuscript passes the checks that it had to pass before it was rendered."""
    paper = case.state.paper
    if paper is None:
        return no_paper(case)
    then = when_written(case)
    assert then.domain is not None
    faults = check(paper.source, StudyLookup(then, case.entries or {}), vocabulary(then.domain))
    words = len(paper.source.split())
    return found((str(f) for f in faults), f"{words} words obey the rules of the manuscript")


def _file_differs(case: AuditCase, name: str, expected: str) -> Iterator[str]:
    held = case.file(name)
    if held is not None and held.decode("utf-8", "replace") != expected:
        yield f"{name} is not the manuscript that the journal holds"


def references(case: AuditCase) -> Finding:
    """Every citation, and every work a claim was held against, is in the bibliography."""
    paper = case.state.paper
    cited = citations(paper.source) if paper else ()
    compared = sorted({c.reference for cs in case.state.comparisons.values() for c in cs})
    if not cited and not compared:
        return (
            found([], "the paper cites nothing, so nothing can fail to resolve") if paper else no_paper(case)
        )
    if case.entries is None:
        return found(["no bibliography was given to resolve the citations against"], "")
    faults = [f"the work '{key}' is cited and not in the bibliography"
              for key in dict.fromkeys([*cited, *compared]) if key not in case.entries]  # fmt: skip
    faults += [f"the entry '{key}' has no {field}" for key in cited
               for field in _lacking(case.entries.get(key))]  # fmt: skip
    return found(faults, f"{len(cited)} cited works are in the bibliography")


AUTHORS = ("author", "editor", "organization", "institution", "howpublished")


def _lacking(entry: Mapping[str, str] | None) -> list[str]:
    """What a reader needs to find a work and an entry does not say."""
    if entry is None:
        return []
    said = [field for field, text in entry.items() if text.strip()]
    return [*(["title"] if "title" not in said else []),
            *(["author"] if not any(field in said for field in AUTHORS) else [])]  # fmt: skip


def all_trials(case: AuditCase) -> Finding:
    """The paper's tables name every trial of the journal; measurements.csv has every measurement."""
    state = case.state
    table = case.file("measurements.csv")
    faults = []
    if table is not None and table.decode("utf-8", "replace") != measurements_csv(blinded(state)):
        faults.append("measurements.csv does not hold the journal's measurements")
    if state.paper is None:
        ended = no_paper(case)
        return found([*faults, *ended.faults], ended.detail)
    printed = state.paper.source
    ended_trials = [t for t in state.trials.values() if t.status in ("done", "failed")]
    faults += [f"trial {t.id} ({t.phase}, {t.status}) is not in the paper"
               for t in ended_trials if t.id not in printed]  # fmt: skip
    return found(faults, f"all {len(ended_trials)} trials are in the paper")
