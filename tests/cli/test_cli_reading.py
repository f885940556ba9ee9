"""list, show, log: what they print, and the keys that scripts rely on."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from novum import api
from novum import events as ev
from novum.cli import summary, tables
from novum.cli.output import number
from novum.events import (
    ConfigObserved,
    CoordinatorStarted,
    CoordinatorStopped,
    Draft,
    Event,
    StepStarted,
)
from novum.journal import Journal
from novum.records import Cost
from novum.state import State, apply, fold
from tests import story

# Contract: a key may be added here, none may go.
SHOW_KEYS = [
    *(
        "id",
        "path",
        "domain",
        "question",
        "status",
        "reason",
        "waits_for",
        "stage",
        "created",
        "seed",
        "sandbox",
        "run",
    ),
    *(
        "idea",
        "ideas",
        "protocol",
        "claims",
        "replication",
        "trials",
        "spend",
        "models",
        "audit",
        "review",
        "paper",
    ),
    "settings",
]
CLAIM_KEYS = [
    *("id", "text", "verdict", "estimate", "low", "high", "level", "p_adjusted", "method", "reason", "n"),
    *("metric", "estimand", "unit", "margin", "references"),
]
LOG_KEYS = ["seq", "time", "type", "hash", "prev", "actor", "cause", "cost", "event"]
NODE_KEYS = ["id", "parents", "operator", "config", "trials"]


def test_the_reference_names_every_key():
    page = (Path(__file__).parents[2] / "docs" / "reference" / "json.md").read_text()
    words = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", page.replace("\n", " ")))))
    assert {*SHOW_KEYS, *CLAIM_KEYS, *LOG_KEYS, *NODE_KEYS, "damaged", "studies"} <= words


def with_calls(state: State) -> State:
    """A state after an answered call, one that needed two attempts, and one without an outcome."""
    at = {"key": "k1", "attempt": 0}
    asked = {
        "role": "code",
        "request": "r",
        "step": "explore",
        "node": "n1",
        "worst_case": Cost(usd=1, tokens=300),
    }
    bodies = [
        (ev.ModelAsked(**at, role="ideate", model="a:1", request="r", step="ideate"), None),
        (ev.ModelAnswered(**at, answer="x"), Cost(usd=0.5, tokens=100)),
        (ev.ModelAsked(key="k2", attempt=0, model="a:1", **asked), None),
        (ev.ModelAnswered(key="k2", attempt=0, answer="", failed="RateLimited: no"), Cost()),
        (ev.ModelAsked(key="k2", attempt=1, model="b:2", **asked, priced=False), None),
        (ev.ModelAnswered(key="k2", attempt=1, answer="x"), Cost(usd=0.25, tokens=50)),
        (ev.ModelAsked(key="k3", attempt=0, model="b:2", **asked), None),
    ]
    for seq, (body, cost) in enumerate(bodies, 1):
        apply(state, ev.Event(seq=seq, time=1.0, actor="n", body=body, cost=cost))
    return state


def show(novum, *words: str) -> dict:
    said = novum("show", *words, "--json")
    assert said.code == 0 and said.out.count("\n") == 1
    return json.loads(said.out)


def test_show_json_has_the_keys_of_the_contract(novum, lab):
    told = show(novum, "toy-aaa1")
    assert list(told) == SHOW_KEYS
    assert [list(claim) for claim in told["claims"]] == [CLAIM_KEYS, CLAIM_KEYS]
    assert list(told["trials"]) == ["done", "failed", "running"]
    assert list(told["spend"]) == ["usd", "tokens", "cpu_seconds", "wall_seconds"]
    assert list(told["audit"]) == ["passed", "checks"]
    assert list(told["audit"]["checks"][0]) == ["id", "passed", "detail"]


def test_show_json_says_what_the_story_says(novum, lab):
    told = show(novum, "toy-aaa1")
    assert (told["id"], told["domain"], told["status"], told["stage"]) == (
        "toy-aaa1",
        "toy",
        "done",
        "review",
    )
    assert [(c["verdict"], c["estimate"]) for c in told["claims"]] == [
        ("supported", -18.25),
        ("inconclusive", 1.5),
    ]
    assert told["trials"] == {"done": 6, "failed": 1, "running": 0}
    assert told["spend"] == {"usd": 0.0, "tokens": 0, "cpu_seconds": 10.5, "wall_seconds": 30.0}
    assert told["audit"]["passed"] is True and told["paper"] is None
    assert told["settings"]["workers"] == {"value": 2, "origin": "novum.toml:1"}


def test_calls_of_models_are_told_by_stage_role_node_and_model(novum, lab):
    assert show(novum, "toy-aaa1")["models"] is None
    told = summary.models_of(with_calls(State()))
    assert told is not None
    assert (told["calls"], told["answered"], told["open"], told["in_doubt"]) == (3, 2, 1, 1)
    assert (told["usd"], told["tokens"], told["attempts"], told["unpriced"]) == (
        pytest.approx(1.75),
        450,
        4,
        1,
    )
    assert {k: v["usd"] for k, v in told["by_stage"].items()} == {"ideate": 0.5, "explore": 1.25}
    assert set(told["by_node"]) == {"", "n1"} and set(told["by_model"]) == {"a:1", "b:2"}
    assert told["by_role"]["code"]["calls"] == 2
    assert "explore   2 calls, 350 tokens, 1.25 USD" in tables.calls_text(told["by_stage"])
    line = tables.cost_line({"spend": {"wall_seconds": 1, "cpu_seconds": 1}, "models": told})
    assert "1.75 USD at least for 3 calls, 1 in doubt" in line


def test_the_paper_is_the_pdf_if_there_is_one(novum, lab):
    paper = lab / "studies" / "toy-aaa1" / "paper"
    paper.mkdir()
    (paper / "paper.md").touch()
    assert show(novum, "toy-aaa1")["paper"].endswith("paper.md")
    (paper / "resolved.md").touch()  # what people read where there is no PDF
    assert show(novum, "toy-aaa1")["paper"].endswith("resolved.md")
    (paper / "paper.pdf").touch()
    assert show(novum, "toy-aaa1")["paper"].endswith("toy-aaa1/paper/paper.pdf")
    assert novum("show", "toy-aaa1").out.splitlines()[-1].endswith("toy-aaa1/paper/paper.pdf")


@pytest.mark.parametrize(
    ("study", "status", "waits"),
    [
        ("toy-aaa1", "done", None),
        ("toy-aab2", "out_of_budget", None),
        ("toy-bbb3", "interrupted", "approval"),
    ],
)
def test_status(novum, lab, study, status, waits):
    told = show(novum, study)
    assert (told["status"], told["waits_for"]) == (status, waits)


def test_a_killed_study_is_interrupted_and_counts_its_time_to_the_last_event(novum, lab):
    path = story.write(lab, "toy-ccc4", "explore", at=1.3e9)  # no end on record
    told = show(novum, "toy-ccc4")
    assert told["status"] == "interrupted" and told["trials"]["running"] == 0
    assert told["spend"]["wall_seconds"] == len(list(story.events("explore"))) - 2
    assert told["path"] == str(path.relative_to(lab.parent))


def test_a_study_that_is_being_written_runs(novum, lab):
    from novum.journal import WriterLock

    story.write(lab, "toy-ccc4", "explore", at=1.3e9, cut=2)
    with WriterLock(lab / "studies" / "toy-ccc4"):
        told = show(novum, "toy-ccc4")
        assert told["status"] == "running" and told["trials"]["running"] == 1
        assert "running (explore)" in novum("show", "toy-ccc4").out


def test_time_of_work_is_summed_over_sessions():
    def at(seq: int, time: float, body) -> Event:
        return Event(seq=seq, time=time, actor="novum", body=body)

    began = CoordinatorStarted(host="h", pid=1)
    events = [
        at(1, 100.0, began),
        at(2, 130.0, StepStarted(step="explore", view_seq=1)),  # killed after this
        at(3, 500.0, began),
        at(4, 507.0, CoordinatorStopped(reason="interrupted", active_seconds=6.5)),
        at(5, 900.0, began),
        at(6, 902.0, StepStarted(step="select", view_seq=1)),
    ]
    assert summary.timeline(fold(events)).active_seconds == 30.0 + 6.5 + 2.0
    assert summary.timeline(fold(events[:4])).last_reason == "interrupted"
    assert summary.timeline(fold(events)).last_reason == ""
    assert summary.timeline(fold([])).active_seconds == 0.0


# --- how a study is named -----------------------------------------------------------------------------


def test_a_study_is_named_by_id_prefix_path_or_not_at_all(novum, lab):
    for ref, expected in [
        ("toy-aaa1", "toy-aaa1"),
        ("toy-b", "toy-bbb3"),
        ("lab/studies/toy-aab2", "toy-aab2"),
    ]:
        assert show(novum, ref)["id"] == expected
    assert show(novum)["id"] == "toy-bbb3"  # the latest


@pytest.mark.parametrize(
    "command", ["show", "log", "audit", "write", "review", "resume", "approve", "edit", "stop"]
)
@pytest.mark.parametrize(("ref", "says"), [("nothing", "'nothing'"), ("toy-aa", "toy-aaa1, toy-aab2")])
def test_an_unknown_or_ambiguous_name_is_one_line_and_2(novum, lab, command, ref, says):
    said = novum(command, ref)
    assert said.code == 2 and said.out == "" and said.err.count("\n") == 1 and says in said.err


@pytest.mark.parametrize("command", ["show", "log", "audit", "write", "review", "approve", "stop"])
def test_an_empty_lab_is_one_line_and_2(novum, command):
    said = novum(command)
    assert said.code == 2 and said.err.count("\n") == 1 and "lab" in said.err


# --- text ---------------------------------------------------------------------------------------------


def test_show_tells_idea_protocol_claims_and_cost(novum, lab):
    text = " ".join(novum("show", "toy-aaa1").out.split())
    for part in (
        "toy-aaa1 done seed 7",
        "Does a larger step end sooner?",
        "Raising size from 1 to 4 lowers the number of steps.",
        "3 arms of 8 seeds",
        "detects 9.5",
        "supported Size 4 ends sooner than size 1. -18.2 steps, -24.5 to -12 at 97.5 %",
        "6 done, 1 failed; sandbox bwrap",
        "passed, 2 checks",
        "0:30 of work, 10.5 CPU-s",
        "paper none yet",
    ):
        assert part in text


def test_a_verdict_without_an_estimate_gives_its_reason():
    claim = {"verdict": "inconclusive", "estimate": None, "reason": "every run is censored", "unit": ""}
    assert tables.effect_of(claim) == "every run is censored"
    assert tables.effect_of(claim | {"verdict": None}) == ""


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_every_width_shows_every_verdict_and_number(novum, lab, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    text = " ".join(novum("show", "toy-aaa1").out.split())
    assert "supported" in text and "-18.2 steps" in text and "at 97.5 %" in text
    assert max(len(line.rstrip()) for line in novum("show", "toy-aaa1").out.splitlines()) <= max(
        50, int(columns)
    )


def test_a_failed_audit_is_told_with_its_fault(novum, lab):
    story.write(lab, "toy-ddd5", at=1.4e9, audit=False)
    text = novum("show", "toy-ddd5").out
    assert "failed: numbers" in text and "12 numbers" in text


def test_why_a_study_is_not_done_is_told(novum, lab):
    assert "reason    3 minutes are spent" in novum("show", "toy-aab2").out
    assert "reason" not in novum("show", "toy-aaa1").out and "reason" not in novum("show", "toy-bbb3").out


def test_list_tells_each_study_once_oldest_first(novum, lab, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)  # set where some shells run tests
    out = novum("list").out
    assert [out.index(name) for name in ("toy-aaa1", "toy-aab2", "toy-bbb3")] == sorted(
        out.index(name) for name in ("toy-aaa1", "toy-aab2", "toy-bbb3")
    )
    assert "1 supported, 1 inconclusive" in out and "waits for approval" in out
    told = json.loads(novum("list", "--json").out)
    assert [s["id"] for s in told["studies"]] == ["toy-aaa1", "toy-aab2", "toy-bbb3"]
    assert all(list(s) == SHOW_KEYS for s in told["studies"])


def test_an_empty_lab_lists_nothing_and_all_is_well(novum):
    said = novum("list")
    assert said.code == 0 and said.out == "no study in lab yet; novum run begins one\n"
    assert json.loads(novum("list", "--json").out) == {"lab": "lab", "studies": [], "damaged": []}


def test_a_damaged_study_is_listed_as_such_and_hides_no_other(novum, lab):
    (lab / "studies" / "toy-aab2" / "journal.sqlite").write_bytes(b"nonsense" * 100)
    said = novum("list")
    assert said.code == 0 and "toy-aaa1" in said.out and "toy-bbb3" in said.out
    (line,) = [line for line in said.out.splitlines() if "is damaged" in line]
    assert "toy-aab2" in line
    told = json.loads(novum("list", "--json").out)
    assert [s["id"] for s in told["studies"]] == ["toy-aaa1", "toy-bbb3"]
    assert [(d["id"], list(d)) for d in told["damaged"]] == [("toy-aab2", ["id", "path", "problem"])]
    shown = novum("show", "toy-aab2")
    assert shown.code == 1 and shown.err.count("\n") == 1 and "toy-aab2" in shown.err


def test_settings_changed_on_resume_are_read_back(novum, lab):
    """Whole numbers are floats in the stored event and must not make the study unreadable."""
    path = lab / "studies" / "toy-bbb3" / "journal.sqlite"
    journal = Journal(path, lambda: 1.25e9)
    journal.append(
        [Draft(body=ConfigObserved(changes={"workers": 4, "budget_minutes": 2, "sandbox": "none"}))]
    )
    journal.close()
    told = show(novum, "toy-bbb3")["settings"]
    assert [told[key]["value"] for key in ("workers", "budget_minutes", "sandbox")] == [4, 2.0, "none"]
    assert isinstance(told["workers"]["value"], int)


def test_the_tree_tells_every_node_in_order_with_its_change_and_score(novum, lab):
    out = novum("show", "toy-aaa1", "--tree").out
    lines = [line for line in out.splitlines() if "tune" in line]
    assert [line.split("tune")[1].strip() for line in lines] == [
        "baseline",
        "size=4",
        "kind=fancy",
        "size=0.1",
    ]
    assert "steps 40.5 steps over 2 seeds" in out and "failed: the program crashed" in out
    told = show(novum, "toy-aaa1", "--tree")
    assert list(told) == [*SHOW_KEYS, "nodes", "search"]
    assert [list(n) for n in told["nodes"]] == [NODE_KEYS] * 4
    assert told["nodes"][0]["trials"][0]["values"] == {"0": 40.0, "1": 41.0}


# --- nothing of a confirmation before it is complete --------------------------------------------------


LOOKS = ["show", "show --json", "show --tree", "show --tree --json", "log", "log --json"]


@pytest.mark.parametrize("look", LOOKS)
def test_what_confirmation_measured_is_withheld_until_it_is_complete(novum, lab, look):
    command, *rest = look.split()
    unfinished, complete = novum(command, "toy-aab2", *rest), novum(command, "toy-aaa1", *rest)
    assert unfinished.code == complete.code == 0
    assert ".0625" not in unfinished.out and "781 steps" not in unfinished.out
    if "--tree" in look or look == "log --json":
        assert "withheld" in unfinished.out and "withheld until" not in complete.out
        assert ".0625" in complete.out or "781 steps" in complete.out


def test_explored_values_are_shown_all_the_same(novum, lab):
    assert "40.5" in novum("show", "toy-aab2", "--tree").out


# --- log ----------------------------------------------------------------------------------------------


def test_log_json_is_one_event_a_line_with_its_link(novum, lab):
    lines = [json.loads(line) for line in novum("log", "toy-aaa1", "--json").out.splitlines()]
    assert all(list(line) == LOG_KEYS for line in lines)
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert all(after["prev"] == before["hash"] for before, after in pairwise(lines))
    assert lines[0]["type"] == "study.created" and lines[0]["event"]["study"] == "toy-aaa1"


def test_log_as_text_is_one_line_an_event(novum, lab):
    lines = novum("log", "toy-aaa1").out.splitlines()
    assert len(lines) == len(list(novum("log", "toy-aaa1", "--json").out.splitlines()))
    assert any("trial.failed" in line and "reason=the program crashed" in line for line in lines)


def test_costs_of_a_confirmation_scale_with_its_seeds():
    state = fold(story.events("register"))
    cpu, wall = summary.confirm_cost(state)  # type: ignore[misc]
    assert cpu == pytest.approx(24 * 1.5 / 2) and wall == pytest.approx(24 * 2.0 / 2 / 2)
    assert summary.confirm_cost(fold(story.events("ideate"))) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "none"), (0.0, "0"), (1.5, "1.5"), (-18.25, "-18.2"), (999.4, "999"), (1234.5, "1234"),
     (0.00012, "0.00012"),
     (100.0, "100"), (1e-9, "1e-09"), (0.1234, "0.123"), (999.7, "1000")],
)  # fmt: skip
def test_numbers(value, text):
    assert number(value) == text


# --- the lab report -----------------------------------------------------------------------------------


def test_the_report_names_every_study_and_claim_and_is_written(novum, lab):
    said = novum("list", "--report")
    assert said.code == 0 and said.err == ""
    page = (lab / "report.md").read_text()
    for study in api.list_studies(lab):
        assert study.state.study in said.out and study.state.study in page
        for contrast in study.state.protocol.contrasts:
            assert contrast.text in page
    assert said.out.splitlines()[-1].endswith("report.md")


def test_the_report_as_json(novum, lab):
    told = json.loads(novum("list", "--report", "--json").out)
    assert list(told) == ["lab", "studies", "verdicts", "replications", "account", "damaged", "written"]
    assert told["written"] == str(lab / "report.md") or told["written"].endswith("report.md")
    assert [s["id"] for s in told["studies"]] == ["toy-aaa1", "toy-aab2", "toy-bbb3"]


def test_a_report_that_cannot_be_written_is_shown_all_the_same(novum, lab, monkeypatch):
    from novum.report import page

    def refuse(path, data):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(page, "_replace", refuse)
    said = novum("list", "--report")
    assert said.code == 0 and "toy-aaa1" in said.out and "Permission denied" in said.out


def test_the_report_of_an_empty_lab(novum):
    assert "no study" in novum("list", "--report", "--lab", "nowhere").out
    assert json.loads(novum("list", "--report", "--lab", "nowhere", "--json").out)["written"] is None
