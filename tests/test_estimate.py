"""What a study may take, said before it begins."""

from pathlib import Path

import pytest
from msgspec import structs

from novum import estimate as estimating
from novum.domains import find_domain, load_domain
from novum.errors import UserError
from novum.estimate import estimate
from novum.journal import FileBlobs
from novum.records import PlannedCalls, Prices, Settings
from novum.scientists.systematic import SystematicScientist


class Talkative(SystematicScientist):
    """The systematic scientist, if it asked models."""

    def planned_calls(self, domain, settings):
        return (
            PlannedCalls(step="ideate", role="ideate", calls=10, input_tokens=2000, output_tokens=500),
            PlannedCalls(step="write", role="write", calls=2, input_tokens=8000, output_tokens=4000),
        )


def test_bounds_come_from_the_domains_budget_and_the_caps(tmp_path: Path) -> None:
    domain = load_domain(find_domain("grokking"), FileBlobs(tmp_path))
    budget = domain.budgets["smoke"]
    found = estimate(Settings(domain="grokking", budget="smoke"))
    assert found.seeds["explore"] == budget.explore_trials * budget.explore_seeds
    assert found.cpu_seconds == sum(found.seeds.values()) * budget.seconds
    assert (found.calls, found.tokens, found.usd) == ((), 0, 0)
    capped = estimate(Settings(domain="grokking", budget="smoke", budget_trials=6))
    assert capped.seeds["explore"] == 3 * budget.explore_seeds


def test_calls_are_priced_by_the_model_that_is_asked(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(estimating.SCIENTISTS, "language", Talkative)
    script = tmp_path / "s.py"
    script.write_text("def answer(request):\n    raise AssertionError('nothing is sent')\n")
    name = f"scripted:{script}"
    settings = Settings(domain="grokking", budget="smoke", scientist="language", model=name,
                        prices={name: Prices(input=1, output=10)})  # fmt: skip
    found = estimate(settings)
    assert found.tokens == 10 * 2500 + 2 * 12_000
    least = (10 * (2000 + 5000) + 2 * (8000 + 40_000)) / 1e6
    assert found.usd is not None and least <= found.usd <= least * 1.02
    unpriced = Settings(
        domain="grokking", budget="smoke", scientist="language", model="http://127.0.0.1:9/v1#x"
    )
    pytest.importorskip("pydantic_ai")
    assert estimate(unpriced).usd is None


def test_a_wrong_name_is_the_users_error() -> None:
    with pytest.raises(UserError):
        estimate(Settings(domain="grokking", budget="tiny"))


def test_a_topic_page_is_estimated_by_the_example_of_a_domain(tmp_path: Path) -> None:
    page, script = tmp_path / "topic.md", tmp_path / "s.py"
    page.write_text("# How fast should an estimator forget?\n\nFind out.\n")
    script.write_text("def answer(request):\n    raise AssertionError('nothing is sent')\n")
    settings = Settings(domain=str(page), scientist="language", model=f"scripted:{script}")
    found = estimate(settings)
    assert found.typical and found.domain == "how_fast_should_an_estimator_forget" and found.seeds["confirm"]
    assert [c.planned.role for c in found.calls if c.planned.step == "specify"] == ["ideate", "code"]
    assert {c.planned.step for c in found.calls} > {"ideate", "explore", "write"}
    with pytest.raises(UserError, match="is a topic page, and a model has to write"):
        estimate(Settings(domain=str(page)))
    assert not estimate(Settings(domain="grokking")).typical


def test_where_a_bandit_chooses_versions_are_counted_at_the_dearest(tmp_path: Path) -> None:
    names = []
    for name in ("cheap", "dear"):
        (tmp_path / f"{name}.py").write_text("def answer(request):\n    return ''\n")
        names.append(f"scripted:{tmp_path / name}.py")
    prices = {names[0]: Prices(input=1, output=1), names[1]: Prices(input=9, output=9)}
    settings = Settings(domain="grokking", budget="smoke", scientist="language", model=names[0],
                        model_fallback=names[1], prices=prices)  # fmt: skip
    order, bandit = estimate(settings), estimate(structs.replace(settings, model_choice="bandit"))
    (model,) = {c.model for c in bandit.calls if c.planned.role == "code"}
    assert model == "scripted:cheap.py or scripted:dear.py"
    for one, other in zip(order.calls, bandit.calls, strict=True):
        assert one.usd is not None
        assert other.usd == pytest.approx(one.usd * (9 if one.planned.role == "code" else 1))
