"""Trails: for every number of a paper the way from the statistic to measurements, trial, code and logs.

A pure function of the journal and the blobs that it names; nothing of an unfinished confirmation is told. The
result is plain data, made to be written once into a document however often a number stands in it:

| key | holds |
|:--|:--|
| `study` | id, domain, question, protocol and its hash, commands of preparation, program and evaluator |
| `numbers` | id -> a derived statistic: value, arm, interval, n, place of its sources among `lists` |
| `computed`, `lists` | kind of statistic -> how it is computed; lists of ids, each kept once |
| `settings` | key -> a declared value, and where it was declared |
| `ideas` | id -> title, scores |
| `claims` | id -> contrast, decision, place in the protocol and label (`C1`) |
| `measurements` | id -> the fields of `MEASURED`, in order |
| `trials`, `nodes`, `arms` | id -> how it ran; id -> operator, files, arm; hash -> configuration |
| `workspaces`, `files`, `logs` | each text once: hash -> files; hash -> content; what stages printed |
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from novum.canonical import canonical, digest
from novum.evidence.catalogue import Catalogue, Statistic, catalogue
from novum.evidence.contrasts import arms
from novum.evidence.derived.computed import COMPUTED
from novum.evidence.samples import config_hash
from novum.manuscript.references import Used
from novum.protocols import Blobs
from novum.records import Config, Contrast, Measurement, Node, StageResult
from novum.state import State, Trial
from novum.steps.blinding import blinded
from novum.steps.lookup import StudyLookup

HASH = 12  # digits by which configurations, workspaces and files are named here
MEASURED = ("metric", "value", "status", "seed", "trial", "censored_at", "artefact", "self_reported")
LOG_CHARACTERS = 4_000  # of the end of each stream
FILE_CHARACTERS = 200_000
CODE_CHARACTERS = 1_000_000  # of all files together; what is left out is named with its size

WHERE = {
    "arm": "the level of a factor in one configuration",
    "baseline": "the baseline of a factor, declared by the domain",
    "budget": "a part of the budget that the study was given",
    "claim": "the text of a registered claim",
    "domain": "a text of the domain's own description",
    "factor": "declared with a factor of the domain",
    "high": "the upper end of a factor's range, declared by the domain",
    "level": "a level of a factor, declared by the domain",
    "limits": "a limit of one stage of a trial",
    "low": "the lower end of a factor's range, declared by the domain",
    "metric": "declared with a metric of the domain",
    "protocol": "a text of the registered protocol",
}


def trails(view: State, used: Iterable[Used], blobs: Blobs) -> dict[str, Any]:
    """The trails of all references that a manuscript used.

    Raises:
        JournalDamaged: a file of a workspace is missing from the blobs, or damaged.
    """
    shown = blinded(view)
    known = catalogue(shown)
    references = list(used)
    numbers = _cited(known, references)
    lists = {sources: place for place, sources in enumerate(dict.fromkeys(s.sources for s in numbers))}
    texts, ends = _Texts(blobs), _ends(known)
    return {
        "study": _study(shown, texts),
        "numbers": {s.id: _number(s, ends) | {"sources": lists[s.sources]} for s in numbers},
        "computed": {kind: COMPUTED.get(kind, "") for kind in sorted({s.kind for s in numbers})},
        "lists": [list(sources) for sources in lists],
        "settings": _settings(shown, references),
        "ideas": {k: {"title": i.title, "scores": i.scores} for k, i in sorted(shown.ideas.items())},
        "claims": _claims(shown),
        "measurements": {k: _measured(m) for k, m in known.measurements.items()},
        "metrics": _metrics(shown),
        "factors": _factors(shown),
        "trials": {t.id: _trial(t, texts) for t in sorted(shown.trials.values(), key=lambda t: t.index)},
        "nodes": {k: _node(shown.nodes[k], texts) for k in sorted(shown.nodes)},
        "arms": {k[:HASH]: config for k, config in known.configs.items()},
        "workspaces": dict(sorted(texts.workspaces.items())),
        "files": dict(sorted(texts.files.items())),
        "logs": texts.logs,
    }


def as_json(told: Mapping[str, Any]) -> bytes:
    """The trails in the spelling in which equal trails are equal bytes."""
    return canonical(told).encode()


class _Texts:
    """Files and logs by what they say, each kept once."""

    def __init__(self, blobs: Blobs):
        self._blobs = blobs
        self._room = CODE_CHARACTERS
        self.files: dict[str, dict[str, Any]] = {}
        self.workspaces: dict[str, dict[str, str]] = {}
        self.logs: list[str] = []
        self._places: dict[str, int] = {}

    def workspace(self, files: Mapping[str, str]) -> str:
        """The name of a set of files (path -> blob)."""
        name = digest(dict(files))[:HASH]
        if name not in self.workspaces:
            self.workspaces[name] = {path: self._file(sha) for path, sha in sorted(files.items())}
        return name

    def _file(self, sha: str) -> str:
        name = sha[:HASH]
        if name not in self.files:
            self.files[name] = self._content(self._blobs.get(sha))
        return name

    def _content(self, data: bytes) -> dict[str, Any]:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return {"bytes": len(data)}
        shown = text[: min(FILE_CHARACTERS, self._room)]
        self._room -= len(shown)
        cut = {"bytes": len(data)} if len(shown) < len(text) else {}
        return {"text": shown, **cut}

    def log(self, text: str) -> int:
        """The place of a log among `logs`."""
        if text not in self._places:
            self._places[text] = len(self.logs)
            self.logs.append(_end_of(text))
        return self._places[text]


def _end_of(log: str) -> str:
    """What is shown of a log: its end, with a note of what stands before."""
    left_out = len(log) - LOG_CHARACTERS
    if left_out <= 0:
        return log
    return f"[… {left_out} characters before this; the study's folder has them …]\n{log[-LOG_CHARACTERS:]}"


# --- the study ----------------------------------------------------------------------------------------


def _study(view: State, texts: _Texts) -> dict[str, Any]:
    domain = view.domain
    assert domain is not None
    kept = {name: {p: domain.files[p] for p in paths if p in domain.files} for name, paths in (
        ("evaluator", domain.evaluator_files), ("prepare", domain.prepare_files))}  # fmt: skip
    return {
        "id": view.study,
        "domain": domain.id,
        "title": domain.title,
        "question": domain.question,
        "novum": view.novum_version,
        "protocol": view.protocol_hash,
        "programs": {name: list(program.command) for name, program in sorted(domain.programs.items())},
        "prepare": {"command": list(domain.prepare), "files": texts.workspace(kept["prepare"])},
        "evaluator": {
            "command": list(domain.evaluator),
            "hash": domain.evaluator_hash,
            "files": texts.workspace(kept["evaluator"]),
        },
    }


def _metrics(view: State) -> dict[str, Any]:
    assert view.domain is not None
    told = ("title", "unit", "kind", "goal", "horizon", "description")
    return {m.name: _given({k: getattr(m, k) for k in told}) for m in view.domain.metrics}


def _factors(view: State) -> dict[str, Any]:
    assert view.domain is not None
    return {f.name: {"title": f.title or f.name, "baseline": f.baseline} for f in view.domain.factors}


def _settings(view: State, used: Iterable[Used]) -> dict[str, Any]:
    lookup = StudyLookup(view, {})
    keys = sorted({u.id for u in used if u.kind == "cfg"})
    return {key: {"value": lookup.config(key), "where": _declared_where(key)} for key in keys}


def _declared_where(key: str) -> str:
    head, _, rest = key.partition(".")
    return WHERE.get(head, "declared") if rest else "the level of a factor in the registered base"


# --- numbers and claims -------------------------------------------------------------------------------


def _cited(known: Catalogue, used: Iterable[Used]) -> list[Statistic]:
    """Every derived statistic among the references; a single measurement is its own trail."""
    ids = dict.fromkeys(u.id for u in used if u.kind == "m")
    return [known.statistics[id] for id in ids if id in known.statistics]


Ends = dict[tuple[str, str, str], dict[str, Any]]


def _ends(known: Catalogue) -> Ends:
    """Per arm, metric and phase the ends of its descriptive interval."""
    found: Ends = {}
    for s in known.statistics.values():
        if s.kind in ("low", "high"):
            found.setdefault((s.arm, s.metric, s.phase), {})[s.kind] = s.value
    return found


def _number(s: Statistic, ends: Ends) -> dict[str, Any]:
    interval = ends.get((s.arm, s.metric, s.phase), {}) if s.kind in ("mean", "restricted_mean") else {}
    told = {
        "kind": s.kind,
        "label": s.label,
        "value": s.value,
        "unit": s.unit,
        "name": s.name,
        "metric": s.metric,
        "phase": s.phase,
        "claim": s.claim,
        "arm": s.arm[:HASH],
        "n": s.n,
        "counts": {k: v for k, v in s.counts.items() if v},
        "interval": [interval.get("low"), interval.get("high")] if interval else [],
    }
    return _given(told)


def _given(told: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty; zero and false are values."""
    return {k: v for k, v in told.items() if v not in ("", None, [], {}, ())}


def _claims(view: State) -> dict[str, Any]:
    """Decided claims; `arms` are the hashes of the configurations that are compared."""
    if view.protocol is None:
        return {}
    numbered = enumerate(view.protocol.contrasts, 1)
    return {c.id: _claim(view, place, c) for place, c in numbered if c.id in view.decisions}


def _claim(view: State, place: int, contrast: Contrast) -> dict[str, Any]:
    assert view.protocol is not None and view.domain is not None
    decision = msgspec.to_builtins(view.decisions[contrast.id])
    said = ("text", "metric", "estimand", "direction", "margin", "test")
    return {
        "place": place,
        "label": f"C{place}",
        **{k: getattr(contrast, k) for k in said},
        "unit": "" if contrast.estimand == "ratio" else view.domain.metric(contrast.metric).unit,
        "a": contrast.a,
        "b": contrast.b,
        "arms": [config_hash(c)[:HASH] for c in arms(contrast, view.protocol.base)],
        "pairing": view.protocol.pairing,
        "correction": view.protocol.correction,
        "decision": {k: v for k, v in decision.items() if k != "claim"},
        "literature": [msgspec.to_builtins(c) for c in view.comparisons.get(contrast.id, ())],
    }


# --- measurements, trials, code -----------------------------------------------------------------------


def _measured(m: Measurement) -> list[Any]:
    return [m.metric, m.value, m.status, m.seed, m.trial, m.censored_at, m.artefact_hash[:HASH],
            int(m.self_reported)]  # fmt: skip


def _trial(trial: Trial, texts: _Texts) -> dict[str, Any]:
    result = trial.result
    return _given({
        "index": trial.index,
        "phase": trial.phase,
        "node": trial.node,
        "seeds": list(trial.seeds),
        "status": trial.status,
        "reason": trial.reason,
        "attempts": trial.attempt + 1,
        "interrupted": trial.interrupted,
        "notes": list(trial.notes),
        "sandbox": result.sandbox if result else "",
        "host": result.host if result else "",
        "key": trial.request.key if trial.request else "",
        "stages": [_stage(s, texts) for s in result.stages] if result else [],
    })  # fmt: skip


def _stage(stage: StageResult, texts: _Texts) -> dict[str, Any]:
    told = ("name", "status", "exit_code", "signal", "cpu_seconds", "wall_seconds", "peak_mb", "detail")
    said = {k: texts.log(text) for k in ("stdout", "stderr") if (text := getattr(stage, k))}
    return _given({k: getattr(stage, k) for k in told}) | said | {"outputs": len(stage.outputs)}


def _node(node: Node, texts: _Texts) -> dict[str, Any]:
    return _given({
        "operator": node.operator,
        "program": node.program,
        "plan": node.plan,
        "parents": list(node.parents),
        "arm": _arm(node.config),
        "workspace": texts.workspace(node.workspace),
    })  # fmt: skip


def _arm(config: Config) -> str:
    return config_hash(config)[:HASH]
