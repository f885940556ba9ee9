"""Trails: whole from the number to code and logs, each thing told once, nothing told too early."""

import random
from pathlib import Path

import pytest
from msgspec import structs

import novum
from novum import events as ev
from novum.errors import JournalDamaged
from novum.events import Event
from novum.evidence.catalogue import catalogue
from novum.evidence.derived.computed import COMPUTED
from novum.manuscript.references import Used
from novum.records import StageResult
from novum.state import State, fold
from novum.steps import trails as made
from novum.steps.trails import as_json, trails
from tests.scientists.studies import Synthetic


def references(view: State) -> list[Used]:
    """A reference to every number, verdict and a few settings of a study."""
    known = catalogue(view)
    named = [("m", id) for id, s in known.statistics.items() if s.value is not None]
    named += [("c", id) for id in view.decisions] + [("cfg", "weight_decay"), ("cfg", "domain.limits")]
    return [Used(kind=kind, id=id, spec="", text="", line=1, column=1) for kind, id in named]


@pytest.fixture(scope="module")
def study() -> Synthetic:
    return Synthetic("supported", seeds=8)


@pytest.fixture(scope="module")
def told(study: Synthetic) -> dict:
    return trails(study.state, references(study.state), study.blobs)


def test_every_source_of_every_number_is_told(told):
    ends = {*told["measurements"], *told["trials"], *told["claims"], *told["ideas"]}
    assert len(told["numbers"]) > 100
    for number in told["numbers"].values():
        assert set(told["lists"][number["sources"]]) <= ends
        assert told["computed"][number["kind"]]


def test_every_measurement_leads_to_a_trial_with_code(told):
    trial = made.MEASURED.index("trial")
    for measured in told["measurements"].values():
        node = told["nodes"][told["trials"][measured[trial]]["node"]]
        assert node["arm"] in told["arms"]
        files = told["workspaces"][node["workspace"]]
        assert "learner.py" in files and all(told["files"][sha]["text"] for sha in files.values())
    scorer = told["workspaces"][told["study"]["evaluator"]["files"]]
    assert "def " in told["files"][scorer["evaluator.py"]]["text"]


def test_a_claim_is_told_whole(told, study):
    (first, *_) = sorted(told["claims"].values(), key=lambda c: c["place"])
    contrast = study.state.protocol.contrasts[0]
    assert first["label"] == "C1" and first["text"] == contrast.text and len(first["arms"]) == 2
    assert first["decision"]["verdict"] == "supported" and first["decision"]["method"]
    assert {*first["arms"]} <= {*told["arms"]}


def test_an_arm_has_its_interval(told):
    means = [n for n in told["numbers"].values() if n["kind"] == "restricted_mean" and n["n"] > 2]
    assert means and all(n["interval"][0] <= n["value"] <= n["interval"][1] for n in means)


def test_code_is_told_once(told):
    assert len(told["workspaces"]) == 3  # the program's, the evaluator's and the generator's
    texts = [file["text"] for file in told["files"].values()]
    assert len(texts) == len({*texts})


def test_a_setting_says_where_it_was_declared(told):
    assert told["settings"]["weight_decay"]["value"] == 1.0
    assert "domain" in told["settings"]["domain.limits"]["where"]


def test_every_kind_of_statistic_says_how_it_is_computed():
    for outcome in ("supported", "censored", "unfinished"):
        kinds = {s.kind for s in catalogue(Synthetic(outcome, seeds=8).state).statistics.values()}
        assert kinds <= {*COMPUTED}
    derived = Path(novum.__file__).parent / "evidence" / "derived"
    written = "".join(p.read_text() for p in derived.glob("*.py") if p.name != "computed.py")
    shares = {
        f"{what}_{s}" for what in ("n", "share") for s in ("censored", "failed", "undefined", "duplicates")
    }
    assert {kind for kind in COMPUTED if f'"{kind}"' not in written} <= shares


def test_nothing_of_an_unfinished_confirmation_is_told():
    study = Synthetic("unfinished", seeds=8)
    confirmed = {t.id for t in study.state.trials_in("confirm")}
    whole = trails(study.state, references(study.state), study.blobs)
    assert confirmed and not confirmed & {*whole["trials"]}
    assert not any(f'"{trial}"' in as_json(whole).decode() for trial in confirmed)


def test_the_same_journal_gives_the_same_bytes_in_whatever_order_trials_ended(study, told):
    again = fold(reordered(study.log.events, random.Random(5)))
    assert as_json(trails(again, references(again), study.blobs)) == as_json(told)


def reordered(events: list[Event], rng: random.Random) -> list[Event]:
    """The same history, with the trials of a phase ending in another order."""
    outcomes = (ev.TrialFinished, ev.TrialFailed, ev.MeasurementsRecorded, ev.SeriesRecorded)
    result: list[Event] = []
    waiting: dict[str, list[Event]] = {}
    for event in events:
        if isinstance(event.body, outcomes):
            waiting.setdefault(event.body.trial, []).append(event)
            continue
        if isinstance(event.body, ev.StepFinished):
            groups = list(waiting.values())
            rng.shuffle(groups)
            result += [e for group in groups for e in group]
            waiting = {}
        result.append(event)
    return result


def with_logs(view: State, stdout: str, **given: object) -> State:
    """The state with one trial that printed something."""
    view = fold([], view)
    trial = next(t for t in view.trials.values() if t.status == "failed")
    stage = StageResult(name="program", status="crashed", exit_code=1, stdout=stdout, stderr=stdout, **given)
    trial.result = structs.replace(trial.result, stages=(stage,))
    return view


def test_logs_are_told_once_and_long_ones_by_their_end(study):
    view = with_logs(study.state, "x" * 5000 + "the end")
    whole = trails(view, (), study.blobs)
    (failed,) = [t for t in whole["trials"].values() if t["status"] == "failed"]
    (stage,) = failed["stages"]
    assert stage["stdout"] == stage["stderr"] == 0
    assert whole["logs"][0].startswith("[… 1007 characters before this") and whole["logs"][0].endswith(
        "the end"
    )
    assert failed["reason"] == "the loss became NaN" and stage["exit_code"] == 1


def test_files_that_are_no_text_or_too_long_are_named_with_their_size(study, monkeypatch):
    monkeypatch.setattr(made, "FILE_CHARACTERS", 10)
    view = fold([], study.state)
    node = next(iter(view.nodes.values()))
    files = {"a.bin": study.blobs.put(b"\xff\xfe\x00"), "b.py": study.blobs.put(b"0123456789abc")}
    view.nodes = {**view.nodes, node.id: structs.replace(node, workspace=files)}
    whole = trails(view, (), study.blobs)
    held = whole["workspaces"][whole["nodes"][node.id]["workspace"]]
    assert whole["files"][held["a.bin"]] == {"bytes": 3}
    assert whole["files"][held["b.py"]] == {"text": "0123456789", "bytes": 13}


def test_all_code_together_has_a_bound(study, monkeypatch):
    monkeypatch.setattr(made, "CODE_CHARACTERS", 1000)
    whole = trails(study.state, (), study.blobs)
    assert sum(len(f.get("text", "")) for f in whole["files"].values()) == 1000
    assert all("bytes" in f or f["text"] for f in whole["files"].values())


def test_a_missing_file_is_no_trail(study):
    view = fold([], study.state)
    node = next(iter(view.nodes.values()))
    view.nodes = {**view.nodes, node.id: structs.replace(node, workspace={"gone.py": "0" * 64})}
    with pytest.raises(JournalDamaged, match="missing"):
        trails(view, (), study.blobs)
