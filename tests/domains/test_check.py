"""The conformance suite passes what conforms, and each of its checks fails on a fault made for it."""

import re
import shutil
from pathlib import Path

import pytest

from novum.compute.executors.inline import InlineExecutor
from novum.domains import check_domain, find_domain, load_domain, new_domain, shipped
from novum.domains.check import _check_captions
from novum.literature.states import parse_states
from novum.records import Check


def failed(checks: list[Check]) -> set[str]:
    return {check.id for check in checks if not check.passed}


def inline(folder: Path, blobs) -> list[Check]:
    return check_domain(folder, blobs, InlineExecutor(blobs), sandbox="none")


def test_a_new_domain_conforms(tmp_path: Path, blobs) -> None:
    checks = inline(new_domain(tmp_path / "toy"), blobs)
    assert failed(checks) == set()
    assert len(checks) >= 15 and all(check.detail for check in checks)


@pytest.mark.slow
def test_grokking_conforms(blobs, executor) -> None:
    assert failed(check_domain(find_domain("grokking"), blobs, executor)) == set()


FAULTS = {
    "contract": ("domain.toml", "primary = true", "primary = false"),
    "hidden": ("domain.toml", 'editable = ["fit.py"]', 'files = ["evaluator.py", "prepare.py"]'),
    "references": ("background.md", "@hoerl1970ridge", "@hoerl1971ridge"),
    "runs": ("fit.py", "request = json", "raise RuntimeError('no')\n    request = json"),
    "measured": ("evaluator.py", "METRICS = {", 'METRICS = {"luck": ("between", "heldout", "curve"), '),
    "repeats": ("fit.py", '"between.npy", ', '"between.npy", np.random.rand() + '),
    "fresh": ("prepare.py", "np.random.default_rng(list(secret))", "np.random.default_rng(0)"),
    "held-out": ("prepare.py", 'np.save(given / "x.npy", x)',
                 'np.save(given / "x.npy", x)\n    np.save(given / "z.npy", curve(between))'),
    "plain": ("fit.py", "out.mkdir(parents=True)",
              "out.mkdir(parents=True)\n        (out / 'model.pkl').write_bytes(b'\\x80\\x04N.')"),
    "evaluator: missing seed": ("evaluator.py", "(OSError, ValueError, EOFError)", "(ValueError, EOFError)"),
    "evaluator: not a number": ("evaluator.py", " or not np.isfinite(found).all()", ""),
    "evaluator: wrong shape": ("evaluator.py", "allow_pickle=False), np",
                               "allow_pickle=False).ravel()[: len(np.load(true))], np"),
    "evaluator: pickled object": ("evaluator.py", "(OSError, ValueError, EOFError)", "(OSError, EOFError)"),
    "evaluator: torn file": ("evaluator.py", "except (OSError, ValueError, EOFError)", "except OSError"),
    "evaluator: forged measurements": ("evaluator.py", "    try:\n",
        "    forged = folders['artefacts'] / 'measurements.jsonl'\n    if forged.exists():\n"
        "        return [json.loads(forged.read_text())]\n    try:\n"),
    "levels": ("fit.py", 'basis(x, degree + 1)', 'np.load("absent.npy")'),
}  # fmt: skip


@pytest.mark.parametrize("check", FAULTS)
def test_each_check_fails_on_its_fault(tmp_path: Path, blobs, check: str) -> None:
    folder = new_domain(tmp_path / "toy")
    file, old, new = FAULTS[check]
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))
    assert check in failed(inline(folder, blobs))


def test_a_domain_that_does_not_run_is_not_asked_more(tmp_path: Path, blobs) -> None:
    folder = new_domain(tmp_path / "toy")
    shutil.copy(folder / "domain.toml", folder / "prepare.py")
    checks = inline(folder, blobs)
    assert checks[-1].id == "runs" and "prepare crashed" in checks[-1].detail


def test_a_background_that_breaks_the_rules_of_prose_is_named(tmp_path: Path, blobs) -> None:
    folder = new_domain(tmp_path / "toy")
    text = (folder / "background.md").read_text()
    (folder / "background.md").write_text(text + "\n\nThis makes training 40 times faster.\n")
    check = next(c for c in inline(folder, blobs) if c.id == "background")
    assert not check.passed
    assert check.detail.startswith("paragraph 3: ")


def test_a_series_whose_caption_would_claim_something_is_named(tmp_path: Path, blobs) -> None:
    folder = new_domain(tmp_path / "toy")
    told = '\n[[series]]\nname = "misfit"\ndescription = "Error of the best fit so far."\n'
    with (folder / "domain.toml").open("a") as file:
        file.write(told)
    check = next(c for c in inline(folder, blobs) if c.id == "captions")
    assert not check.passed and check.detail.startswith("series misfit: ") and "best" in check.detail


@pytest.mark.parametrize("folder", shipped(), ids=lambda folder: folder.name)
def test_captions_of_every_shipped_domain_can_be_told(folder: Path, blobs) -> None:
    assert _check_captions(load_domain(folder, blobs)).passed


@pytest.mark.parametrize("folder", shipped(), ids=lambda folder: folder.name)
def test_what_references_state_is_about_factors_levels_and_metrics_of_the_domain(folder: Path, blobs) -> None:
    domain = load_domain(folder, blobs)
    fields = re.findall(r"states *= *\{(.*)\}", (folder / "references.bib").read_text())
    parsed = [parse_states(field) for field in fields]
    assert not [fault for _, faults in parsed for fault in faults]
    for said in (one for found, _ in parsed for one in found):
        factor = domain.factor(said.factor)
        levels = () if isinstance(said.change, str) else said.change
        assert {str(level) for level in levels} <= {str(level) for level in factor.levels}, said.text
        assert said.metric in {metric.name for metric in domain.metrics}, said.text
