"""The plugin door: by name, by path, and what happens when a plugin is broken."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from novum.domains import domain_text, find_domain, list_domains, new_domain, registry, shipped, show_domain
from novum.errors import UserError

OFFERS: dict[str, object] = {}


def offer(monkeypatch: pytest.MonkeyPatch, value: object, name: str = "theirs") -> None:
    """Let a distribution offer `value` beside what is installed."""
    monkeypatch.setitem(OFFERS, name, value)
    point = EntryPoint(name, f"{__name__}:OFFERS", registry.GROUP)
    real = registry.entry_points
    monkeypatch.setattr(EntryPoint, "load", lambda self: OFFERS.get(self.name, shipped))
    monkeypatch.setattr(registry, "entry_points", lambda group: [*real(group=group), point])


def test_ours_enter_by_the_door() -> None:
    assert find_domain("grokking") in shipped()
    row = next(row for row in list_domains() if row["name"] == "grokking")
    assert row["shipped"] and not row["problem"] and row["question"].endswith("?")


def test_a_folder_or_its_description_is_found_by_path(tmp_path: Path) -> None:
    folder = new_domain(tmp_path / "mine")
    assert find_domain(folder) == find_domain(str(folder / "domain.toml")) == folder.resolve()


def test_a_path_without_description_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no domain\.toml"):
        find_domain(tmp_path)


def test_unknown_name_lists_what_is_known_and_close() -> None:
    with pytest.raises(
        UserError, match=r"no domain 'groking'; did you mean grokking\? installed: .*grokking"
    ):
        find_domain("groking")


@pytest.mark.parametrize("kind", ["path", "text", "list", "function"])
def test_plugins_may_offer_folders_in_several_forms(tmp_path: Path, monkeypatch, kind: str) -> None:
    folder = new_domain(tmp_path / "theirs")
    offer(
        monkeypatch,
        {"path": folder, "text": str(folder), "list": [folder], "function": lambda: [folder]}[kind],
    )
    assert find_domain("theirs") == folder.resolve()
    assert {"grokking", "theirs"} <= {row["name"] for row in list_domains()}


def test_a_broken_plugin_is_listed_and_hides_no_other(monkeypatch) -> None:
    def broken() -> Path:
        raise RuntimeError("no such disk")

    offer(monkeypatch, broken)
    row = next(row for row in list_domains() if row["name"] == "theirs")
    assert "no such disk" in row["problem"]
    assert find_domain("grokking")


def test_a_broken_domain_is_listed_with_its_problem(tmp_path: Path, monkeypatch) -> None:
    folder = new_domain(tmp_path / "theirs")
    (folder / "fit.py").unlink()
    offer(monkeypatch, folder)
    row = next(row for row in list_domains() if row["name"] == "theirs")
    assert "no file 'fit.py'" in row["problem"]


def test_one_name_for_two_domains_asks_for_a_path(tmp_path: Path, monkeypatch) -> None:
    folders = [new_domain(tmp_path / place / "theirs") for place in ("a", "b")]
    offer(monkeypatch, folders)
    with pytest.raises(UserError, match="several domains are named theirs"):
        find_domain("theirs")


def test_data_and_text_say_what_can_be_set_and_what_is_measured() -> None:
    data = show_domain("grokking")
    assert data["primary"] == "updates_to_generalise" and len(data["hash"]) == 64
    text = domain_text(data)
    for word in (
        data["question"],
        "weight_decay",
        "[1]",
        "observed until 3000",
        "smoke",
        *data["limits"].split(),
    ):
        assert word in text


def test_new_domain_takes_its_name_from_the_folder(tmp_path: Path) -> None:
    assert show_domain(new_domain(tmp_path / "My Domain"))["id"] == "my_domain"
    assert show_domain(new_domain(tmp_path / "b", "other"))["id"] == "other"


def test_new_domain_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match="is not empty"):
        new_domain(tmp_path)
    with pytest.raises(UserError, match="no plain name"):
        new_domain(tmp_path / "x", "3 things")
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]
