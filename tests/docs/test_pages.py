"""Pages are current, and what they point at exists."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, docs, pages
from tests.test_architecture import RANK

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
NAMED = re.compile(r"`((?:src|docs|tests|scripts)/[\w./-]+)`")
names = [str(p.relative_to(ROOT)) for p in pages()]


def test_generated_blocks_are_current():
    stale = [str(path.relative_to(ROOT)) for path, text in docs.pages().items() if path.read_text() != text]
    assert not stale, "run python scripts/docs.py"


def test_check_says_which_page_is_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    page = tmp_path / "docs" / "page.md"
    page.parent.mkdir()
    page.write_text("<!-- generated: errors -->\nold\n<!-- end -->\n")
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    monkeypatch.setattr(docs, "DOCS", page.parent)
    assert docs.main(["--check"]) == 1
    assert "stale: docs/page.md" in capsys.readouterr().out
    assert docs.main([]) == 0 and "`UserError`" in page.read_text()
    assert docs.main(["--check"]) == 0


@pytest.mark.parametrize("name", names)
def test_links_lead_somewhere(name: str):
    page = ROOT / name
    for target in LINK.findall(page.read_text()):
        if not re.match(r"https?://|#", target):
            assert (page.parent / target.split("#")[0]).exists(), f"{name}: {target}"


@pytest.mark.parametrize("name", names)
def test_named_paths_exist(name: str):
    for path in NAMED.findall((ROOT / name).read_text()):
        assert (ROOT / path).exists(), f"{name}: {path}"


def test_pages_named_by_the_code_exist():
    for source in [*ROOT.glob("src/**/*.py"), *ROOT.glob("src/**/*.toml")]:
        for path in re.findall(r"docs/[\w/-]+\.(?:md|toml)", source.read_text()):
            assert (ROOT / path).exists(), f"{source.relative_to(ROOT)} names {path}"


def test_every_page_is_linked_from_the_index():
    linked = {(ROOT / "docs" / t).resolve() for t in LINK.findall((ROOT / "docs/index.md").read_text())}
    assert {p.resolve() for p in ROOT.glob("docs/**/*.md")} - linked == {ROOT / "docs/index.md"}


def test_architecture_gives_every_part_its_rank():
    page = (ROOT / "docs/architecture.md").read_text()
    rows = re.findall(r"^\| (\d) \|(.*)$", page, re.MULTILINE)
    shown = {part: int(rank) for rank, row in rows for part in re.findall(r"src/novum/(\w+)", row)}
    there = {p.stem for p in (ROOT / "src/novum").iterdir()}
    ranked = {part: rank for part, rank in RANK.items() if part in there}
    assert shown == ranked, "mend the table of ranks in docs/architecture.md"


def test_every_event_is_described():
    from typing import get_args

    from novum.events import EventBody

    page = (ROOT / "docs/reference/events.md").read_text()
    for body in get_args(EventBody):
        assert f"### `{body.__struct_config__.tag}`" in page


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        (int | None, "int or none"),
        (tuple[str, ...], "list of str"),
        (tuple[float, float], "[float, float]"),
        (dict[str, dict[str, int]], "table of str to table of str to int"),
    ],
)
def test_types_are_spelled_for_readers(kind: object, shown: str):
    assert docs.spelled(kind) == shown
