"""Known results are read strictly, compared by seed, and told in words that follow from their intervals."""

from pathlib import Path

import pytest

from novum.bench.findings import Shown, changed, domains_with_findings, infer, rows_of, try_domain
from novum.bench.known import Variant, contrast_of, read_findings
from novum.domains import find_domain, load_domain, new_domain
from novum.errors import DomainError

KNOWN = """
[[finding]]
id = "more_degrees"
system = "S00"
text = "A line fits worse than a curve of degree eight."
source = "nobody"
metric = "heldout_error"
a = { degree = 8 }
b = { degree = 2 }
direction = "greater"
delta = 0.01

[[finding]]
id = "an_error"
text = "The error lies near nothing at all."
source = "nobody"
metric = "heldout_error"
b = {}
direction = "equivalent"
delta = 100.0
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = new_domain(tmp_path / "toy")
    (folder / "findings.toml").write_text(KNOWN)
    return folder


def test_every_finding_that_ships_fits_its_domain(blobs) -> None:
    for folder in domains_with_findings():
        domain = load_domain(folder, blobs)
        stated = read_findings(folder, domain)
        assert stated.finding
        assert all(contrast_of(known, domain).margin >= 0 for known in stated.finding)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('metric = "heldout_error"', 'metric = "error"', "no metric"),
        ("degree = 2", "degre = 2", "no factor"),
        ("degree = 2", "degree = 3", "no level"),
        ("delta = 0.01", "dleta = 0.01", "unknown field"),
    ],
)
def test_what_the_domain_does_not_have_is_refused(folder: Path, blobs, old: str, new: str, what: str) -> None:
    (folder / "findings.toml").write_text(KNOWN.replace(old, new, 1))
    with pytest.raises(DomainError, match=what):
        read_findings(folder, load_domain(folder, blobs))


def test_a_variant_names_findings_and_files_that_exist(folder: Path, blobs) -> None:
    variant = '[[variant]]\nid = "other"\nreverses = ["more_degrees"]\nfiles = { "no.json" = "{}" }\n'
    (folder / "findings.toml").write_text(KNOWN + variant)
    with pytest.raises(DomainError, match=r"no 'no\.json'"):
        read_findings(folder, load_domain(folder, blobs))


def test_a_variant_changes_a_passage_that_stands_there_once(folder: Path, blobs) -> None:
    domain = load_domain(folder, blobs)
    path, text = "domain.toml", blobs.get(domain.files["domain.toml"]).decode()
    once = Variant(id="other", reverses=(), edits={path: (" = ", ": ")})
    with pytest.raises(DomainError, match=f"{text.count(' = ')} times"):
        changed(domain, once, blobs)
    line = next(line for line in text.splitlines() if text.count(line) == 1)
    other = changed(domain, Variant(id="other", reverses=(), edits={path: (line, "# gone")}), blobs)
    assert blobs.get(other.files[path]).decode() == text.replace(line, "# gone")


def test_a_variant_asks_for_the_opposite(folder: Path, blobs) -> None:
    domain = load_domain(folder, blobs)
    known = read_findings(folder, domain).finding
    other = Variant(id="other", reverses=(), files={})
    assert contrast_of(known[0], domain, other).direction == "less"
    assert contrast_of(known[1], domain, other).direction == "equivalent"
    without = Variant(id="other", reverses=(), files={}, absent=True)
    assert contrast_of(known[0], domain, without).direction == "equivalent"


def test_arms_are_compared_seed_by_seed(folder: Path, blobs) -> None:
    domain = load_domain(folder, blobs)
    contrast = contrast_of(read_findings(folder, domain).finding[0], domain)
    a, b = (1.0, 5.0, None, 9.0), (2.1, 6.0, 3.0, 9.9)
    value, low, high, n, why = infer(contrast, [a, b], domain.metric("heldout_error"))
    assert n == 3 and why == "" and value == pytest.approx(1.0) and 0.7 < low < 1.0 < high < 1.3
    alone = infer(contrast, [b], domain.metric("heldout_error"))
    assert alone[0] == pytest.approx(5.25) and alone[3] == 4


def test_rows_are_met_missed_or_neither() -> None:
    def row(verdict: str, **other):
        known = {"domain": "d", "system": "S01", "finding": "f", "text": "It holds.", "source": "s",
                 "metric": "m", "direction": "greater", "delta": 0.5, "value": 1.0, "low": 0.6, "high": 1.4,
                 "n": 9, "cpu_seconds": 1.0}  # fmt: skip
        return rows_of([Shown(**(known | {"verdict": verdict} | other))])[0]

    assert [row(v).met for v in ("holds", "does not", "inconclusive")] == [True, False, None]
    assert row("holds").target == "> 0.5" and row("holds").name == "S01 It holds."
    assert row("holds", direction="less", variant="w").target == "< -0.5"
    assert row("holds", variant="reversed: w").name.endswith("[reversed: w]")


@pytest.mark.slow
def test_a_domain_is_tried_from_end_to_end(folder: Path) -> None:
    told: list[str] = []
    tested = try_domain(folder, 4, 1, told=told.append)
    assert [t.verdict for t in tested] == ["holds", "holds"] and len(told) == 2
    assert all(t.n == 4 and t.cpu_seconds > 0 for t in tested)


WORLDS = ("blackbox", "control", "evolution", "evolvability", "grokking", "mutation", "tinyclips", "tinygen")


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
def test_a_hidden_world_turns_a_finding_round(name: str) -> None:
    """On seeds that the printed table has not seen: to claim what the literature says is wrong there."""
    if name == "blackbox":
        pytest.importorskip("evosax")
    tested = try_domain(find_domain(name), 12, 4711, told=lambda line: None, hidden=True)
    turned = [t for t in tested if t.variant.startswith("reversed") and t.verdict == "holds"]
    assert turned, [(t.finding, t.value, t.low, t.high) for t in tested]
