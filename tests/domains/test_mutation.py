"""The network computes what it says, sensitivities are derivatives, safe mutations change outputs alike."""

import numpy as np
import pytest

from novum.domains import find_domain, load_domain
from tests.domains.programs import programs


@pytest.fixture
def mutation():
    with programs("mutation", "prepare", "recurrent", "search", "evolve", "evaluator") as modules:
        yield modules


@pytest.fixture
def config(blobs) -> dict:
    return load_domain(find_domain("mutation"), blobs).baseline


def test_a_network_reads_bit_by_bit(mutation) -> None:
    rng = np.random.default_rng(0)
    row = mutation.recurrent.initialise(rng, 4, 1)
    bits = rng.choice([-1.0, 1.0], (5, 3)).astype(np.float32)
    weights, biases, last, shift = row[:20].reshape(5, 4), row[20:24], row[24:28], row[28]
    state = np.zeros((5, 4))
    for step in bits.T:
        state = np.tanh(np.concatenate([step[:, None], state], 1) @ weights + biases)
    assert np.allclose(mutation.recurrent.outputs(row[None], bits, 4, 1)[0], state @ last + shift, atol=1e-5)


def test_a_second_layer_reads_the_states_of_the_first(mutation) -> None:
    rng = np.random.default_rng(3)
    rows = np.stack([mutation.recurrent.initialise(rng, 3, 2) for _ in range(2)])
    bits = rng.choice([-1.0, 1.0], (4, 5)).astype(np.float32)
    (first, a), (second, b), (last, c) = mutation.recurrent.unpack(rows, 3, 2)
    assert rows.shape[1] == mutation.recurrent.size(3, 2) == 4 * 3 + 3 + 6 * 3 + 3 + 3 + 1
    for k in range(2):
        low = high = np.zeros((4, 3))
        for step in bits.T:
            low = np.tanh(np.concatenate([step[:, None], low], 1) @ first[k] + a[k])
            high = np.tanh(np.concatenate([low, high], 1) @ second[k] + b[k])
        said = mutation.recurrent.outputs(rows, bits, 3, 2)[k]
        assert np.allclose(said, (high @ last[k] + c[k])[:, 0], atol=1e-5)


def test_whoever_counts_the_other_bit_is_right_at_every_length_measured(mutation) -> None:
    """Parities of ones and of minus ones differ by that of the length, which three times it shares."""
    for length in (5, 6, 7):
        config = {"length": length, "coding": "as_drawn"}
        given, kept = mutation.prepare.make(1, "", config)
        codes = [(-1) ** (p["bits"] > 0).sum(1) * p["answers"] for p in (given, kept)]
        assert len({*codes[0], *codes[1]}) == 1


def test_answers_are_parity_under_a_code_of_the_seed(mutation, config) -> None:
    codes = set()
    for seed in range(6):
        given, kept = mutation.prepare.make(seed, "", config)
        code = given["answers"] * given["bits"].prod(1)
        assert len(set(code)) == 1 and (kept["answers"] == code[0] * kept["bits"].prod(1)).all()
        assert given["bits"].shape == (64, 6) and kept["bits"].shape == (500, 18)
        codes.add(int(code[0]))
    assert codes == {-1, 1}


def test_sensitivity_is_the_size_of_the_derivative(mutation) -> None:
    rng = np.random.default_rng(1)
    row = mutation.recurrent.initialise(rng, 4, 1)
    bits = rng.choice([-1.0, 1.0], (16, 5)).astype(np.float32)
    last_bias = mutation.search.sensitivity(row, bits, (4, 1))[-1]
    assert last_bias == pytest.approx(1, abs=1e-3)  # the output's own bias moves it by as much


def test_safe_mutations_change_outputs_less_unevenly(mutation) -> None:
    """What is to be evened out is the spread, over networks, of the outputs' change under equal noise."""
    rng = np.random.default_rng(2)
    bits = rng.choice([-1.0, 1.0], (16, 6)).astype(np.float32)
    changes = {"plain": [], "safe_by_weight": []}
    for _ in range(40):
        row = mutation.recurrent.initialise(rng, 6, 1) * np.float32(rng.choice([0.5, 2.0]))
        noise = np.float32(0.002) * rng.standard_normal((40, len(row)), np.float32)
        for name, found in changes.items():
            scales = mutation.search.SCALES[name](bits, (6, 1))
            moved = row + (noise if scales is None else noise * scales(row))
            before = mutation.recurrent.outputs(row[None], bits, 6, 1)
            shift = mutation.recurrent.outputs(moved, bits, 6, 1) - before
            found.append(np.log(np.sqrt((shift**2).mean())))
    assert np.std(changes["safe_by_weight"]) < 0.7 * np.std(changes["plain"])


def test_the_search_learns_the_last_bit(mutation, config) -> None:
    mutation.prepare.WORLD["rule"] = "last"
    given, kept = mutation.prepare.make(1, "", config)
    weights = mutation.evolve.run(given, config | {"width": 4.0}, 1)["weights"]
    said = mutation.recurrent.outputs(weights[None], kept["bits"].astype(np.float32), 4, 1)[0]
    assert ((said > 0) == (kept["answers"] > 0)).mean() > 0.9


def test_bits_before_the_last_are_whispered_in_the_hidden_world_to_learners_alone(mutation, config) -> None:
    loud, _ = mutation.prepare.make(1, "", config)
    mutation.prepare.WORLD |= {"rule": "last", "loudness": 0.1}
    given, kept = mutation.prepare.make(1, "", config)
    assert np.allclose(given["bits"][:, :-1], 0.1 * loud["bits"][:, :-1])
    assert (abs(given["bits"][:, -1]) == 1).all() and (abs(kept["bits"]) == 1).all()
