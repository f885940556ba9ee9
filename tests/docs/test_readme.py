"""The README's first two commands are the ones that CI runs, and that the launcher knows."""

import re

from tests.docs.pages import ROOT


def test_its_first_commands_are_those_of_ci():
    commands = re.findall(r"^(\./novum [a-z]+)", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert commands[:2] == ["./novum run", "./novum test"]
    steps = re.findall(r"^(\./novum [a-z]+)", (ROOT / ".ci/run").read_text(), re.MULTILINE)
    assert [step for step in steps if step in commands[:2]] == commands[:2]


def test_every_command_it_shows_exists():
    reference = (ROOT / "docs/reference/commands.md").read_text()
    shown = set(re.findall(r"\./novum ([a-z]+)", (ROOT / "README.md").read_text())) - {"test"}
    for command in sorted(shown):
        assert f"### `novum {command}" in reference
