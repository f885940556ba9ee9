"""The lab report tells of everything that was tried, and of nothing more than may be shown."""

import json
import re
import runpy
from pathlib import Path

import pytest
from msgspec import structs

from novum import api
from novum.evidence import account
from novum.report import drawing, lab_report, markdown, tables, write
from novum.report.gather import VERDICTS
from novum.testing.studies import make_study
from tests import story


class Told:
    """A study as the report sees one."""

    def __init__(self, state, status: str = "done"):
        self.state, self.status = state, status


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lab = tmp_path_factory.mktemp("report") / "lab"
    story.write(lab, "toy-b", "done", at=2e9, stop="done")
    story.write(lab, "toy-a", "confirm", at=1e9, cut=4, stop="out of budget: 3 minutes are spent")
    story.write(lab, "toy-c", "explore", at=3e9, stop="ended early: no power")
    return lab


@pytest.fixture(scope="module")
def report(lab: Path) -> dict:
    return lab_report(api.list_studies(lab), [{"id": "toy-x", "problem": "the journal is torn"}])


def test_every_study_is_told_oldest_first(report: dict) -> None:
    assert [s["id"] for s in report["studies"]] == ["toy-a", "toy-b", "toy-c"]
    statuses = [s["status"] for s in report["studies"]]
    assert statuses == ["out_of_budget", "done", "interrupted"]


def test_every_registered_claim_is_told_whatever_its_verdict(report: dict, lab: Path) -> None:
    states = [s.state for s in api.list_studies(lab)]
    registered = [c.id for s in states if s.protocol for c in s.protocol.contrasts]
    told = [c for s in report["studies"] for c in s["claims"]]
    assert [c["id"] for c in told] == registered
    assert sum(report["verdicts"].values()) == len(registered)
    assert report["verdicts"]["undecided"] == len(story.PROTOCOL.contrasts)


@pytest.mark.parametrize("outcome", VERDICTS)
def test_verdicts_stand_alike(outcome: str) -> None:
    state = make_study(outcome, until="conclude").state
    page = markdown(lab_report([Told(state)]))
    for contrast in state.protocol.contrasts:
        d = state.decisions[contrast.id]
        row = next(line for line in page.splitlines() if contrast.text in line and d.verdict in line)
        assert f"{d.estimate:.3g}" in row or f"{d.estimate:.0f}" in row
        assert f"at {100 * d.level:.4g} %" in row


def test_an_unfinished_confirmation_shows_no_value(report: dict, lab: Path) -> None:
    (cut,) = [s for s in report["studies"] if s["id"] == "toy-a"]
    assert cut["claims"] and all(c["estimate"] is None and c["verdict"] is None for c in cut["claims"])
    trials = api.open_study(lab / "studies" / "toy-a").state.trials.values()
    assert cut["trials"]["done"] == sum(t.status == "done" and t.phase != "confirm" for t in trials)


def test_failures_are_told_with_their_reasons(report: dict, lab: Path) -> None:
    page = markdown(report)
    failed = page.split("## What failed or did not end")[1]
    assert "3 minutes are spent" in failed and "no power" in failed and "the journal is torn" in failed
    trials = api.open_study(lab / "studies" / "toy-b").state.trials.values()
    reasons = {t.reason for t in trials if t.status == "failed"}
    assert reasons and all(r in failed for r in reasons)


def test_registration_spends_alpha_whatever_came_of_it(report: dict) -> None:
    for question in report["account"]:
        assert question["spent"] == pytest.approx(sum(s["alpha"] for s in question["studies"]))
        assert [s["id"] for s in question["studies"]] == ["toy-a", "toy-b"]
        assert question["next"] == account.level(2)


def test_an_account_is_never_overdrawn() -> None:
    drawn = [account.level(i) for i in range(60)]
    assert sum(drawn) < account.ALPHA
    assert drawn == sorted(drawn, reverse=True)


def test_a_replication_is_told_with_both_estimates() -> None:
    from novum.steps.replicate import original_of

    state = structs.replace(make_study("supported", until="conclude").state, finished="done")
    taken = original_of(state, (9, "f" * 64), 3)
    again = structs.replace(state, study="toy-again", created=state.created + 1, replicates=taken)
    report = lab_report([Told(again), Told(state)])
    assert [r["outcome"] for r in report["replications"]] == [
        {"inconclusive": "inconclusive"}.get(state.decisions[c.id].verdict, "replicated")
        for c in state.protocol.contrasts
    ]
    page = markdown(report)
    assert f"replication of {state.study}" in page
    row = next(line for line in page.splitlines() if f"{state.study}: " in line and "toy-again: " in line)
    assert row.count(f"{report['replications'][0]['original']['estimate']:.3g}") == 2


def test_nothing_is_written_but_the_page_and_its_drawing(lab: Path) -> None:
    before = {p for p in lab.rglob("*") if p.is_file()}
    studies = api.list_studies(lab)
    svg = drawing(studies)
    assert svg is not None and svg.lstrip().startswith(b"<?xml")
    path = write(lab, lab_report(studies), svg)
    assert {p for p in lab.rglob("*") if p.is_file()} - before == {path, lab / "report.svg"}
    assert "](report.svg)" in path.read_text()


def test_tables_have_a_cell_for_every_column(report: dict) -> None:
    for table in tables(report):
        assert {len(row) for row in table.rows} == {len(table.head)}
        assert len(table.rows) > 0


def test_a_lab_without_studies_has_an_empty_report() -> None:
    empty = lab_report([])
    assert tables(empty) == [] and "0 studies" in markdown(empty)


def test_plain_data_are_json(report: dict) -> None:
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_the_page_in_docs_is_what_its_script_writes_today() -> None:
    """Lead, sections and columns; the studies in it are whatever they came to when it was made."""
    root = Path(__file__).parents[1]
    script, page = (
        runpy.run_path(str(root / "scripts/lab_report.py")),
        (root / "docs/lab-report.md").read_text(),
    )
    assert script["LEAD"] in page and f"]({script['FIGURE']})" in page
    assert (root / "docs" / script["FIGURE"]).stat().st_size > 0
    for section, head in re.findall(r"^## (.*)$\n(?:\n[^|\n]+\n)?\n(\|.*)$", page, re.M):
        assert head == COLUMNS[section]
    assert set(re.findall(r"^## (.*)$", page, re.M)) == set(COLUMNS)


COLUMNS = {
    "Studies": "| study | begun | question | status | claims | audit |",
    "Claims": "| study | claim | verdict | estimate, interval | margin | n |",
    "Replications": "| claim | original | replication | outcome |",
    "Account of alpha": "| question | drawn by | spent | left for the next |",
    "What failed or did not end": "| study | what |",
}
