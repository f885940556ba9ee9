"""Writes docs/lab-report.md: the report of a small lab, carried out on the spot.

Four studies of the domain that `novum domains new` makes: two of their own, one that runs out of trials, and
a replication of the first at three times its sample. Takes about a minute; ids and dates change each time.
"""

import tempfile
from pathlib import Path

from novum import api
from novum.domains import new_domain
from novum.records import Settings
from novum.report import drawing, lab_report, markdown

DOCS = Path(__file__).resolve().parent.parent / "docs"
FIGURE = "images/lab-report.svg"
LEAD = """A lab report lists everything that was tried in a lab, whatever came of it: supported, refuted and
inconclusive claims alike, replications beside their originals, what each question has spent of its account
of alpha, and what failed. `novum list --report` prints it and writes it to `LAB/report.md`; `--json` gives
the same as data ([JSON](reference/json.md)). It is made of the studies' journals alone and can be deleted at
any time.

Below is the report of a small lab of real studies, as `python scripts/lab_report.py` made it. Intervals are
those that the verdicts were read from; in the figure every claim is in units of its margin, and the shaded
part is where a claim is supported.
"""


def studies(home: Path) -> Path:
    """Carry them out; returns the lab."""
    domain, lab = new_domain(home / "curve", "curve"), home / "lab"
    settings = Settings(domain=str(domain), seed=1)
    first = api.run(settings, lab)
    again = api.replicate(first.path, times=3, seed=4)
    api.run(Settings(domain=str(domain), seed=2), lab)
    api.run(Settings(domain=str(domain), seed=3, budget_trials=12), lab)
    assert first.exit_code == again.exit_code == 0, (first, again)
    return lab


def page(lab: Path) -> None:
    """Write the page about a lab."""
    found = api.list_studies(lab)
    svg = drawing(found)
    assert svg is not None, "the figure needs matplotlib"
    (DOCS / FIGURE).write_bytes(svg)
    title, rest = markdown(lab_report(found), figure=FIGURE).split("\n\n", 1)
    (DOCS / "lab-report.md").write_text(f"{title}\n\n{LEAD}\n{rest}")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="novum-lab-report-") as scratch:
        Path(scratch).chmod(0o755)
        page(studies(Path(scratch)))


if __name__ == "__main__":
    main()
