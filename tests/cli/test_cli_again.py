"""reproduce and replicate at the command line, on a real study."""

import json
import re
import shutil
from pathlib import Path

import pytest
from msgspec import structs

from novum import api
from novum import reproduce as again
from novum.reproduce import Reproduced


@pytest.fixture
def lab(toy_study: Path, tmp_path: Path) -> Path:
    lab = tmp_path / "lab"
    shutil.copytree(toy_study, lab / "studies" / toy_study.name)
    return lab


def test_reproduce_says_that_all_is_equal_to_the_last_bit(novum, lab, toy_study):
    said = novum("reproduce", toy_study.name)
    assert said.code == 0
    values, trials = re.match(
        r"(\d+) of \1 values of (\d+) trials are equal to the last bit", said.out
    ).groups()
    assert int(values) > int(trials) > 0
    *_, last = told = said.err.splitlines()
    assert re.fullmatch(rf"novum: {trials}/{trials} trials, \d+:\d\d", last)
    assert len(told) < int(trials)  # no line per trial


def test_reproduce_as_json_has_the_documented_keys(novum, lab, toy_study):
    said = novum("reproduce", toy_study.name, "--json", "-q", "--workers", "1", "--tolerance", "0.5")
    told = json.loads(said.out)
    assert said.code == 0 and told["passed"] and told["exact"] and told["tolerance"] == 0.5
    assert said.err == ""
    page = (Path(__file__).parents[2] / "docs/reference/json.md").read_text()
    table = page.split("## `novum reproduce`")[1].split("##")[0]
    named = {
        key for cell in re.findall(r"^\| ([^|]*) \|", table, re.M) for key in re.findall(r"`(\w+)`", cell)
    }
    assert set(told) == named


def test_what_differs_is_named_and_ends_with_1(novum, lab, toy_study, monkeypatch):
    def found(*given, **options) -> Reproduced:
        return Reproduced(
            trials=2, values=30, equal=1, within=3, tolerance=1e-6, largest=0.25, artefacts_equal=0,
            differ=tuple(f"trial t{i}" for i in range(27)), changed={"numpy": ("1.0", "2.0")},
        )  # fmt: skip

    monkeypatch.setattr(api, "reproduce", found)
    said = novum("reproduce", toy_study.name)
    assert said.code == 1
    assert "1 of 30 values" in said.out and "3 within a relative 1e-06" in said.out and "0.25" in said.out
    assert "numpy 2.0 (was 1.0)" in said.out
    assert "trial t19" in said.out and "trial t20" not in said.out and "and 7 more" in said.out


@pytest.mark.parametrize(
    "words",
    [("reproduce", "--tolerance", "-1"), ("reproduce", "--workers", "x"), ("replicate", "--times", "0")],
)
def test_nonsense_is_refused_in_one_line(novum, lab, words):
    said = novum(*words)
    assert said.code == 2 and said.out == "" and said.err.count("\n") == 1


def test_replicate_ends_with_both_estimates_and_an_outcome_for_each_claim(novum, lab, toy_study):
    said = novum("replicate", toy_study.name, "--times", "2", "--seed", "7", "-q")
    assert said.code == 0, said.err
    state = api.open_study(toy_study).state
    for contrast in state.protocol.contrasts:
        assert " ".join(contrast.text.split()[:3]) in said.out
    assert said.out.count("original ") == said.out.count("now ") == len(state.protocol.contrasts)
    told = json.loads(novum("show", "--json").out)["replication"]
    assert told["of"] == toy_study.name and told["times"] == 2
    assert {c["outcome"] for c in told["claims"]} <= {"replicated", "not replicated", "inconclusive"}
    assert [c["original"]["estimate"] for c in told["claims"]] == [
        state.decisions[c.id].estimate for c in state.protocol.contrasts
    ]
    shown = novum("show").out
    assert f"{toy_study.name}, 2 times its seeds per arm" in shown
    assert json.loads(novum("show", toy_study.name, "--json").out)["replication"] is None


def test_there_is_nothing_to_replicate_in_a_study_that_did_not_end(novum, lab, toy_study, monkeypatch):
    state = structs.replace(api.open_study(toy_study).state, finished="")
    monkeypatch.setattr("novum.beginning.fold", lambda events: state)
    said = novum("replicate", toy_study.name)
    assert said.code == 2 and "has no result to replicate" in said.err
    assert [p.name for p in (lab / "studies").iterdir()] == [toy_study.name]


def test_the_face_of_the_package_is_the_command(toy_study):
    found = api.reproduce(toy_study)
    assert found.passed and isinstance(found, again.Reproduced)
