"""Examples in the documentation work: Python blocks run, settings blocks are accepted."""

import re
import tomllib
from pathlib import Path

import pytest

from novum.config import from_file
from novum.safeguards import Safeguards, adjusted, load_policy
from tests.docs.pages import ROOT, pages

OF_DOMAINS = ("domain-guide.md", "kit.md")  # whose blocks are files of a domain, or parts of them
HAND_MADE = [p for p in pages() if p.name not in OF_DOMAINS]


def blocks(language: str) -> list[tuple[str, str]]:
    """(page, text) of every fenced block in a language."""
    fence = re.compile(rf"^```{language}\n(.*?)^```", re.DOTALL | re.MULTILINE)
    return [(str(p.relative_to(ROOT)), text) for p in HAND_MADE for text in fence.findall(p.read_text())]


def test_there_are_examples():
    assert blocks("python") and blocks("toml")


@pytest.mark.parametrize(("page", "text"), blocks("python"))
def test_python_runs(page: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(text, page, "exec"), {})


@pytest.mark.parametrize(("page", "text"), blocks("toml"))
def test_settings_are_accepted(page: str, text: str, tmp_path: Path):
    (tmp_path / "novum.toml").write_text(text)
    assert from_file(tmp_path / "novum.toml", page)
    limits = {name: entry["limit"] for name, entry in tomllib.loads(text).get("policy", {}).items()}
    Safeguards(
        adjusted(load_policy(), {k: tuple(v) if isinstance(v, list) else v for k, v in limits.items()})
    )
