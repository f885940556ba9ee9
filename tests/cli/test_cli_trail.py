"""From a number of the paper to its trials, by the command line."""

import json
from pathlib import Path

import pytest

from novum import api
from novum.cli.trail import trail
from novum.errors import UserError
from novum.events import PaperRendered


@pytest.fixture(scope="module")
def study(toy_study: Path) -> api.Study:
    return api.open_study(toy_study)


def test_every_number_of_the_paper_has_a_trail(study: api.Study) -> None:
    rendered = next(e.body for e in study.events() if isinstance(e.body, PaperRendered))
    refs = sorted({key.split("|")[0].removeprefix("m:") for key in rendered.values if key.startswith("m:")})
    assert len(refs) > 20
    for ref in refs:
        told = trail(study, ref)
        for measured in told["measurements"]:
            assert measured["trial"] in study.state.trials
            assert (Path(measured["code"]) / "fit.py").is_file()
            assert list(Path(measured["outputs"]).iterdir())
            assert (Path(measured["logs"]) / "trial.json").is_file()


def test_an_estimate_rests_on_both_its_arms(study: api.Study) -> None:
    claims = json.loads((study.path / "claims.json").read_text())
    estimate = next(s for s in claims["statistics"] if s["kind"] == "estimate")
    told = trail(study, estimate["id"])
    nodes = {Path(m["code"]).parent.name for m in told["measurements"]}
    assert len(nodes) >= 2
    assert {m["phase"] for m in told["measurements"]} == {"confirm"}
    assert len(told["measurements"]) == len(nodes) * study.state.protocol.seeds_per_arm


def test_a_single_measurement_leads_to_itself_and_a_prefix_is_enough(study: api.Study) -> None:
    one = next(iter(study.state.measurements.values()))
    assert trail(study, one.id)["value"] == one.value
    assert trail(study, one.id[:9])["id"] == one.id


@pytest.mark.parametrize("ref", ["zz", "0123456789ab", ""])
def test_what_is_no_number_is_said(study: api.Study, ref: str) -> None:
    with pytest.raises(UserError, match="last appendix"):
        trail(study, ref)


def test_the_command_prints_it(study: api.Study, novum) -> None:
    claims = json.loads((study.path / "claims.json").read_text())
    ref = next(s["id"] for s in claims["statistics"] if s["kind"] == "estimate")
    done = novum("show", str(study.path), "--number", ref)
    assert done.code == 0
    assert "outputs/TRIAL" in done.out and ref in done.out
    assert json.loads(novum("show", str(study.path), "--number", ref, "--json").out)["id"] == ref
