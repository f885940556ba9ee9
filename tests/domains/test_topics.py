# ruff: noqa: E501 (tables of what is refused)
"""Topic pages, and what of a written domain is refused before anything runs."""

import pytest

from novum.domains.topics import is_topic, parsed, read_page
from novum.domains.written import fault_of, folder_of
from novum.errors import UserError
from tests.scientists.language.topic import PAGE, description, read

SCORED = {name: read(name) for name in ("prepare.py", "evaluator.py")}
PARTS = {"domain.toml": description(), "background.md": "Text.", "interface.md": "word " * 30, **SCORED}


def test_a_page_is_parted_into_title_text_and_works():
    page = parsed(PAGE)
    assert page.title == "Shrinking polynomial coefficients" and page.id == "shrinking_polynomial_coefficients"
    assert "@article" not in page.text and "```" not in page.text and "a second or less" in page.text
    assert page.references.startswith("@article{hoerl1970ridge,") and page.references.count("@") == 2


@pytest.mark.parametrize(
    ("text", "title", "name"),
    [
        ("# Title: Does it *help*?\n\nWords.", "Does it *help*?", "does_it_help"),
        ("Only a line of text\nand another", "Only a line of text", "only_a_line_of_text"),
        ("# 3 ways\n", "3 ways", "topic_3_ways"),
        ("# " + "long word " * 20, ("long word " * 20)[:150].strip(), "long_word_long_word_long_word_long_word"),
        ("# Ü\n", "Ü", "topic"),
    ],
)
def test_the_title_names_the_domain(text, title, name):
    page = parsed(text)
    assert page.title == title and page.id == name


def test_an_entry_without_an_end_stays_text():
    assert "@article{broken" in parsed("# A\n\n@article{broken, title = {x}\n").text


def test_what_is_a_page(tmp_path):
    (tmp_path / "folder.md").mkdir()
    assert is_topic("topic.md") and is_topic("a/b.TXT")
    assert not is_topic("grokking") and not is_topic(tmp_path / "folder.md") and not is_topic("domain.toml")
    with pytest.raises(UserError, match="cannot be read"):
        read_page(tmp_path / "none.md")
    (tmp_path / "empty.md").write_text("# Hm\n")
    with pytest.raises(UserError, match="too little"):
        read_page(tmp_path / "empty.md")


def test_what_ships_would_do():
    assert fault_of(PARTS) == ""


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"domain.toml": description() + '\n[evaluator]\ncommand = ["true"]\n'}, "holds [evaluator]"),
        ({"domain.toml": description().replace("[domain]", '[domain]\nid = "other"', 1)}, "holds id"),
        ({"domain.toml": description().replace("primary = true", "primary = true\nself_reported = true")}, "self-reported"),
        ({"domain.toml": description().replace("margin = 0.1\n", "")}, "needs a margin"),
        ({"domain.toml": description().replace("seconds = 3", "seconds = 9000")}, "at most 120"),
        ({"domain.toml": "domain = ["}, "not valid TOML"),
        ({"prepare.py": "def ("}, "prepare.py is no Python"),
        ({"evaluator.py": " "}, "evaluator.py is missing"),
        ({"interface.md": "Figure it out."}, "says too little"),
    ],
)  # fmt: skip
def test_what_is_refused_unseen(change, told):
    assert told in fault_of(PARTS | change)


def test_name_commands_works_and_authors_are_the_machines():
    topic = {"id": "mine", "title": "A “title”", "references": ""}
    files = folder_of(PARTS | {"program.py": "pass\n"}, topic, {"evaluator": "m:1"})
    assert 'id = "mine"' in files["domain.toml"] and 'command = ["python", "program.py"]' in files["domain.toml"]
    assert 'evaluator = "m:1"' in files["domain.toml"] and "names no works" in files["references.bib"]
