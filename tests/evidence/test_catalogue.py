"""The catalogue: what it holds, that its ids name and do not count, and that it peeks at nothing."""

import random

import numpy as np
import pytest

from novum.canonical import digest
from novum.evidence import catalogue as c
from novum.evidence.claims import decide
from novum.evidence.derived.claims import of_claims
from novum.evidence.derived.study import of_settings, of_study
from novum.evidence.tables import MEASUREMENT_COLUMNS, claims_data, measurement_rows, measurements_csv
from tests.evidence.world import (
    BASE,
    DOMAIN,
    HORIZON,
    SEEDS,
    changed,
    contrast,
    protocol,
    sample,
    setting,
    state,
)

CLAIM = contrast("rmst_diff", "less", 50.0, metric="time")
FAST, SLOW = {**BASE, "decay": 1.0}, BASE


def study(finished: bool = True, shuffle: int | None = None):
    registered = protocol(CLAIM)
    rng = np.random.default_rng(1)
    times = np.minimum(rng.exponential([[700.0], [200.0]], (2, 8)), HORIZON).tolist()
    found = sample(registered.arms, "time", times)
    found += sample([setting(width=64.0), BASE], "time", [[300.0, 500.0], [400.0, None]], "explore")
    if not finished:
        found = [m for m in found if m.phase == "explore" or m.config_hash != digest(FAST)]
    if shuffle is not None:
        random.Random(shuffle).shuffle(found)
    decisions = decide(registered, found, SEEDS, DOMAIN)
    return state(found, registered, decisions={d.claim: d for d in decisions}), times


def test_arm_statistics_are_those_of_their_measurements():
    known, times = study()
    found = c.catalogue(known)
    slow = sorted(min(t, HORIZON) for t in times[0])
    assert found.centre("time", "confirm", SLOW).value == pytest.approx(np.mean(slow))
    spread = found.one(kind="sd", metric="time", phase="confirm", config=SLOW)
    assert spread.value == pytest.approx(np.std(slow, ddof=1))
    censored = found.one(kind="n_censored", metric="time", phase="confirm", config=SLOW)
    assert censored.value == sum(t >= HORIZON for t in times[0]) > 0
    assert len(censored.sources) == 8 and all(i in known.measurements for i in censored.sources)
    assert found.one(kind="max", metric="time", phase="confirm", config=SLOW).unit == "updates"


def test_an_unreached_median_has_no_value():
    registered = protocol(CLAIM)
    rows = [[HORIZON] * 6 + [100.0, 200.0], [100.0 + i for i in range(8)]]
    found = c.catalogue(state(sample(registered.arms, "time", rows), registered))
    assert found.one(kind="median", phase="confirm", config=SLOW).value is None
    assert found.one(kind="median", phase="confirm", config=FAST).value == 103.5


def test_claim_statistics_repeat_the_decision():
    known, _ = study()
    found, decision = c.catalogue(known), known.decisions[CLAIM.id]
    for kind, value in {
        "estimate": decision.estimate, "claim_low": decision.low, "verdict": decision.verdict,
        "level": 100 * decision.level, "p_adjusted": decision.p_adjusted, "margin": 50.0, "claim_n": 8,
        "cross_check_p": decision.cross_check_p,
    }.items():  # fmt: skip
        assert found.one(kind=kind, claim=CLAIM.id).value == value
    assert 0 <= found.one(kind="log_rank_p", claim=CLAIM.id).value <= 1
    assert found.one(kind="estimate", claim=CLAIM.id).sources == decision.measurements


def test_study_statistics_count():
    found = c.catalogue(study()[0])
    assert found.one(kind="trials", name="all", phase="explore").value == 2
    assert found.one(kind="seeds_run", phase="explore").value == 4
    assert found.one(kind="planned_n").value == 8
    best = found.one(kind="explored_best")
    assert best.value == 400.0 and best.config == setting(width=64.0)
    assert found.one(kind="config", name="decay", config=FAST).value == 1.0


def test_ids_name_what_they_are_of_whatever_the_order_or_value():
    straight = c.catalogue(study()[0])
    for k in range(4):
        mixed = c.catalogue(study(shuffle=k)[0])
        assert {i: s.value for i, s in mixed.statistics.items()} == {
            i: s.value for i, s in straight.statistics.items()
        }
    expected = c.statistic_id("restricted_mean", metric="time", phase="confirm", arm=digest(BASE))
    assert straight.get(expected).kind == "restricted_mean"


def test_ids_are_distinct():
    found = c.catalogue(study()[0])
    parts = [*of_study(study()[0]), *of_settings(study()[0]), *of_claims(study()[0])]
    names = {(s.kind, s.name, s.metric, s.phase, s.arm, s.claim) for s in parts}
    assert len({s.id for s in parts}) == len(names)
    assert all(found.get(s.id).value == s.value for s in parts)


def test_an_unfinished_confirmation_is_invisible():
    known, _ = study(finished=False)
    found = c.catalogue(known)
    assert not c.confirmation_complete(known)
    assert not found.find(phase="confirm", metric="time", kind="restricted_mean")
    assert found.find(phase="explore", kind="restricted_mean")
    hidden = next(m.id for m in known.measurements.values() if m.phase == "confirm")
    assert found.statistic(hidden) is None
    assert found.one(kind="estimate", claim=CLAIM.id).value is None


def test_measurements_are_citable_by_their_own_id():
    known, _ = study()
    m = next(m for m in known.measurements.values() if m.phase == "confirm")
    single = c.catalogue(known).get(m.id)
    assert (single.value, single.n, single.sources) == (m.value, 1, (m.id,))
    assert digest(single.config) == m.config_hash


def test_unknown_ids_and_fields_name_near_ones():
    found = c.catalogue(study()[0])
    near = next(iter(found.statistics))
    with pytest.raises(KeyError, match=near):
        found.get(near[:-1] + "x")
    with pytest.raises(KeyError, match="restricted_mean"):
        found.one(kind="restricted_maen")
    with pytest.raises(KeyError, match="no field"):
        found.find(knid="n")


def test_a_duplicate_seed_counts_once_in_the_arm_too():
    registered = protocol(CLAIM)
    rows = [[100.0 * i for i in range(1, 9)], [50.0 * i for i in range(1, 9)]]
    found = sample(registered.arms, "time", rows)
    found[1] = changed(found[1], artefact_hash=found[0].artefact_hash)
    told = c.catalogue(state(found, registered))
    assert told.one(kind="n", phase="confirm", config=SLOW).value == 7
    assert told.one(kind="n_duplicates", phase="confirm", config=SLOW).value == 1


def test_an_empty_study_has_a_catalogue():
    assert c.catalogue(state([])).one(kind="nodes").value == 0


def test_tables_hold_every_measurement_and_claim():
    known, _ = study()
    rows = measurement_rows(known)
    assert {r["id"] for r in rows} == set(known.measurements)
    assert [r["id"] for r in rows] == [r["id"] for r in measurement_rows(study()[0])]
    lines = measurements_csv(known).splitlines()
    assert lines[0] == ",".join(MEASUREMENT_COLUMNS) and len(lines) == len(rows) + 1
    failed = next(line for line in lines if ",failed," in line)
    assert failed.split(",")[2] == ""
    (claim,) = claims_data(known)
    assert claim["verdict"] == known.decisions[CLAIM.id].verdict == claim["decision"]["verdict"]
    assert claims_data(state([])) == []
