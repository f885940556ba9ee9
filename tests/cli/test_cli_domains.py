"""domains list, show, check, new, and what run says of a domain that is none."""

import json

import pytest

from novum import domains
from novum.records import Check


@pytest.mark.parametrize("words", [["domains"], ["domains", "list"]])
def test_the_shipped_domain_is_listed_with_its_question(novum, words):
    said = novum(*words)
    assert said.code == 0 and "grokking" in said.out


def test_domains_as_json(novum):
    told = json.loads(novum("domains", "list", "--json").out)
    (row,) = [d for d in told["domains"] if d["name"] == "grokking"]
    assert {"name", "title", "question", "folder", "shipped", "problem"} <= set(row) and row["problem"] == ""


def test_a_new_domain_can_be_shown_at_once(novum, tmp_path):
    made = novum("domains", "new", "mine")
    assert made.code == 0 and (tmp_path / "mine" / "domain.toml").is_file()
    assert "novum domains check mine" in made.out and "novum run mine" in made.out
    shown = novum("domains", "show", "mine")
    assert shown.code == 0 and all(part in shown.out for part in ("Factors", "Metrics", "Budgets"))
    told = json.loads(novum("domains", "show", "mine", "--json").out)
    assert {"id", "question", "factors", "metrics", "budgets", "hash"} <= set(told) and told["id"] == "mine"
    again = novum("domains", "new", "mine")
    assert again.code == 2 and "not empty" in again.err and again.err.count("\n") == 1


@pytest.mark.parametrize("passed", [True, False])
def test_check_tells_every_line_and_ends_by_the_verdict(novum, monkeypatch, passed):
    lines = [Check(id="contract", passed=True, detail="fine"), Check(id="runs", passed=passed, detail="ran")]
    monkeypatch.setattr(domains, "check_domain", lambda *_: lines)
    said = novum("domains", "check", "grokking")
    assert said.code == (0 if passed else 1) and ("FAIL" in said.out) != passed
    told = json.loads(novum("domains", "check", "grokking", "--json").out)
    assert list(told) == ["domain", "passed", "checks"] and told["passed"] == passed
    assert told["checks"][0] == {"id": "contract", "passed": True, "detail": "fine"}


@pytest.mark.slow
def test_a_new_domain_passes_the_check(novum):
    novum("domains", "new", "mine")
    said = novum("domains", "check", "mine")
    assert said.code == 0 and "FAIL" not in said.out


def test_check_of_a_malformed_domain_names_file_and_place_and_is_1(novum, tmp_path):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "domain.toml").write_text("[domain\n")
    said = novum("domains", "check", "bad")
    assert said.code == 1 and "FAIL" in said.out and "domain.toml" in said.out


@pytest.mark.parametrize("command", ["run", "domains show", "domains check"])
def test_an_unknown_domain_is_one_line_with_its_nearest(novum, tmp_path, command):
    said = novum(*command.split(), "groking")
    assert said.code == 2 and said.err.count("\n") == 1
    assert "there is no domain 'groking'" in said.err and "grokking" in said.err
    assert list(tmp_path.iterdir()) == []  # nothing was begun


@pytest.mark.parametrize("command", ["run", "domains show"])
@pytest.mark.parametrize("text", ["[domain\n", "", "[domain]\nid = 3\n"])
def test_a_malformed_domain_is_one_line_and_nothing_is_begun(novum, tmp_path, command, text):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "domain.toml").write_text(text)
    said = novum(*command.split(), "bad")
    assert said.code == 2 and said.err.count("\n") == 1 and "domain.toml" in said.err
    assert json.loads(novum("list", "--json").out)["studies"] == []
