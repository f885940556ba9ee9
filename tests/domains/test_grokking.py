"""The network learns by its true gradient; runs are reproducible; events and censoring mean what they say."""

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest


class Beside:
    """The learner in this process, for tests that need no isolation."""

    def __init__(self, isolation) -> None:
        self.isolation, self.memory = isolation, np.zeros(1 << 20, np.float32)

    def begin(self, shapes, config, seed) -> None:
        self.run = self.isolation._Run(self.memory, shapes, config, seed)
        self.parameters = self.run.parameters

    def update(self, gradients) -> None:
        for shared, gradient in zip(self.run.gradients, gradients, strict=True):
            shared[:] = gradient
        self.run.update()


def task(grokking: SimpleNamespace, folder: Path, seed: int = 3, **changes: object):
    """A seed's table as the driver reads it, with its true labels and the size of the training set."""
    inputs, labels, size = grokking.prepare.make(seed, "", grokking.config | changes)
    grokking.prepare.write(folder, inputs, labels, size)
    return grokking.driver.Task(folder / "in"), labels, size


def shorten(grokking: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, horizon: int) -> None:
    for module in (grokking.schedule, grokking.evaluator):
        monkeypatch.setattr(module, "HORIZON", horizon)


# --- data ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["add", "subtract", "multiply", "divide", "sum_of_squares"])
def test_tables_hold_the_operation_under_other_names(grokking, operation: str) -> None:
    """Undoing the secret names must give back the operation: checked by counting, without knowing them."""
    inputs, labels, size = grokking.prepare.make(5, "", grokking.config | {"operation": operation})
    assert inputs.shape == (529, 2) and labels.shape == (529,) and size == 264
    table = np.zeros((23, 23), int)
    table[inputs[:, 0], inputs[:, 1]] = labels
    a, b = np.divmod(np.arange(529), 23)
    true = grokking.prepare.outcome(operation, a, b).reshape(23, 23)
    assert sorted(np.bincount(table.ravel())) == sorted(np.bincount(true.ravel(), minlength=23))

    def shape(t):
        return sorted(tuple(sorted(np.bincount(row, minlength=23))) for row in t)

    assert shape(table) == shape(true) and shape(table.T) == shape(true.T)


def test_division_inverts_multiplication(grokking) -> None:
    a, b = np.divmod(np.arange(529), 23)
    quotient = grokking.prepare.outcome("divide", a, b)
    assert (grokking.prepare.outcome("multiply", quotient, b)[b > 0] == a[b > 0]).all()


def test_naming_changes_the_names_of_second_inputs_and_nothing_else(grokking) -> None:
    """Pairs, split and labels are the same; under `shared` the table of a sum is its own mirror image."""
    config = grokking.config
    apart, shared = (grokking.prepare.make(5, "", config | {"naming": n}) for n in ("apart", "shared"))
    assert (apart[1] == shared[1]).all() and (apart[0][:, 0] == shared[0][:, 0]).all()
    renamed = {tuple(pair) for pair in zip(apart[0][:, 1], shared[0][:, 1], strict=True)}
    assert len(renamed) == len({old for old, _ in renamed}) == 23 and any(old != new for old, new in renamed)
    mirrored = []
    for inputs, labels, _ in (apart, shared):
        table = np.zeros((23, 23), int)
        table[inputs[:, 0], inputs[:, 1]] = labels
        mirrored.append((table == table.T).all())
    assert mirrored == [False, True]


@pytest.mark.parametrize("optimizer", ["adamw", "nadamw", "rmsprop", "sgd"])
def test_renaming_inputs_renames_rows_of_weights_at_every_update(grokking, optimizer: str) -> None:
    """Initial rows are drawn alike and independently, so the law of a run is the same under either naming.

    In double precision, where rounding does not grow to what could be seen within these updates.
    """
    config = grokking.config | {"optimizer": optimizer}
    rng, runs = np.random.default_rng(0), []
    first, second = rng.normal(0, 0.7, (46, 24)), rng.normal(0, 0.2, (24, 23))
    named = [grokking.prepare.make(5, "", config | {"naming": n}) for n in ("apart", "shared")]
    moved = np.arange(46)  # the row that an input has under `apart`, by that under `shared`
    moved[23 + named[1][0][:, 1].astype(int)] = 23 + named[0][0][:, 1].astype(int)
    for (inputs, labels, size), rows in zip(named, (np.arange(46), moved), strict=True):
        seen = grokking.network.one_hot(inputs, 23).astype(np.float64)
        objective = grokking.network.Objective(seen[:size], labels[:size], 23)
        weights = [first[rows].copy(), second.copy()]
        state = grokking.learner.start(weights, config)
        for step in range(1, 61):
            grokking.learner.update(weights, objective.gradient(weights), state, config, step)
        runs.append((weights[0], grokking.network.logits(weights, seen)))
    assert np.abs(runs[0][0] - first).max() > 0.05  # it has learnt something
    assert np.allclose(runs[0][0][moved], runs[1][0], atol=1e-6)
    assert np.allclose(runs[0][1], runs[1][1], atol=1e-4)


def test_seed_and_salt_each_give_another_table(grokking) -> None:
    tables = [
        grokking.prepare.make(*key, grokking.config)[1].tobytes() for key in ((1, ""), (2, ""), (1, "x"))
    ]
    assert len(set(tables)) == 3
    assert grokking.prepare.make(1, "", grokking.config)[1].tobytes() == tables[0]


def test_what_a_program_is_given_holds_no_held_out_label(grokking, tmp_path: Path) -> None:
    seen, labels, size = task(grokking, tmp_path)
    assert len(seen.labels) == size < len(labels)
    assert {p.name for p in (tmp_path / "in").iterdir()} == {"inputs.npy", "labels.npy", "commitment.txt"}


# --- network and learner ------------------------------------------------------------------------------


def test_gradient_equals_finite_differences(grokking) -> None:
    rng = np.random.default_rng(0)
    inputs, labels, _ = grokking.prepare.make(1, "", grokking.config)
    rows = grokking.network.one_hot(inputs, 23)[:60].astype(np.float64)
    objective = grokking.network.Objective(rows, labels[:60], 23)
    parameters = [rng.normal(0, 0.4, (46, 7)), rng.normal(0, 0.4, (7, 23))]
    for array, gradient in zip(parameters, objective.gradient(parameters), strict=True):
        for index in [tuple(rng.integers(0, n) for n in array.shape) for _ in range(25)]:
            kept, step = array[index], 1e-5
            array[index] = kept + step
            above = objective.value(parameters)
            array[index] = kept - step
            below = objective.value(parameters)
            array[index] = kept
            assert gradient[index] == pytest.approx((above - below) / (2 * step), rel=1e-4, abs=1e-7)


def test_one_hot_names_both_tokens(grokking) -> None:
    rows = grokking.network.one_hot(np.array([[0, 22], [7, 7]], np.uint8), 23)
    assert rows.sum() == 4 and rows[0, 0] == rows[0, 45] == rows[1, 7] == rows[1, 30] == 1


@pytest.mark.parametrize("optimizer", ["adamw", "nadamw", "rmsprop", "sgd"])
def test_every_rule_descends(grokking, tmp_path: Path, optimizer: str) -> None:
    seen, _, _ = task(grokking, tmp_path)
    rows = grokking.network.one_hot(seen.inputs, 23)
    objective = grokking.network.Objective(rows[: len(seen.labels)], seen.labels, 23)
    learner = Beside(grokking.isolation)
    learner.begin([(46, 96), (96, 23)], grokking.config | {"optimizer": optimizer}, 1)
    before = objective.value(learner.parameters)
    for _ in range(60):
        learner.update(objective.gradient(learner.parameters))
    assert objective.value(learner.parameters) < 0.5 * before


def test_weight_decay_is_decoupled(grokking) -> None:
    """Without a gradient the weights shrink by 1 - learning rate * weight decay, whatever the rule."""
    for rule in grokking.learner.RULES:
        parameters = [np.ones((2, 2), np.float32)]
        state = grokking.learner.start(parameters, {})
        config = {"optimizer": rule, "learning_rate": 0.1, "weight_decay": 0.5}
        grokking.learner.update(parameters, [np.zeros((2, 2), np.float32)], state, config, 1)
        assert parameters[0] == pytest.approx(0.95)


@pytest.mark.parametrize("distribution", ["normal", "uniform"])
def test_initial_scale_is_the_standard_deviation(grokking, distribution: str) -> None:
    config = grokking.config | {"init_scale": 2.0, "init_distribution": distribution}
    first, second = grokking.learner.initialise([(46, 400), (400, 23)], config, np.random.default_rng(0))
    assert first.std() == pytest.approx(2 / np.sqrt(2), rel=0.03)
    assert second.std() == pytest.approx(2 / np.sqrt(400), rel=0.03)
    assert first.dtype == second.dtype == np.float32


# --- runs ---------------------------------------------------------------------------------------------


def test_it_groks_and_stopping_early_changes_nothing(grokking, tmp_path: Path, monkeypatch) -> None:
    """The commitment lets the driver stop; a driver that never stops must lead to the same measurements."""
    shorten(grokking, monkeypatch, 1000)
    seen, labels, size = task(grokking, tmp_path, train_fraction=0.7)
    config = grokking.config | {"train_fraction": 0.7}
    short = grokking.driver.train(Beside(grokking.isolation), seen, config)
    seen.commitment = "never"
    full = grokking.driver.train(Beside(grokking.isolation), seen, config)
    assert len(short[0]) < len(full[0]) == len(grokking.schedule.checks())
    assert (full[1][: len(short[1])] == short[1]).all()
    rows = [scored(grokking, tmp_path / name, run, labels, size) for name, run in (("a", short), ("b", full))]
    assert rows[0] == rows[1]
    found = {metric: value for metric, value, *_ in rows[0]}
    assert (
        found["updates_to_fit"] < 100 and 4 * found["updates_to_fit"] < found["updates_to_generalise"] < 1000
    )


def scored(grokking, folder: Path, run: tuple, labels: np.ndarray, size: int) -> list[tuple]:
    """Write a run's artefacts and evaluate them."""
    (folder / "artefacts" / "3").mkdir(parents=True)
    (folder / "heldout" / "3").mkdir(parents=True)
    np.save(folder / "artefacts/3/updates.npy", run[0])
    np.save(folder / "artefacts/3/predictions.npy", run[1])
    np.save(folder / "heldout/3/labels.npy", labels)
    np.save(folder / "heldout/3/size.npy", np.array(size))
    request = {"artefacts": str(folder / "artefacts"), "heldout": str(folder / "heldout")}
    return grokking.evaluator.judge(3, request)[0]


def test_seeds_do_not_depend_on_company(grokking, tmp_path: Path, monkeypatch) -> None:
    """Bit for bit: seeds run one after the other and share nothing."""
    monkeypatch.setattr(grokking.driver, "checks", lambda: [0, 5, 20, 40])
    tasks = {seed: task(grokking, tmp_path / str(seed), seed)[0] for seed in (3, 4)}
    together = grokking.driver.train_all(Beside(grokking.isolation), tasks, grokking.config)
    alone = grokking.driver.train_all(Beside(grokking.isolation), {4: tasks[4]}, grokking.config)
    assert together[4][1].tobytes() == alone[4][1].tobytes() != together[3][1].tobytes()


def test_isolated_learner_gives_the_same_bits(grokking, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(grokking.driver, "checks", lambda: [0, 5, 20, 40])
    monkeypatch.setattr(grokking.isolation, "_shield", lambda: None)  # this process must stay as it is
    seen = task(grokking, tmp_path)[0]
    learner = grokking.isolation.Learner()
    apart = grokking.driver.train(learner, seen, grokking.config)
    learner.close()
    beside = grokking.driver.train(Beside(grokking.isolation), seen, grokking.config)
    assert apart[1].tobytes() == beside[1].tobytes()


# --- the evaluator's definitions ----------------------------------------------------------------------


def accuracy(grokking, **spans: float) -> tuple[np.ndarray, np.ndarray]:
    """A curve of zeros with the given values from the given updates on: `u300=0.995`."""
    updates = np.array(grokking.schedule.checks())
    curve = np.zeros(len(updates))
    for name, value in spans.items():
        curve[updates >= int(name[1:])] = value
    return updates, curve


def test_an_event_must_last_a_window(grokking) -> None:
    sustained = grokking.evaluator.sustained
    assert sustained(*accuracy(grokking, u300=0.99)) == 300
    assert sustained(*accuracy(grokking, u300=1.0, u480=0.98, u600=1.0)) == 600
    assert sustained(*accuracy(grokking, u300=1.0, u520=0.5)) == 300
    assert sustained(*accuracy(grokking, u300=0.9899)) is None


def test_events_count_up_to_the_horizon(grokking) -> None:
    sustained = grokking.evaluator.sustained
    horizon = grokking.schedule.HORIZON
    assert sustained(*accuracy(grokking, **{f"u{horizon}": 1.0})) == horizon
    assert sustained(*accuracy(grokking, **{f"u{horizon + 20}": 1.0})) is None


def test_censored_undefined_and_observed(grokking) -> None:
    horizon = grokking.schedule.HORIZON

    def rows(fit, generalised):
        return {name: rest for name, *rest in grokking.evaluator.measure(fit, generalised, 0.5)}

    assert rows(40, 840)["lag"] == [800, "observed", None]
    assert rows(40, 840)["lag_ratio"] == [21.0, "observed", None]
    assert rows(40, None)["updates_to_generalise"] == [horizon, "censored", horizon]
    assert rows(40, None)["lag"] == [horizon - 40, "censored", horizon - 40]
    assert rows(None, None)["lag"] == [None, "undefined", None]
    assert rows(None, None)["updates_to_fit"] == [horizon, "censored", horizon]


def test_the_description_and_the_code_agree(grokking, blobs) -> None:
    from novum.domains import find_domain, load_domain

    domain = load_domain(find_domain("grokking"), blobs)
    timed = [metric for metric in domain.metrics if metric.kind == "time_to_event"]
    assert {metric.horizon for metric in timed} == {grokking.schedule.HORIZON}
    assert domain.primary.margin == grokking.schedule.WINDOW
    assert {metric.name for metric in domain.metrics} == set(grokking.evaluator.METRICS)
    assert domain.baseline == grokking.config
    assert set(domain.factor("optimizer").levels) == set(grokking.learner.RULES)


def test_commitment_is_the_hash_of_all_labels(grokking, tmp_path: Path) -> None:
    seen, labels, _ = task(grokking, tmp_path)
    assert seen.commitment == hashlib.sha256(labels.tobytes()).hexdigest()
    assert seen.solved_by(labels)
    labels[-1] ^= 1
    assert not seen.solved_by(labels)


def test_known_findings_name_real_settings(blobs) -> None:
    """`findings.toml` is for `novum bench`; here only that it fits the domain."""
    import tomllib

    from novum.domains import find_domain, load_domain

    folder = find_domain("grokking")
    domain = load_domain(folder, blobs)
    for finding in tomllib.loads((folder / "findings.toml").read_text())["finding"]:
        assert domain.metric(finding["metric"])
        for arm in (finding["a"], finding["b"]):
            assert all(level in domain.factor(name).levels for name, level in arm.items()), json.dumps(arm)
