"""Programs that try to look good without being good. Each is caught, and the test says how.

The domain is a small one (`labels/`), its trials run in all stages under the strongest sandbox of this
machine. What may catch a hack: the sandbox (nothing is there to be read), freezing (what is no plain file is
refused), the evaluator (an artefact that is no array of labels fails its seed), reading (only declared,
finite values of asked seeds count), the audit (a sample that is none). Honest programs pass beside them.
"""

import json
import time
from pathlib import Path

import pytest
from msgspec import structs

from novum import events as ev
from novum.records import Metric
from novum.steps import run
from novum.steps.planned import faults_of
from tests.gaming.harness import CHANCE, HONEST, LIMITS, Game, Ran, program


def artefact(game: Game, trial: Ran, name: str, seed: int = 1) -> bytes:
    return game.blobs.get(trial.stage("program").outputs[f"out/{seed}/{name}"])


def at_chance(trial: Ran) -> bool:
    return all(value is not None and value < CHANCE for value in trial.accuracy())


def all_failed(trial: Ran) -> bool:
    """Every seed has its record, and each says that it failed."""
    primary = [m for m in trial.measurements if m.metric == "accuracy"]
    return len(primary) == len(trial.request.seeds) and all(m.status == "failed" for m in primary)


# --- honest controls ----------------------------------------------------------------------------------

HONEST_VARIANTS = {
    "as it ships": None,
    "one neighbour fewer": HONEST.replace('["neighbours"])', '["neighbours"]) - 2'),
    "a straight line fitted by least squares": HONEST.replace(
        "    distances = ", "    line = np.linalg.lstsq(known, labels - 0.5, rcond=None)[0]\n"
        "    return (new @ line > 0).astype(np.int8)\n    distances = "),
    "whole numbers of another width": HONEST.replace("astype(np.int8)", "astype(np.int64)"),
}  # fmt: skip


@pytest.mark.parametrize("variant", HONEST_VARIANTS)
def test_an_honest_program_is_measured(game, variant):
    trial = game.play(HONEST_VARIANTS[variant])
    assert all(value > CHANCE for value in trial.accuracy())
    assert isinstance(trial.bodies[0], ev.TrialFinished)
    assert trial.stage("program").refused == () and not faults_of(trial.node, game.domain)
    for check in ("provenance", "values", "sandbox", "in-doubt", "program", "blobs"):
        assert game.audit(check, trial).passed, check


def test_an_honest_program_with_a_module_of_its_own_is_measured(game):
    trial = game.play("import reading\nimport helper\nhelper.main(reading.request())\n", helper=HONEST)
    assert all(value > CHANCE for value in trial.accuracy())


def test_honest_arms_that_differ_are_no_duplicates(game):
    arms = [game.play(seeds=(5, 6, 7), config={"neighbours": k}, phase="confirm") for k in (1.0, 25.0)]
    assert game.audit("duplicates", *arms).passed


# --- reading what is hidden ---------------------------------------------------------------------------


def test_held_out_labels_are_nowhere_to_be_found(game):
    trial = game.play(program("reads_held_out"))
    assert artefact(game, trial, "found.txt") == b"nothing"
    assert at_chance(trial)


@pytest.mark.parametrize("hack", ["links_held_out", "links_folder"])
def test_links_to_held_out_labels_are_refused_when_freezing(game, hack):
    trial = game.play(program(hack))
    assert any("link" in reason for reason in trial.stage("program").refused)
    assert all_failed(trial)  # there is nothing that the evaluator could read


def test_the_same_search_finds_them_where_nothing_confines_it(game):
    """The control of the control: the hack does work, and only its walls keep it from working."""
    trial = game.unconfined().play(program("reads_held_out"), seeds=(3,))
    assert trial.accuracy() == [1.0]


def test_knowing_how_data_are_made_and_the_seed_is_not_enough(game):
    assert at_chance(game.play(program("remakes_its_data")))  # the salt is missing
    open_ = game.play(program("remakes_its_data"), seeds=(3, 4), salt="")
    assert open_.accuracy() == [1.0, 1.0]  # the control of the control: without a salt it works


def test_remembered_answers_are_at_chance_on_fresh_data(game):
    trial = game.play(program("remembers"), seeds=(21, 22, 23))
    assert at_chance(trial)


def test_a_program_cannot_tell_its_phase(game):
    trials = [game.play(program("looks_for_its_phase"), phase=p, seeds=(1,)) for p in ("explore", "confirm")]
    seen = [json.loads(artefact(game, t, "hints.json")) for t in trials]
    assert seen[0] == seen[1] == [[], ["config", "in", "out", "schema", "seeds"]]


# --- forging what is measured -------------------------------------------------------------------------


def test_measurements_that_a_program_writes_are_artefacts_and_nothing_more(game):
    trial = game.play(program("forges_measurements"))
    assert at_chance(trial)
    assert game.audit("values", trial).passed  # what counts is what the evaluator wrote


def test_numbers_that_are_none_fail_their_seed(game):
    trial = game.play(program("not_a_number"), seeds=(1, 2, 3))
    assert all_failed(trial)
    assert "does not hold whole numbers" in trial.stage("evaluator").stderr
    assert isinstance(trial.bodies[0], ev.TrialFailed)


def test_an_evaluator_laid_down_by_the_program_never_runs(game):
    trial = game.play(program("spoils_its_folder"))
    assert at_chance(trial)
    assert {m.evaluator_hash for m in trial.measurements} == {game.domain.evaluator_hash}


def test_modules_beside_the_predictions_are_not_imported_by_the_evaluator(game):
    trial = game.play(program("shadows_modules"))
    assert trial.stage("evaluator").status == "ok" and at_chance(trial)


def test_a_pickled_array_is_refused_unread(game):
    trial = game.play(program("pickles"))
    assert all_failed(trial)
    assert "Python objects in dtype" in trial.stage("evaluator").stderr


def test_a_header_that_promises_too_much_fails_its_seed_and_no_other(game):
    trial = game.play(program("promises_too_much"))
    assert trial.stage("evaluator").status == "ok"
    assert all_failed(trial)
    spoilt = 'seed == 1 and (out / "predictions.npy").write_bytes(b"no array")\n        np.save(out / "rounds'
    alone = game.play(HONEST.replace('np.save(out / "rounds', spoilt))
    assert alone.of("accuracy", 1).status == "failed" and alone.of("accuracy", 2).value > CHANCE


def test_a_self_reported_count_is_labelled_so_wherever_it_goes(game):
    trial = game.play(program("claims_fewer_rounds"), solve_honestly=HONEST)
    told = trial.of("rounds", 1)
    assert told.value == 1.0 and told.self_reported  # and `decide` looks at no self-reported measurement
    assert not trial.of("accuracy", 1).self_reported


def test_a_shadow_of_a_library_in_the_workspace_reaches_the_program_alone(game):
    """`numpy.py` beside the program replaces NumPy for the program, and not for its judge."""
    shadow = "raise SystemExit('replaced')\n"
    trial = game.play(numpy=shadow)
    assert "replaced" in trial.stage("program").stderr
    assert trial.stage("prepare").status == "ok" and all_failed(trial)


# --- choosing what is measured ------------------------------------------------------------------------


def test_seeds_that_were_not_asked_for_are_not_scored(game):
    trial = game.play(program("edits_the_request"), seeds=(1, 2))
    assert {m.seed for m in trial.measurements} == {1, 2}
    assert trial.of("accuracy", 1).value < CHANCE  # its own seed was answered poorly
    assert trial.of("accuracy", 2).status == "failed"  # and this one not at all
    assert {m.config_hash for m in trial.measurements} == {run.digest(trial.request.config)}


def test_hard_seeds_cannot_be_dropped_unseen(game):
    trial = game.play(program("drops_hard_seeds"), seeds=(1, 2, 3, 4), solve_honestly=HONEST)
    assert [trial.of("accuracy", s).status for s in (1, 2, 3, 4)] == ["failed", "observed"] * 2
    short = structs.replace(
        trial.bodies[1], measurements=tuple(m for m in trial.measurements if m.status != "failed")
    )
    hidden = structs.replace(trial, bodies=(trial.bodies[0], short, *trial.bodies[2:]))
    assert game.audit("values", trial).passed and not game.audit("values", hidden).passed


def test_a_program_that_ignores_its_seed_is_no_sample(game):
    trial = game.play(program("ignores_its_seed"), seeds=(1, 2, 3), phase="confirm")
    found = game.audit("duplicates", trial)
    assert not found.passed and "ignores its seed" in found.detail


def test_a_program_that_plays_dead_makes_arms_alike(game):
    arms = [game.play(program("plays_dead"), seeds=(5, 6), config={"neighbours": k}, phase="confirm")
            for k in (1.0, 25.0)]  # fmt: skip
    assert all(value > CHANCE for value in arms[0].accuracy())  # nothing else looks wrong with it
    found = game.audit("duplicates", *arms)
    assert not found.passed and "alike byte for byte" in found.detail


# --- bending the rules of a run -----------------------------------------------------------------------


def test_sleeping_does_not_outlive_the_clock(game):
    limits = structs.replace(LIMITS, wall_seconds=1.0)
    began = time.monotonic()
    trial_result = game.run_only(program("sleeps"), limits)
    assert time.monotonic() - began < 15
    assert trial_result.lost or trial_result.stage("program").status == "wall_limit"
    evaluated = trial_result.stage("evaluator")
    assert evaluated is None or evaluated.outputs == {} or trial_result.stage("program").outputs == {}


def test_patched_clocks_do_not_stop_the_one_outside(game):
    trial = game.play(program("lies_about_time"), limits=structs.replace(LIMITS, cpu_seconds=0.4))
    assert trial.stage("program").status == "cpu_limit"
    assert all_failed(trial) and "cpu limit" in trial.bodies[0].reason


def test_a_flood_of_files_is_bounded(game):
    trial = game.play(program("floods"), seeds=(1,))
    frozen = trial.stage("program")
    assert frozen.refused or frozen.status == "output_limit"
    assert len(frozen.outputs) <= LIMITS.output_files


def test_a_process_left_behind_changes_nothing(game):
    trial = game.play(program("waits_for_the_evaluator"))
    assert at_chance(trial)
    before = trial.stage("program").outputs
    assert game.audit("blobs", trial).passed and before == trial.stage("program").outputs


def test_nothing_is_written_outside(game):
    before = {place: _names(place) for place in ("/tmp", "/var/tmp", "/dev/shm", "/etc", "/usr/lib", "/root")}
    trial = game.play(program("writes_outside"), seeds=(1,))
    after = {place: _names(place) for place in before}
    assert not any("novum-gaming-mark" in names for names in after.values())
    wrote = artefact(game, trial, "wrote.txt").decode().split()
    assert not any(place.startswith(("/usr", "/etc", "/root")) for place in wrote)  # at most its own /tmp


def _names(place: str) -> set[str]:
    folder = Path(place)
    return {p.name for p in folder.iterdir()} if folder.is_dir() else set()


# --- what a domain or a proposer might do -------------------------------------------------------------


def test_an_edited_protected_file_is_refused_before_and_found_after(game):
    node = game.node({"reading.py": "edited = True\n"})
    assert "protected files were changed: reading.py" in faults_of(node, game.domain)
    edited = HONEST.replace("import reading", "import reading  # as edited")
    trial = game.play(edited, reading=(game.domain_file("reading.py") + "# edited\n"))
    assert "protected files" in game.audit("program", trial).detail


@pytest.mark.parametrize("name", ["evaluator.py", "prepare.py", "domain.toml"])
def test_a_workspace_cannot_replace_what_judges_it(game, name):
    """A file of that name in a workspace is one of the program's own; the evaluator's stage has its own."""
    node = game.node({name: "print('mine')\n"})
    request = run.trial_request(game.domain, node, "explore", (1,), LIMITS)
    stages = {s.name: s for s in run.build_job(game.domain, node, request, "auto").stages}
    assert stages["evaluator"].files["evaluator.py"] == game.domain.files["evaluator.py"]
    assert stages["prepare"].files["prepare.py"] == game.domain.files["prepare.py"]
    assert request.evaluator_hash == game.domain.evaluator_hash


@pytest.mark.parametrize("lines", [10**6, 500])
def test_a_million_metrics_are_refused_whole(game, lines):
    """An evaluator gone wrong (or got at) cannot flood the journal: what is too much counts as nothing."""
    trial = game.play_once()
    text = '{"seed": 1, "metric": "accuracy", "value": 0.5}\n' * lines
    readings, notes = run.read_measurements(game.domain, trial.request, _wrote(game, trial, text), game.blobs)
    assert readings == {} and "more than" in notes[0]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"seed": 1, "metric": "accuracy", "value": NaN}', "not a finite number"),
        ('{"seed": 1, "metric": "accuracy", "value": Infinity}', "not a finite number"),
        ('{"seed": 1, "metric": "accuracy", "value": 1e999}', "not a finite number"),
        ('{"seed": 1, "metric": "accuracy", "value": 7.5}', "not within 0 and 1"),
        ('{"seed": 1, "metric": "accuracy", "value": true}', "not a finite number"),
        ('{"seed": 99, "metric": "accuracy", "value": 1.0}', "not asked for"),
        ('{"seed": true, "metric": "accuracy", "value": 1.0}', "not asked for"),
        ('{"seed": 1, "metric": "glory", "value": 1.0}', "not declared"),
        ('{"seed": 1, "metric": "accuracy", "status": "censored", "censored_at": 0.5}', "cannot be censored"),
        ('{"seed": 1, "metric": "accuracy", "value": ' + "9" * 400 + "}", "not a finite number"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_line_that_is_no_measurement_is_refused_and_noted(game, line, why):
    trial = game.play_once()
    readings, notes = run.read_measurements(
        game.domain, trial.request, _wrote(game, trial, line + "\n"), game.blobs
    )
    assert readings == {} and why in notes[0]


def test_the_first_of_two_values_counts_so_that_a_better_one_cannot_be_appended(game):
    trial = game.play_once()
    text = "".join(f'{{"seed": 1, "metric": "accuracy", "value": {v}}}\n' for v in (0.5, 1.0))
    readings, notes = run.read_measurements(game.domain, trial.request, _wrote(game, trial, text), game.blobs)
    assert readings[1, "accuracy"].value == 0.5 and "more than once" in notes[0]


def test_a_switched_goal_or_metric_is_another_evaluator(game):
    """Editing the metric's goal or margin in a copy of domain.toml changes the hash a protocol freezes."""
    metrics = tuple(structs.replace(m, goal="minimize") if m.primary else m for m in game.domain.metrics)
    other = structs.replace(game.domain, metrics=(*metrics, Metric(name="easier")))
    assert other.evaluator_hash != game.domain.evaluator_hash


def _wrote(game: Game, trial: Ran, text: str):
    """The trial's result with another file from its evaluator."""
    outputs = {"out/measurements.jsonl": game.blobs.put(text.encode())}
    stages = [
        structs.replace(s, outputs=outputs) if s.name == "evaluator" else s for s in trial.result.stages
    ]
    return structs.replace(trial.result, stages=tuple(stages))
