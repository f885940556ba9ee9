"""The ledger: all 81 systems, each once, and none said to live where nothing is."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, docs

SYSTEMS = docs.systems()
STATUSES = {"lives", "begun", "planned", "guidance"}
KEYS = {"id", "name", "ref", "kind", "also", "toy", "does", "status", "path", "home"}


def test_every_system_is_there_once():
    assert [s["id"] for s in SYSTEMS] == [f"S{i:02}" for i in range(1, 82)]
    assert len({s["name"] for s in SYSTEMS}) == 81


def test_kinds_are_counted_as_in_the_line_of_work():
    assert Counter(s["kind"] for s in SYSTEMS) == {"engine": 17, "domain": 54, "safety": 4, "guidance": 6}


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: s["id"])
def test_row_is_complete_and_honest(system: dict):
    assert set(system) <= KEYS
    assert system["status"] in STATUSES
    assert system["home"] and system["does"] and not system["does"].endswith(".")
    assert re.fullmatch(r"|\d{4}\.\d{5}|[\w-]+/[\w.-]+", system["ref"])
    here = system["status"] in ("lives", "begun")
    assert here == bool(system.get("path")), "a path is given exactly for what is in the repository"
    for path in system.get("path", []):
        assert _holds_something(ROOT / path), f"{system['id']} claims {path}"
    assert (system["status"] == "guidance") == (system["kind"] == "guidance")


def _holds_something(path: Path) -> bool:
    return path.is_file() or any(path.glob("**/*.py"))


def test_page_holds_a_row_for_each():
    page = (ROOT / "docs/seeds.md").read_text()
    assert re.findall(r"^\| (S\d\d) \|", page, re.MULTILINE) == [s["id"] for s in SYSTEMS]
