"""Every method of every domain runs: by default a share of them, others each day; with `-m slow` the rest.

A method is a level of the factor `method`, `program`, `solver` or `mutation`. One seed each, at the base
configuration.
"""

import asyncio
import datetime

import pytest

from novum.domains import find_domain, load_domain, shipped
from novum.domains.tryout import Tryout
from novum.records import Domain

SHARE = 6  # one method in so many runs by default
TODAY = datetime.date.today().toordinal()
CHOICE = ("method", "program", "solver", "mutation")


class Nowhere:
    """Blobs for a reader who only looks."""

    def put(self, data: bytes) -> str:
        return ""


def cases() -> list:
    found = []
    for folder in shipped():
        domain = load_domain(folder, Nowhere())
        factor = next((f for f in domain.factors if f.name in CHOICE and len(f.levels) > 1), None)
        for level in factor.levels if factor else ():
            marks = () if (len(found) + TODAY) % SHARE == 0 else (pytest.mark.slow,)
            found.append(pytest.param(domain.id, factor.name, level, id=f"{domain.id}-{level}", marks=marks))
    return found


@pytest.mark.parametrize(("name", "factor", "level"), cases())
def test_method_runs(name: str, factor: str, level: str, blobs, executor) -> None:
    domain = load_domain(find_domain(name), blobs)
    available(domain)
    tryout = Tryout(domain, blobs, executor, "none")
    result = asyncio.run(tryout.trial(domain.baseline | {factor: level}, (7,), level))
    assert result.ok, result.stages[-1].stderr
    status, _, _ = tryout.rows(result)[7, domain.primary.name]
    assert status in ("observed", "censored")


@pytest.mark.parametrize("folder", shipped(), ids=lambda folder: folder.name)
def test_a_smoke_run_of_a_method_is_bounded(folder, blobs) -> None:
    domain = load_domain(folder, blobs)
    if any(f.name in CHOICE for f in domain.factors):
        assert domain.budgets["smoke"].seconds <= 10


def available(domain: Domain) -> None:
    """Skips where the libraries of an extra are missing."""
    for requirement in domain.requirements:
        pytest.importorskip(
            requirement.split("=")[0].split("[")[0], reason=f"{domain.id} needs {requirement}"
        )
