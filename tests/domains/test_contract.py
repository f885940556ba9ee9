"""Every way to break a domain's contract has one message: what, where, how to mend it."""

from pathlib import Path

import pytest

from novum.domains import domain_hash, find_domain, load_domain, new_domain
from novum.errors import DomainError
from novum.records import Domain


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return new_domain(tmp_path / "toy")


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "domain.toml"
    text = path.read_text()
    assert old in text, old
    path.write_text(text.replace(old, new, 1))


BUDGET = "[budget.smoke]\nexplore_trials = 4"
FAULTS = {
    "syntax": ('id = "toy"', 'id = "toy', "domain.toml", "not valid TOML"),
    "unknown table": ("[environment]", "[surroundings]", "[surroundings]", "unknown table"),
    "unknown key": ('title = "degree"', 'titel = "degree"', "[[factor]] 1 titel", "unknown key"),
    "missing key": ('question = "What', '# question = "What', "[domain]", "question is missing"),
    "missing table": ("[evaluator]", "[program.other]", "domain.toml", "[evaluator] is missing"),
    "wrong type": (
        "explore_trials = 4",
        'explore_trials = "4"',
        "[budget.smoke] explore_trials",
        "expected `int`",
    ),
    "negative": ("explore_trials = 4", "explore_trials = -4", "[budget.smoke] explore_trials", ">= 0"),
    "no trials": ("explore_trials = 4", "explore_trials = 0", "[budget.smoke] explore_trials", "less than 1"),
    "no primary": ("primary = true", "primary = false", "[metric]", "no metrics are primary"),
    "two primaries": (
        'name = "training_error"',
        'name = "training_error"\nprimary = true',
        "[metric]",
        "2 metrics",
    ),
    "self-reported primary": (
        "primary = true",
        "primary = true\nself_reported = true",
        "self_reported",
        "primary",
    ),
    "no horizon": ('kind = "value"', 'kind = "time_to_event"', "[[metric]] 1 horizon", "no horizon"),
    "needless horizon": ("margin = 0.1", "margin = 0.1\nhorizon = 5", "[[metric]] 1 horizon", "says nothing"),
    "infinite margin": ("margin = 0.1", "margin = inf", "[[metric]] 1 margin", "not finite"),
    "unknown kind": ('kind = "value"', 'kind = "vector"', "[[metric]] 1 kind", "invalid enum value"),
    "repeated metric": ('name = "training_error"', 'name = "heldout_error"', "[[metric]] 2 name", "twice"),
    "no plain name": ('name = "degree"', 'name = "the degree"', "[[factor]] 1 name", "no plain name"),
    "foreign baseline": ("baseline = 8", "baseline = 9", "[[factor]] 1 baseline", "not among the levels"),
    "one level": (
        'levels = ["chebyshev", "monomial"]',
        'levels = ["chebyshev"]',
        "[[factor]] 5 levels",
        "two levels",
    ),
    "repeated level": ("levels = [2, 4, 8, 16]", "levels = [2, 2.0, 8]", "[[factor]] 1 levels", "each once"),
    "levels and range": ("baseline = 8", "baseline = 8\nrange = [2, 16]", "[[factor]] 1 levels", "either"),
    "baseline out of range": (
        "levels = [2, 4, 8, 16]",
        "range = [9, 16]",
        "[[factor]] 1 baseline",
        "outside",
    ),
    "trivial baseline": ("baseline = 8", "baseline = 8\ntrivial = [8]", "1 trivial", "the baseline"),
    "trivial beyond": ("baseline = 8", "baseline = 8\ntrivial = [9]", "[[factor]] 1 trivial", "not among"),
    "falling range": ("levels = [2, 4, 8, 16]", "range = [16, 2]", "[[factor]] 1 range", "does not rise"),
    "words as numbers": ('kind = "categorical"', 'kind = "numeric"', "[[factor]] 5 levels", "no number"),
    "logarithm of zero": ("levels = [0.000001,", "levels = [0.0,", "[[factor]] 2 scale", "no logarithm"),
    "level not finite": ("levels = [2, 4, 8, 16]", "levels = [2, 8, nan]", "[[factor]] 1", "not finite"),
    "unknown budget": ("[budget.full]", "[budget.huge]", "[budget.huge]", "unknown budget"),
    "missing budget": (BUDGET, BUDGET.replace("smoke", "full2"), "[budget.full2]", "unknown budget"),
    "absent program file": (
        'command = ["python", "fit.py"]',
        'command = ["python", "fat.py"]',
        "[program.fit] command",
        "no file 'fat.py'",
    ),
    "absent editable": (
        'editable = ["fit.py"]',
        'editable = ["net.py"]',
        "[program.fit]",
        "no file 'net.py'",
    ),
    "absent evaluator": ('"evaluator.py"', '"judge.py"', "[evaluator] command", "no file 'judge.py'"),
    "absent prepare": ('"prepare.py"', '"make.py"', "[prepare] command", "no file 'make.py'"),
    "empty command": (
        'command = ["python", "evaluator.py"]',
        "command = []",
        "[evaluator] command",
        "is empty",
    ),
    "editable evaluator": (
        'editable = ["fit.py"]',
        'editable = ["evaluator.py"]',
        "[program.fit] editable",
        "belongs to prepare or the evaluator",
    ),
    "program without name": ("[program.fit]", "[program]", "[program]", "needs a name"),
    "metric not a list": (
        '[[metric]]\nname = "heldout',
        '[metric]\nname = "heldout',
        "domain.toml",
        "not valid TOML",
    ),
    "unlocked requirement": (
        'requirements = ["numpy"]',
        'requirements = ["scipy>=1"]',
        "[environment] requirements",
        "not locked",
    ),
    "unknown randomness": (
        'resampled = ["data"]',
        'resampled = ["luck"]',
        "[domain] resampled",
        "unknown source",
    ),
    "bad id": ('id = "toy"', 'id = "Toy 1"', "[domain] id", "no plain name"),
    "empty title": (
        'title = "Fitting a curve to few noisy points"',
        'title = " "',
        "[domain] title",
        "is empty",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_has_place_and_mend(folder: Path, blobs, name: str) -> None:
    old, new, where, what = FAULTS[name]
    edit(folder, old, new)
    with pytest.raises(DomainError) as caught:
        load_domain(folder, blobs)
    assert where in caught.value.where
    assert what in caught.value.what
    assert caught.value.fix and "\n" not in str(caught.value)


def test_message_names_the_line(folder: Path, blobs) -> None:
    edit(folder, "baseline = 24", "baseline = 25")
    line = (folder / "domain.toml").read_text().splitlines().index("baseline = 25") + 1
    with pytest.raises(DomainError, match=rf"domain.toml:{line} \[\[factor\]\] 3 baseline"):
        load_domain(folder, blobs)


def test_no_description(tmp_path: Path, blobs) -> None:
    with pytest.raises(DomainError, match=r"there is no domain\.toml"):
        load_domain(tmp_path, blobs)


def test_not_text(folder: Path, blobs) -> None:
    (folder / "domain.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(DomainError, match="not UTF-8"):
        load_domain(folder, blobs)


def test_symbolic_link_is_refused(folder: Path, blobs) -> None:
    (folder / "data.txt").symlink_to("/etc/hostname")
    with pytest.raises(DomainError, match="symbolic link"):
        load_domain(folder, blobs)


def test_large_file_is_refused(folder: Path, blobs) -> None:
    with (folder / "data.bin").open("wb") as file:
        file.truncate((16 << 20) + 1)
    with pytest.raises(DomainError, match="larger than 16 MiB"):
        load_domain(folder, blobs)


def test_numbers_are_floats_and_files_are_kept(folder: Path, blobs) -> None:
    domain = load_domain(folder, blobs)
    assert domain.id == "toy" and domain.baseline["degree"] == 8.0
    assert isinstance(domain.factor("degree").levels[0], float)
    assert all(blobs.get(sha) == (folder / path).read_bytes() for path, sha in domain.files.items())


def test_findings_and_caches_are_not_frozen(folder: Path, blobs) -> None:
    before = domain_hash(load_domain(folder, blobs))
    (folder / "findings.toml").write_text("known = true")
    (folder / ".secret").write_text("x")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "fit.pyc").write_bytes(b"x")
    assert domain_hash(load_domain(folder, blobs)) == before


def test_hash_follows_content_not_place(folder: Path, tmp_path: Path, blobs) -> None:
    other = new_domain(tmp_path / "elsewhere", "toy")
    assert domain_hash(load_domain(folder, blobs)) == domain_hash(load_domain(other, blobs))
    (other / "fit.py").write_text((other / "fit.py").read_text() + "\n")
    assert domain_hash(load_domain(folder, blobs)) != domain_hash(load_domain(other, blobs))


def test_programs_see_neither_prepare_nor_evaluator_nor_description(folder: Path, blobs) -> None:
    assert set(load_domain(folder, blobs).workspace()) == {"fit.py"}


def test_a_file_named_by_both_is_shared(blobs) -> None:
    domain = load_domain(find_domain("grokking"), blobs)
    assert "schedule.py" in domain.workspace() and "schedule.py" in domain.evaluator_files
    assert not {"prepare.py", "evaluator.py"} & set(domain.workspace())


def test_only_what_lies_in_the_package_is_shipped(folder: Path, blobs) -> None:
    assert load_domain(find_domain("grokking"), blobs).shipped
    assert not load_domain(folder, blobs).shipped


def test_program_factor_chooses_among_programs(folder: Path, blobs) -> None:
    edit(folder, 'name = "basis"', 'name = "program"')
    with pytest.raises(DomainError, match="no program 'chebyshev'"):
        load_domain(folder, blobs)


def test_locked_requirement_is_accepted(folder: Path, blobs) -> None:
    edit(folder, 'requirements = ["numpy"]', f'requirements = ["six==1.16.0 --hash=sha256:{"0" * 64}"]')
    assert isinstance(load_domain(folder, blobs), Domain)
