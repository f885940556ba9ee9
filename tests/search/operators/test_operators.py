"""Numbers are found and moved within their kind; edits come apart and together; a search without a model."""

import ast
import random
import statistics
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from novum.program import PROGRAM, level_of, with_program
from novum.records import Commission, Factor, Measurement, Node, Proposal
from novum.search.operators import fingerprint, make_node
from novum.search.operators.changes import changes, joined, made, overlap
from novum.search.operators.literals import identities, literals, moved, replaced, template, way
from novum.search.operators.surrogate import most_promising
from novum.search.operators.tuner import FIRST, Recorded, guilty, limits, step_size, tuned
from novum.search.programs import make_program_policy
from novum.search.programs.history import history_of
from novum.search.programs.moves import WITHOUT_MODELS
from novum.state import State
from novum.steps.planned import faults_of
from novum.testing.memory import MemoryBlobs
from novum.testing.policies import begin
from novum.testing.programs import BUDGET, METRIC, programs_domain

TEXT = '''"""A learner with 7 words."""
RATE = 0.05  # 0.1 was worse
DEPTH, WIDTH = 3, -64
PLACES = [0.25, 0.5, 0.75]
SIGNED = [-1.5, 2.5]
TABLE = {4: 9.5}


def step(x: float, n: int = 12) -> float:
    return x[5] * 1 + f"{x:8.3f}".count("é") ** 2 - 1e-3 + "9" * 0
'''


def test_the_numbers_that_may_move_are_found_where_they_stand() -> None:
    found = [(TEXT.encode()[l.start : l.end].decode(), l.value) for l in literals(TEXT)]
    assert [value for _, value in found] == [0.05, 3, -64, 0.25, 0.5, 0.75, -1.5, 2.5, 9.5, 12, 1e-3]
    assert all(ast.literal_eval(text) == value for text, value in found)


def test_what_is_no_python_has_none() -> None:
    assert literals("a = (") == () and literals("x = 0.5\x00") == ()
    assert literals("a = " + "-" * 3000 + "5.5") == () and literals(f"mask = {10**400}") == ()


def test_other_values_stand_where_the_old_ones_stood() -> None:
    after = replaced(TEXT, {0: 0.5, 2: -3, 9: 40, 10: 2.5})
    assert (
        "RATE = 0.5  #" in after
        and "WIDTH = 3, -3\n" in after
        and "n: int = 40" in after
        and "- 2.5 +" in after
    )
    assert replaced(TEXT, {}) == TEXT and template(after) == template(TEXT) != template(TEXT + "y = 5.5\n")


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(1e-6, 1.0))
def test_a_move_keeps_kind_sign_and_bounds_and_the_form_of_the_program(seed: int, step: float) -> None:
    rng, before = random.Random(seed), literals(TEXT)
    after = tuned({"a.py": TEXT, "notes.md": "5.5"}, step, rng)
    assert after["notes.md"] == "5.5" and template(after["a.py"]) == template(TEXT)
    for old, new in zip(before, literals(after["a.py"]), strict=True):
        assert type(old.value) is type(new.value)
        assert old.scale or (old.value > 0) == (new.value > 0)
        assert old.low <= new.value <= old.high
        if not old.scale and 0 < old.value < 1:
            assert 0 < new.value < 1


KINDS = """import numpy as np

MOMENTUM = 0.9
BETAS = (0.9, 0.999)
SIZES = [64, 32, 10]
DROPOUT = 0.0
RATES = [0.0, 0.5, 3.0]
WIDTH = 64
"""


def test_however_often_numbers_are_moved_they_stay_of_their_kind() -> None:
    """A momentum never becomes 1, nor a size 0, by steps as long as there are, taken one upon another."""
    rng, files = random.Random(1), {"a.py": KINDS}
    for _ in range(400):
        before = literals(files["a.py"])
        files = tuned(files, 1.0, rng)
        after = {l.name: l.value for l in literals(files["a.py"])}
        for name in ("MOMENTUM", "BETAS[0]", "BETAS[1]"):
            assert 0 < after[name] < 1, name
        for name in ("SIZES[0]", "SIZES[1]", "SIZES[2]"):
            assert isinstance(after[name], int) and after[name] >= 1, name
        assert min(after["DROPOUT"], *(after[f"RATES[{k}]"] for k in range(3))) >= 0
        width = next(l.value for l in before if l.name == "WIDTH")
        assert 3 <= after["WIDTH"] <= max(2 * width, width + 1)


STRUCTURE = """import numpy as np
SEED = 42
rng = np.random.default_rng(7)
other = np.random.Generator(np.random.PCG64(seed=11))
x = np.zeros((28, 28)).reshape(7, 112).sum(axis=5) + 0.25
every = 100 if x.ndim == 4 and y > 50 % 12 else 200
config = {"version": 3, "rate": 0.125, 5: "five"}
rate, depth = config.get("rate", 0.5), 6
print(round(x, 4), json.dumps(config, indent=8), flush=7 & 8)


def f(a, b=0.75, *, c=9):
    return a
"""


def test_what_is_structure_rather_than_setting_is_left_alone() -> None:
    found = [(l.name, l.value) for l in literals(STRUCTURE)]
    assert found == [("", 0.25), ("", 100), ("", 50), ("", 200), ("rate", 0.125), ("rate", 0.5),
                     ("depth", 6), ("", 7), ("b", 0.75), ("c", 9)]  # fmt: skip


def test_a_number_called_as_a_factor_stays_within_what_the_factor_may_be() -> None:
    text = "LEARNING_RATE = 0.05\nlayers = 4\nmode = 3\nfree = 0.5\nf(learning_rate=0.7)\n"
    factors = (
        Factor(name="learning-rate", range=(0.01, 0.1), scale="log", baseline=0.05),
        Factor(name="layers", levels=(3, 4, 5), kind="ordinal", baseline=4),
        Factor(name="mode", levels=(3, 4), kind="categorical", baseline=3),
    )
    rng, files, seen = random.Random(2), {"a.py": text}, []
    for _ in range(400):
        files = tuned(files, 1.0, rng, limits(factors))
        seen.append([l.value for l in literals(files["a.py"])])
    rates, layers, modes, free, outside = zip(*seen, strict=True)
    assert 0.01 <= min(rates) < 0.02 and 0.08 < max(rates) <= 0.1
    assert set(layers) == {3, 4, 5} and set(modes) == {3} and set(outside) == {0.7}
    assert max(free) > 0.9


def test_a_number_is_known_again_after_edits_elsewhere() -> None:
    before = "a = 5\nb = [3, 4]\n"
    after = "import x\n\n\na = 7\nc = 9.5\nb = [3, 6]\n"
    assert identities(before) == (("a = \0", 0), ("b = [\0, \0]", 0), ("b = [\0, \0]", 1))
    assert set(identities(before)) < set(identities(after))


WHERE = [("a.py", (f"x{k} = \0", 0)) for k in range(5)]
DATA = [("a.py", ("DATA = [\0]", k)) for k in range(20)]


def test_the_guilty_are_those_that_failed_and_never_worked() -> None:
    assert guilty([]) == set()
    assert guilty([([WHERE[0]], False), ([WHERE[1]], True)]) == {WHERE[0]}
    assert guilty([(WHERE[:2], False), ([WHERE[1]], True)]) == {WHERE[0]}, "the other one is known to work"
    assert guilty([([WHERE[1]], True), ([WHERE[1]], False)]) == set(), "then it was the value"
    assert guilty([(WHERE, False)]) == set(), "nothing is said of five"
    assert guilty([(WHERE, False), (WHERE[:3], True)]) == set(WHERE[3:])
    assert guilty([([DATA[3]], False), (DATA, True)]) == set()
    assert guilty([([DATA[3]], False), ([DATA[19]], False)]) == set(), "numbers of a long list are data"


def test_a_whole_number_moves_by_one_at_least() -> None:
    width = literals("w = 64\n")[0]
    assert {moved(width, 1e-6, random.Random(k)) for k in range(20)} == {63, 65}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(1e-3, 1.0))
def test_the_way_to_where_a_number_was_moved_is_the_step_that_moved_it(seed: int, step: float) -> None:
    """But where a bound stopped it, or a number has to stay whole."""
    for literal in literals("a = 0.25\nb = 3.5\nc = -7.5\nd = [-1.5, 2.5]\n"):
        by = step * random.Random(seed).gauss(0.0, 1.0)
        new = moved(literal, step, random.Random(seed))
        assert new / literal.value > 0 or literal.scale
        halfway = new in [(literal.value + bound) / 2 for bound in (literal.low, literal.high)]
        assert halfway or way(literal, new) == pytest.approx(by, rel=1e-6, abs=1e-9)


def test_there_is_no_way_to_a_number_of_another_kind() -> None:
    share, large, zero = literals("a = 0.25\nb = 3.5\nc = 0.0\n")
    assert way(share, 1.5) is None and way(share, -0.1) is None and way(share, 1.0) is None
    assert way(large, -3.5) is None and way(large, 0.0) is None
    assert way(zero, 0.1) == pytest.approx(1.0)


def _bowl(files: dict[str, str]) -> float:
    return -sum((l.value - 0.5) ** 2 for l in literals(files["a.py"]))


def _gained(told: bool, seed: int) -> float:
    """Mean gain of a tuning on a bowl of six numbers, with a record of what was tried or without one."""
    rng, total = random.Random(seed), 0.0
    files = {"a.py": "X = [0.1, 0.9, 0.2, 0.8, 0.3, 0.9]\n"}
    record = [Recorded(one, _bowl(one)) for one in (tuned(files, 0.3, rng) for _ in range(20))]
    for _ in range(10):
        made = tuned(files, 0.3, rng, record=[Recorded(files, _bowl(files)), *record] if told else ())
        total += _bowl(made) - _bowl(files)
    return total / 10


def test_moves_that_heed_the_record_gain_more() -> None:
    wise, blind = (statistics.fmean(_gained(told, seed) for seed in range(5)) for told in (True, False))
    assert wise > 0.1 and wise > blind + 0.05


def test_what_is_under_way_is_not_tried_again() -> None:
    """Of two places that are alike the one is taken that nobody looks at."""
    known, scores = [[0.0], [2.0], [-2.0]], [1.0, 0.0, 0.0]
    assert most_promising(known, scores, [[0.5]], [[0.5], [-0.5]]) == 1
    assert most_promising(known, scores, [[-0.5]], [[0.5], [-0.5]]) == 0


def test_a_record_without_any_difference_tells_nothing_and_breaks_nothing() -> None:
    assert most_promising([[0.0]] * 5, [1.0] * 5, [], [[0.0], [1.0]]) in (0, 1)
    assert most_promising([[0.0], [1e-9], [1e9], [1e9]], [3.0, 3.0, 1e12, -1e12], [], [[2.0], [1.0]]) in (
        0,
        1,
    )


def test_steps_follow_the_one_fifth_rule() -> None:
    assert step_size([]) == FIRST
    assert step_size([True]) > FIRST > step_size([False])
    assert step_size(([True] + [False] * 4) * 5) == pytest.approx(FIRST)


def test_layout_comments_and_docstrings_make_no_other_program() -> None:
    tidy = "x = 1.0\n\n\ndef f():\n    return x\n"
    messy = '"""Words."""\nx   = 1.00 # one\ndef f():\n  "more"\n  return (x)\n'
    assert fingerprint({"a.py": tidy}) == fingerprint({"a.py": messy})
    assert fingerprint({"a.py": tidy}) != fingerprint({"a.py": tidy.replace("1.0", "1.5")})
    assert fingerprint({"a.py": tidy}) != fingerprint({"b.py": tidy})
    assert fingerprint({"a.txt": "x \n"}) == fingerprint({"a.txt": "x"}) != fingerprint({"a.txt": " x"})


LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d = 1\n"]), max_size=8).map("".join)


@settings(max_examples=30, deadline=None)
@given(LINES, LINES, LINES)
def test_changes_make_what_they_were_read_from_and_join_without_overlap(
    base: str, one: str, two: str
) -> None:
    first, second = changes(base, one), changes(base, two)
    assert made(base, first) == one and made(base, ()) == base
    both = joined(first, second)
    kept = both[len(first) :]
    assert both[: len(first)] == first and set(kept) <= set(second)
    assert not any(overlap(a, b) for a in first for b in kept)


# --- making nodes ---------------------------------------------------------------------------------------

PROGRAM_TEXT = (
    "import math\n\nPARAMS = [0.9, 0.1, 0.8, 0.2]\n\n\ndef a():\n    return 1\n\n\ndef b():\n    return 2\n"
)


def study(text: str = PROGRAM_TEXT) -> tuple[State, MemoryBlobs, Node]:
    """A study of one program, its root explored."""
    blobs = MemoryBlobs()
    domain = programs_domain()
    files = domain.files | {"model.py": blobs.put(text.encode())}
    domain = with_program(structs.replace(domain, files=files))
    state = State(study="made", domain=domain, seed=3)
    root = Node.make("draft", "main", domain.workspace(), domain.baseline)
    add(state, root)
    return state, blobs, root


def add(state: State, node: Node) -> None:
    begin(state, Proposal(node=node))


def edited(state: State, blobs: MemoryBlobs, text: str, **config) -> Node:
    workspace = state.domain.workspace() | {"model.py": blobs.put(text.encode())}
    level = {PROGRAM: level_of(state.domain, workspace)}
    node = Node.make("improve", "main", workspace, state.domain.baseline | config | level)
    add(state, node)
    return node


def text_of(node: Node, blobs: MemoryBlobs) -> str:
    return blobs.get(node.workspace["model.py"]).decode()


def test_tuning_moves_numbers_alone_the_same_way_each_time_and_may_run() -> None:
    state, blobs, root = study()
    made_twice = [make_node(state, Commission.make(0, "tune", (root.id,)), blobs).node for _ in range(2)]
    node = made_twice[0]
    assert (
        node is not None and node == made_twice[1] and node.parents == (root.id,) and node.operator == "tune"
    )
    assert template(text_of(node, blobs)) == template(PROGRAM_TEXT) and text_of(node, blobs) != PROGRAM_TEXT
    assert faults_of(node, state.domain) == ""
    other = make_node(state, Commission.make(1, "tune", (root.id,)), blobs).node
    assert other is not None and other.id != node.id


def test_a_number_that_broke_a_program_is_not_moved_again_in_any_version() -> None:
    """Ten tunings of a program that only runs with one size; edits elsewhere do not make one forget."""
    text = "WIDTH = 64\nRATE = 0.5\n\n\ndef a():\n    return 1\n"
    state, blobs, root = study(text)

    def works(found: str) -> bool:
        return "WIDTH = 64\n" in found

    def outcomes(parent: Node, first: int, count: int) -> list[bool]:
        told = []
        for k in range(first, first + count):
            asked = Commission.make(k, "tune", (parent.id,))
            node = make_node(state, asked, blobs).node
            assert node is not None
            state.commissions[asked.id], state.made[asked.id] = asked, node.id
            add(state, node)
            told.append(works(text_of(node, blobs)))
            measure(state, blobs, lambda found: 1.0 if works(found) else None)
        return told

    measure(state, blobs, lambda found: 1.0)
    first = outcomes(root, 0, 10)
    assert not all(first) and all(first[first.index(False) + 2 :]), "it costs two failures at most"
    other = edited(state, blobs, text.replace("return 1", "return 5"))
    measure(state, blobs, lambda found: 1.0)
    assert all(outcomes(other, 10, 6))


def test_the_record_of_a_tuning_is_of_the_same_form_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure counts as the worst that works, what is under way has no score, others say nothing."""
    text = "WIDTH = 64\nRATE = 0.5\nDONE = 7\n"
    state, blobs, root = study(text)
    told: list[Sequence[Recorded]] = []

    def kept(files: dict[str, str], *rest: Any) -> dict[str, str]:
        told.append(rest[-1])
        return tuned(files, *rest)

    monkeypatch.setattr("novum.search.operators.maker.tuned", kept)
    for changed in ("WIDTH = 65", "WIDTH = 66", "WIDTH = 64  # words", "WIDTH = 64\nMORE = 5"):
        edited(state, blobs, text.replace("WIDTH = 64", changed))
    measure(state, blobs, lambda found: None if "66" in found else 2.0 if "65" in found else 1.0)
    edited(state, blobs, text.replace("64", "67"))
    assert make_node(state, Commission.make(9, "tune", (root.id,)), blobs).node is not None
    widths = {one.files["model.py"].split("\n")[0]: one.score for one in told[0]}
    assert widths == {"WIDTH = 64": 1.0, "WIDTH = 65": 2.0, "WIDTH = 66": 1.0, "WIDTH = 67": None}


def test_a_plan_names_the_numbers_that_it_moves() -> None:
    state, blobs, root = study("RATE = 0.5\n")
    node = make_node(state, Commission.make(0, "tune", (root.id,)), blobs).node
    assert node is not None
    value = text_of(node, blobs).removeprefix("RATE = ").strip()
    assert node.plan == f"numbers moved: RATE from 0.5 to {value}, by a step of up to 0.3"


def test_nothing_to_tune_and_nobody_to_draft_is_told() -> None:
    state, blobs, root = study("x = 1\n")
    assert (
        make_node(state, Commission.make(0, "tune", (root.id,)), blobs).reason == "there is nothing to tune"
    )
    assert "without a model" in make_node(state, Commission.make(1, "draft", (root.id,)), blobs).reason
    assert (
        make_node(state, Commission.make(2, "ablate", (root.id,)), blobs).reason
        == "there is nothing to ablate"
    )


def test_ablation_takes_one_thing_back_and_none_twice() -> None:
    state, blobs, _ = study()
    text = PROGRAM_TEXT.replace("return 1", "return math.pi").replace("return 2", "return math.e")
    parent = edited(state, blobs, text, size=5.0)
    found = []
    for k in range(3):
        node = make_node(state, Commission.make(k, "ablate", (parent.id,)), blobs).node
        assert node is not None
        add(state, node)
        found.append((node.config["size"], text_of(node, blobs)))
    wanted = {
        (1.0, text),
        (5.0, text.replace("return math.pi", "return 1")),
        (5.0, text.replace("return math.e", "return 2")),
    }
    assert set(found) == wanted
    fourth = make_node(state, Commission.make(3, "ablate", (parent.id,)), blobs)
    assert fourth.node is None and "is the program of node" in fourth.reason


def test_an_ablation_of_numbers_takes_one_number_back() -> None:
    state, blobs, _ = study()
    parent = edited(state, blobs, PROGRAM_TEXT.replace("0.9, 0.1", "0.7, 0.3"))
    node = make_node(state, Commission.make(0, "ablate", (parent.id,)), blobs).node
    assert node is not None and text_of(node, blobs).splitlines()[2] in (
        "PARAMS = [0.9, 0.3, 0.8, 0.2]", "PARAMS = [0.7, 0.1, 0.8, 0.2]")  # fmt: skip


def test_a_crossing_has_the_changes_of_both() -> None:
    state, blobs, _ = study()
    one = edited(state, blobs, PROGRAM_TEXT.replace("return 1", "return math.pi"))
    two = edited(state, blobs, PROGRAM_TEXT.replace("return 2", "return math.e"))
    node = make_node(state, Commission.make(0, "cross", (one.id, two.id)), blobs).node
    assert node is not None and "math.pi" in text_of(node, blobs) and "math.e" in text_of(node, blobs)
    assert node.parents == (one.id, two.id) and faults_of(node, state.domain) == ""


def test_a_crossing_of_numbers_takes_each_from_one_of_both() -> None:
    state, blobs, _ = study()
    one = edited(state, blobs, PROGRAM_TEXT.replace("0.9, 0.1, 0.8, 0.2", "0.1, 0.2, 0.3, 0.4"))
    two = edited(state, blobs, PROGRAM_TEXT.replace("0.9, 0.1, 0.8, 0.2", "0.6, 0.7, 0.8, 0.9"))
    node = make_node(state, Commission.make(0, "cross", (one.id, two.id)), blobs).node
    assert node is not None
    values = [l.value for l in literals(text_of(node, blobs))]
    pairs = ((0.1, 0.6), (0.2, 0.7), (0.3, 0.8), (0.4, 0.9))
    assert all(value in pair for value, pair in zip(values, pairs, strict=True))


def test_crossing_what_is_the_same_gives_no_node() -> None:
    state, blobs, _ = study()
    one = edited(state, blobs, PROGRAM_TEXT.replace("return 1", "return 3"))
    two = edited(state, blobs, PROGRAM_TEXT.replace("return 1", "return 3  # three"))
    outcome = make_node(state, Commission.make(0, "cross", (one.id, two.id)), blobs)
    assert outcome.node is None and "is the program of node" in outcome.reason


# --- a search ---------------------------------------------------------------------------------------------


def score(text: str) -> float:
    """How near the numbers of a program come to a place that nobody told."""
    values = [l.value for l in literals(text)]
    return -sum((v - goal) ** 2 for v, goal in zip(values, (0.31, 0.62, 0.13, 0.74), strict=True))


def measure(state: State, blobs: MemoryBlobs, scored: Callable[[str], float | None] = score) -> None:
    for trial in state.trials.values():
        if trial.status == "running":
            trial.status = "done"
            value = scored(text_of(state.nodes[trial.node], blobs))
            state.measurements[trial.id] = Measurement(
                id=trial.id, metric=METRIC.name, value=value, unit="", status="observed", censored_at=None,
                self_reported=False, node=trial.node, trial=trial.id, phase="explore", seed=trial.seeds[0],
                config_hash="", evaluator_hash="", artefact_hash="",
            )  # fmt: skip


@pytest.mark.parametrize("name", ["broadening", "islands"])
def test_a_search_of_programs_without_any_model_gets_on(name: str) -> None:
    state, blobs, root = study()
    budget = structs.replace(BUDGET, explore_trials=70, explore_seeds=1)
    policy = make_program_policy(name, state.domain, budget, operators=WITHOUT_MODELS)
    while True:
        measure(state, blobs)
        proposals = policy.propose(state, random.Random(len(state.commissions)))
        if not proposals:
            break
        asked = proposals[0]
        assert isinstance(asked, Commission)
        state.commissions[asked.id] = asked
        outcome = make_node(state, asked, blobs)
        if outcome.node is None:
            state.abandoned[asked.id] = outcome.reason
            continue
        assert outcome.node.id not in state.nodes and faults_of(outcome.node, state.domain) == ""
        state.made[asked.id] = outcome.node.id
        add(state, outcome.node)
    seen = history_of(state, state.domain, 70)
    assert state.tried == 70 and seen.best is not None
    assert seen.best.score > score(PROGRAM_TEXT) / 5, "a fifth of the loss is left at most"
    assert {c.operator for c in seen.candidates if c.id != root.id} == set(WITHOUT_MODELS)
